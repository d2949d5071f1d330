from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class DunningNoticeLine(models.Model):
    """One installment within a notice: its level and its amounts as they were that day.

    Append-only. The level an installment has reached is the highest of its lines with the due
    date it has now: an extended installment starts again.
    """

    _name = "dunning.notice.line"
    _description = "Dunning Notice Line"
    _order = "due_date, id"
    # Written in bulk with the notice, which tells who and when.
    _log_access = False

    notice_id = fields.Many2one(
        "dunning.notice", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="notice_id.company_id")
    currency_id = fields.Many2one(related="notice_id.currency_id")
    partner_id = fields.Many2one(related="notice_id.partner_id", string="Customer")
    date = fields.Date(related="notice_id.date")
    # Resetting an invoice to draft may delete its lines; what was said to the customer stays.
    move_line_id = fields.Many2one(
        "account.move.line", string="Installment", readonly=True, ondelete="set null"
    )
    contract = fields.Char(readonly=True)
    installment_number = fields.Integer(string="No.", readonly=True)
    # Written on the line with which the installment came to the level, and on no later one.
    level_id = fields.Many2one("dunning.level", readonly=True, ondelete="restrict")
    level_offset = fields.Integer(readonly=True)
    reached_level_id = fields.Many2one(
        "dunning.level",
        string="Level Reached",
        compute="_compute_reached_level_id",
        help="The level that the installment was on by then.",
    )
    advanced = fields.Boolean(readonly=True, help="Reached this level on this day.")
    due_date = fields.Date(readonly=True)
    days_late = fields.Integer(readonly=True)
    residual = fields.Monetary(string="Principal", readonly=True)
    fine = fields.Monetary(string="Late Fee", readonly=True)
    interest = fields.Monetary(string="Late Interest", readonly=True)
    total = fields.Monetary(readonly=True)

    # Answers "has this installment reached that level?" alone, and serves the foreign key.
    _reached = models.Index("(move_line_id, due_date, level_offset)")

    @api.depends("level_id", "move_line_id", "due_date")
    def _compute_reached_level_id(self):
        """The line's own level, else the highest of the lines before it; one query."""
        reached = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT l.id, e.level_id
                      FROM dunning_notice_line l
                      JOIN LATERAL (
                           SELECT n.level_id FROM dunning_notice_line n
                            WHERE n.move_line_id = l.move_line_id AND n.due_date = l.due_date
                              AND n.level_offset IS NOT NULL AND n.id < l.id
                         ORDER BY n.level_offset DESC, n.id DESC LIMIT 1) AS e ON TRUE
                     WHERE l.id = ANY(%s)
                    """,
                    self._origin.ids,
                )
            )
        )
        for line in self:
            line.reached_level_id = line.level_id or reached.get(line._origin.id)

    @api.depends("contract", "installment_number")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.contract or ''} {line.installment_number}".strip()

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """Lines are history: they are written once, with their notice."""
        if self:
            raise UserError(self.env._("The lines of a notice cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The lines of a notice cannot be deleted."))
