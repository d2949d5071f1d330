"""The cashier's screen: finding the customer, choosing, waiving, several methods."""

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form

from odoo.addons.optica_cobranca.domain.pix import build
from odoo.addons.optica_cobranca.domain.pix_reference import txid_for

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
            (self.lines.move_id.contract_reference, [True, True, True]),
        ):
            form = Form(self.env["crediario.cashier"])
            form.reference = reference
            self.assertEqual(form.partner_id, self.customer)
            self.assertEqual(self.ticked(form), ticked)

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
