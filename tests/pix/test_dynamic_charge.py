"""Charges at the bank: made as the contract says, reused, revised, withdrawn; static without it."""

from datetime import date

from freezegun import freeze_time

from odoo import fields

from odoo.addons.optica_cobranca.domain.pix.pix_txid import read_any

from tests.fakes.cloud_api_behaviour import RESET, SILENCE, Behaviour
from tests.pix.bank_common import DUE, NOON, PixBankCommon


class TestDynamicCharge(PixBankCommon):
    def test_not_late_with_due_date_fine_and_interest(self):
        """Nothing was paid of it and the customer has a CPF: the bank counts by itself."""
        line = self.make_installments(("2026-04-01", "105.58"))
        charge = self.charge(line)
        self.assertEqual((charge.kind, charge.state, charge.amount), ("cobv", "active", 105.58))
        self.assertTrue(charge.is_automatic)
        body = self.server.charges[charge.txid]
        self.assertEqual(
            body["valor"],
            {
                "original": "105.58",
                "multa": {"modalidade": 2, "valorPerc": "2.00"},
                "juros": {"modalidade": 3, "valorPerc": "1.00"},
            },
        )
        self.assertEqual(
            self.calendar_at_bank(charge),
            {"dataDeVencimento": "2026-04-01", "validadeAposVencimento": 60},
        )
        self.assertEqual(body["devedor"]["cpf"], "12345678909")
        self.assertEqual(charge.code, body["pixCopiaECola"])
        reference = read_any(charge.txid)
        self.assertEqual(
            (reference.contract_id, reference.installment_number), (line.move_id.id, 1)
        )
        # 31 May is a Sunday: Monday, the end of the day in São Paulo (UTC-3).
        self.assertEqual(charge.expires_at, fields.Datetime.to_datetime("2026-06-02 03:00:00"))

    def test_late_over_the_exact_amount_of_today(self):
        """105.58, 17 days late: 108.29, payable until midnight (11 hours from 13:00)."""
        line = self.make_installments((DUE, "105.58"))
        charge = self.charge(line, "2026-03-19 16:00:00")
        self.assertEqual((charge.kind, charge.amount), ("cob", 108.29))
        body = self.server.charges[charge.txid]
        self.assertEqual(body["valor"], {"original": "108.29"})
        self.assertEqual(self.calendar_at_bank(charge), {"expiracao": 11 * 3600})

    def test_special_cases_are_exact_amounts(self):
        plan = self.make_plan(method="price", monthly_rate=1.0)
        early = self.charge(self.make_installments(("2026-04-01", "105.58"), plan=plan))
        self.assertEqual((early.kind, early.amount, early.amount_reduction), ("cob", 104.53, 1.05))
        lines = self.make_installments(("2026-04-01", "50.00"), ("2026-05-01", "60.00"))
        self.assertEqual((self.charge(lines).kind, self.charge(lines).amount), ("cob", 110.00))
        partly = self.make_installments(("2026-04-01", "100.00"))
        self.pay(partly, "30.00", on=DUE)
        self.assertEqual((self.charge(partly).kind, self.charge(partly).amount), ("cob", 70.00))
        nameless = self.make_customer("Without CPF")
        line = self.make_installments(("2026-04-01", "80.00"), partner=nameless)
        charge = self.charge(line)
        self.assertEqual(charge.kind, "cob")
        self.assertNotIn("devedor", self.server.charges[charge.txid])

    def test_asked_again_the_bank_is_not(self):
        line = self.make_installments(("2026-04-01", "105.58"))
        charge = self.charge(line)
        count = len(self.server.requests)
        self.assertEqual(self.charge(line), charge)
        self.assertEqual(len(self.server.requests), count)

    def test_tomorrow_the_exact_amount_is_another_charge(self):
        line = self.make_installments((DUE, "105.58"))
        first = self.charge(line, "2026-03-19 15:00:00")
        second = self.charge(line, "2026-03-20 15:00:00")
        self.assertNotEqual(first, second)
        self.assertEqual(second.amount, 108.32)
        self.assertEqual(
            (first.state, self.at_bank(first)), ("expired", "REMOVIDA_PELO_USUARIO_RECEBEDOR")
        )
        self.assertEqual((second.state, self.at_bank(second)), ("active", "ATIVA"))

    def test_paid_at_the_cashier_the_code_is_withdrawn(self):
        line = self.make_installments(("2026-04-01", "105.58"))
        charge = self.charge(line)
        self.receive(line, ("cash", "105.58"), on=DUE)
        self.assertEqual(charge.state, "closing")
        self.run_job("pix.charge", "_cron_charges")
        self.assertEqual(self.at_bank(charge), "REMOVIDA_PELO_USUARIO_RECEBEDOR")

    def test_moved_due_date_reaches_the_bank(self):
        line = self.make_installments(("2026-04-01", "105.58"))
        charge = self.charge(line)
        with freeze_time(NOON):
            self.env["crediario.extension"]._grant({line.id: date(2026, 4, 15)}, "Holiday")
        self.run_job("pix.charge", "_cron_charges")
        body = self.server.charges[charge.txid]
        self.assertEqual(body["calendario"]["dataDeVencimento"], "2026-04-15")
        self.assertEqual((charge.state, charge.revision), ("active", 1))

    def test_bank_that_does_not_answer_gives_way_to_the_static_code(self):
        line = self.make_installments(("2026-04-01", "105.58"))
        self.charge(self.make_installments(("2026-04-01", "1.00")))  # a token is there
        self.server.enqueue(Behaviour(status=503, body={}))
        charge = self.charge(line)
        self.assertEqual(
            (charge.kind, charge.is_automatic, charge.amount), ("static", False, 105.58)
        )
        self.assertIn("passing trouble", self.account.last_error)
        again = self.charge(line)
        self.assertEqual((again.kind, again.state), ("cobv", "active"))

    def test_answer_that_was_lost_leaves_nothing_payable_behind(self):
        line = self.make_installments(("2026-04-01", "105.58"))
        self.charge(self.make_installments(("2026-04-01", "1.00")))
        self.server.enqueue(Behaviour(kind=RESET), Behaviour(kind=RESET))
        self.assertEqual(self.charge(line).kind, "static")
        lost = self.env["pix.charge"].search([("state", "=", "closing")])
        self.assertEqual(self.at_bank(lost), "ATIVA")
        self.run_job("pix.charge", "_cron_charges")
        self.assertEqual(self.at_bank(lost), "REMOVIDA_PELO_USUARIO_RECEBEDOR")

    def test_removal_is_tried_until_it_works(self):
        line = self.make_installments(("2026-04-01", "105.58"))
        charge = self.charge(line)
        self.receive(line, ("cash", "105.58"), on=DUE)
        self.server.enqueue(Behaviour(status=500, body={}), Behaviour(status=500, body={}))
        self.run_job("pix.charge", "_cron_charges", "2026-03-02 15:00:00")
        self.assertEqual((charge.state, charge.tries), ("closing", 1))
        self.run_job("pix.charge", "_cron_charges", "2026-03-02 15:01:00")
        self.assertEqual((charge.state, charge.tries), ("closing", 2))
        self.run_job("pix.charge", "_cron_charges", "2026-03-02 15:02:00")
        self.assertEqual(charge.state, "closing")
        self.run_job("pix.charge", "_cron_charges", "2026-03-02 15:03:00")
        self.assertEqual(charge.state, "cancelled")

    def test_test_accounts_are_for_the_shop_only(self):
        self.account.state = "test"
        line = self.make_installments(("2026-04-01", "105.58"))
        self.assertEqual(self.charge(line).kind, "static")
        charge = self.charge(line, with_test=True)
        self.assertEqual((charge.kind, charge.is_test), ("cobv", True))

    def test_expired_codes_are_told_apart(self):
        line = self.make_installments((DUE, "105.58"))
        charge = self.charge(line, "2026-03-19 15:00:00")
        self.run_job("pix.charge", "_cron_charges", "2026-03-20 03:30:00")
        self.assertEqual(charge.state, "active")
        self.run_job("pix.charge", "_cron_charges", "2026-03-20 04:30:00")
        self.assertEqual((charge.state, charge._page_state()), ("expired", "over"))

    def book(self, lines):
        """Codes for the carnê of these installments, and five minutes of the bank's time."""
        with freeze_time(NOON):
            made = self.env["pix.charge"]._charges_for_booklet(
                lines, date(2026, 3, 2), self.account
            )
        self.assertEqual(set(made.mapped("todo")), {"lot"})
        self.run_job("pix.charge", "_cron_charges", "2026-03-02 15:00:30")
        self.run_job("pix.charge", "_cron_charges", "2026-03-02 15:05:00")
        return made

    def test_booklet_in_one_batch(self):
        move = self.make_invoice("400.00", 4, "2026-03-10", sold="2026-03-02")
        lines = move.installment_ids
        made = self.book(lines)
        self.assertEqual((len(made), len(self.server.lots)), (4, 1))
        self.assertEqual(set(made.mapped("state")), {"active"})
        codes = lines._pix_codes()
        self.assertEqual({codes[line.id] for line in lines}, set(made.mapped("code")))
        again = self.env["pix.charge"]._charges_for_booklet(lines, date(2026, 3, 2), self.account)
        self.assertFalse(again)

    def test_booklet_one_by_one_where_the_batch_was_lost(self):
        lines = self.make_installments(("2026-04-01", "100.00"), ("2026-05-01", "100.00"))
        self.charge(self.make_installments(("2026-04-01", "1.00")))
        self.server.enqueue(Behaviour(kind=SILENCE, took_it=False))
        made = self.book(lines)
        self.assertEqual(set(made.mapped("state")), {"active"})
        self.assertEqual({self.at_bank(charge) for charge in made}, {"ATIVA"})

    def test_item_that_the_bank_refuses_says_why(self):
        made = self.book(self.make_installments(("2026-04-01", "13.13")))
        self.assertEqual(made.state, "failed")
        self.assertIn("Valor recusado", made.last_error)
