"""The cashier's screen: finding the customer, choosing, waiving, several methods."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user

from odoo.addons.optica_cobranca.domain.shop.pix import build
from odoo.addons.optica_cobranca.domain.shop.pix_reference import txid_for

from .receiving_common import ReceivingCommon


@freeze_time("2026-03-12 15:00:00")
class TestCashier(ReceivingCommon):
    def setUp(self):
        super().setUp()
        self.lines = self.make_installments(
            ("2026-02-02", "100.00"), ("2026-03-02", "100.00"), ("2026-04-02", "100.00")
        )

    def open(self):
        form = Form(self.env["crediario.cashier"])
        form.partner_id = self.customer
        return form

    def cashier(self):
        return new_test_user(
            self.env,
            "carla",
            "optica_cobranca.group_cashier",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            lang="en_US",
        )

    def ticked(self, form):
        return [form.line_ids.edit(k).selected for k in range(len(form.line_ids))]

    def tick(self, form, position, value=True):
        with form.line_ids.edit(position) as line:
            line.selected = value

    def result(self, form):
        action = form.save().action_receive()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_late_installments_are_proposed_with_charges(self):
        """38 and 10 days late: 1.27 and 0.33 of interest, twice 2.00 of fine."""
        form = self.open()
        self.assertEqual(self.ticked(form), [True, True, False])
        self.assertEqual(form.amount_principal, 200.0)
        self.assertEqual(form.amount_fine, 4.0)
        self.assertAlmostEqual(form.amount_interest, 1.6)
        self.assertAlmostEqual(form.amount_to_pay, 205.6)
        with form.method_ids.edit(0) as method:
            self.assertEqual(method.journal_id, self.cash)
            self.assertAlmostEqual(method.amount, 205.6)
        receipt = self.result(form)
        self.assertEqual(self.totals(receipt)[:3], ("200.00", "4.00", "1.60"))
        self.assertEqual(self.residuals(self.lines), ["0.00", "0.00", "100.00"])

    def test_choosing_changes_the_amount_to_pay(self):
        form = self.open()
        self.tick(form, 0, value=False)
        self.assertAlmostEqual(form.amount_to_pay, 102.33)
        with form.method_ids.edit(0) as method:
            self.assertAlmostEqual(method.amount, 102.33)
        form.choice = "all"
        self.assertAlmostEqual(form.amount_to_pay, 305.6)
        self.assertEqual(self.ticked(form), [True, True, True])

    def test_another_date(self):
        form = self.open()
        form.date = "2026-03-02"
        self.assertEqual(self.ticked(form), [True, True, False])
        self.assertAlmostEqual(form.amount_to_pay, 202.93)  # 2.00 + 28 days: 0.93

    def test_the_day_says_something_only_where_it_forgives(self):
        """Nobody chosen, or paid today: no warning. On 2 March: 205.60 less 202.93."""
        self.env = self.env(user=self.cashier())
        form = Form(self.env["crediario.cashier"])
        self.assertFalse(form.date_text)
        form = self.open()
        self.assertFalse(form.date_text)
        form.date = "2026-03-02"
        self.assertIn("2.67", form.date_text)
        form.date = "2026-03-12"
        self.assertFalse(form.date_text)

    def test_two_methods_and_change(self):
        form = self.open()
        with form.method_ids.edit(0) as method:
            method.journal_id = self.bank
            method.amount = 100.0
        with form.method_ids.new() as method:
            method.journal_id = self.cash
            self.assertAlmostEqual(method.amount, 105.6)
            method.amount = 110.0
        self.assertAlmostEqual(form.amount_change, 4.4)
        receipt = self.result(form)
        self.assertAlmostEqual(receipt.amount_change, 4.4)
        self.assertAlmostEqual(sum(receipt.payment_ids.mapped("amount")), 205.6)

    def test_part_payment_shows_what_is_left(self):
        form = self.open()
        with form.method_ids.edit(0) as method:
            method.amount = 105.6
        self.assertAlmostEqual(form.amount_left, 100.0)
        self.result(form)
        self.assertEqual(self.residuals(self.lines), ["0.00", "100.00", "100.00"])

    def test_waive_with_reason(self):
        form = self.open()
        form.waived = 5.6
        form.waiver_reason = "Good customer"
        self.assertAlmostEqual(form.amount_to_pay, 200.0)
        receipt = self.result(form)
        self.assertEqual(self.totals(receipt), ("200.00", "0.00", "0.00", "0.00", "5.60", "200.00"))

    def test_waiving_more_than_is_owed(self):
        form = self.open()
        form.waived = 6.0
        form.waiver_reason = "Good customer"
        with self.assertRaisesRegex(UserError, "at most the late charges"):
            self.result(form)

    def test_found_by_slip_and_by_contract(self):
        txid = txid_for(self.lines.move_id.id, 3)
        code = build("shop@example.com", "Loja", "Sao Paulo", None, txid)
        for reference, ticked in (
            (txid.lower(), [False, False, True]),
            (code, [False, False, True]),
            # of a contract what is due, as for the customer
            (self.lines.move_id.contract_reference, [True, True, False]),
        ):
            form = Form(self.env["crediario.cashier"])
            form.reference = reference
            self.assertEqual(form.partner_id, self.customer)
            self.assertEqual(self.ticked(form), ticked)

    def test_a_contract_number_ticks_what_is_due_of_it(self):
        """Another contract of the customer, late too, is not meant; nor what is not due."""
        self.make_installments(("2026-02-02", "50.00"))
        form = Form(self.env["crediario.cashier"])
        form.reference = self.lines.move_id.contract_reference
        self.assertEqual(self.ticked(form), [True, False, True, False])
        self.assertAlmostEqual(form.amount_to_pay, 205.6)

    def test_a_contract_that_is_not_due_ticks_its_next_installment(self):
        lines = self.make_installments(("2026-05-02", "50.00"), ("2026-06-02", "50.00"))
        form = Form(self.env["crediario.cashier"])
        form.reference = lines.move_id.contract_reference
        self.assertEqual(form.amount_to_pay, 50.0)

    def test_numbers_of_contracts_as_people_type_them(self):
        self.lines.move_id.sudo().contract_reference = "BV-1022"
        other = self.make_installments(("2026-03-02", "70.00"), partner=self.make_customer("Ana"))
        other.move_id.sudo().contract_reference = "BV-1023"
        for text in ("BV-1022", "bv1022", "BV 1022", "1022", "01022"):
            with self.subTest(text):
                form = Form(self.env["crediario.cashier"])
                form.reference = text
                self.assertEqual(form.partner_id, self.customer)
                found = self.env["res.partner"].name_search(text)
                self.assertEqual([key for key, _name in found], self.customer.ids)
        other.move_id.sudo().contract_reference = "S-1022"
        form = Form(self.env["crediario.cashier"])
        with self.assertLogs("odoo.tests.form.onchange", "WARNING") as logs:
            form.reference = "1022"
        self.assertIn("BV-1022 (Maria da Silva); S-1022 (Ana)", logs.output[0])
        self.assertFalse(form.partner_id)

    def test_telephone_without_its_area_code_and_names_in_any_order(self):
        geraldo = self.make_customer("Geraldo Pacheco Silveira", phone="(85) 99444-0002")
        for text in ("99444-0002", "9444-0002", "994440002", "Pacheco Geraldo", "silveira ger"):
            with self.subTest(text):
                found = self.env["res.partner"].name_search(text)
                self.assertEqual([key for key, _name in found], geraldo.ids)
        self.assertFalse(self.env["res.partner"].name_search("99444-0003"))
        self.assertFalse(self.env["res.partner"].name_search("Pacheco Maria"))

    def test_people_of_one_name_are_told_apart_in_the_list(self):
        """205.60 of 300.00 are late, all of it costs 305.60 today."""
        self.customer.vat = "111.444.777-35"
        self.make_customer("Maria da Silva")
        partners = self.env["res.partner"].with_context(optica_counter_details=True)
        rows = partners.web_name_search("Maria da Silva", {"display_name": {}})
        labels = [row["__formatted_display_name"] for row in rows]
        owed = self.company.currency_id.format(305.6)
        self.assertEqual(
            sorted(labels),
            [
                f"Maria da Silva \t --CPF …77-35 · phone …4567 · owes {owed}--",
                "Maria da Silva \t --owes nothing--",
            ],
        )
        # what is chosen reads as everywhere
        self.assertEqual({row["display_name"] for row in rows}, {"Maria da Silva"})

    def test_methods_as_buttons(self):
        form = self.open()
        labels = [label for _key, label in form.method_options]
        self.assertEqual(labels[0], self.cash.name)
        self.assertIn(self.bank.name, labels)
        cards = self.bank.inbound_payment_method_line_ids.filtered("crediario_card")
        self.assertTrue(set(cards.mapped("name")) <= set(labels))
        self.assertEqual(form.pay_with_id.journal_id, self.cash)
        form.pay_with_id = cards[0]
        with form.method_ids.edit(0) as method:
            self.assertEqual(method.journal_id, self.bank)
            self.assertEqual(method.payment_method_line_id, cards[0])
            method.amount = 100.0
        form.pay_with_id = self.cash.inbound_payment_method_line_ids[0]
        self.assertEqual(len(form.method_ids), 2)
        with form.method_ids.edit(1) as method:
            self.assertEqual(method.journal_id, self.cash)
            self.assertAlmostEqual(method.amount, 105.6)
        receipt = self.result(form)
        self.assertEqual(sorted(receipt.payment_ids.mapped("amount")), [100.0, 105.6])
        self.assertEqual(
            set(receipt.payment_ids.payment_method_line_id.ids),
            {cards[0].id, self.cash.inbound_payment_method_line_ids[0].id},
        )

    def test_a_waiver_takes_from_the_last_method(self):
        form = self.open()
        with form.method_ids.edit(0) as method:
            method.amount = 100.0
        form.pay_with_id = self.bank.inbound_payment_method_line_ids[0]
        form.waived = 5.6
        form.waiver_reason = "Good customer"
        self.assertEqual(
            [form.method_ids.edit(k).amount for k in range(2)],
            [100.0, 100.0],
        )
        self.assertEqual((form.amount_left, form.amount_change), (0.0, 0.0))
        self.result(form)
        self.assertEqual(self.residuals(self.lines), ["0.00", "0.00", "100.00"])

    def test_the_screen_knows_the_drawer(self):
        form = self.open()
        self.assertIn("first payment", form.cash_text)
        self.assertFalse(form.cash_missing)
        day = self.env["crediario.cash.day"]._open(self.cash, 20.0)
        self.assertIn(day.name, self.open().cash_text)
        day._close(20.0)
        self.company.cash_day_opening = "count"
        self.assertTrue(self.open().cash_missing)

    def test_customer_found_by_what_is_at_hand(self):
        self.customer.vat = "111.444.777-35"
        contract = self.lines.move_id.contract_reference
        for text in ("Maria", "11144477735", "111.444.777-35", "11 96123-4567", contract):
            found = self.env["res.partner"].name_search(text)
            self.assertIn(self.customer.id, [key for key, _name in found], text)
        self.assertFalse(self.env["res.partner"].name_search("98765432100"))

    def test_from_the_list_and_the_customer(self):
        action = self.lines[1].action_receive()
        cashier = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(cashier.line_ids.mapped("selected"), [False, True, False])
        self.assertAlmostEqual(cashier.method_ids.amount, 102.33)
        action = self.customer.action_receive()
        cashier = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(cashier.line_ids.mapped("selected"), [True, True, False])

    def test_second_cashier_is_refused(self):
        first, second = self.open(), self.open()
        self.result(first)
        with self.assertRaisesRegex(UserError, "paid already"):
            self.result(second)


@freeze_time("2026-05-01 15:00:00")
class TestCashierEarly(ReceivingCommon):
    def test_settlement_screen(self):
        """1% a month, compound, 31 and 61 days early: 98.9771 + 97.9971 = 196.9742 -> 196.97.

        Of the whole rounded once, the odd cent goes to the greater remainder: 98.97 and 98.00.
        """
        plan = self.make_plan(method="price", monthly_rate=1.0)
        lines = self.make_installments(
            ("2026-06-01", "100.00"), ("2026-07-01", "100.00"), plan=plan
        )
        action = lines.action_settle_early()
        cashier = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(cashier.line_ids.mapped("selected"), [True, True])
        self.assertIn("1.00% a month, compound", cashier.line_ids[0].rule)
        receipt = self.env["crediario.receipt"].browse(cashier.action_receive()["res_id"])
        self.assertEqual(self.residuals(lines), ["0.00", "0.00"])
        self.assertEqual(self.totals(receipt)[-3:], ("3.03", "0.00", "196.97"))
        self.assertEqual(receipt.line_ids.mapped("amount"), [98.97, 98.0])

    def test_settle_everything(self):
        """Flat 10% only when all is settled; the switch turns it off."""
        plan = self.make_plan(early_discount_method="flat", early_discount_percent=10.0)
        self.make_installments(("2026-06-01", "100.00"), ("2026-07-01", "100.00"), plan=plan)
        form = Form(self.env["crediario.cashier"])
        form.partner_id = self.customer
        self.assertEqual(form.amount_to_pay, 100.0)
        form.choice = "all"
        self.assertEqual(form.amount_discount, 20.0)
        self.assertEqual(form.amount_to_pay, 180.0)
        form.early_reduction = False
        self.assertEqual(form.amount_to_pay, 200.0)
        form.early_reduction = True
        action = form.save().action_receive()
        receipt = self.env["crediario.receipt"].browse(action["res_id"])
        self.assertEqual(
            self.totals(receipt), ("200.00", "0.00", "0.00", "20.00", "0.00", "180.00")
        )
        self.assertIn("10.00% for settling everything", receipt.settlement_rule)
