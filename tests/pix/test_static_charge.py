"""Static codes: the value of the day, one charge for each set, said to bring no confirmation."""

import base64
from datetime import date
from decimal import Decimal

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.optica_cobranca.domain.shop import pix, pix_reference

from .common import KEY, PixCommon

PNG = b"\x89PNG\r\n\x1a\n"


class TestStaticCharge(PixCommon):
    def test_value_of_the_day_with_fine_and_interest(self):
        """105.58 at 2 % and 1 % a month, 17 days late: 2.11 and 0.60."""
        line = self.make_installments(("2026-03-02", "105.58"))
        charge = self.Charge._charge_for(line, date(2026, 3, 19))
        amounts = (charge.amount_principal, charge.amount_fine, charge.amount_interest)
        self.assertEqual(amounts, (105.58, 2.11, 0.60))
        self.assertEqual(charge.amount, 108.29)
        code = pix.parse(charge.code)
        self.assertEqual((code.key, code.amount), (KEY, Decimal("108.29")))
        self.assertEqual(
            pix_reference.read_txid(code.txid), pix_reference.Reference(line.move_id.id, 1)
        )
        self.assertTrue(base64.b64decode(charge.qr_image).startswith(PNG))
        self.assertFalse(charge.is_automatic)

    def test_asked_again_it_is_the_same_and_follows_the_day(self):
        line = self.make_installments(("2026-03-02", "105.58"))
        first = self.Charge._charge_for(line, date(2026, 3, 2))
        self.assertEqual(first.amount, 105.58)
        self.assertEqual(self.Charge._charge_for(line, date(2026, 3, 2)), first)
        later = self.Charge._charge_for(line, date(2026, 3, 19))
        self.assertEqual((later, later.amount, later.day), (first, 108.29, date(2026, 3, 19)))
        self.assertEqual(pix.parse(later.code).amount, Decimal("108.29"))

    def test_several_installments_are_one_charge_whatever_their_order(self):
        lines = self.make_installments(("2026-03-02", "100.00"), ("2026-04-01", "50.00"))
        charge = self.Charge._charge_for(lines, date(2026, 3, 2))
        self.assertEqual((charge.amount, charge.line_ids), (150.00, lines))
        self.assertEqual(self.Charge._charge_for(lines[::-1], date(2026, 3, 2)), charge)
        self.assertNotEqual(self.Charge._charge_for(lines[0], date(2026, 3, 2)), charge)

    def test_paid_early_the_reduction_is_deducted(self):
        """105.58 at 1 % a month, 30 days early: 104.53, so 1.05 less."""
        plan = self.make_plan(method="price", monthly_rate=1.0)
        line = self.make_installments(("2026-04-01", "105.58"), plan=plan)
        values = self.Charge._charge_for(line, date(2026, 3, 2))._page_values()
        self.assertEqual((values["reduction"], values["amount"]), (1.05, 104.53))
        self.assertTrue(values["qr"].startswith("data:image/png;base64,iVBOR"))

    def test_settled_installments_are_left_out(self):
        lines = self.make_installments(("2026-03-02", "100.00"), ("2026-04-01", "50.00"))
        charge = self.Charge._charge_for(lines, date(2026, 3, 2))
        self.assertEqual(charge._page_state(), "waiting")
        self.pay(lines[0], on="2026-03-02")
        self.assertEqual(self.Charge._charge_for(lines, date(2026, 3, 2)).line_ids, lines[1])
        self.pay(lines[1], on="2026-03-02")
        self.assertEqual(charge._page_state(), "paid")
        self.assertFalse(self.Charge._charge_for(lines, date(2026, 3, 2)))

    def test_without_a_key_there_is_none(self):
        self.key_account.proxy_type = "none"
        line = self.make_installments(("2026-03-02", "100.00"))
        self.assertFalse(self.Charge._charge_for(line, date(2026, 3, 2)))

    def test_one_customer_and_posted_only(self):
        other = self.make_customer("João")
        lines = self.make_installments(("2026-03-02", "100.00"))
        lines |= self.make_installments(("2026-03-02", "100.00"), partner=other)
        with self.assertRaises(UserError):
            self.Charge._charge_for(lines, date(2026, 3, 2))
        draft = self.make_invoice("100.00", 1, "2026-03-02", post=False)
        receivable = draft.line_ids.filtered("crediario_plan_id")
        with self.assertRaises(UserError):
            self.Charge._charge_for(receivable, date(2026, 3, 2))

    def test_nobody_writes_charges(self):
        line = self.make_installments(("2026-03-02", "100.00"))
        charge = self.Charge._charge_for(line, date(2026, 3, 2))
        manager = new_test_user(
            self.env, "pix_manager", "optica_cobranca.group_manager", company_id=self.company.id
        )
        mine = charge.with_user(manager)
        self.assertEqual(mine.amount, 100.00)
        with self.assertRaises(AccessError):
            mine.amount = 1.00
        with self.assertRaises(AccessError):
            mine.unlink()
