"""Several Pix booked together: each is what it is, the good ones don't wait for the others."""

from unittest.mock import patch

from odoo.exceptions import UserError

from tests.pix.bank_common import DUE, PixBankCommon


class TestSameMinute(PixBankCommon):
    def make_charges(self, count):
        lines = [
            self.make_installments((DUE, "100.00"), partner=self.make_customer(f"C {number}"))
            for number in range(count)
        ]
        return lines, [self.charge(line) for line in lines]

    def test_two_pix_over_one_charge(self):
        [line], [charge] = self.make_charges(1)
        found = [self.customer_pays(charge.txid, "100.00") for _time in range(2)]
        self.minute()
        self.assertEqual([self.received(each).state for each in found], ["settled", "credit"])
        self.assertEqual(self.received(found[1]).verdict, "paid_twice")
        self.assertEqual(self.residuals(line), ["0.00"])

    def test_one_that_cannot_be_booked_holds_up_no_other(self):
        lines, charges = self.make_charges(3)
        found = [self.customer_pays(charge.txid, "100.00") for charge in charges]
        lock = self.registry["crediario.receipt"]._lock

        def busy(receipts, installments):
            if lines[1].id in installments.ids:
                raise UserError("Another cashier is receiving one of these installments.")
            return lock(receipts, installments)

        with patch.object(self.registry["crediario.receipt"], "_lock", busy):
            self.minute()
        states = [self.received(each).state for each in found]
        self.assertEqual(states, ["settled", "received", "settled"])
        self.minute("2026-03-02 15:01:00")
        self.assertEqual(self.received(found[1]).state, "settled")
        receipts = [self.received(each).receipt_id for each in found]
        self.assertEqual(
            [receipt.partner_id for receipt in receipts], [line.partner_id for line in lines]
        )
        self.assertEqual([receipt.amount_received for receipt in receipts], [100.00] * 3)

    def test_one_that_breaks_our_code_holds_up_no_other(self):
        lines, charges = self.make_charges(3)
        found = [self.customer_pays(charge.txid, "100.00") for charge in charges]
        debts = self.registry["pix.payment"]._debts

        def broken(payment, charge, installments):
            if payment.end_to_end_id == found[1]:
                raise KeyError("no such part")
            return debts(payment, charge, installments)

        with (
            patch.object(self.registry["pix.payment"], "_debts", broken),
            self.assertLogs("odoo.addons.optica_cobranca.models.pix.pix_payment_settle", "ERROR"),
        ):
            self.minute()
        states = [self.received(each).state for each in found]
        self.assertEqual(states, ["settled", "received", "settled"])
        self.assertIn("no such part", self.received(found[1]).last_error)
        self.minute("2026-03-02 15:01:00")
        self.assertEqual(self.received(found[1]).state, "settled")
        self.assertEqual(self.residuals(lines[1]), ["0.00"])

    def test_ten_more_ask_the_database_little_more(self):
        """Entries, links and receipts are made together: only numbers are taken one by one."""
        few = self.queries_to_book(2)  # also fills what is cached for the process
        few = self.queries_to_book(2)
        many = self.queries_to_book(12)
        self.assertLessEqual((many - few) / 10, 15)

    def queries_to_book(self, count):
        _lines, charges = self.make_charges(count)
        for charge in charges:
            self.customer_pays(charge.txid, "100.00")
        self.run_job("pix.payment", "_cron_poll")
        waiting = self.env["pix.payment"].sudo().search([("state", "=", "received")])
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        waiting._book_or_postpone()
        self.env.flush_all()
        self.assertEqual(waiting.mapped("state"), ["settled"] * count)
        return self.env.cr.sql_log_count - before
