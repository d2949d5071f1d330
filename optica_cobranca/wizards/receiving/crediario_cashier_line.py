from odoo import api, fields, models

from ...domain.crediario.late_charges import AmountToday
from ...domain.shop.money import cents


class CrediarioCashierLine(models.TransientModel):
    """An open installment at the counter, as it was when the customer was found."""

    _name = "crediario.cashier.line"
    _description = "Installment at the Cashier"
    _order = "due_date, id"

    cashier_id = fields.Many2one("crediario.cashier", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="cashier_id.currency_id")
    move_line_id = fields.Many2one("account.move.line", required=True, ondelete="cascade")
    selected = fields.Boolean(string="Pay")
    contract = fields.Char()
    label = fields.Char(string="No.")
    due_date = fields.Date()
    days_late = fields.Integer()
    charges_from = fields.Date(string="Charges Count From")
    principal = fields.Monetary()
    fine = fields.Monetary()
    interest = fields.Monetary()
    possible_discount = fields.Monetary()
    discount = fields.Monetary(string="Reduction")
    rule = fields.Char(help="Why the installment costs less today.")
    total = fields.Monetary(string="Today", compute="_compute_total")

    @api.depends("principal", "fine", "interest", "discount")
    def _compute_total(self):
        for line in self:
            line.total = line.principal + line.fine + line.interest - line.discount

    def _seen(self):
        """The amounts on the cashier's screen."""
        principal, fine, interest = cents(self.principal), cents(self.fine), cents(self.interest)
        days = self.move_line_id._days_late(self.cashier_id.date)
        return AmountToday(principal, fine, interest, days)


class CrediarioCashierMethod(models.TransientModel):
    """One way in which the customer pays."""

    _name = "crediario.cashier.method"
    _description = "Payment Method at the Cashier"

    cashier_id = fields.Many2one("crediario.cashier", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="cashier_id.company_id")
    currency_id = fields.Many2one(related="cashier_id.currency_id")
    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        check_company=True,
        domain="[('type', 'in', ('cash', 'bank', 'credit'))]",
    )
    payment_method_line_id = fields.Many2one(
        "account.payment.method.line",
        string="Method",
        compute="_compute_payment_method_line_id",
        store=True,
        readonly=False,
        domain="[('journal_id', '=', journal_id), ('payment_type', '=', 'inbound')]",
    )
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False)

    @api.depends("journal_id")
    def _compute_payment_method_line_id(self):
        for method in self:
            available = method.journal_id._get_available_payment_method_lines("inbound")
            method.payment_method_line_id = available[:1]._origin

    @api.depends("journal_id")
    def _compute_amount(self):
        """A new method takes what the others left."""
        for method in self:
            others = method.cashier_id.method_ids - method
            left = method.cashier_id.amount_to_pay - sum(others.mapped("amount"))
            method.amount = method.amount or max(left, 0.0)
