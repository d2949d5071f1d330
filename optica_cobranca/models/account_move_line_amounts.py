from dataclasses import replace
from datetime import date

from odoo import api, fields, models

from ..domain.late_charges import AmountToday, ChargeTerms, amount_today
from ..domain.money import ZERO, cents


class AccountMoveLine(models.Model):
    """What an installment costs today: principal, fine and interest."""

    _inherit = "account.move.line"

    days_late = fields.Integer(
        compute="_compute_days_late", help="Days since the due date; 0 when not late."
    )
    late_fine = fields.Monetary(
        compute="_compute_amount_today", currency_field="company_currency_id"
    )
    late_interest = fields.Monetary(
        compute="_compute_amount_today", currency_field="company_currency_id"
    )
    amount_today = fields.Monetary(
        compute="_compute_amount_today",
        currency_field="company_currency_id",
        help="What the customer pays to settle it today: principal, late fine and late interest.",
    )
    installment_state = fields.Selection(
        [
            ("open", "Open"),
            ("due", "Due Today"),
            ("overdue", "Late"),
            ("paid", "Paid"),
        ],
        compute="_compute_days_late",
    )

    @api.depends("date_maturity", "amount_residual", "crediario_plan_id")
    def _compute_days_late(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.days_late = 0
            if not line.crediario_plan_id:
                line.installment_state = False
            elif line.company_currency_id.compare_amounts(line.amount_residual, 0.0) <= 0:
                line.installment_state = "paid"
            else:
                late = (today - line.date_maturity).days
                line.days_late = max(late, 0)
                line.installment_state = "overdue" if late > 0 else "due" if late == 0 else "open"

    @api.depends(
        "date_maturity",
        "amount_residual",
        "crediario_plan_id",
        "receipt_line_ids.fine",
        "receipt_line_ids.receipt_id.state",
        "receipt_line_ids.payment_id.move_id.state",
    )
    def _compute_amount_today(self):
        today = fields.Date.context_today(self)
        amounts = self.filtered("crediario_plan_id")._amounts_today(today)
        nothing = AmountToday.nothing()
        for line in self:
            amount = amounts.get(line._origin.id, nothing)
            line.late_fine = float(amount.fine)
            line.late_interest = float(amount.interest)
            line.amount_today = float(amount.total)

    # ------------------------------------------------------------ business

    def _amounts_today(self, on: date) -> dict[int, AmountToday]:
        """What is to be collected of each of these installments on ``on``, BRL, by line id.

        A function of the installment and of its payments up to that day, the same for every
        reader: screen, portal, message, notice, cashier (design: domain §3).
        """
        installments = self.filtered(lambda line: line.crediario_plan_id and line._origin.id)
        payments = installments._installment_payments()
        terms: dict[int, ChargeTerms] = {
            plan.id: plan._charge_terms() for plan in installments.sudo().crediario_plan_id
        }
        calendars = {
            company.id: company._business_calendar() for company in installments.company_id
        }
        amounts = {}
        for line in installments:
            history = payments[line._origin.id]
            amount = line._amount_on(
                on,
                cents(line.balance) - history.credited_at_start,
                terms[line.crediario_plan_id.id],
                calendars[line.company_id.id],
                history,
            )
            amounts[line._origin.id] = line._as_in_the_ledger(amount)
        return amounts

    def _amount_on(self, on, principal, terms, calendar, history, due=None) -> AmountToday:
        """What one installment costs on ``on`` by its history; ``due``: its due date that day."""
        return amount_today(
            principal=principal,
            due=due or self.date_maturity,
            terms=terms,
            on=on,
            calendar=calendar,
            payments=history.later,
        )

    def _as_in_the_ledger(self, amount):
        """``amount`` with no more principal than the ledger still has open.

        They differ only when a payment is dated after the day of the calculation: it cannot be
        collected twice. Settled in the ledger is settled: charges nobody booked were given up.
        """
        residual = max(cents(self.amount_residual), ZERO)
        if not residual or not amount.principal:
            return AmountToday.nothing()
        if residual >= amount.principal:
            return amount
        return replace(amount, principal=residual, total=residual + amount.fine + amount.interest)
