"""Other ways of settling an installment keep its history and its amount of today right."""

from odoo import Command

from ..receiving.receiving_common import ReceivingCommon


class TestCorePayments(ReceivingCommon):
    """100.00 due Mon 2 March 2026 in each test; on 12 March it costs 2.00 + 0.33 more."""

    def setUp(self):
        super().setUp()
        self.invoice = self.make_invoice("300.00", 3, "2026-03-02", sold="2026-02-02")
        self.lines = self.invoice.installment_ids.sorted("installment_number")

    def payment(self, amount, on):
        """A payment of the customer that is not matched with anything."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": amount,
                "date": on,
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        return payment

    def receivable(self, move):
        return move.line_ids.filtered(lambda line: line.account_id == self.lines.account_id)

    def test_outstanding_payment_is_principal_on_its_own_day(self):
        """40.00 of 12 March matched in April: until then 100 bore interest, after it 60 does."""
        payment = self.payment(40.0, "2026-03-12")
        self.invoice.js_assign_outstanding_line(self.receivable(payment.move_id).id)
        self.assertEqual(
            self.amounts(self.lines[0], "2026-04-01"), ("60.00", "2.00", "0.73", "62.73")
        )
        self.assertEqual(self.residuals(self.lines), ["60.00", "100.00", "100.00"])

    def test_part_payment_then_the_cashier_collects_the_rest(self):
        payment = self.payment(40.0, "2026-03-12")
        self.invoice.js_assign_outstanding_line(self.receivable(payment.move_id).id)
        receipt = self.receive(self.lines[0], ("cash", "62.73"), on="2026-04-01")
        self.assertEqual(self.totals(receipt), ("60.00", "2.00", "0.73", "0.00", "0.00", "62.73"))
        self.assertEqual(self.residuals(self.lines), ["0.00", "100.00", "100.00"])

    def test_statement_line_reconciled_with_one_installment(self):
        statement = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-03-12",
                "payment_ref": "Pix",
                "amount": 50.0,
                "partner_id": self.customer.id,
            }
        )
        _liquidity, suspense, _other = statement._seek_for_lines()
        suspense.account_id = self.lines.account_id
        (suspense + self.lines[1]).reconcile()
        self.assertEqual(self.residuals(self.lines), ["100.00", "50.00", "100.00"])
        self.assertEqual(self.amounts(self.lines[1], "2026-03-12")[3], "50.00")

    def test_credit_note_for_all_closes_the_contract(self):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=self.invoice.ids)
            .create({"journal_id": self.invoice.journal_id.id, "date": "2026-03-12"})
        )
        wizard.refund_moves()
        refund = wizard.new_move_ids
        refund.action_post()
        self.assertEqual(self.residuals(self.lines), ["0.00"] * 3)
        self.assertEqual(self.amounts(self.lines[0], "2026-05-01")[3], "0.00")

    def test_credit_note_closes_from_the_last_backwards(self):
        """150.00 of 300.00 came back: number 3 is closed, number 2 keeps 50.00, number 1 stays."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=self.invoice.ids)
            .create({"journal_id": self.invoice.journal_id.id, "date": "2026-03-12"})
        )
        wizard.refund_moves()
        refund = wizard.new_move_ids
        refund.invoice_line_ids.price_unit = 150.0
        refund.action_post()
        self.assertEqual(self.residuals(self.lines), ["100.00", "50.00", "0.00"])
        self.assertEqual(self.amounts(self.lines[0], "2026-03-12")[3], "102.33")

    def test_credit_note_on_the_last_installment_as_chosen(self):
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.customer.id,
                "invoice_date": "2026-03-12",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Lens", "price_unit": 30.0, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        )
        refund.action_post()
        (self.receivable(refund) + self.lines[2]).reconcile()
        self.assertEqual(self.residuals(self.lines), ["100.00", "100.00", "70.00"])
        self.assertEqual(self.amounts(self.lines[2], "2026-03-12")[3], "70.00")
        self.assertFalse(refund.installment_ids)

    def test_online_payment_settles_the_oldest_first(self):
        """Core reconciles what a provider confirms with all receivable lines, by due date."""
        payment = self.payment(150.0, "2026-03-02")
        (self.receivable(payment.move_id) + self.lines).reconcile()
        self.assertEqual(self.residuals(self.lines), ["0.00", "50.00", "100.00"])
        self.assertEqual(self.amounts(self.lines[0], "2026-05-01")[3], "0.00")

    def test_unmatching_opens_the_installment_again(self):
        payment = self.payment(100.0, "2026-03-02")
        (self.receivable(payment.move_id) + self.lines[0]).reconcile()
        self.lines[0].remove_move_reconcile()
        self.assertEqual(
            self.amounts(self.lines[0], "2026-03-12"), ("100.00", "2.00", "0.33", "102.33")
        )
