from odoo import api, fields, models
from odoo.exceptions import UserError


class CrediarioCashMovement(models.Model):
    """Money put into a drawer or taken out of it, beside what customers pay. Never edited."""

    _name = "crediario.cash.movement"
    _description = "Cash Movement"
    _order = "id"

    day_id = fields.Many2one(
        "crediario.cash.day", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="day_id.company_id")
    currency_id = fields.Many2one(related="day_id.currency_id")
    kind = fields.Selection(
        [
            ("supply", "Put In"),
            ("withdrawal", "To the Safe or Bank"),
            ("expense", "Paid an Expense"),
            ("given_back", "Receipt Undone"),
        ],
        required=True,
        readonly=True,
    )
    amount = fields.Monetary(required=True, readonly=True)
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True)
    at_closing = fields.Boolean(readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True, ondelete="restrict")
    payment_id = fields.Many2one(
        "account.payment", string="Undone Payment", readonly=True, ondelete="restrict", index=True
    )

    _positive = models.Constraint("CHECK(amount > 0)", "Enter an amount of more than zero.")
    _given_back_once = models.UniqueIndex(
        "(payment_id) WHERE payment_id IS NOT NULL", "This payment was given back already."
    )

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """Only the entry is added, once."""
        if set(vals) - {"move_id"} or any(movement.move_id for movement in self):
            raise UserError(self.env._("What was put in or taken out is not changed any more."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was put in or taken out is not changed any more."))


class CrediarioCashMethod(models.Model):
    """What one person received by one method in one cash day; frozen with the day."""

    _name = "crediario.cash.method"
    _description = "Received by Method"
    _order = "day_id desc, journal_id, payment_method_line_id"

    day_id = fields.Many2one(
        "crediario.cash.day", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="day_id.company_id", store=True)
    currency_id = fields.Many2one(related="day_id.currency_id")
    user_id = fields.Many2one(related="day_id.user_id", store=True)
    date = fields.Date(related="day_id.date", store=True)
    state = fields.Selection(related="day_id.state")
    journal_id = fields.Many2one("account.journal", readonly=True, ondelete="restrict")
    payment_method_line_id = fields.Many2one(
        "account.payment.method.line", readonly=True, ondelete="restrict"
    )
    name = fields.Char(string="Method", compute="_compute_name", store=True)
    amount = fields.Monetary(readonly=True)
    payment_count = fields.Integer(string="Payments", readonly=True)

    @api.depends("journal_id", "payment_method_line_id")
    def _compute_name(self):
        """Kept as it was called on the day.

        With sudo: sellers read no payment methods of journals.
        """
        for row in self.sudo():
            row.name = row.payment_method_line_id._counter_label() or row.journal_id.name
