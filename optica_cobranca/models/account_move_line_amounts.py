from collections import defaultdict
from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ..domain.late_charges import AmountToday, ChargeTerms, Payment, amount_today
from ..domain.money import cents


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
            elif (
                line.company_currency_id.compare_amounts(line.amount_residual, 0.0) <= 0
            ):
                line.installment_state = "paid"
            else:
                late = (today - line.date_maturity).days
                line.days_late = max(late, 0)
                line.installment_state = (
                    "overdue" if late > 0 else "due" if late == 0 else "open"
                )

    @api.depends("date_maturity", "amount_residual", "crediario_plan_id")
    def _compute_amount_today(self):
        today = fields.Date.context_today(self)
        amounts = self.filtered("crediario_plan_id")._amounts_today(today)
        nothing = AmountToday.nothing()
        for line in self:
            amount = amounts.get(line.id, nothing)
            line.late_fine = float(amount.fine)
            line.late_interest = float(amount.interest)
            line.amount_today = float(amount.total)

    # ------------------------------------------------------------ business

    def _amounts_today(self, on: date) -> dict[int, AmountToday]:
        """What each of these installments costs on ``on``, in company currency, by line id.

        A function of the installment and of its payments up to that day, the same for every
        reader: screen, portal, message, notice (design: domain §3).
        """
        installments = self.filtered(
            lambda line: line.crediario_plan_id and line._origin.id
        )
        payments = installments._installment_payments()
        terms: dict[int, ChargeTerms] = {
            plan.id: plan._charge_terms()
            for plan in installments.sudo().crediario_plan_id
        }
        calendars = {
            company.id: company._business_calendar()
            for company in installments.company_id
        }
        amounts = {}
        for line in installments:
            history = payments[line._origin.id]
            amount = amount_today(
                principal=cents(line.balance) - history.credited_at_start,
                due=line.date_maturity,
                terms=terms[line.sudo().crediario_plan_id.id],
                on=on,
                calendar=calendars[line.company_id.id],
                payments=history.later,
            )
            # Settled in the ledger is settled: charges that nobody booked were given up.
            amounts[line._origin.id] = (
                amount if amount.principal else AmountToday.nothing()
            )
        return amounts

    def _installment_payments(self):
        """Payments of each installment as :class:`PaymentHistory`, one query for all.

        Credits inside the contract's own entry (an imported part payment of unknown date) lower
        the principal from the start.
        """
        histories = defaultdict(PaymentHistory)
        if not self._origin.ids:
            return histories
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move.line"].flush_model(["date", "move_id"])
        self.env.cr.execute(
            SQL(
                """
                SELECT partial.debit_move_id, credit.date, SUM(partial.amount),
                       credit.move_id = debit.move_id
                  FROM account_partial_reconcile partial
                  JOIN account_move_line credit ON credit.id = partial.credit_move_id
                  JOIN account_move_line debit ON debit.id = partial.debit_move_id
                 WHERE partial.debit_move_id IN %(ids)s
              GROUP BY partial.debit_move_id, credit.date, credit.move_id = debit.move_id
              ORDER BY credit.date
                """,
                ids=tuple(self._origin.ids),
            )
        )
        for line_id, paid_on, amount, own_entry in self.env.cr.fetchall():
            if own_entry:
                histories[line_id].credited_at_start += cents(amount)
            else:
                histories[line_id].later.append(
                    Payment(on=paid_on, principal=cents(amount))
                )
        return histories


class PaymentHistory:
    """Payments of one installment: what its own entry credited, and dated ones after it."""

    __slots__ = ("credited_at_start", "later")

    def __init__(self):
        self.credited_at_start = Decimal(0)
        self.later: list[Payment] = []
