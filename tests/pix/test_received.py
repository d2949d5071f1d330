"""From the bank to the ledger: one minute later the installment is closed, whatever happened."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user

from tests.fakes.cloud_api_behaviour import Behaviour
from tests.pix.bank_common import DUE, NOON, PixBankCommon

LATE = "2026-03-19 15:00:00"


class TestReceivedPix(PixBankCommon):
    def test_found_by_asking_and_booked_as_the_bank_counted(self):
        """The bank counts 0.61 of interest where we count 0.60: its components are booked."""
        line = self.make_installments(("2026-03-09", "105.58"))
        charge = self.charge(line)
        found = self.customer_pays(
            charge.txid,
            "108.30",
            "2026-03-26 14:00:00",
            original="105.58",
            multa="2.11",
            juros="0.61",
        )
        self.minute("2026-03-26 14:01:00")
        pix = self.received(found)
        self.assertEqual((pix.state, pix.verdict, pix.charge_id), ("settled", "exact", charge))
        self.assertEqual(
            self.totals(pix.receipt_id), ("105.58", "2.11", "0.61", "0.00", "0.00", "108.30")
        )
        self.assertEqual(str(pix.receipt_id.date), "2026-03-26")
        self.assertEqual(self.residuals(line), ["0.00"])
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("-2.11", "-0.61"))
        self.assertEqual((charge.state, charge._page_state()), ("paid", "paid"))
        self.assertEqual(pix.receipt_id.payment_ids.journal_id, self.bank)
        # The ladder has nothing to say any more, and the customer is thanked.
        self.assertEqual(line.amount_today, 0.0)

    def test_thanks_are_queued(self):
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        self.customer_pays(charge.txid, "100.00")
        self.minute()
        receipt = self.env["pix.payment"].search([("txid", "=", charge.txid)]).receipt_id
        thanks = self.env["contact.message"].search(
            [("res_model", "=", "crediario.receipt"), ("res_id", "=", receipt.id)]
        )
        self.assertEqual(len(thanks), 1)

    def test_discount_of_the_bank_is_a_reduction(self):
        plan = self.make_plan(method="price", monthly_rate=1.0)
        line = self.make_installments(("2026-05-04", "105.58"), plan=plan)
        [charge] = self.env["pix.charge"]._charges_for_booklet(
            line, line.date_maturity.replace(month=3, day=2), self.account
        )
        found = self.customer_pays(charge.txid, "103.53", original="105.58", desconto="2.05")
        self.minute()
        receipt = self.received(found).receipt_id
        self.assertEqual(self.totals(receipt), ("105.58", "0.00", "0.00", "2.05", "0.00", "103.53"))
        self.assertEqual((self.residuals(line), self.balance("discount")), (["0.00"], "2.05"))

    def test_several_installments_by_one_exact_code(self):
        lines = self.make_installments((DUE, "100.00"), ("2026-03-16", "50.00"))
        charge = self.charge(lines, LATE)
        # 100.00: 2.00 + 0.57 (17 days); 50.00: 1.00 + 0.05 (3 days)
        self.assertEqual(charge.amount, 153.62)
        found = self.customer_pays(charge.txid, "153.62", LATE)
        self.minute(LATE)
        receipt = self.received(found).receipt_id
        self.assertEqual(self.residuals(lines), ["0.00", "0.00"])
        self.assertEqual(self.totals(receipt), ("150.00", "3.00", "0.62", "0.00", "0.00", "153.62"))

    def test_of_a_month_locked_meanwhile_it_counts_for_the_banks_day(self):
        """Paid on the 30th, noticed on 1 April when March is locked: no day late, in time."""
        line = self.make_installments(("2026-03-30", "100.00"))
        charge = self.charge(line, "2026-03-30 15:00:00")
        found = self.customer_pays(charge.txid, "100.00", "2026-03-30 16:00:00")
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.minute("2026-04-01 15:00:00")
        receipt = self.received(found).receipt_id
        self.assertEqual(self.totals(receipt), ("100.00", "0.00", "0.00", "0.00", "0.00", "100.00"))
        payment = receipt.payment_ids
        self.assertEqual((str(receipt.date), str(payment.date)), ("2026-03-30", "2026-03-30"))
        self.assertEqual(str(payment.move_id.date), "2026-04-01")
        self.assertTrue(receipt.entry_note)
        [payment] = line._installment_payments()[line.id].later[:1]
        self.assertEqual(str(payment.on), "2026-03-30")

    def test_polled_twice_it_is_one(self):
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        found = self.customer_pays(charge.txid, "100.00")
        self.minute()
        self.minute("2026-03-02 15:01:00")
        self.assertEqual(len(self.received(found)), 1)
        self.assertEqual(
            len(self.env["crediario.receipt"].search([("partner_id", "=", self.customer.id)])), 1
        )

    def test_paid_at_the_cashier_and_by_pix(self):
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        self.receive(line, ("cash", "100.00"), on=DUE)
        found = self.customer_pays(charge.txid, "100.00")
        self.minute()
        pix = self.received(found)
        self.assertEqual(
            (pix.state, pix.verdict, pix.needs_attention), ("credit", "paid_twice", True)
        )
        self.assertEqual((pix.partner_id, pix.payment_id.amount), (self.customer, 100.00))
        self.assertEqual(pix.activity_ids.user_id, self.env.user)
        credit = pix.payment_id.move_id.line_ids.filtered(
            lambda item: item.partner_id and item.account_id.account_type == "asset_receivable"
        )
        self.assertEqual(credit.amount_residual, -100.00)

    def test_wrong_amount_is_credit(self):
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line, LATE)
        found = self.customer_pays(charge.txid, "100.00", LATE)
        self.minute(LATE)
        pix = self.received(found)
        self.assertEqual((pix.state, pix.verdict), ("credit", "wrong_amount"))
        self.assertEqual(self.residuals(line), ["100.00"])

    def test_after_an_agreement_is_credit(self):
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        with freeze_time(NOON):
            action = line.action_propose_agreement()
            agreement = self.env["crediario.agreement"].browse(action["res_id"])
            agreement.installment_count = 2
            agreement.action_accept()
        found = self.customer_pays(charge.txid, "100.00")
        self.minute()
        self.assertEqual(
            (self.received(found).verdict, self.received(found).state),
            ("after_agreement", "credit"),
        )

    def test_unknown_reference_waits_for_a_person_who_assigns_it(self):
        lines = self.make_installments((DUE, "100.00"), ("2026-04-01", "100.00"))
        found = self.customer_pays("", "130.00")
        self.minute()
        pix = self.received(found)
        self.assertEqual(
            (pix.state, pix.verdict, pix.partner_id.id), ("suspense", "unknown_txid", False)
        )
        self.assertEqual(pix.payment_id.amount, 130.00)
        collector = new_test_user(
            self.env, "pix_collector", "optica_cobranca.group_collector", company_id=self.company.id
        )
        wizard = (
            self.env["pix.assign"]
            .with_user(collector)
            .create({"pix_payment_id": pix.id, "partner_id": self.customer.id})
        )
        self.assertEqual(wizard.line_ids.sorted("date_maturity").ids, lines.ids)
        wizard.action_assign()
        self.assertEqual(self.residuals(lines), ["0.00", "70.00"])
        self.assertEqual(
            (pix.state, pix.needs_attention, pix.partner_id), ("settled", False, self.customer)
        )
        self.assertFalse(pix.activity_ids)

    def test_assigned_with_a_rest_keeps_the_rest_as_credit(self):
        line = self.make_installments((DUE, "100.00"))
        found = self.customer_pays("", "130.00")
        self.minute()
        pix = self.received(found)
        pix._assign(self.customer, line)
        self.assertEqual(
            (pix.state, pix.payment_id.amount, self.residuals(line)), ("credit", 30.00, ["0.00"])
        )

    def test_reference_without_a_record_of_ours_still_finds_its_installment(self):
        """The process died after the bank took the charge: its row is gone, the txid speaks."""
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        txid = charge.txid
        charge.unlink()
        found = self.customer_pays(txid, "100.00")
        self.minute()
        self.assertEqual((self.received(found).state, self.residuals(line)), ("settled", ["0.00"]))

    def test_static_code_paid_to_a_connected_key(self):
        self.account.state = "disabled"
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line, LATE)
        self.assertEqual((charge.kind, charge.amount), ("static", 102.57))
        self.account.state = "live"
        found = self.customer_pays(charge.txid, "102.57", LATE)
        self.minute(LATE)
        self.assertEqual((self.received(found).state, charge.state), ("settled", "paid"))

    def test_undone_receipt_leaves_the_money_as_credit(self):
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        found = self.customer_pays(charge.txid, "100.00")
        self.minute()
        pix = self.received(found)
        pix.receipt_id._cancel("Wrong contract")
        self.assertEqual(
            (pix.state, pix.payment_id.amount, self.residuals(line)), ("credit", 100.00, ["100.00"])
        )
        self.assertTrue(pix.needs_attention)

    def test_busy_cashier_is_waited_for(self):
        """What cannot be booked now is tried again; after five times a person is called."""
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        found = self.customer_pays(charge.txid, "100.00")
        busy = UserError("Another cashier is receiving one of these installments right now.")
        receipts = self.registry["crediario.receipt"]
        with patch.object(receipts, "_lock", side_effect=busy):
            for minute in (0, 1, 3, 7, 15):
                self.minute(f"2026-03-02 15:{minute:02d}:30")
        pix = self.received(found)
        self.assertEqual((pix.state, pix.tries, pix.needs_attention), ("received", 5, True))
        self.assertIn("Another cashier", pix.last_error)
        self.assertEqual(self.residuals(line), ["100.00"])
        pix.action_try_again()
        self.minute("2026-03-02 15:16:00")
        self.assertEqual((pix.state, pix.needs_attention), ("settled", False))

    def test_bank_trouble_while_asking_loses_nothing(self):
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        found = self.customer_pays(charge.txid, "100.00")
        self.server.enqueue(Behaviour(status=502, body="<html>"))
        self.minute()
        self.assertFalse(self.received(found))
        self.assertIn("passing trouble", self.account.last_error)
        self.minute("2026-03-02 15:01:00")
        self.assertEqual(self.received(found).state, "settled")
        self.assertFalse(self.account.last_error)

    def test_token_that_ends_while_asking(self):
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        found = self.customer_pays(charge.txid, "100.00")
        self.server.forget_tokens()
        self.minute()
        self.assertEqual(self.received(found).state, "settled")


class TestRefund(PixBankCommon):
    def twice(self):
        """A Pix of 100.00 for what the cashier had received already."""
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        self.receive(line, ("cash", "100.00"), on=DUE)
        found = self.customer_pays(charge.txid, "100.00")
        self.minute()
        self.enterContext(freeze_time(NOON))
        return self.received(found)

    def test_given_back_wholly(self):
        pix = self.twice()
        self.env["pix.refund.wizard"].create(
            {"pix_payment_id": pix.id, "reason": "Paid twice"}
        ).action_refund()
        self.minute("2026-03-02 15:01:00")
        self.assertEqual(pix.refund_ids.state, "processing")
        self.minute("2026-03-02 15:03:00")
        self.assertEqual(
            (pix.refund_ids.state, pix.state, pix.needs_attention), ("done", "refunded", False)
        )
        back = pix.refund_ids.payment_id
        self.assertEqual((back.payment_type, back.amount), ("outbound", 100.00))
        receivable = (pix.payment_id | back).move_id.line_ids.filtered(
            lambda item: item.account_id.account_type == "asset_receivable"
        )
        self.assertEqual(set(receivable.mapped("amount_residual")), {0.0})
        self.assertEqual(len(self.server.refunds), 1)

    def test_bank_down_and_back_it_is_one_refund(self):
        pix = self.twice()
        self.env["pix.refund"]._decide(pix, 40, "Part")
        self.server.enqueue(
            Behaviour(status=500, body={}),
            Behaviour(status=500, body={}),
            Behaviour(status=500, body={}),
        )
        for minute in range(1, 9):
            self.minute(f"2026-03-02 15:{minute:02d}:00")
        self.assertEqual(
            (pix.refund_ids.state, pix.amount_left, pix.state), ("done", 60.00, "credit")
        )
        self.assertEqual([each["valor"] for each in self.server.refunds.values()], ["40.00"])

    def test_never_more_than_came_nor_what_paid_installments(self):
        pix = self.twice()
        with self.assertRaises(UserError):
            self.env["pix.refund"]._decide(pix, 100.01, "Too much")
        self.env["pix.refund"]._decide(pix, 60, "Part")
        with self.assertRaises(UserError):
            self.env["pix.refund"]._decide(pix, 40.01, "Too much")
        line = self.make_installments((DUE, "50.00"))
        charge = self.charge(line)
        found = self.customer_pays(charge.txid, "50.00")
        self.minute("2026-03-02 15:01:00")
        with self.assertRaises(UserError):
            self.env["pix.refund"]._decide(self.received(found), 50, "Paid")
