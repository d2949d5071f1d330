from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from ..domain.agreement import ApprovalReason, Discount, Proposal, propose
from ..domain.errors import DomainError, ErrorCode
from ..domain.money import cents, exact


class CrediarioAgreement(models.Model):
    """The proposal worked out live: debt, discount, new installments, what needs a manager."""

    _inherit = "crediario.agreement"

    amount_principal = fields.Monetary(compute="_compute_proposal", store=True)
    amount_fine = fields.Monetary(compute="_compute_proposal", store=True)
    amount_interest = fields.Monetary(compute="_compute_proposal", store=True)
    limit_charges = fields.Monetary(
        string="Charges up to",
        compute="_compute_proposal",
        store=True,
        help="Fine and interest that a collector may forgive.",
    )
    limit_principal = fields.Monetary(
        string="Principal up to", compute="_compute_proposal", store=True
    )
    amount_net = fields.Monetary(
        string="Debt Agreed",
        compute="_compute_proposal",
        store=True,
        help="Principal and charges less the discount.",
    )
    finance_charge = fields.Monetary(
        compute="_compute_proposal", store=True, help="Price of the new credit."
    )
    amount_total = fields.Monetary(
        string="To Pay", compute="_compute_proposal", store=True, help="Down payment included."
    )
    cost_percent = fields.Float(
        string="CET (% a Year)",
        digits=(16, 2),
        compute="_compute_proposal",
        store=True,
        help="Effective yearly cost of the credit (Custo Efetivo Total).",
    )
    installment_preview = fields.Json(compute="_compute_proposal", store=True)
    approval_reasons = fields.Json(compute="_compute_proposal", store=True)
    approval_text = fields.Char(string="Needs a Manager", compute="_compute_approval_text")
    problem = fields.Char(compute="_compute_proposal", store=True)

    # ------------------------------------------------------------- compute

    @api.depends(
        "line_ids.principal",
        "line_ids.fine",
        "line_ids.interest",
        "line_ids.due_date",
        "date",
        "plan_id",
        "installment_count",
        "first_due_date",
        "down_payment",
        "discount_charges",
        "discount_principal",
        "origin",
        "move_id",
    )
    def _compute_proposal(self):
        for agreement in self:
            lines = agreement.line_ids
            agreement.amount_principal = sum(lines.mapped("principal"))
            agreement.amount_fine = sum(lines.mapped("fine"))
            agreement.amount_interest = sum(lines.mapped("interest"))
            try:
                values = agreement._proposal_values(agreement._proposal())
            except DomainError as error:
                values = {**agreement._no_proposal_values(), "problem": agreement._refusal(error)}
            agreement.update(values)

    @api.depends("approval_reasons")
    def _compute_approval_text(self):
        labels = {
            ApprovalReason.DISCOUNT_OF_CHARGES: self.env._("discount of charges above the limit"),
            ApprovalReason.DISCOUNT_OF_PRINCIPAL: self.env._(
                "discount of principal above the limit"
            ),
            ApprovalReason.DOWN_PAYMENT: self.env._("down payment below the limit"),
            ApprovalReason.INSTALLMENTS: self.env._("too many installments"),
            ApprovalReason.SMALL_INSTALLMENT: self.env._("installments below the limit"),
            ApprovalReason.RATE: self.env._("rate above 1% a month"),
        }
        for agreement in self:
            reasons = agreement.approval_reasons or []
            agreement.approval_text = "; ".join(labels[reason] for reason in reasons)

    # ------------------------------------------------------------ business

    def _proposal(self) -> Proposal:
        """The terms worked out by the domain.

        :raises DomainError: for terms that make no agreement.
        """
        self.ensure_one()
        plan = self.plan_id
        return propose(
            self.line_ids._debts(),
            self.company_id._agreement_limits(),
            cents(self.down_payment),
            self.installment_count,
            plan.method or "none",
            exact(plan.monthly_rate),
            self.first_due_date or self.date,
            self.date,
            discount=Discount(cents(self.discount_charges), cents(self.discount_principal)),
        )

    def _proposal_or_refusal(self) -> Proposal:
        """:raises UserError: with what to change."""
        try:
            return self._proposal()
        except DomainError as error:
            raise UserError(self._refusal(error)) from error

    def _reasons(self, proposal):
        """Why a manager has to agree; a rate that one has confirmed for the plan is no reason."""
        confirmed = {ApprovalReason.RATE} if self.plan_id.rate_confirmed else set()
        return [str(reason) for reason in proposal.reasons if reason not in confirmed]

    def _proposal_values(self, proposal):
        return {
            "limit_charges": float(proposal.limit.charges),
            "limit_principal": float(proposal.limit.principal),
            "amount_net": float(proposal.net),
            "finance_charge": float(proposal.offer.finance_charge),
            "amount_total": float(proposal.offer.total),
            "cost_percent": float(proposal.offer.cet or 0),
            "installment_preview": self._preview(proposal),
            "approval_reasons": self._reasons(proposal),
            "problem": False,
        }

    def _no_proposal_values(self):
        amounts = (
            "limit_charges",
            "limit_principal",
            "amount_net",
            "finance_charge",
            "amount_total",
            "cost_percent",
        )
        return {
            **dict.fromkeys(amounts, 0.0),
            "installment_preview": False,
            "approval_reasons": [],
        }

    def _preview(self, proposal):
        """Rows and totals for the ``installment_table`` widget, formatted for the reader."""

        def money(value):
            return format_amount(self.env, float(value), self.currency_id)

        offer = proposal.offer
        rows = [
            {"number": number, "label": f"{number}/{offer.n}", "date": due, "value": value}
            for number, (due, value) in enumerate(
                zip(offer.dates, offer.parts, strict=True), start=1
            )
        ]
        if offer.down_payment:
            down = {"number": 0, "label": self.env._("Down payment")}
            rows.insert(0, {**down, "date": self._down_payment_due(), "value": offer.down_payment})
        return {
            "rows": [
                {**row, "date": format_date(self.env, row["date"]), "value": money(row["value"])}
                for row in rows
            ],
            "finance_charge": money(offer.finance_charge),
            "total": money(offer.total),
            "late_terms": self._late_terms(),
        }

    def _late_terms(self):
        plan = self.plan_id
        return self.env._(
            "When late: fine of %(fine)s%% and interest of %(interest)s%% a month.",
            fine=f"{plan.fine_percent:.2f}",
            interest=f"{plan.late_interest_percent:.2f}",
        )

    def _refusal(self, error):
        """What to change where the terms make no agreement."""
        sentences = {
            ErrorCode.NOTHING_OWED: self.env._("Choose what is owed: nothing is left to agree on."),
            ErrorCode.DISCOUNT_ABOVE_DEBT: self.env._("The discount is higher than the debt."),
            ErrorCode.DOWN_PAYMENT_TOO_HIGH: self.env._(
                "The down payment must be smaller than the debt."
            ),
            ErrorCode.FIRST_DUE_TOO_EARLY: self.env._(
                "The first installment cannot be due before the day of the agreement."
            ),
            ErrorCode.PARTS_BELOW_ONE: self.env._("Choose at least one installment."),
            ErrorCode.NEGATIVE_VALUE: self.env._("Amounts cannot be negative."),
        }
        return sentences.get(
            error.code, self.env._("These terms make no agreement. Check amounts and dates.")
        )
