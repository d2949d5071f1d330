"""Money that goes back: asked for once whatever the bank answers, and whoever decided it."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError

from tests.fakes.cloud_api_behaviour import RESET, SILENCE, Behaviour
from tests.fakes.pix_server import executed
from tests.pix.bank_common import DUE, NOON, PixBankCommon

LATE = "2026-03-19 15:00:00"
REFUSAL = {"type": "https://pix.bcb.gov.br/api/v2/error/PixDevolucaoInvalida", "title": "Não"}


class GivenBackCommon(PixBankCommon):
    def twice(self, amount="100.00"):
        """A Pix for what the cashier had received already: the customer's credit."""
        line = self.make_installments((DUE, amount))
        charge = self.charge(line)
        self.receive(line, ("cash", amount), on=DUE)
        found = self.customer_pays(charge.txid, amount)
        self.minute()
        return self.received(found)

    def settled(self, *lines_wanted, at=NOON, paid=None):
        """A Pix that has paid these installments: (Pix, installments)."""
        lines = self.make_installments(*(lines_wanted or ((DUE, "100.00"),)))
        charge = self.charge(lines, at)
        found = self.customer_pays(charge.txid, paid or f"{charge.amount:.2f}", at)
        self.minute(at)
        pix = self.received(found)
        self.assertEqual((pix.state, set(self.residuals(lines))), ("settled", {"0.00"}))
        return pix, lines

    def decide(self, pix, amount, at=NOON):
        with freeze_time(at):
            return self.env["pix.refund"]._decide(pix, amount, "Paid twice")

    def ask(self, at):
        self.run_job("pix.refund", "_cron_refunds", at)

    def at_bank_back(self):
        """What the bank has given back or is about to, BRL as text."""
        return [
            each["valor"]
            for each in self.server.refunds.values()
            if each["status"] != "NAO_REALIZADO"
        ]

    def receivable(self, payments):
        return payments.move_id.line_ids.filtered(
            lambda item: item.account_id.account_type == "asset_receivable"
        )


class TestRefundOnce(GivenBackCommon):
    def test_done_and_dropped_it_is_looked_up_not_refused(self):
        """The bank does it and cuts the line; its 400 for the id used is no refusal."""
        pix = self.twice()
        refund = self.decide(pix, 80)
        self.server.on("PUT", "/devolucao/", Behaviour(kind=RESET))
        self.ask("2026-03-02 15:01:00")
        self.assertEqual((refund.state, pix.amount_left), ("unsure", 20.00))
        with freeze_time(NOON), self.assertRaises(UserError):
            self.env["pix.refund"]._decide(pix, 80, "Again, by hand")
        self.ask("2026-03-02 15:02:00")
        self.assertEqual((refund.state, refund.payment_id.amount), ("done", 80.00))
        self.assertEqual((self.at_bank_back(), pix.amount_left), (["80.00"], 20.00))
        self.assertEqual(len(self.server.asked("PUT", "/devolucao/")), 1)

    def test_executed_behind_a_gateway_that_gave_up(self):
        """504, 500 and silence after the bank did it: found by its id, booked once."""
        for behaviour in (executed(504), executed(500, {}), Behaviour(kind=SILENCE, latency=0)):
            pix = self.twice()
            refund = self.decide(pix, 100)
            self.server.on("PUT", "/devolucao/", behaviour)
            self.ask("2026-03-02 15:01:00")
            self.assertEqual(refund.state, "unsure")
            self.ask("2026-03-02 15:02:00")
            self.assertEqual((refund.state, pix.state), ("done", "refunded"))
        self.assertEqual(self.at_bank_back(), ["100.00"] * 3)

    def test_killed_before_the_answer_was_written_down(self):
        """The row says that it was being asked: it is looked up, and asked for if unknown."""
        pix = self.twice()
        known, unknown = self.decide(pix, 30), self.decide(pix, 20)
        (known | unknown).sudo().write({"state": "unsure", "next_try_at": "2026-03-02 15:05:00"})
        self.server.refunds_end = None
        self.account._client().refund(pix.end_to_end_id, known.refund_id, 30)
        self.ask("2026-03-02 15:04:00")
        self.assertEqual(set((known | unknown).mapped("state")), {"unsure"})
        self.ask("2026-03-02 15:06:00")
        self.assertEqual(set((known | unknown).mapped("state")), {"processing"})
        self.assertEqual(sorted(self.at_bank_back()), ["20.00", "30.00"])

    def test_refused_for_good_needs_proof(self):
        """400, the bank knows no such refund, and nothing was asked before."""
        pix = self.twice()
        refund = self.decide(pix, 80)
        self.server.on("PUT", "/devolucao/", Behaviour(status=400, body=REFUSAL))
        self.ask("2026-03-02 15:01:00")
        self.assertEqual((refund.state, pix.amount_left), ("failed", 100.00))
        self.assertTrue(pix.needs_attention)

    def test_refused_while_an_earlier_request_is_in_doubt(self):
        """It may still be carried out: the amount stays set aside for an hour."""
        pix = self.twice()
        refund = self.decide(pix, 80)
        self.server.on("PUT", "/devolucao/", Behaviour(kind=RESET, took_it=False))
        refused = Behaviour(status=400, body=REFUSAL)
        self.server.on("PUT", "/devolucao/", refused, refused)
        self.ask("2026-03-02 15:01:00")
        self.ask("2026-03-02 15:05:00")
        self.assertEqual((refund.state, pix.amount_left), ("unsure", 20.00))
        self.ask("2026-03-02 16:30:00")
        self.assertEqual((refund.state, pix.amount_left), ("failed", 100.00))

    def test_refused_and_nobody_says_whether_it_is_known(self):
        pix = self.twice()
        refund = self.decide(pix, 80)
        self.server.on("PUT", "/devolucao/", Behaviour(status=400, body=REFUSAL))
        self.server.on("GET", "/devolucao/", Behaviour(status=503, body={}))
        self.ask("2026-03-02 15:01:00")
        self.assertEqual((refund.state, pix.amount_left), ("unsure", 20.00))

    def test_bank_that_forgets_for_a_while_has_not_refused(self):
        pix = self.twice()
        refund = self.decide(pix, 80)
        self.server.refunds_end = None
        self.ask("2026-03-02 15:01:00")
        self.assertEqual(refund.state, "processing")
        self.server.on("GET", "/devolucao/", Behaviour(status=404, body=REFUSAL))
        self.ask("2026-03-02 15:03:00")
        self.assertEqual((refund.state, pix.amount_left), ("processing", 20.00))
        self.server.refunds_end = "DEVOLVIDO"
        self.ask("2026-03-02 15:10:00")
        self.ask("2026-03-02 15:12:00")
        self.assertEqual(refund.state, "done")

    def test_given_back_after_it_was_called_refused(self):
        """A later DEVOLVIDO settles it, by the poll of the bank."""
        pix = self.twice()
        refund = self.decide(pix, 80)
        self.server.refunds_end = "NAO_REALIZADO"
        self.ask("2026-03-02 15:01:00")
        self.ask("2026-03-02 15:03:00")
        self.assertEqual((refund.state, pix.amount_left), ("failed", 100.00))
        self.server.refunds[pix.end_to_end_id, refund.refund_id]["status"] = "DEVOLVIDO"
        self.minute("2026-03-02 15:05:00")
        self.assertEqual((refund.state, pix.amount_left), ("done", 20.00))
        self.assertEqual(refund.payment_id.amount, 80.00)

    def test_nobody_is_asked_without_a_token(self):
        """Nothing of the refund left: it is asked for as if for the first time."""
        pix = self.twice()
        refund = self.decide(pix, 80)
        self.account.client_secret = "wrong"
        self.ask("2026-03-02 15:01:00")
        self.assertEqual((refund.state, self.at_bank_back()), ("new", []))
        self.account.client_secret = "secret-of-the-tests"
        self.ask("2026-03-02 15:05:00")
        self.assertEqual((refund.state, self.at_bank_back()), ("processing", ["80.00"]))


class TestFromOutside(GivenBackCommon):
    def looked_up(self, way, end_to_end_id):
        """The bank's news by each of the three ways."""
        later = "2026-03-12 15:00:00"
        if way == "notice":
            with freeze_time(later):
                self.env["pix.payment"].sudo()._announce(self.account, {end_to_end_id})
            self.run_job("pix.payment", "_cron_payments", later)
        elif way == "poll":
            self.run_job("pix.payment", "_cron_poll", later)
        else:
            self.received(end_to_end_id).sudo().must_reread = True
            self.run_job("pix.payment", "_cron_payments", later)

    def fraud_undoes_what_it_paid(self, way):
        pix, line = self.settled()
        receipt, charge = pix.receipt_id, pix.charge_id
        self.server.give_back(pix.end_to_end_id, "100.00", "MED_FRAUDE")
        self.looked_up(way, pix.end_to_end_id)
        self.assertEqual(
            (pix.state, receipt.state, self.residuals(line)), ("refunded", "cancelled", ["100.00"])
        )
        refund = pix.refund_ids
        self.assertEqual(
            (refund.state, refund.nature, refund.is_from_outside, refund.amount),
            ("done", "MED_FRAUDE", True, 100.00),
        )
        out = refund.payment_id
        self.assertEqual((out.payment_type, out.amount), ("outbound", 100.00))
        self.assertEqual((pix.needs_attention, charge._page_state()), (True, "over"))
        self.assertIn("gave a Pix back", pix.activity_ids.summary)
        self.looked_up(way, pix.end_to_end_id)
        self.assertEqual((len(pix.refund_ids), len(pix.activity_ids)), (1, 1))

    def test_fraud_by_the_banks_call(self):
        self.fraud_undoes_what_it_paid("notice")

    def test_fraud_found_by_asking(self):
        self.fraud_undoes_what_it_paid("poll")

    def test_fraud_found_by_reading_again(self):
        self.fraud_undoes_what_it_paid("re-read")

    def test_the_ladder_speaks_again(self):
        pix, line = self.settled()
        self.assertEqual(line.amount_today, 0.0)
        self.server.give_back(pix.end_to_end_id, "100.00", "MED_FRAUDE")
        self.looked_up("notice", pix.end_to_end_id)
        with freeze_time(LATE):
            # 17 days late: 2.00 of fine, 0.57 of interest
            today = date(2026, 3, 19)
            self.assertEqual(str(line._amounts_today(today)[line.id].total), "102.57")
            charge = self.env["pix.charge"]._charge_for(line, today)
        self.assertEqual((charge.state, charge.amount), ("active", 102.57))

    def test_charges_of_a_late_payment_are_undone_with_it(self):
        pix, line = self.settled(at=LATE)
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("-2.00", "-0.57"))
        self.server.give_back(pix.end_to_end_id, "102.57", "MED_OPERACIONAL")
        self.run_job("pix.payment", "_cron_poll", "2026-03-25 15:00:00")
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("0.00", "0.00"))
        self.assertEqual((pix.state, self.residuals(line)), ("refunded", ["100.00"]))

    def test_a_part_leaves_the_rest_paid(self):
        """30.00 of 100.00 go back: 70.00 stay paid, by a receipt of their own."""
        pix, line = self.settled()
        first = pix.receipt_id
        self.server.give_back(pix.end_to_end_id, "30.00", "MED_FRAUDE")
        self.looked_up("notice", pix.end_to_end_id)
        self.assertEqual((pix.state, first.state), ("settled", "cancelled"))
        self.assertEqual(self.totals(pix.receipt_id)[-1], "70.00")
        self.assertEqual((self.residuals(line), pix.amount_left), (["30.00"], 70.00))
        self.assertTrue(pix.needs_attention)
        # The rest, later.
        self.server.give_back(pix.end_to_end_id, "70.00", "MED_FRAUDE")
        self.looked_up("notice", pix.end_to_end_id)
        self.assertEqual((pix.state, self.residuals(line)), ("refunded", ["100.00"]))
        paid = self.env["account.payment"].search([("memo", "like", pix.end_to_end_id)])
        money = {"inbound": 0.0, "outbound": 0.0}
        for payment in paid.filtered(lambda each: each.move_id.state == "posted"):
            money[payment.payment_type] += payment.amount
        self.assertEqual(money, {"inbound": 100.00, "outbound": 100.00})

    def test_credit_given_back_in_the_banks_application(self):
        """Paid twice, and the owner has sent it back: nothing is left to decide."""
        pix = self.twice()
        self.assertTrue(pix.activity_ids)
        self.server.give_back(pix.end_to_end_id, "100.00")
        self.looked_up("poll", pix.end_to_end_id)
        self.assertEqual((pix.state, pix.needs_attention), ("refunded", False))
        self.assertFalse(pix.activity_ids)
        both = self.receivable(pix.payment_id | pix.refund_ids.payment_id)
        self.assertEqual(set(both.mapped("amount_residual")), {0.0})
        with freeze_time(NOON), self.assertRaises(UserError):
            self.env["pix.refund"]._decide(pix, 100, "Again")

    def test_credit_that_had_paid_something_else(self):
        """A person used the credit for another installment: that one is open again."""
        pix = self.twice()
        other = self.make_installments(("2026-04-01", "60.00"))
        (self.receivable(pix.payment_id) | other).reconcile()
        self.assertEqual(self.residuals(other), ["0.00"])
        self.server.give_back(pix.end_to_end_id, "100.00", "MED_FRAUDE")
        self.looked_up("notice", pix.end_to_end_id)
        self.assertEqual((pix.state, self.residuals(other)), ("refunded", ["60.00"]))

    def test_assigned_with_a_rest(self):
        line = self.make_installments((DUE, "100.00"))
        found = self.customer_pays("", "130.00")
        self.minute()
        pix = self.received(found)
        pix._assign(self.customer, line)
        self.server.give_back(found, "130.00", "MED_FRAUDE")
        self.looked_up("notice", found)
        self.assertEqual((pix.state, self.residuals(line)), ("refunded", ["100.00"]))

    def test_period_is_closed_the_books_still_follow(self):
        """The entry of a closed month stays; what it paid is open, its charges turned round."""
        pix, line = self.settled(at=LATE)
        entry = pix.receipt_id.payment_ids.move_id
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.server.give_back(
            pix.end_to_end_id,
            "102.57",
            "MED_FRAUDE",
            at=self.instant("2026-04-10 15:00:00"),
        )
        with freeze_time("2026-04-10 15:00:00"):
            self.env["pix.payment"].sudo()._announce(self.account, {pix.end_to_end_id})
        self.run_job("pix.payment", "_cron_payments", "2026-04-10 15:00:00")
        self.assertEqual((pix.state, entry.state), ("refunded", "posted"))
        self.assertEqual(self.residuals(line), ["100.00"])
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("0.00", "0.00"))
        self.assertEqual(str(pix.refund_ids.payment_id.date), "2026-04-10")

    def test_gone_before_it_was_booked(self):
        """Received and given back within the minute: the installment never saw it."""
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        found = self.customer_pays(charge.txid, "100.00")
        self.server.give_back(found, "100.00", "MED_FRAUDE")
        self.minute()
        pix = self.received(found)
        self.assertEqual((pix.state, self.residuals(line)), ("refunded", ["100.00"]))
        self.assertFalse(pix.receipt_id)

    def test_under_way_it_is_set_aside_and_refused_it_is_free(self):
        pix = self.twice()
        refund_id = self.server.give_back(pix.end_to_end_id, "100.00", status="EM_PROCESSAMENTO")
        self.server.refunds_end = None
        self.looked_up("notice", pix.end_to_end_id)
        self.assertEqual((pix.refund_ids.state, pix.amount_left), ("processing", 0.00))
        self.server.refunds[pix.end_to_end_id, refund_id]["status"] = "NAO_REALIZADO"
        self.looked_up("notice", pix.end_to_end_id)
        self.assertEqual((pix.refund_ids.state, pix.amount_left), ("failed", 100.00))

    def test_undone_receipt_after_a_part_went_back_is_credit_of_the_rest(self):
        pix, _line = self.settled()
        self.server.give_back(pix.end_to_end_id, "30.00", "MED_FRAUDE")
        self.looked_up("notice", pix.end_to_end_id)
        pix.receipt_id._cancel("Wrong contract")
        self.assertEqual((pix.state, pix.payment_id.amount), ("credit", 70.00))

    def test_pix_called_unknown_is_booked_when_the_bank_tells_it_after_all(self):
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        found = self.customer_pays(charge.txid, "100.00")
        self.env["pix.payment"].sudo().create(
            {"account_id": self.account.id, "end_to_end_id": found, "state": "dismissed"}
        )
        self.minute()
        self.assertEqual((self.received(found).state, self.residuals(line)), ("settled", ["0.00"]))


class TestUnreadable(GivenBackCommon):
    def broken(self, **changes):
        line = self.make_installments((DUE, "100.00"))
        charge = self.charge(line)
        good = self.customer_pays(charge.txid, "100.00")
        bad = self.customer_pays("", "50.00")
        self.server.pix[bad] |= changes
        self.addCleanup(self.server.breaches.clear)  # this bank does not keep to what is published
        return line, good, bad

    def test_kept_as_it_came_and_asked_for_until_somebody_deals_with_it(self):
        line, good, bad = self.broken(valor="cinquenta")
        before = self.account.polled_until
        self.minute()
        pix = self.received(bad)
        self.assertEqual((pix.state, pix.needs_attention), ("unreadable", True))
        self.assertIn("cinquenta", pix.raw)
        self.assertEqual(len(pix.activity_ids), 1)
        self.assertEqual(self.received(good).state, "settled")
        self.assertLessEqual(self.account.polled_until.isoformat(), "2026-03-02T00:00:00")
        self.minute("2026-03-02 15:01:00")
        self.assertEqual((len(self.received(bad)), len(pix.activity_ids)), (1, 1))
        self.server.pix[bad]["valor"] = "50.00"
        self.minute("2026-03-02 15:02:00")
        self.assertEqual((pix.state, pix.amount, pix.raw), ("suspense", 50.00, False))
        self.assertEqual(str(self.account.polled_until), "2026-03-02 15:02:00")
        self.assertGreater(self.account.polled_until, before)
        self.assertEqual(self.residuals(line), ["0.00"])

    def test_set_aside_by_a_person_the_clock_goes_on(self):
        _line, _good, bad = self.broken(horario="ontem")
        del self.server.pix[bad]["horario"]
        self.server.pix[bad]["horario"] = "2026-03-02T15:00:00Z"
        self.server.pix[bad]["valor"] = ""
        self.minute()
        pix = self.received(bad)
        pix.action_set_aside()
        self.minute("2026-03-02 15:01:00")
        self.assertEqual((pix.state, pix.needs_attention), ("dismissed", False))
        self.assertFalse(pix.activity_ids)
        self.assertEqual(str(self.account.polled_until), "2026-03-02 15:01:00")

    def test_second_sixty(self):
        _line, _good, bad = self.broken(horario="2026-03-02T14:59:60Z")
        self.minute()
        pix = self.received(bad)
        self.assertEqual((pix.state, str(pix.paid_at)), ("suspense", "2026-03-02 15:00:00"))
