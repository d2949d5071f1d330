from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...domain.agreement.agreement import Debt
from ...domain.shop.money import cents


class CrediarioAgreementLine(models.Model):
    """One original installment as the agreement takes it in, and what a breach gave back to it."""

    _name = "crediario.agreement.line"
    _description = "Debt in an Agreement"
    _order = "agreement_id, due_date, id"

    agreement_id = fields.Many2one(
        "crediario.agreement", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="agreement_id.company_id")
    currency_id = fields.Many2one(related="agreement_id.currency_id")
    partner_id = fields.Many2one(related="agreement_id.partner_id")
    state = fields.Selection(related="agreement_id.state")
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Installment",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('crediario_plan_id', '!=', False), ('parent_state', '=', 'posted'), "
        "('amount_residual', '>', 0), ('partner_id', '=', partner_id), "
        "('company_id', '=', company_id)]",
    )
    contract = fields.Char(related="move_line_id.contract_reference")
    label = fields.Char(related="move_line_id.installment_label", string="No.")
    due_date = fields.Date(compute="_compute_amounts", store=True)
    days_late = fields.Integer(compute="_compute_amounts", store=True)
    principal = fields.Monetary(compute="_compute_amounts", store=True)
    fine = fields.Monetary(compute="_compute_amounts", store=True)
    interest = fields.Monetary(compute="_compute_amounts", store=True)
    total = fields.Monetary(compute="_compute_amounts", store=True)
    forgiven_fine = fields.Monetary(readonly=True, copy=False)
    forgiven_interest = fields.Monetary(readonly=True, copy=False)
    forgiven_principal = fields.Monetary(readonly=True, copy=False)
    credited_fine = fields.Monetary(readonly=True, copy=False)
    credited_interest = fields.Monetary(readonly=True, copy=False)
    credited_principal = fields.Monetary(readonly=True, copy=False)
    closing_line_id = fields.Many2one(
        "account.move.line", string="Closed By", readonly=True, copy=False
    )

    _once = models.Constraint(
        "UNIQUE(agreement_id, move_line_id)", "This installment is in the agreement already."
    )

    # ------------------------------------------------------------- compute

    @api.depends("move_line_id", "agreement_id.date")
    def _compute_amounts(self):
        """What is owed on the day of the proposal; not touched again once it is accepted."""
        for agreement, lines in self.grouped("agreement_id").items():
            day = agreement.date or fields.Date.context_today(self)
            amounts = lines.move_line_id._origin._amounts_today(day)
            for line in lines:
                found = amounts.get(line.move_line_id._origin.id)
                amount = found and found.without_credit()
                due = line.move_line_id.date_maturity
                line.due_date = due
                line.days_late = max((day - due).days, 0) if due else 0
                for name in ("principal", "fine", "interest", "total"):
                    line[name] = float(getattr(amount, name)) if amount else 0.0

    # --------------------------------------------------------- constraints

    @api.constrains("move_line_id")
    def _check_installment(self):
        for line in self:
            installment = line.move_line_id
            if (
                not installment.crediario_plan_id
                or installment.company_id != line.company_id
                or installment.partner_id.commercial_partner_id != line.partner_id
                or installment.currency_id != installment.company_currency_id
            ):
                raise ValidationError(
                    self.env._(
                        "An agreement takes in installments of its own customer, in the company's "
                        "currency."
                    )
                )

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Only while it is a proposal."""
        lines = super().create(vals_list)
        lines._check_proposal()
        return lines

    def write(self, vals):
        """Only while it is a proposal."""
        self._check_proposal()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_proposals(self):
        self._check_proposal()

    def _check_proposal(self):
        if not self.env.su and any(line.agreement_id.state != "draft" for line in self):
            raise UserError(
                self.env._("The terms are fixed now. Go back to the proposal to change them.")
            )

    # ------------------------------------------------------------ business

    def _title(self):
        """How journal items name the installment."""
        return f"{self.contract or ''} {self.label or ''}".strip()

    def _debts(self) -> list[Debt]:
        """These installments as the agreement takes them in (domain terms)."""
        return [
            Debt(
                line.id,
                line.due_date,
                cents(line.principal),
                cents(line.fine),
                cents(line.interest),
            )
            for line in self
            if line.due_date
        ]
