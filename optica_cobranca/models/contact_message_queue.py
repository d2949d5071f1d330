from odoo import api, fields, models
from odoo.tools import SQL


class ContactMessage(models.Model):
    """How messages get into the outbox, and out of it unsent."""

    _inherit = "contact.message"

    @api.model
    def _enqueue_for_notices(self, notices, template, scheduled_at=None, author=None):
        """Queue one message for each notice, in one statement whatever their number.

        The same template is queued once for a notice, however often this is called.

        :param scheduled_at: not before this instant (naive UTC); now if not given
        :param author: the user who asked for it; none when the ladder did
        :return: the messages that were made by this call
        """
        if not notices:
            return self.browse()
        notices.flush_recordset()
        template.flush_recordset()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO contact_message
                       (uuid, company_id, partner_id, purpose, template_id, notice_id, res_model,
                        res_id, channel, state, scheduled_at, by_hand, attempts, author_id,
                        create_uid, create_date, write_uid, write_date)
                SELECT replace(gen_random_uuid()::text, '-', ''), notice.company_id,
                       notice.partner_id, %(purpose)s, %(template)s, notice.id, 'dunning.notice',
                       notice.id, %(channel)s, 'queued', %(scheduled_at)s, false, 0, %(author)s,
                       %(author)s, %(now)s, %(author)s, %(now)s
                  FROM dunning_notice notice
                 WHERE notice.id = ANY(%(notices)s)
                   AND (%(company)s::integer IS NULL OR notice.company_id = %(company)s)
              ORDER BY notice.id
           ON CONFLICT (notice_id, template_id)
                 WHERE notice_id IS NOT NULL AND fallback_of_id IS NULL DO NOTHING
             RETURNING id
                """,
                purpose=template.purpose,
                template=template.id,
                channel=template._channels()[0],
                scheduled_at=scheduled_at or now,
                author=author.id if author else None,
                now=now,
                notices=notices.ids,
                company=template.company_id.id or None,
            )
        )
        notices.invalidate_recordset(["contact_message_ids"])
        return self._queued([row_id for (row_id,) in rows])

    @api.model
    def _enqueue(self, records, template, scheduled_at=None, author=None, valid_until=None):
        """Queue one message for each record's customer.

        What is about a patient goes to the payer or guardian (``_contact_recipient``); a debt is
        never named to anyone but the debtor, so collection does not.

        :param records: of ``res.partner``, or of any model with ``partner_id`` or ``patient_id``;
            those without a customer are left out
        :param valid_until: not after this instant (naive UTC); for ever if not given
        :return: the new messages
        """
        if records._name == "dunning.notice":
            return self._enqueue_for_notices(records, template, scheduled_at, author)
        values = []
        for record in records.sudo():
            row = self._values_of(record, template)
            if not row["partner_id"] or template.company_id.id not in (False, row["company_id"]):
                continue
            row["scheduled_at"] = scheduled_at or fields.Datetime.now()
            row["author_id"] = author.id if author else False
            row["valid_until"] = valid_until
            values.append(row)
        # Users have no right to create messages; who may call this was decided by the caller.
        messages = self.sudo().create(values)
        return self._queued(messages.ids)

    def _queued(self, ids):
        messages = self.browse(ids)
        if ids:
            self._trigger_dispatch()
        return messages

    @api.model
    def _draft(self, record, template):
        """The message a record would get, not in the database."""
        return self.new(self._values_of(record.sudo(), template))

    @api.model
    def _values_of(self, record, template):
        partner = self._person_of(record)
        if template.purpose != "collection":
            partner = partner and partner._contact_recipient()
        return {
            "company_id": self._company_of(record, partner, template).id,
            "partner_id": partner.id,
            "purpose": template.purpose,
            "template_id": template.id,
            "notice_id": record.id if record._name == "dunning.notice" else False,
            "res_model": record._name,
            "res_id": record.id,
            "channel": template._channels()[0],
        }

    @api.model
    def _person_of(self, record):
        """Whom a record is about: its customer, else its patient."""
        if record._name == "res.partner":
            return record
        return record.partner_id if "partner_id" in record._fields else record.patient_id

    @api.model
    def _company_of(self, record, partner, template):
        company = record.company_id if "company_id" in record._fields else partner.company_id
        return company or template.company_id or self.env.company

    # -------------------------------------------------------- out, unsent

    @api.model
    def _cancel_collection(self, partner, reason):
        """Cancel what waits to press this customer, or a contact of the same house."""
        family = partner.with_context(active_test=False).search(
            [("commercial_partner_id", "=", partner.commercial_partner_id.id)]
        )
        return self._cancel_queued(family, ("collection",), reason)

    @api.model
    def _cancel_queued(self, partners, purposes, reason):
        """Cancel what waits for these customers, over all companies.

        Rows that a worker is looking at this very moment are still ``queued``: it will find
        them cancelled. Rows already on their way cannot be called back.

        :return: number of cancelled messages
        """
        if not partners:
            return 0
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE contact_message
                   SET state = 'cancelled', reason = %(reason)s, claim_key = NULL, by_hand = false,
                       write_date = %(now)s, write_uid = %(uid)s
                 WHERE state = 'queued' AND partner_id = ANY(%(partners)s)
                   AND purpose = ANY(%(purposes)s)
                """,
                reason=reason,
                now=fields.Datetime.now(),
                uid=self.env.uid,
                partners=partners.ids,
                purposes=list(purposes),
            )
        )
        cancelled = self.env.cr.rowcount
        self.invalidate_model(["state", "reason", "claim_key", "by_hand"])
        return cancelled
