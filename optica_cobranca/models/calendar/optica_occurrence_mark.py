from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .optica_occurrence_type import KINDS

RESULTS = [
    ("done", "Done"),
    ("sent", "Message Sent"),
    ("spoke", "Spoke to the Customer"),
    ("no_answer", "No Answer"),
    ("not_needed", "Not Needed"),
]


class OpticaOccurrenceMark(models.Model):
    """Somebody took care of an occurrence: who, when, with what result.

    Occurrences are computed from records, so what is remembered of one is its kind, the record it
    comes from and its day: a delivery that is promised anew for another day is to do again. Marks
    are written by ``optica.occurrence``; an undone one stays to be seen as undone.
    """

    _name = "optica.occurrence.mark"
    _description = "Handled Occurrence"
    _order = "handled_at desc, id desc"
    _rec_name = "partner_id"

    kind = fields.Selection(KINDS, required=True, readonly=True)
    source_model = fields.Char(required=True, readonly=True)
    source_id = fields.Many2oneReference(model_field="source_model", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True, help="The day of the occurrence itself.")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", string="Handled By", required=True, readonly=True)
    handled_at = fields.Datetime(string="Handled On", required=True, readonly=True)
    result = fields.Selection(RESULTS, required=True, readonly=True)
    note = fields.Text(readonly=True)
    undone_at = fields.Datetime(readonly=True)
    undone_by_id = fields.Many2one("res.users", readonly=True)

    _once = models.UniqueIndex(
        "(kind, source_id, date, source_model) WHERE undone_at IS NULL",
        "This occurrence was handled already.",
    )
    _by_day = models.Index("(handled_at) WHERE undone_at IS NULL")

    # ------------------------------------------------------------ business

    @api.model
    def _prepare_merge(self, sources, survivor):
        """Before customers become one: what was handled for one counts as handled for the other."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE optica_occurrence_mark mark SET source_id = %(survivor)s
                 WHERE mark.source_model = 'res.partner' AND mark.source_id = ANY(%(sources)s)
                   AND NOT EXISTS (
                       SELECT FROM optica_occurrence_mark kept
                        WHERE kept.source_model = mark.source_model AND kept.kind = mark.kind
                          AND kept.date = mark.date AND kept.undone_at IS NULL
                          AND (kept.source_id = %(survivor)s
                               OR kept.source_id = ANY(%(sources)s) AND kept.id < mark.id))
                """,
                survivor=survivor.id,
                sources=sources.ids,
            )
        )
        self.invalidate_model()

    @api.model
    def _add(self, rows, result, note=""):
        """Mark occurrences as handled by the present user; those that are already stay as they are.

        In SQL for two people who mark the same at once: the first one has done it.

        :param rows: dicts of ``kind``, ``source_model``, ``source_id``, ``date``, ``partner_id``,
            ``company_id``
        :param result: of ``RESULTS``
        :return: the new marks
        """
        if result not in dict(RESULTS):
            raise UserError(self.env._("Choose one of the results."))
        if not rows:
            return self.browse()
        now = fields.Datetime.now()
        made = self.env.execute_query(
            SQL(
                """
                INSERT INTO optica_occurrence_mark
                       (kind, source_model, source_id, date, partner_id, company_id, user_id,
                        handled_at, result, note, create_uid, create_date, write_uid, write_date)
                SELECT kind, source_model, source_id, date, partner_id, company_id, %(uid)s,
                       %(now)s, %(result)s, %(note)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(kinds)s::text[], %(models)s::text[], %(ids)s::int[],
                              %(dates)s::date[], %(partners)s::int[], %(companies)s::int[])
                       AS row (kind, source_model, source_id, date, partner_id, company_id)
           ON CONFLICT (kind, source_id, date, source_model) WHERE undone_at IS NULL DO NOTHING
             RETURNING id
                """,
                uid=self.env.uid,
                now=now,
                result=result,
                note=(note or "").strip() or None,
                kinds=[row["kind"] for row in rows],
                models=[row["source_model"] for row in rows],
                ids=[row["source_id"] for row in rows],
                dates=[row["date"] for row in rows],
                partners=[row["partner_id"] or None for row in rows],
                companies=[row["company_id"] or self.env.company.id for row in rows],
            )
        )
        return self.browse([mark_id for (mark_id,) in made])

    def _undo(self):
        """Take marks back: they are to do again. With sudo: this is the one way to change one."""
        self.check_access("read")
        self.sudo().filtered(lambda mark: not mark.undone_at).write(
            {"undone_at": fields.Datetime.now(), "undone_by_id": self.env.uid}
        )

    # ------------------------------------------------------------- actions

    def action_undo(self):
        """It was not done after all: back to what is to do."""
        self._undo()
