from odoo import api, fields, models
from odoo.tools import frozendict


class AccountMoveLine(models.Model):
    """The receivable line of a contract is the installment: it has a plan and a number."""

    _inherit = "account.move.line"

    crediario_plan_id = fields.Many2one(
        "crediario.plan",
        string="Crediário Plan",
        compute="_compute_crediario_plan_id",
        store=True,
        help="Set on installments only.",
    )
    installment_number = fields.Integer(
        string="Installment No.",
        help="Position within the contract; 0 is the down payment. Never changes after posting.",
    )
    installment_label = fields.Char(string="Installment", compute="_compute_installment_label")
    contract_reference = fields.Char(related="move_id.contract_reference")
    installment_seller_id = fields.Many2one(related="move_id.invoice_user_id", string="Seller")
    is_finance_charge = fields.Boolean(help="This invoice line carries the price of the credit.")

    # Open installments by customer: the ladder, the customer's page, the portal; what comes along
    # answers the work list, which looks at all that is late, without reading the rows.
    _open_installments_by_partner = models.Index(
        "(company_id, partner_id, date_maturity)"
        " INCLUDE (id, move_id, amount_residual, no_followup) WHERE crediario_plan_id IS NOT NULL"
        " AND parent_state = 'posted' AND amount_residual > 0"
    )
    # Open installments by due date: lists; what comes along lets the calendar count and sum a month
    # without reading the rows, and the company as second key lets it do so in order. Customer and
    # contract are those that the calendar joins: PostgreSQL drops the joins it does not need, and
    # wants their columns still.
    _open_installments_by_due_date = models.Index(
        "(date_maturity, company_id) INCLUDE (id, partner_id, move_id, amount_residual)"
        " WHERE crediario_plan_id IS NOT NULL AND parent_state = 'posted' AND amount_residual > 0"
    )

    # ------------------------------------------------------------- compute

    @api.depends("move_id.crediario_plan_id", "display_type", "account_id", "installment_number")
    def _compute_crediario_plan_id(self):
        for line in self:
            plan = line.move_id.crediario_plan_id
            line.crediario_plan_id = plan if plan and line._is_installment_of_contract() else False

    def _is_installment_of_contract(self):
        move = self.move_id
        if move.move_type == "out_invoice":
            return self.display_type == "payment_term"
        return bool(
            move.move_type == "entry"
            and self.installment_number > 0
            and self.account_id.account_type == "asset_receivable"
        )

    @api.depends("installment_number", "crediario_plan_id", "move_id.installment_count")
    def _compute_installment_label(self):
        for line in self:
            if not line.crediario_plan_id:
                line.installment_label = False
            elif line.installment_number:
                line.installment_label = (
                    f"{line.installment_number}/{line.move_id.installment_count}"
                )
            else:
                line.installment_label = self.env._("Down payment")

    @api.depends("date_maturity", "installment_number")
    def _compute_term_key(self):
        """The number is part of the key: without it two installments due on one day would merge."""
        super()._compute_term_key()
        for line in self:
            if line.term_key:
                line.term_key = frozendict(
                    {**line.term_key, "installment_number": line.installment_number}
                )

    @api.depends("installment_number", "move_id.installment_count", "move_id.crediario_plan_id")
    def _compute_name(self):
        super()._compute_name()
        for line in self:
            move = line.move_id
            if (
                line.display_type != "payment_term"
                or not move.crediario_plan_id
                or move.move_type != "out_invoice"
                or move.inalterable_hash
            ):
                continue
            reference = move.payment_reference or (move.name if move.name != "/" else "") or ""
            line.name = f"{reference} {line.installment_label or ''}".strip()

    # ------------------------------------------------------------ business

    def _get_installments_data(
        self, payment_currency=None, payment_date=None, next_payment_date=None
    ):
        """Core numbers installments by date; a contract keeps the numbers that were agreed."""
        installments = super()._get_installments_data(
            payment_currency, payment_date, next_payment_date
        )
        for installment in installments:
            if installment["line"].crediario_plan_id:
                installment["number"] = installment["line"].installment_number
        return installments

    def action_open_contract(self):
        """Open the invoice or entry this installment belongs to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "views": [(False, "form")],
        }
