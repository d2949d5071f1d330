"""Who may receive, undo and read receipts."""

from datetime import date
from decimal import Decimal

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.optica_cobranca.models.receiving_order import Method, ReceivingOrder

from tests.models.receiving_common import ReceivingCommon


class TestReceivingAccess(ReceivingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            group: new_test_user(
                cls.env,
                f"receiving_{group}",
                f"optica_cobranca.group_{group}",
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for group in ("seller", "collector", "manager")
        }
        cls.lines = cls.make_installments(("2026-05-11", "100.00"), ("2026-06-11", "100.00"))

    def receive_with(self, group):
        env = self.env(user=self.users[group])
        order = ReceivingOrder(
            on=date(2026, 5, 1), methods=(Method(self.cash.with_env(env), Decimal("100.00")),)
        )
        return env["crediario.receipt"]._receive(self.lines[0].with_env(env), order)

    def test_seller_reads_and_does_not_receive(self):
        with self.assertRaises(AccessError):
            self.receive_with("seller")
        with self.assertRaises(AccessError):
            self.env["crediario.cashier"].with_user(self.users["seller"]).create({})
        receipt = self.receive_with("collector").with_user(self.users["seller"])
        self.assertEqual(receipt.amount_received, 100.0)
        with self.assertRaisesRegex(UserError, "Only a collector"):
            receipt._cancel("No")

    def test_collector_receives_and_undoes(self):
        receipt = self.receive_with("collector")
        self.assertEqual(receipt.user_id, self.users["collector"])
        receipt._cancel("Mistake")
        self.assertEqual(receipt.cancel_user_id, self.users["collector"])
        self.assertEqual(self.residuals(self.lines), ["100.00", "100.00"])

    def test_nobody_writes_receipts(self):
        receipt = self.receive_with("collector")
        for user in self.users.values():
            for record in (receipt, receipt.line_ids):
                with self.assertRaises(AccessError):
                    record.with_user(user).write({"company_id": self.company.id})
                with self.assertRaises(AccessError):
                    record.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.env["crediario.receipt"].with_user(user).create({"name": "REC/X"})
            with self.assertRaises(AccessError):
                self.env["crediario.receipt.line"].with_user(user).create({"fine": 1.0})

    def test_receipts_of_other_companies_are_not_seen(self):
        receipt = self.receive_with("manager")
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "stranger",
            "optica_cobranca.group_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        with self.assertRaises(AccessError):
            receipt.with_user(stranger).read(["name"])

    def test_portal_users_see_no_receipts(self):
        receipt = self.receive_with("collector")
        portal = new_test_user(self.env, "portal_receipts", "base.group_portal")
        with self.assertRaises(AccessError):
            receipt.with_user(portal).read(["name"])
