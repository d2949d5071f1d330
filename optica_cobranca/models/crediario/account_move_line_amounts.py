from collections import defaultdict
from dataclasses import replace
from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...domain.crediario.late_charges import AmountToday, ChargeTerms, Payment, amount_today
from ...domain.shop.money import ZERO, cents

# Ids a query: each one costs memory on both sides, whatever the size of the ledger.
CHUNK = 10_000


class PaymentHistory:
    """What happened to one installment: what its own entry credited, payments and extensions.

    ``later``: payments by the day they count for; ``extensions``: applied ones, the first one
    first.
    """

    __slots__ = ("credited_at_start", "extensions", "later")

    def __init__(self):
        self.credited_at_start = ZERO
        self.later: list[Payment] = []
        self.extensions: list[models.Model] = []

    def add_principal(self, day, amount, *, spread=False):
        """``amount`` of the principal was paid on ``day``, by a cashier if it can be spread."""
        if amount:
            self.later.append(Payment(day, amount, spread=spread))


def counts_on(credit: SQL) -> SQL:
    """The day for which what a journal item credits counts: the customer's, not the books'.

    A payment counts for its own date, a credit note for its invoice date and a line of a bank
    statement for the bank's, also where the month was locked and the entry had to be dated later.
    Other entries have no date but their own.

    :param credit: alias of ``account_move_line``
    """
    return SQL(
        """COALESCE(
               (SELECT COALESCE(counted.date, of_credit.crediario_bank_date,
                                CASE WHEN of_credit.move_type = 'out_refund'
                                     THEN of_credit.invoice_date END)
                  FROM account_move of_credit
             LEFT JOIN account_payment counted ON counted.id = of_credit.origin_payment_id
                 WHERE of_credit.id = %(credit)s.move_id),
               %(credit)s.date)""",
        credit=credit,
    )


class AccountMoveLine(models.Model):
    """What an installment costs today: principal, fine and interest."""

    _inherit = "account.move.line"

    days_late = fields.Integer(
        compute="_compute_days_late", help="Days since the due date; 0 when not late."
    )
    charges_from = fields.Date(
        string="Charges Count From",
        compute="_compute_days_late",
        help="Of a due date without business: fine and interest count from the next business day.",
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
        search="_search_installment_state",
    )

    @api.depends("date_maturity", "amount_residual", "crediario_plan_id")
    def _compute_days_late(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.days_late = 0
            line.charges_from = False
            if not line.crediario_plan_id:
                line.installment_state = False
            elif line.company_currency_id.compare_amounts(line.amount_residual, 0.0) <= 0:
                line.installment_state = "paid"
            else:
                late = (today - line.date_maturity).days
                line.days_late = line._days_late(today)
                line.charges_from = line._charges_from(today)
                line.installment_state = "overdue" if late > 0 else "due" if late == 0 else "open"

    @api.model
    def _search_installment_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        installment = Domain("crediario_plan_id", "!=", False)
        owed = installment & Domain("amount_residual", ">", 0)
        states = {
            "open": owed & Domain("date_maturity", ">", today),
            "due": owed & Domain("date_maturity", "=", today),
            "overdue": owed & Domain("date_maturity", "<", today),
            "paid": installment & Domain("amount_residual", "<=", 0),
            False: Domain("crediario_plan_id", "=", False),
        }
        return Domain.OR(states[state] for state in value if state in states)

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

    def _days_late(self, on: date) -> int:
        """The one number of days late that everybody is told: calendar days since the due date."""
        return max((on - self.date_maturity).days, 0) if self.date_maturity else 0

    def _charges_from(self, on: date) -> date | None:
        """From which day a late installment is charged, where that is not its due date."""
        if not self._days_late(on):
            return None
        start = self.company_id._business_calendar().next_business_day(self.date_maturity)
        return start if start != self.date_maturity else None

    def _amounts_today(self, on: date) -> dict[int, AmountToday]:
        """What is to be collected of each of these installments on ``on``, BRL, by line id.

        A function of the installment and of its payments up to that day, the same for every
        reader: screen, portal, message, notice, cashier (docs/money.md).
        """
        installments = self.filtered(lambda line: line.crediario_plan_id and line._origin.id)
        payments = installments._installment_payments()
        terms: dict[int, ChargeTerms] = {
            contract.id: contract._crediario_rules()._charge_terms()
            for contract in installments.sudo().move_id
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
                terms[line.move_id.id],
                calendars[line.company_id.id],
                history,
            )
            amounts[line._origin.id] = line._as_in_the_ledger(amount)
        return amounts

    def _amount_on(self, on, principal, terms, calendar, history) -> AmountToday:
        """What one installment costs on ``on`` by its history."""
        first_due, moves = self._due_moves(history)
        return amount_today(
            principal=principal,
            due=first_due,
            terms=terms,
            on=on,
            calendar=calendar,
            payments=history.later,
            moves=moves,
        )

    def _due_moves(self, history):
        """The first due date and how it was moved since, as :class:`DueMove` in their order."""
        return self.date_maturity, []

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
        return replace(amount, principal=residual)

    # -------------- What was paid of an installment, by whatever way it was paid
    # Principal is what the ledger reconciled, on the day the credit counts for: cashier, Odoo's
    # own wizard, statement, outstanding payment, credit note, online payment. Charges paid or
    # forgiven are the lines of receipts whose payment still has its entry (one in draft keeps
    # what it reconciled).

    def _counts_on(self):
        """The day for which what this item credits counts: see :func:`counts_on`."""
        self.ensure_one()
        move = self.move_id
        of_note = move.move_type == "out_refund" and move.invoice_date
        return move.origin_payment_id.date or move.crediario_bank_date or of_note or self.date

    def _sorted_for_receiving(self):
        """The order in which money is applied: oldest due date first."""
        return self.sorted(
            lambda line: (line.date_maturity, line.move_id.id, line.installment_number)
        )

    def _installment_payments(self):
        """Payments of each installment as :class:`PaymentHistory` by line id, one query for many.

        Credits inside the contract's own entry (an imported part payment of unknown date) lower
        the principal from the start.
        """
        histories = defaultdict(PaymentHistory)
        ids = self._origin.ids
        if ids:
            self._flush_history()
        for start in range(0, len(ids), CHUNK):
            query = self._history_query(ids[start : start + CHUNK])
            # Receipts first: what the ledger has beyond them was no cashier's.
            self.env.cr.execute(SQL("%s ORDER BY 2, 3 DESC", query))
            spread = defaultdict(lambda: ZERO)
            for line_id, paid_on, kind, *amounts in self.env.cr.fetchall():
                principal, *charges = (cents(amount) if amount else ZERO for amount in amounts)
                history = histories[line_id]
                if kind == "own":
                    history.credited_at_start += principal
                elif kind == "receipt":
                    # Its principal is what the ledger reconciled of it, see below.
                    spread[line_id, paid_on] += principal
                    history.later.append(Payment(paid_on, ZERO, *charges, spread=True))
                else:
                    by_cashier = min(principal, spread.pop((line_id, paid_on), ZERO))
                    history.add_principal(paid_on, by_cashier, spread=True)
                    history.add_principal(paid_on, principal - by_cashier)
                    if any(charges):
                        history.later.append(Payment(paid_on, ZERO, *charges))
        return histories

    def _flush_history(self):
        """Write what the history's query reads."""
        for model, names in self._history_sources():
            self.env[model].flush_model(names)

    def _history_sources(self):
        """What the history's query reads: models, each with its fields, or None for all."""
        return [
            ("account.partial.reconcile", None),
            ("account.move.line", ["date", "move_id"]),
            (
                "account.move",
                [
                    "state",
                    "date",
                    "invoice_date",
                    "crediario_bank_date",
                    "origin_payment_id",
                    "reversed_entry_id",
                ],
            ),
            ("account.payment", ["move_id", "date"]),
        ]

    def _history_query(self, ids):
        """Rows (line, day, kind, principal, interest, fine, waived interest, waived fine).

        Kinds: ``own`` what the contract's own entry credited; ``ledger`` what was reconciled. What
        else there is plugs in here: ``receipt`` what cashiers received, principal in money, which
        the ledger has, too; ``charges`` what something else paid of fine and interest.
        """
        return SQL(
            """
            SELECT partial.debit_move_id, %(counts_on)s,
                   CASE WHEN credit.move_id = debit.move_id THEN 'own' ELSE 'ledger' END,
                   SUM(partial.amount), 0, 0, 0, 0
              FROM account_partial_reconcile partial
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN account_move_line debit ON debit.id = partial.debit_move_id
             WHERE partial.debit_move_id = ANY(%(ids)s)
          GROUP BY 1, 2, 3
            """,
            ids=ids,
            counts_on=counts_on(SQL("credit")),
        )
