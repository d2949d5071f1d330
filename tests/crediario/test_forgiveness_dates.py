"""Money dated before the day on which it is entered: for some days a fact, beyond them a gift.

Doors: the cashier, *Register Payment*, own payments and entries matched by hand, the date of an
entry written later, also in draft; the day of entering, written or given from the start; an entry
that names a payment, a transaction or a line of a statement of another day, or that is made to name
one later, and the date of a payment that an entry names. Bank statements, Pix and online providers
are trusted, what merely names one is not.
"""

from datetime import date
from decimal import Decimal

from freezegun import freeze_time

from odoo.exceptions import AccessError

from odoo.addons.optica_cobranca.tools.receiving.receiving_order import Method, ReceivingOrder

from .forgiveness_common import DUE, NOON, TODAY, ForgivenessCommon


class TestForgivenessDates(ForgivenessCommon):
    def receive_as(self, user, lines, amount, on, reason=""):
        lines = lines.with_user(user)
        order = ReceivingOrder(
            on=date.fromisoformat(on),
            methods=(Method(self.cash.with_user(user), Decimal(amount)),),
            waiver_reason=reason,
        )
        with freeze_time("2026-05-09 15:00:00"):
            return lines.env["crediario.receipt"]._receive(lines, order)

    def test_date_of_the_cashier(self):
        """341.00 due 10 March, 60 days late on 9 May: fine 6.82, interest 6.82. Half is 6.82.

        57 days: interest 6.48, so 3 days back save 0.34; 56 days: 6.37, 4 days back save 0.45.
        """
        debt = self.make_installments((DUE, "341.00"), (DUE, "341.00"), (DUE, "341.00"))
        self.assertEqual(self.amounts(debt[0], "2026-05-09")[-1], "354.64")
        with self.refused("not|yet"):
            self.receive_as(self.collector, debt[0], "354.64", "2026-05-10")
        for day in (DUE, "2020-03-10"):
            with self.refused("13.64"):
                self.receive_as(self.collector, debt[0], "341.00", day)
            with self.refused("up to.*6.82"):
                self.receive_as(self.collector, debt[0], "341.00", day, "Came in time")
        self.receive_as(self.collector, debt[0], "354.30", "2026-05-06")
        self.assertEqual(self.trace(debt.move_id), [])
        with self.refused("0.45"):
            self.receive_as(self.collector, debt[1], "354.19", "2026-05-05")
        self.receive_as(self.collector, debt[1], "354.19", "2026-05-05", "Was ill")
        self.receive_as(self.manager, debt[2], "341.00", DUE, "Bank was closed")
        self.assertEqual(
            self.trace(debt.move_id),
            [
                ("date", "0.00", "0.45", "collector", "Was ill"),
                ("date", "0.00", "13.64", "manager", "Bank was closed"),
            ],
        )
        self.assertEqual(self.residuals(debt), ["0.00", "0.00", "0.00"])

    def test_window_is_a_setting(self):
        self.company.write({"collector_days_back": 0, "manager_days_back": 1})
        debt = self.make_installments((DUE, "341.00"))
        with self.refused("say why"):
            self.receive_as(self.collector, debt, "354.53", "2026-05-08")
        self.receive_as(self.manager, debt, "354.53", "2026-05-08")
        self.assertEqual(self.trace(debt.move_id), [])

    def test_waiver_and_date_share_one_limit(self):
        """4 days back save 0.45; 6.37 more would make 6.82, which is the limit; 6.38 is beyond."""
        debt = self.make_installments((DUE, "341.00"))
        self.env = self.env(user=self.collector)
        with self.refused("6.82"):
            self.receive(
                debt.with_env(self.env),
                ("cash", "347.81"),
                on="2026-05-05",
                entered="2026-05-09",
                waive={debt: ("0.01", "6.37")},
                reason="Agreed",
            )
        receipt = self.receive(
            debt.with_env(self.env),
            ("cash", "347.82"),
            on="2026-05-05",
            entered="2026-05-09",
            waive={debt: ("0.00", "6.37")},
            reason="Agreed",
        )
        self.assertEqual(self.totals(receipt)[-2:], ("6.37", "347.82"))

    @freeze_time(NOON)
    def test_date_of_core_payments(self):
        with self.refused("up to.*1.26"):
            self.register(self.clerk, 70.90, on=DUE, write_off=False)
        with self.refused("yet"):
            self.register(self.manager, 74.00, on="2026-05-30", write_off=False)
        self.register(self.manager, 70.90, on=DUE, write_off=False)
        [row] = self.trace()
        self.assertEqual(row[:4], ("date", "0.00", "2.51", "manager"))

    def test_money_known_in_time_counts_whenever_it_is_matched(self):
        """Entered on the due date, matched on 25 April: nothing is dated back."""
        items = [(self.cash.default_account_id, 70.90), (self.line.account_id, -70.90)]
        with freeze_time(f"{DUE} 15:00:00"):
            move = self.entry(self.clerk, items, date=DUE)
        with freeze_time(NOON):
            self.match(self.clerk, move)
        self.assertEqual(self.residuals(self.line), ["0.00"])
        self.assertEqual(self.trace(), [])

    @freeze_time(NOON)
    def test_day_of_entering_is_nobodys_to_say(self):
        items = [(self.cash.default_account_id, 70.90), (self.line.account_id, -70.90)]
        move = self.entry(self.clerk, items, date=DUE)
        for user in (self.clerk, self.manager):
            with self.refused("system only"):
                move.with_user(user).crediario_posted_on = DUE

    @freeze_time(NOON)
    def test_date_of_an_entry_that_settled_something(self):
        """Also in draft, where a payment keeps what it settled."""
        payment = self.register(self.clerk, 73.41, write_off=False)
        move = payment.move_id.with_user(self.clerk)
        with self.refused("as of its date"):
            move.with_context(skip_readonly_check=True).date = DUE
        with self.refused("as of its date"):
            payment.with_user(self.clerk).date = DUE
        payment.with_user(self.clerk).action_draft()
        with self.refused("as of its date"):
            payment.with_user(self.clerk).date = DUE

    @freeze_time(NOON)
    def test_day_of_entering_is_not_given_from_the_start(self):
        items = [(self.cash.default_account_id, 70.90), (self.line.account_id, -70.90)]
        for name in ("crediario_posted_on", "crediario_bank_date", "crediario_cash_day_id"):
            for user in (self.clerk, self.manager):
                with self.assertRaises(AccessError, msg=name), self.cr.savepoint():
                    self.entry(user, items, date=DUE, **{name: False})

    def own_payment(self, **values):
        return (
            self.env["account.payment"]
            .with_user(self.clerk)
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.customer.id,
                    "amount": 70.90,
                    "journal_id": self.cash.id,
                    **values,
                }
            )
        )

    @freeze_time(NOON)
    def test_naming_a_bank_or_a_provider_is_no_word_of_theirs(self):
        """Dated back to the due date it waives 2.51, whatever it names."""
        providers = self.env["payment.provider"].with_context(active_test=False)
        methods = self.env["payment.method"].with_context(active_test=False)
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": providers.search([], limit=1).id,
                "payment_method_id": methods.search([], limit=1).id,
                "reference": "named-1",
                "amount": 70.90,
                "currency_id": self.company.currency_id.id,
                "partner_id": self.customer.id,
                "state": "done",
            }
        )
        payment = self.own_payment(date=DUE, payment_transaction_id=transaction.id)
        payment.action_post()
        transaction.payment_id = payment
        with self.refused("up to.*1.26"):
            self.match(self.clerk, payment.move_id)
        statement = self.env["account.bank.statement.line"].create(
            {"journal_id": self.bank.id, "date": DUE, "payment_ref": "Deposit", "amount": 70.90}
        )
        items = [(self.cash.default_account_id, 70.90), (self.line.account_id, -70.90)]
        move = self.entry(self.clerk, items, date=DUE, statement_line_id=statement.id)
        with self.refused("up to.*1.26"):
            self.match(self.clerk, move)

    @freeze_time(NOON)
    def test_the_day_of_a_payment_that_an_entry_names(self):
        """Settled on 25 April: neither the entry nor the payment it names becomes earlier."""
        items = [(self.cash.default_account_id, 30.00), (self.line.account_id, -30.00)]
        named = self.own_payment(date=TODAY)
        early = self.own_payment(date=DUE)
        move = self.entry(self.clerk, items, origin_payment_id=named.id)
        self.match(self.clerk, move)
        with self.refused("as of its date"):
            named.date = DUE
        with self.refused("as of its date"):
            move.with_context(skip_readonly_check=True).origin_payment_id = early
        other = self.entry(self.clerk, items, origin_payment_id=early.id)
        with self.refused("up to.*1.26"):
            self.match(self.clerk, other)
