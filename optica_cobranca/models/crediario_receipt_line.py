from odoo import api, fields, models


class CrediarioReceiptLine(models.Model):
    """What one payment covered of one installment; the charges' history reads these rows.

    Dead once the receipt is undone, or the entry of the payment is cancelled or deleted.
    """

    _name = "crediario.receipt.line"
    _description = "Crediário Receipt Line"
    _order = "receipt_id, id"

    receipt_id = fields.Many2one(
        "crediario.receipt", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="receipt_id.company_id")
    currency_id = fields.Many2one(related="receipt_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Installment",
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    contract = fields.Char(readonly=True)
    label = fields.Char(string="No.", readonly=True, help="Number of the installment.")
    due_date = fields.Date(readonly=True)
    days_late = fields.Integer(readonly=True, help="Days charged when it was paid.")
    payment_id = fields.Many2one("account.payment", readonly=True, index=True, ondelete="restrict")
    principal = fields.Monetary(readonly=True, help="Leaves the customer's debt.")
    fine = fields.Monetary(string="Late Fine", readonly=True)
    interest = fields.Monetary(string="Late Interest", readonly=True)
    discount = fields.Monetary(
        string="Reduction", readonly=True, help="Part of the principal that no money paid."
    )
    waived_fine = fields.Monetary(readonly=True)
    waived_interest = fields.Monetary(readonly=True)
    amount = fields.Monetary(compute="_compute_amount", store=True, help="Money.")

    _no_negative_amounts = models.Constraint(
        "CHECK(principal >= 0 AND fine >= 0 AND interest >= 0 AND discount >= 0"
        " AND waived_fine >= 0 AND waived_interest >= 0)",
        "Amounts of a receipt are never negative.",
    )

    @api.depends("principal", "fine", "interest", "discount")
    def _compute_amount(self):
        for line in self:
            line.amount = line.principal + line.fine + line.interest - line.discount
