"""Odoo's own Register Payment on installments: charges included, a receipt written."""

from odoo import Command
from odoo.tests import Form

from .receiving_common import ReceivingCommon


class TestRegisterPayment(ReceivingCommon):
    def register(self, records, on, **values):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model=records._name, active_ids=records.ids)
            .create({"payment_date": on, **values})
        )
        payments = wizard._create_payments()
        receipt = self.env["crediario.receipt"].search([("payment_ids", "in", payments.ids)])
        return payments, receipt

    def test_default_amount_includes_the_charges_of_the_day(self):
        (line,) = self.make_installments(("2026-02-12", "105.58"))
        payment, receipt = self.register(line, "2026-03-01")
        self.assertEqual(payment.amount, 108.29)
        self.assertEqual(self.totals(receipt), ("105.58", "2.11", "0.60", "0.00", "0.00", "108.29"))
        self.assertEqual(self.balance("fine"), "-2.11")
        self.assertEqual(self.balance("interest"), "-0.60")
        self.assertEqual(self.residuals(line), ["0.00"])

    def test_form_follows_the_payment_date(self):
        (line,) = self.make_installments(("2026-02-12", "105.58"))
        Wizard = self.env["account.payment.register"].with_context(
            active_model="account.move.line", active_ids=line.ids
        )
        with Form(Wizard) as form:
            form.payment_date = "2026-02-12"
            self.assertEqual(form.amount, 105.58)
            form.payment_date = "2026-03-01"
            self.assertEqual(form.amount, 108.29)
            form.amount = 100.0
            self.assertAlmostEqual(form.payment_difference, 8.29)

    def test_part_payment(self):
        (line,) = self.make_installments(("2026-03-02", "100.00"))
        _payment, receipt = self.register(line, "2026-03-12", amount=40.0)
        self.assertEqual(self.totals(receipt), ("37.67", "2.00", "0.33", "0.00", "0.00", "40.00"))
        self.assertEqual(self.residuals(line), ["62.33"])

    def test_a_late_installment_beside_an_ordinary_invoice(self):
        """100.00 due on 2 March, 10 days late, and an invoice of 50.00: 152.33."""
        (line,) = self.make_installments(("2026-03-02", "100.00"))
        invoice = self.make_ordinary_invoice(50.0, "2026-03-05")
        debt = invoice.line_ids.filtered(lambda item: item.account_id == line.account_id)
        payment, receipt = self.register(line + debt, "2026-03-12", group_payment=True)
        self.assertEqual(payment.amount, 152.33)
        self.assertEqual(self.totals(receipt), ("100.00", "2.00", "0.33", "0.00", "0.00", "102.33"))
        self.assertEqual(receipt.line_ids.move_line_id, line)
        self.assertEqual(self.residuals(line + debt), ["0.00", "0.00"])
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("-2.00", "-0.33"))

    def test_a_part_payment_beside_an_ordinary_invoice_goes_to_the_oldest(self):
        """120.00 of 152.33: 102.33 settle the installment of 2 March, 17.67 go to the invoice."""
        (line,) = self.make_installments(("2026-03-02", "100.00"))
        invoice = self.make_ordinary_invoice(50.0, "2026-03-05")
        debt = invoice.line_ids.filtered(lambda item: item.account_id == line.account_id)
        _payment, receipt = self.register(
            line + debt, "2026-03-12", group_payment=True, amount=120.0
        )
        self.assertEqual(self.totals(receipt)[:3], ("100.00", "2.00", "0.33"))
        self.assertEqual(self.residuals(line + debt), ["0.00", "32.33"])

    def make_ordinary_invoice(self, amount, on):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": on,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Case", "price_unit": amount, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        )
        invoice.action_post()
        return invoice

    def test_two_installments_of_one_contract(self):
        """Due 2 Feb and 2 March 2026, both Mondays, paid on 12 March, 38 and 10 days late."""
        lines = self.make_installments(("2026-02-02", "100.00"), ("2026-03-02", "100.00"))
        payment, receipt = self.register(lines, "2026-03-12")
        self.assertEqual(payment.amount, 205.6)  # 200 + 2 × 2.00 + 1.27 + 0.33
        self.assertEqual(self.totals(receipt)[:3], ("200.00", "4.00", "1.60"))
        self.assertEqual(self.residuals(lines), ["0.00", "0.00"])

    def test_installments_of_two_contracts_and_customers(self):
        other = self.make_customer("João")
        lines = self.make_installments(("2026-03-02", "100.00"))
        lines += self.make_installments(("2026-03-02", "50.00"), partner=other)
        payments, receipts = self.register(lines, "2026-03-12")
        self.assertEqual(sorted(payments.mapped("amount")), [51.17, 102.33])
        self.assertEqual(len(receipts), 2)
        self.assertEqual(self.residuals(lines), ["0.00", "0.00"])

    def test_write_off_of_the_difference(self):
        """98.00 for a debt of 102.33, marked as fully paid: 4.33 written off, charges booked."""
        (line,) = self.make_installments(("2026-03-02", "100.00"))
        expense = self.company_data["default_account_expense"]
        payment, receipt = self.register(
            line,
            "2026-03-12",
            amount=98.0,
            payment_difference_handling="reconcile",
            writeoff_account_id=expense.id,
        )
        self.assertEqual(self.residuals(line), ["0.00"])
        self.assertEqual(self.totals(receipt), ("100.00", "2.00", "0.33", "4.33", "0.00", "98.00"))
        balances = {
            line.account_id: line.balance for line in payment.move_id.line_ids if line.balance
        }
        self.assertAlmostEqual(balances[expense], 4.33)

    def test_excess_stays_on_the_customers_account(self):
        (line,) = self.make_installments(("2026-05-11", "100.00"))
        payment, receipt = self.register(line, "2026-05-01", amount=130.0)
        self.assertEqual(self.residuals(line), ["0.00"])
        counterpart = payment.move_id.line_ids.filtered(
            lambda item: item.account_id == line.account_id
        )
        self.assertEqual(counterpart.amount_residual, -30.0)
        self.assertEqual(self.totals(receipt)[-1], "100.00")

    def test_on_the_invoice(self):
        """Core proposes what is late, charges included; 31 Jan 2026 is a Saturday: due 2 Feb."""
        invoice = self.make_invoice("300.00", 3, "2026-01-31")
        payment, receipt = self.register(invoice, "2026-02-12")
        self.assertEqual(payment.amount, 102.33)  # 2.00 + 100 × 1% / 30 × 10
        self.assertEqual(self.totals(receipt)[:3], ("100.00", "2.00", "0.33"))
        lines = invoice.installment_ids.sorted("installment_number")
        self.assertEqual(self.residuals(lines), ["0.00", "100.00", "100.00"])

    def test_plain_invoices_are_left_to_core(self):
        invoice = self.init_invoice("out_invoice", self.partner, amounts=[100.0], post=True)
        payment, receipt = self.register(invoice, "2026-05-01")
        self.assertFalse(receipt)
        self.assertEqual(payment.amount, invoice.amount_total)
