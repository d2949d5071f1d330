"""Receiving: what a receipt books, and that undoing it restores everything to the cent."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.optica_cobranca.domain.shop.money import cents

from .receiving_common import ReceivingCommon


class TestReceipt(ReceivingCommon):
    def test_late_installment_in_full(self):
        """105.58 due Thu 12 Feb 2026, paid 17 days late: 2.11 fine, 0.60 interest, 108.29."""
        (line,) = self.make_installments(("2026-02-12", "105.58"))
        receipt = self.receive(line, ("cash", "108.29"), on="2026-03-01")
        self.assertEqual(self.totals(receipt), ("105.58", "2.11", "0.60", "0.00", "0.00", "108.29"))
        self.assertEqual(self.residuals(line), ["0.00"])
        self.assertEqual(self.balance("fine"), "-2.11")
        self.assertEqual(self.balance("interest"), "-0.60")
        self.assertEqual(receipt.payment_ids.amount, 108.29)
        self.assertEqual(receipt.payment_ids.date, date(2026, 3, 1))
        self.assertEqual(self.amounts(line, "2026-04-01"), ("0.00", "0.00", "0.00", "0.00"))

    def test_closes_exactly_the_chosen_installments(self):
        """The third one is chosen and the first two stay open, though they are older."""
        lines = self.make_installments(
            ("2026-05-11", "100.00"), ("2026-06-11", "100.00"), ("2026-07-13", "100.00")
        )
        self.receive(lines[2], ("bank", "100.00"), on="2026-05-01")
        self.assertEqual(self.residuals(lines), ["100.00", "100.00", "0.00"])

    def test_several_methods_over_several_installments(self):
        """100 + 100 on time, by 130 in cash and 70 by bank: the second is paid by both."""
        lines = self.make_installments(("2026-05-11", "100.00"), ("2026-06-11", "100.00"))
        receipt = self.receive(lines, ("cash", "130"), ("bank", "70"), on="2026-05-01")
        self.assertEqual(self.residuals(lines), ["0.00", "0.00"])
        self.assertEqual(sorted(receipt.payment_ids.mapped("amount")), [70.0, 130.0])
        self.assertEqual(len(receipt.line_ids), 3)
        self.assertEqual(receipt.name, "REC/2026/00001")

    def test_money_goes_to_the_account_of_the_method(self):
        """A till whose method names its own account needs no statement; others wait for one."""
        lines = self.make_installments(("2026-05-11", "100.00"), ("2026-06-11", "100.00"))
        self.cash.inbound_payment_method_line_ids.payment_account_id = self.cash.default_account_id
        receipt = self.receive(lines, ("cash", "130"), ("bank", "70"), on="2026-05-01")
        usual = self.bank.inbound_payment_method_line_ids.filtered(
            lambda line: not line.crediario_card
        )
        waits = usual.payment_account_id
        debits = receipt.payment_ids.move_id.line_ids.filtered(lambda item: item.debit)
        self.assertEqual(
            {(item.account_id, item.debit) for item in debits},
            {(self.cash.default_account_id, 130.0), (waits, 70.0)},
        )
        receipt._cancel("typed wrongly")
        self.assertEqual(self.residuals(lines), ["100.00", "100.00"])

    def test_part_payment_covers_interest_then_fine_then_principal(self):
        """100.00 due Mon 2 March 2026; 40.00 on the 12th: interest 0.33, fine 2.00, the rest.

        On 1 April, 20 days on: 62.33 × 1% / 30 × 20 = 0.42 interest, no second fine.
        """
        (line,) = self.make_installments(("2026-03-02", "100.00"))
        receipt = self.receive(line, ("cash", "40.00"), on="2026-03-12")
        self.assertEqual(self.totals(receipt), ("37.67", "2.00", "0.33", "0.00", "0.00", "40.00"))
        self.assertEqual(self.residuals(line), ["62.33"])
        self.assertEqual(self.amounts(line, "2026-04-01"), ("62.33", "0.00", "0.42", "62.75"))

    def test_payment_smaller_than_the_charges(self):
        """2.00 on a debt of 100.00 + 2.00 + 0.33: interest 0.33 and 1.67 of the fine, 0.33 left."""
        (line,) = self.make_installments(("2026-03-02", "100.00"))
        receipt = self.receive(line, ("cash", "2.00"), on="2026-03-12")
        self.assertEqual(self.totals(receipt), ("0.00", "1.67", "0.33", "0.00", "0.00", "2.00"))
        self.assertEqual(self.amounts(line, "2026-03-12"), ("100.00", "0.33", "0.00", "100.33"))
        receipt._cancel("typed wrongly")
        self.assertEqual(self.amounts(line, "2026-03-12"), ("100.00", "2.00", "0.33", "102.33"))

    def test_change_is_given_from_cash_only(self):
        (line,) = self.make_installments(("2026-05-11", "97.50"))
        receipt = self.receive(line, ("cash", "100.00"), on="2026-05-01")
        self.assertEqual(receipt.amount_change, 2.5)
        self.assertEqual(receipt.payment_ids.amount, 97.5)
        (other,) = self.make_installments(("2026-05-11", "97.50"))
        with self.assertRaisesRegex(UserError, "only cash gives change"):
            self.receive(other, ("bank", "100.00"), on="2026-05-01")

    def test_waived_charges_are_logged_and_never_booked(self):
        (line,) = self.make_installments(("2026-02-12", "105.58"))
        receipt = self.receive(
            line,
            ("cash", "105.98"),
            on="2026-03-01",
            waive={line: ("2.11", "0.20")},
            reason="Delivery was late",
        )
        self.assertEqual(self.totals(receipt), ("105.58", "0.00", "0.40", "0.00", "2.31", "105.98"))
        self.assertEqual(self.residuals(line), ["0.00"])
        self.assertEqual(self.balance("fine"), "0.00")
        self.assertEqual(self.balance("interest"), "-0.40")

    def test_waiving_needs_a_reason(self):
        (line,) = self.make_installments(("2026-02-12", "105.58"))
        with self.assertRaisesRegex(UserError, "why the charges are waived"):
            self.receive(line, ("cash", "106.18"), on="2026-03-01", waive={line: ("2.11", "0")})

    def test_collector_waives_within_the_limit(self):
        """Charges of 2.71, limit 50%: 1.36 may be waived (half a cent up), 1.37 not."""
        collector = new_test_user(
            self.env, "collector", "optica_cobranca.group_collector", company_id=self.company.id
        )
        (line,) = self.make_installments(("2026-02-12", "105.58"))
        line = line.with_user(collector)
        with self.assertRaisesRegex(UserError, "up to R\\$.1\\.36"):
            self.receive_as(collector, line, "106.92", "1.37")
        receipt = self.receive_as(collector, line, "106.93", "1.36")
        self.assertEqual(self.totals(receipt), ("105.58", "0.75", "0.60", "0.00", "1.36", "106.93"))

    def receive_as(self, user, line, amount, waived_fine):
        admin, self.env = self.env, self.env(user=user)
        try:
            return self.receive(
                line,
                ("cash", amount),
                on="2026-03-01",
                waive={line: (waived_fine, "0")},
                reason="Asked for it",
            )
        finally:
            self.env = admin

    def test_undo_restores_principal_and_charges(self):
        lines = self.make_installments(("2026-02-12", "105.58"), ("2026-03-12", "105.58"))
        before = [self.amounts(line, "2026-03-20") for line in lines]
        receipt = self.receive(lines, ("cash", "100.00"), ("bank", "50.00"), on="2026-03-20")
        self.assertNotEqual([self.amounts(line, "2026-03-20") for line in lines], before)
        receipt._cancel("Wrong customer")
        self.assertEqual([self.amounts(line, "2026-03-20") for line in lines], before)
        self.assertEqual(receipt.state, "cancelled")
        self.assertEqual(set(receipt.payment_ids.mapped("state")), {"canceled"})
        self.assertEqual(self.balance("fine"), "0.00")
        self.assertEqual(self.balance("interest"), "0.00")
        with self.assertRaisesRegex(UserError, "undone already"):
            receipt._cancel("Again")

    def test_payment_cancelled_in_odoo_kills_its_lines(self):
        (line,) = self.make_installments(("2026-02-12", "105.58"))
        receipt = self.receive(line, ("cash", "50.00"), on="2026-03-01")
        receipt.payment_ids.action_draft()
        receipt.payment_ids.action_cancel()
        self.assertEqual(self.amounts(line, "2026-03-01"), ("105.58", "2.11", "0.60", "108.29"))
        self.assertTrue(receipt.payment_undone)

    def test_paid_meanwhile(self):
        (line,) = self.make_installments(("2026-05-11", "100.00"))
        seen = line._amounts_today(date(2026, 5, 1))
        self.receive(line, ("cash", "40.00"), on="2026-05-01")
        with self.assertRaisesRegex(UserError, "has changed since"):
            self.receive(line, ("cash", "100.00"), on="2026-05-01", expected=seen)
        self.receive(line, ("cash", "60.00"), on="2026-05-01")
        with self.assertRaisesRegex(UserError, "paid already"):
            self.receive(line, ("cash", "100.00"), on="2026-05-01", expected=seen)

    def test_payment_dated_in_the_future_is_not_collected_twice(self):
        """30.00 on 1 June: fine 2.00, 21 days of interest 0.70, principal 27.30; 72.70 left."""
        (line,) = self.make_installments(("2026-05-11", "100.00"))
        self.receive(line, ("bank", "30.00"), on="2026-06-01")
        self.assertEqual(self.amounts(line, "2026-05-01")[0], "72.70")

    def test_payment_dated_in_the_past(self):
        """Paid on the due date, entered a month later: no charge."""
        (line,) = self.make_installments(("2026-05-11", "100.00"))
        receipt = self.receive(line, ("bank", "100.00"), on="2026-05-11")
        self.assertEqual(self.totals(receipt)[:3], ("100.00", "0.00", "0.00"))

    def test_two_receivable_accounts_make_two_payments(self):
        other = self.company_data["default_account_receivable"].copy()
        first = self.make_installments(("2026-05-11", "100.00"))
        receivable = self.customer.property_account_receivable_id
        self.customer.property_account_receivable_id = other
        second = self.make_installments(("2026-06-11", "100.00"))
        self.customer.property_account_receivable_id = receivable
        receipt = self.receive(first + second, ("cash", "150.00"), on="2026-05-01")
        self.assertEqual(self.residuals(first + second), ["0.00", "50.00"])
        self.assertEqual(len(receipt.payment_ids), 2)

    def test_receipts_are_append_only(self):
        (line,) = self.make_installments(("2026-05-11", "100.00"))
        receipt = self.receive(line, ("cash", "100.00"), on="2026-05-01")
        with self.assertRaises(AccessError):
            receipt.line_ids.principal = 1.0
        with self.assertRaises(AccessError):
            receipt.unlink()
        with self.assertRaises(AccessError):
            receipt.copy()

    def test_lines_of_a_living_receipt_stay(self):
        invoice = self.make_invoice("300.00", 3)
        line = invoice.installment_ids.sorted("installment_number")[2]
        receipt = self.receive(line, ("cash", "100.00"), on="2026-01-10")
        with self.assertRaisesRegex(UserError, f"{receipt.name}.*Undo it"):
            invoice.button_draft()
        invoice.sudo().button_draft()
        with self.assertRaisesRegex(UserError, "Undo it"):
            invoice.installment_count = 2
        self.assertEqual(receipt.line_ids.move_line_id, line)

    def test_lines_of_an_undone_receipt_may_go(self):
        """The receipt keeps the words."""
        invoice = self.make_invoice("300.00", 3)
        line = invoice.installment_ids.sorted("installment_number")[2]
        receipt = self.receive(line, ("cash", "100.00"), on="2026-01-10")
        receipt._cancel("Sold wrongly")
        invoice.button_draft()
        invoice.installment_count = 2
        self.assertEqual(len(invoice.line_ids.filtered("crediario_plan_id")), 2)
        self.assertFalse(receipt.line_ids.move_line_id)
        self.assertEqual(receipt.line_ids.label, "3/3")


class TestEarlySettlement(ReceivingCommon):
    def test_present_value_at_the_contracts_rate(self):
        """105.58 at 1% a month, compound, 30 days early: 105.58 / 1.01 = 104.53 (104.5347)."""
        plan = self.make_plan(method="price", monthly_rate=1.0)
        (line,) = self.make_installments(("2026-05-31", "105.58"), plan=plan)
        receipt = self.receive(line, ("cash", "104.53"), on="2026-05-01", reduce=True)
        self.assertEqual(self.totals(receipt), ("105.58", "0.00", "0.00", "1.05", "0.00", "104.53"))
        self.assertEqual(self.balance("discount"), "1.05")
        self.assertEqual(self.residuals(line), ["0.00"])
        receipt._cancel("Came back")
        self.assertEqual(self.residuals(line), ["105.58"])
        self.assertEqual(self.balance("discount"), "0.00")

    def test_policy_of_a_plan_without_interest(self):
        """2% for each whole month: due in 1 and 2 months: 98.00 and 96.00."""
        plan = self.make_plan(early_discount_method="per_month", early_discount_percent=2.0)
        lines = self.make_installments(
            ("2026-06-01", "100.00"), ("2026-07-01", "100.00"), plan=plan
        )
        found = lines._settlements(date(2026, 5, 1))
        self.assertEqual([f"{found[key].reduction}" for key in lines.ids], ["2.00", "4.00"])

    def test_flat_discount_only_for_everything(self):
        plan = self.make_plan(early_discount_method="flat", early_discount_percent=10.0)
        lines = self.make_installments(
            ("2026-06-01", "100.00"), ("2026-07-01", "100.00"), plan=plan
        )
        one = lines[0]._settlements(date(2026, 5, 1))
        both = lines._settlements(date(2026, 5, 1))
        self.assertEqual(one[lines[0].id].reduction, cents("0"))
        self.assertEqual([f"{both[key].reduction}" for key in lines.ids], ["10.00", "10.00"])

    def test_part_payment_earns_its_part(self):
        """100.00 worth 90.00: 45.00 of money settle 50.00 of principal."""
        plan = self.make_plan(early_discount_method="flat", early_discount_percent=10.0)
        (line,) = self.make_installments(("2026-06-01", "100.00"), plan=plan)
        receipt = self.receive(line, ("cash", "45.00"), on="2026-05-01", reduce=True)
        self.assertEqual(self.totals(receipt), ("50.00", "0.00", "0.00", "5.00", "0.00", "45.00"))
        self.assertEqual(self.residuals(line), ["50.00"])
