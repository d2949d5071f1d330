"""Codes of installments that an agreement replaces, and of agreements that come to nothing."""

from datetime import date

from freezegun import freeze_time

from tests.agreement.agreement_common import AgreementCommon
from tests.pix.bank_common import PixBankCommon

TODAY, NOON = "2026-03-27", "2026-03-27 15:00:00"
GONE = "REMOVIDA_PELO_USUARIO_RECEBEDOR"


class TestCodesOfAgreements(PixBankCommon, AgreementCommon):
    def waiting(self, lines):
        """In force as soon as 58.68 are paid, until the 29th."""
        agreement = self.propose(lines, discount_charges=3.11, down_payment=58.68)
        with freeze_time(NOON):
            agreement._accept(down_until=date(2026, 3, 29))
        return agreement

    def lapse(self, agreement, at="2026-03-30 15:00:00"):
        self.run_job("crediario.agreement", "_cron_agreements", at)
        self.assertEqual(agreement.state, "cancelled")

    def test_what_an_agreement_closes_is_withdrawn_at_the_bank(self):
        lines = self.debt()
        single, several = self.charge(lines[2], NOON), self.charge(lines, NOON)
        self.assertEqual((single.kind, several.kind), ("cobv", "cob"))
        agreement = self.propose(lines, discount_charges=3.11, down_payment=58.68)
        self.accept(agreement)
        # Nobody who still looks at the old code is thanked for what nobody paid.
        self.assertEqual({single._page_state(), several._page_state()}, {"over"})
        self.run_job("pix.charge", "_cron_charges", NOON)
        self.assertEqual({self.at_bank(single), self.at_bank(several)}, {GONE})
        self.assertEqual({single.state, several.state}, {"cancelled"})

    def test_static_code_of_what_an_agreement_closes_is_over(self):
        self.account.state = "disabled"
        lines = self.debt()
        charge = self.charge(lines[:1], NOON)
        self.assertEqual(charge.kind, "static")
        self.accept(self.propose(lines, discount_charges=3.11, down_payment=58.68))
        self.assertEqual((charge.state, charge._page_state()), ("cancelled", "over"))

    def test_lapsed_agreement_withdraws_its_code_and_the_debt_gets_a_new_one(self):
        lines = self.debt()
        before = self.charge(lines[:1], NOON)
        agreement = self.waiting(lines)
        down = self.charge(agreement._down_payment_line(), NOON)
        self.assertEqual((down.amount, self.at_bank(down)), (58.68, "ATIVA"))
        self.lapse(agreement)
        self.run_job("pix.charge", "_cron_charges", "2026-03-30 15:01:00")
        self.assertEqual({self.at_bank(before), self.at_bank(down)}, {GONE})
        # 48 days late: 100.00 + 2.00 + 1.60.
        again = self.charge(lines[:1], "2026-03-30 15:02:00")
        self.assertEqual((again.amount, self.at_bank(again)), (103.60, "ATIVA"))

    def test_down_payment_that_comes_after_the_lapse_is_credit(self):
        agreement = self.waiting(self.debt())
        down = self.charge(agreement._down_payment_line(), NOON)
        self.lapse(agreement)
        found = self.customer_pays(down.txid, "58.68", "2026-03-30 15:01:00")
        self.minute("2026-03-30 15:02:00")
        pix = self.received(found)
        self.assertEqual((pix.state, pix.verdict, pix.tries), ("credit", "not_owed", 0))
        self.assertEqual((pix.partner_id, pix.payment_id.amount), (self.customer, 58.68))
        self.assertTrue(pix.activity_ids)

    def test_broken_agreement_withdraws_its_codes(self):
        _lines, agreement, parts = self.usual()
        self.receive(parts[0], ("cash", "58.68"), on=TODAY)
        charge = self.charge(parts[1], NOON)
        self.assertEqual(self.at_bank(charge), "ATIVA")
        with freeze_time(NOON):
            agreement._breach(date(2026, 3, 27))
        self.run_job("pix.charge", "_cron_charges", NOON)
        self.assertEqual(self.at_bank(charge), GONE)

    def test_contract_in_draft_has_no_code(self):
        line = self.make_installments(("2026-04-10", "50.00"))
        charge = self.charge(line, NOON)
        line.move_id.button_draft()
        self.run_job("pix.charge", "_cron_charges", NOON)
        self.assertEqual(self.at_bank(charge), GONE)
        found = self.customer_pays(charge.txid, "50.00", NOON)
        self.minute(NOON)
        self.assertEqual(
            (self.received(found).state, self.received(found).verdict), ("credit", "not_owed")
        )

    def test_installment_that_was_deleted_is_still_the_customers_money(self):
        line = self.make_installments(("2026-04-10", "50.00"))
        charge = self.charge(line, NOON)
        line.move_id.button_draft()
        line.move_id.sudo().unlink()
        found = self.customer_pays(charge.txid, "50.00", NOON)
        self.minute(NOON)
        pix = self.received(found)
        self.assertEqual(
            (pix.state, pix.verdict, pix.partner_id), ("credit", "not_owed", self.customer)
        )
