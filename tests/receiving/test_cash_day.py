"""The cash of one person's day: opening, payments, movements, closing, and what stays fixed."""

from datetime import date
from decimal import Decimal

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger

from odoo.addons.optica_cobranca.tools.receiving.receiving_order import Method, ReceivingOrder

from .receiving_common import ReceivingCommon


@freeze_time("2026-03-12 15:00:00")
class CashDayCommon(ReceivingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana, cls.bea = (cls.make_user(name, "cashier") for name in ("ana", "bea"))
        cls.boss = cls.make_user("boss", "manager")
        cls.lines = cls.make_installments(*([("2026-03-12", "100.00")] * 6))
        cls.debit = cls.bank.inbound_payment_method_line_ids.filtered(
            lambda line: line.crediario_card == "debit"
        )
        cls.count = 0

    @classmethod
    def make_user(cls, name, group):
        return new_test_user(
            cls.env,
            f"cash.{name}",
            f"optica_cobranca.group_{group}",
            name=name.capitalize(),
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def day(self, user):
        return self.env["crediario.cash.day"].with_user(user)

    def open(self, user, amount, **values):
        return self.day(user)._open(self.cash.with_user(user), amount, **values)

    def take(self, user, position, *methods, value="100.00"):
        """``user`` receives an installment, in cash unless ``methods`` say otherwise."""
        methods = methods or (Method(self.cash.with_user(user), Decimal(value)),)
        order = ReceivingOrder(on=date(2026, 3, 12), methods=methods)
        Receipt = self.env["crediario.receipt"].with_user(user)
        return Receipt._receive(self.lines[position].with_user(user), order)

    def by_card(self, value="100.00"):
        return Method(self.bank, Decimal(value), self.debit)

    def sums(self, day):
        """(opening, received, put in, taken out, given back, expected) as text."""
        names = ("received", "supplied", "withdrawn", "given_back", "expected")
        day.invalidate_recordset()
        amounts = [day.opening_amount, *(day[f"amount_{name}"] for name in names)]
        return tuple(f"{amount:.2f}" for amount in amounts)

    def methods(self, day):
        return {row.name: (row.payment_count, row.amount) for row in day.method_ids}

    def ledger(self, account):
        """Balance of an account in posted entries since the test began, as text."""
        [(balance,)] = self.env["account.move.line"]._read_group(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")],
            [],
            ["balance:sum"],
        )
        return f"{balance or 0.0:.2f}"


@freeze_time("2026-03-12 15:00:00")
class TestCashDay(CashDayCommon):
    def test_a_whole_day(self):
        """100.00 + 100.00 cash + 50.00 put in - 30.00 stamps - 120.00 to the bank = 100.00;
        99.50 are counted, 79.50 go to the safe, 20.00 stay."""
        before = self.ledger(self.cash.loss_account_id)
        day = self.open(self.ana, 100.0)
        self.take(self.ana, 0)
        self.take(self.ana, 1, self.by_card())
        self.take(self.ana, 2, Method(self.cash, Decimal("0.00")), self.by_card("60.00"))
        day._move("supply", 50.0, "Coins")
        day._move("expense", 30.0, "Stamps")
        day._move("withdrawal", 120.0, "Deposit")
        self.assertEqual(self.sums(day), ("100.00", "100.00", "50.00", "150.00", "0.00", "100.00"))
        self.assertEqual(
            self.methods(day), {self.cash.name: (1, 100.0), self.debit.name: (2, 160.0)}
        )
        self.assertEqual(day.amount_all_methods, 260.0)
        with self.assertRaisesRegex(UserError, "should be there"):
            day._close(99.5, 79.5)
        day._close(99.5, 79.5, "A coin fell")
        self.assertEqual(day.state, "closed")
        self.assertEqual((day.closing_difference, day.closing_left), (-0.5, 20.0))
        self.assertEqual(
            Decimal(self.ledger(self.cash.loss_account_id)) - Decimal(before), Decimal("0.50")
        )
        # first money 100.00, supply 50.00, stamps, deposit, difference, safe: 100+50-30-120-.5-79.5
        entries = day.sudo().move_ids
        cash = entries.line_ids.filtered(
            lambda line: line.account_id == self.cash.default_account_id
        )
        self.assertEqual(sorted(cash.mapped("balance")), [-120.0, -79.5, -30.0, -0.5, 50.0, 100.0])
        stamps = entries.filtered(lambda entry: "Stamps" in entry.ref)
        self.assertIn(self.cash.suspense_account_id, stamps.line_ids.account_id)
        self.assertEqual(set(entries.mapped("state")), {"posted"})

    def test_the_next_day_takes_over_what_was_left(self):
        self.open(self.ana, 100.0)._close(100.0, 60.0)
        # a shared drawer: Bea finds what Ana left
        day = self.open(self.bea, 40.0)
        self.assertEqual((day.opening_expected, day.opening_difference), (40.0, 0.0))
        self.assertEqual(day.sudo().previous_id.user_id, self.ana)
        self.assertFalse(day.sudo().move_ids)
        day._close(40.0)
        with self.assertRaisesRegex(UserError, "Say why"):
            self.open(self.ana, 35.0)
        day = self.open(self.ana, 35.0, note="Five were missing")
        self.assertEqual(day.opening_difference, -5.0)
        [entry] = day.sudo().move_ids
        self.assertIn(self.cash.loss_account_id, entry.line_ids.account_id)

    def test_own_drawer_before_others(self):
        self.open(self.ana, 100.0)
        self.open(self.bea, 50.0)
        self.day(self.ana)._open_days(self.ana, self.company)._close(100.0)
        self.day(self.bea)._open_days(self.bea, self.company)._close(50.0)
        self.assertEqual(self.open(self.bea, 50.0).opening_expected, 50.0)
        self.assertEqual(self.open(self.ana, 100.0).opening_expected, 100.0)

    def test_opens_by_itself_with_the_first_payment(self):
        self.open(self.ana, 80.0)._close(80.0)
        receipt = self.take(self.ana, 0)
        day = receipt.sudo().payment_ids.crediario_cash_day_id
        self.assertTrue(day.opened_itself)
        self.assertEqual(self.sums(day), ("80.00", "100.00", "0.00", "0.00", "0.00", "180.00"))
        self.assertEqual(day.user_id, self.ana)
        # a card payment needs no drawer of its own
        self.assertEqual(
            self.take(self.ana, 1, self.by_card()).sudo().payment_ids.crediario_cash_day_id, day
        )

    def test_only_after_counting_where_the_shop_wants_it(self):
        self.company.cash_day_opening = "count"
        with self.assertRaisesRegex(UserError, "Open your cash first"):
            self.take(self.ana, 0)
        day = self.open(self.ana, 0.0)
        self.take(self.ana, 0)
        self.assertEqual(self.sums(day)[-1], "100.00")

    def test_a_payment_undone_leaves_the_open_day(self):
        day = self.open(self.ana, 0.0)
        receipt = self.take(self.ana, 0)
        receipt.with_user(self.boss)._cancel("Wrong customer")
        self.assertEqual(self.sums(day)[-1], "0.00")
        self.assertEqual(self.methods(day), {})

    def test_undoing_cash_of_a_closed_day_takes_it_from_today(self):
        day = self.open(self.ana, 0.0)
        receipt = self.take(self.ana, 0)
        day._close(100.0, 100.0)
        with self.assertRaisesRegex(UserError, "was counted in cash day"):
            receipt.sudo().payment_ids.move_id.with_user(self.env.user).button_draft()
        with self.assertRaisesRegex(UserError, "was counted in cash day"):
            receipt.sudo().payment_ids.with_user(self.env.user).action_cancel()
        mine = self.open(self.boss, 90.0, previous=self.day(self.boss))
        with self.assertRaisesRegex(UserError, "should be in the drawer"):
            receipt.with_user(self.boss)._cancel("Wrong customer")
        mine._move("supply", 60.0, "From the safe")
        receipt.with_user(self.boss)._cancel("Wrong customer")
        self.assertEqual(self.sums(mine), ("90.00", "0.00", "60.00", "0.00", "100.00", "50.00"))
        self.assertEqual((day.amount_received, day.closing_amount), (100.0, 100.0))
        self.assertEqual(self.methods(day), {self.cash.name: (1, 100.0)})
        self.assertEqual(self.residuals(self.lines[0]), ["100.00"])

    def test_core_payments_of_a_cashier_go_through_the_drawer(self):
        """By core's wizard over an installment, and by a payment typed in."""
        collector = self.make_user("cleo", "collector")
        collector.group_ids += self.env.ref("account.group_account_invoice")
        day = self.open(collector, 0.0)
        wizard = (
            self.env["account.payment.register"]
            .with_user(collector)
            .with_context(active_model="account.move.line", active_ids=self.lines[0].ids)
            .create({"payment_date": "2026-03-12", "journal_id": self.cash.id})
        )
        wizard._create_payments()
        payment = (
            self.env["account.payment"]
            .with_user(collector)
            .create(
                {
                    "payment_type": "outbound",
                    "partner_type": "customer",
                    "partner_id": self.customer.id,
                    "amount": 15.0,
                    "journal_id": self.cash.id,
                }
            )
        )
        payment.action_post()
        self.assertEqual(self.sums(day)[1], "85.00")
        self.assertEqual(self.methods(day)[self.cash.name], (1, 100.0))

    def test_what_the_system_receives_is_nobodys(self):
        order = ReceivingOrder(
            on=date(2026, 3, 12), methods=(Method(self.bank, Decimal("100.00")),)
        )
        receipt = self.env["crediario.receipt"].sudo()._receive(self.lines[0].sudo(), order)
        self.assertFalse(receipt.payment_ids.crediario_cash_day_id)

    # -------------------------------------------------------------- limits

    def test_what_cannot_be(self):
        with self.assertRaises(UserError):
            self.open(self.ana, -1.0)
        with self.assertRaisesRegex(UserError, "only cash is counted"):
            self.day(self.ana)._open(self.bank.with_user(self.ana), 0.0)
        day = self.open(self.ana, 10.0)
        for kind, amount, reason in (
            ("withdrawal", 10.01, "Bank"),
            ("expense", 0.0, "Nothing"),
            ("supply", -5.0, "Coins"),
            ("supply", 5.0, " "),
        ):
            with self.subTest(kind=kind, amount=amount), self.assertRaises(UserError):
                day._move(kind, amount, reason)
        for counted, out in ((-1.0, 0.0), (10.0, 10.01), (10.0, -1.0)):
            with self.subTest(counted=counted), self.assertRaises(UserError):
                day._close(counted, out, "x")
        self.assertEqual(self.sums(day)[-1], "10.00")

    def test_one_open_day_of_a_person_and_cash(self):
        self.open(self.ana, 0.0)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.open(self.ana, 0.0)
        self.assertEqual(self.open(self.bea, 0.0).user_id, self.bea)

    def test_money_is_taken_over_once(self):
        day = self.open(self.ana, 10.0)
        day._close(10.0)
        self.open(self.ana, 10.0)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.open(self.bea, 10.0, previous=day.sudo())

    def test_closed_is_closed_whoever_asks(self):
        day = self.open(self.ana, 10.0)
        self.take(self.ana, 0)
        movement = day._move("withdrawal", 60.0, "Bank")
        day._close(50.0)
        for attempt in (
            lambda: day._move("supply", 1.0, "Coins"),
            lambda: day._close(50.0),
            lambda: day.sudo().write({"closing_amount": 60.0}),
            lambda: day.sudo().unlink(),
            lambda: movement.sudo().write({"amount": 1.0}),
            lambda: movement.sudo().unlink(),
            lambda: day.sudo().move_ids.with_user(self.env.user).button_draft(),
            lambda: day._take_in(self.env["account.payment"].sudo().search([], limit=1)),
        ):
            with self.assertRaises(UserError):
                attempt()
        self.assertEqual(day.closing_amount, 50.0)

    # -------------------------------------------------------------- rights

    def test_rights(self):
        day = self.open(self.ana, 10.0)
        seller = self.make_user("sara", "seller")
        for user in (self.bea, seller):
            with self.assertRaises(AccessError):
                day.with_user(user).read(["name"])
        for user in (self.ana, self.boss):
            self.assertEqual(day.with_user(user).amount_expected, 10.0)
            for values in ({"amount_expected": 0.0}, {"state": "closed"}):
                with self.assertRaises(AccessError):
                    day.with_user(user).write(values)
            with self.assertRaises(AccessError):
                day.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.day(user).create({"name": "x"})
        with self.assertRaises(AccessError):
            day.with_user(self.bea)._close(10.0)
        with self.assertRaises(AccessError):
            self.open(seller, 0.0)
        day.with_user(self.boss)._close(10.0)
        self.assertEqual(day.sudo().closed_by_id, self.boss)

    def test_other_companies(self):
        day = self.open(self.ana, 10.0)
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.make_user("stan", "manager")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        with self.assertRaises(AccessError):
            day.with_user(stranger).read(["name"])

    # ------------------------------------------------------------- screens

    def test_by_the_screens(self):
        env = self.env(user=self.ana)
        action = env["crediario.cash.day"].action_mine()
        self.assertEqual(action["res_model"], "crediario.cash.open")
        with Form(env["crediario.cash.open"]) as form:
            self.assertEqual(form.journal_id, self.cash)
            form.amount = 20.0
        action = form.record.action_open()
        day = env["crediario.cash.day"].browse(action["res_id"])
        self.assertEqual(env["crediario.cash.day"].action_mine()["res_id"], day.id)
        self.take(self.ana, 0)
        dialog = day.action_move()
        with Form(env[dialog["res_model"]].with_context(dialog["context"])) as form:
            form.amount = 70.0
            form.reason = "Bank"
        form.record.action_move()
        dialog = day.action_close()
        with Form(env[dialog["res_model"]].with_context(dialog["context"])) as form:
            form.amount = 49.0
            form.is_counted = True
            self.assertEqual((form.expected, form.difference), (50.0, -1.0))
            form.note = "One missing"
            form.taken_out = 29.0
            self.assertEqual(form.left, 20.0)
        form.record.action_close()
        self.assertEqual((day.state, day.closing_left), ("closed", 20.0))
        with Form(env["crediario.cash.open"]) as form:
            self.assertEqual((form.expected, form.amount), (20.0, 20.0))
        self.assertEqual(day.action_view_receipts()["res_model"], "crediario.receipt")

    def test_on_paper(self):
        """Two days: by person and method first, then each of them."""
        days = self.open(self.ana, 10.0)
        self.take(self.ana, 0)
        self.take(self.ana, 1, self.by_card())
        days |= self.open(self.bea, 0.0)
        self.take(self.bea, 2)
        days = days.with_user(self.boss)
        report = self.env.ref("optica_cobranca.action_report_crediario_cash_day")
        html, _kind = report.with_user(self.boss)._render_qweb_html(report.report_name, days.ids)
        text = html.decode()
        for expected in ("Received by person and method", "Ana", "Bea", self.debit.name, "110.00"):
            self.assertIn(expected, text)
        values = self.env["report.optica_cobranca.report_cash_day"]._get_report_values(days.ids)
        amounts = values["summary"]["amounts"]
        self.assertEqual(
            (amounts[self.ana, None], amounts[None, self.cash.name], amounts[None, None]),
            (200.0, 200.0, 300.0),
        )


class TestCounterMethods(CashDayCommon):
    def test_a_fresh_brazilian_company_takes_cash_and_cards_at_once(self):
        company = self.env["res.company"].create(
            {"name": "Filial Nova", "country_id": self.env.ref("base.br").id}
        )
        self.env["account.chart.template"].try_loading("br", company=company, install_demo=False)
        journals = self.env["account.journal"].search([("company_id", "=", company.id)])
        cash = journals.filtered(lambda journal: journal.type == "cash")
        self.assertEqual(len(cash), 1)
        self.assertEqual(cash.default_account_id.with_company(company).code, "1.01.01.01.01")
        self.assertTrue(cash.profit_account_id and cash.loss_account_id)
        self.assertEqual(
            cash.inbound_payment_method_line_ids.payment_account_id, cash.default_account_id
        )
        bank = journals.filtered(lambda journal: journal.type == "bank")
        cards = bank.inbound_payment_method_line_ids.filtered("crediario_card")
        self.assertEqual(cards.mapped("crediario_card"), ["debit", "credit"])
        self.assertTrue(cards.payment_account_id.reconcile)
        self.assertNotEqual(bank.inbound_payment_method_line_ids[0].crediario_card, "debit")
        before = len(journals)
        company._create_counter_methods()
        self.assertEqual(
            self.env["account.journal"].search_count([("company_id", "=", company.id)]), before
        )
        self.assertEqual(bank.inbound_payment_method_line_ids.filtered("crediario_card"), cards)

    def test_a_branch_uses_what_its_parent_has(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        branch._create_counter_methods()
        self.assertFalse(self.env["account.journal"].search([("company_id", "=", branch.id)]))
        self.assertEqual(branch._usual_cash_journal(), self.cash)
