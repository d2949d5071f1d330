from odoo import api, fields, models
from odoo.tools import SQL

from ...domain.calendar.campaign import TIMINGS
from .optica_occurrence_type import KINDS


class OpticaCampaignSending(models.Model):
    """A message was queued about an occurrence: the proof by which nobody gets it twice.

    Written together with the message, in one transaction. Nobody edits or deletes rows.
    """

    _name = "optica.campaign.sending"
    _description = "Message about an Occurrence"
    _order = "day desc, id desc"
    _rec_name = "partner_id"

    kind = fields.Selection(KINDS, required=True, readonly=True)
    source_model = fields.Char(required=True, readonly=True)
    source_id = fields.Many2oneReference(
        string="Record", model_field="source_model", required=True, readonly=True
    )
    date = fields.Date(
        string="Day of the Event", required=True, readonly=True, help="Of the occurrence itself."
    )
    once = fields.Boolean(readonly=True, help="Never again about this record, on no other day.")
    day = fields.Date(string="Sent On", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    subject_id = fields.Many2one(
        "res.partner",
        string="About",
        readonly=True,
        ondelete="restrict",
        help="Whose birthday, glasses or prescription it is.",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Written To", required=True, readonly=True, ondelete="restrict"
    )
    template_id = fields.Many2one(
        "contact.template", required=True, readonly=True, ondelete="restrict"
    )
    message_id = fields.Many2one(
        "contact.message", readonly=True, index="btree_not_null", ondelete="restrict"
    )

    _once_a_day = models.UniqueIndex(
        "(kind, source_id, date, source_model)", "A message about this has been sent."
    )
    _once_for_all = models.UniqueIndex(
        "(kind, source_id, source_model) WHERE once", "A message about this has been sent."
    )
    _of_person = models.Index("(partner_id, kind, day)")

    # ------------------------------------------------------------- actions

    def action_open_message(self):
        """The message with its history."""
        self.ensure_one()
        return self.message_id._get_records_action()

    # ------------------------------------------------------------ business

    @api.model
    def _add(self, rows):
        """Remember that these occurrences are written about; those that were already are left out.

        :param rows: dicts of the stored fields, without ``message_id``
        :return: the new ones
        """
        if not rows:
            return self.browse()
        columns = {
            "kind": "text",
            "source_model": "text",
            "source_id": "int",
            "date": "date",
            "once": "bool",
            "day": "date",
            "company_id": "int",
            "subject_id": "int",
            "partner_id": "int",
            "template_id": "int",
        }
        names = SQL(", ").join(map(SQL.identifier, columns))
        made = self.env.execute_query(
            SQL(
                """
                INSERT INTO optica_campaign_sending
                       (%(names)s, create_uid, create_date, write_uid, write_date)
                SELECT %(names)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(values)s) AS row (%(names)s)
           ON CONFLICT DO NOTHING
             RETURNING id
                """,
                names=names,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                values=SQL(", ").join(
                    SQL("%s::%s[]", [row[name] for row in rows], SQL(sql_type))
                    for name, sql_type in columns.items()
                ),
            )
        )
        return self.browse([row_id for (row_id,) in made])

    @api.model
    def _prepare_merge(self, sources, survivor):
        """Before customers become one: who was written to about one is not about the other."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE optica_campaign_sending sending SET source_id = %(survivor)s
                 WHERE sending.source_model = 'res.partner'
                   AND sending.source_id = ANY(%(sources)s)
                   AND NOT EXISTS (
                       SELECT FROM optica_campaign_sending kept
                        WHERE kept.source_model = sending.source_model
                          AND kept.kind = sending.kind
                          AND (kept.date = sending.date OR kept.once AND sending.once)
                          AND (kept.source_id = %(survivor)s
                               OR kept.source_id = ANY(%(sources)s) AND kept.id < sending.id))
                """,
                survivor=survivor.id,
                sources=sources.ids,
            )
        )
        self.invalidate_model()

    @api.model
    def _heard_lately(self, kind, partner_ids, since):
        """Which of these people got a message of this kind on ``since`` or later."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT partner_id FROM optica_campaign_sending
                    WHERE partner_id = ANY(%s) AND kind = %s AND day >= %s""",
                list(partner_ids),
                kind,
                since,
            )
        )
        return {partner_id for (partner_id,) in rows}

    @api.model
    def _reopen_unsent(self, since):
        """What ended unsent is to do again: a person sees it and can call.

        Marks that were set with the message alone; what a person noted stays.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mark.id
                  FROM optica_campaign_sending sending
                  JOIN contact_message message ON message.id = sending.message_id
                  JOIN optica_occurrence_mark mark
                    ON mark.kind = sending.kind AND mark.source_model = sending.source_model
                   AND mark.source_id = sending.source_id AND mark.date = sending.date
                   AND mark.undone_at IS NULL AND mark.result = 'sent'
                   AND mark.user_id = sending.create_uid
                 WHERE sending.day >= %s AND message.state IN ('failed', 'cancelled')
                   AND NOT EXISTS (SELECT FROM contact_message later
                                    WHERE later.fallback_of_id = message.id)
                """,
                since,
            )
        )
        self.env["optica.occurrence.mark"].browse([row_id for (row_id,) in rows])._undo()
        return len(rows)

    # --------------------------------------- Proofs of messages that people sent

    @api.model
    def _remember(self, occurrences, messages):
        """Add a proof for each message about one of these occurrences.

        With sudo by the caller: nobody has the right to write proofs.
        """
        by_record = {(message.res_model, message.res_id): message for message in messages.sudo()}
        told = {
            (occurrence.source_model, occurrence.source_id): occurrence
            for occurrence in occurrences
            if occurrence.kind in TIMINGS
            and (occurrence.source_model, occurrence.source_id) in by_record
        }
        sendings = self._add(
            [self._values_of(occurrence, by_record[record]) for record, occurrence in told.items()]
        )
        for sending in sendings:
            sending.message_id = by_record[sending.source_model, sending.source_id]

    @api.model
    def _values_of(self, occurrence, message):
        return {
            "kind": occurrence.kind,
            "source_model": occurrence.source_model,
            "source_id": occurrence.source_id,
            "date": occurrence.event_date,
            "once": TIMINGS[occurrence.kind].once,
            "day": message.company_id._today(),
            "company_id": message.company_id.id,
            "subject_id": occurrence.partner_id.id,
            "partner_id": message.partner_id.id,
            "template_id": message.template_id.id,
        }
