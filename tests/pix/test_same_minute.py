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
