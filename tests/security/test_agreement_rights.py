"""Who may propose, accept, break and extend; what readers of other rights get to see."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from tests.agreement.agreement_common import TODAY, AgreementCommon


class TestAgreementRights(AgreementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller, cls.accountant = (
            new_test_user(cls.env, name, groups=group, company_id=cls.company.id)
            for name, group in (
                ("rights.seller", "optica_cobranca.group_seller"),
                ("rights.accountant", "account.group_account_invoice"),
            )
        )

    def test_sellers_read_only(self):
        lines, agreement, _installments = self.usual()
        own = agreement.with_user(self.seller)
        self.assertEqual(own.line_ids.mapped("contract"), lines.mapped("contract_reference"))
        with self.assertRaises(AccessError):
            own.note = "x"
        with self.assertRaises(AccessError):
            self.propose(self.debt(), user=self.seller)
        with self.assertRaises(AccessError):
            own.action_cancel()
        self.assertEqual(lines.with_user(self.seller).closing_agreement_id, own)

    def test_collectors_do_not_break_nor_forge(self):
        lines, agreement, _installments = self.usual()
        own = agreement.with_user(self.collector)
        with self.assertRaises(UserError):
            own.action_breach()
        for vals in (
            {"state": "kept"},
            {"move_id": False},
            {"discount_principal": 50.0},
            {"date": "2026-02-10"},  # less interest
            {"valid_until": "2036-01-01"},  # no reminder for ten years
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                own.write(vals)
        with self.assertRaises(UserError):
            own.line_ids[0].write({"credited_principal": 10.0})
        with self.assertRaises(UserError):
            own.unlink()
        forged = own.create(
            {
                "partner_id": self.make_customer("Ana").id,
                "state": "open",
                "move_id": lines.move_id.id,
            }
        )
        self.assertEqual((forged.state, forged.move_id.id), ("draft", False))

    def test_extensions_are_made_by_the_wizard_only(self):
        lines = self.debt()
        with freeze_time(TODAY):
            extension = self.env["crediario.extension"]._grant(
                {lines[2].id: date(2026, 4, 20)}, "x"
            )
        for user in (self.collector, self.env.user):
            own = extension.with_user(user)
            with self.subTest(user.login), self.assertRaises(AccessError):
                own.write({"kept_fine": 0.0})
            with self.subTest(user.login), self.assertRaises(AccessError):
                own.unlink()

    def test_an_accountant_keeps_working_on_contracts(self):
        move = self.make_invoice(total="300.00", installments=3, first_due="2026-04-10")
        with freeze_time(TODAY):
            line = move.installment_ids.filtered(lambda line: line.installment_number == 1)
            self.env["crediario.extension"]._grant({line.id: date(2026, 5, 20)}, "x")
        own = move.with_user(self.accountant)
        own.invalidate_recordset()
        self.assertFalse(own.closing_agreement_text)
        own.button_draft()
        own.invoice_line_ids[0].price_unit = 330.0
        own.action_post()
        self.assertEqual(self.schedule(move)[0], (1, "2026-05-20", "110.00"))

    def test_other_companies_see_nothing(self):
        _lines, agreement, _installments = self.usual()
        other = self.env["res.company"].create({"name": "Other shop"})
        stranger = new_test_user(
            self.env,
            "rights.stranger",
            groups="optica_cobranca.group_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        with self.assertRaises(AccessError):
            agreement.with_user(stranger).read(["name"])
        self.assertFalse(self.env["crediario.agreement.line"].with_user(stranger).search([]))
