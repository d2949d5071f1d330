"""Who may receive, undo and read receipts."""

from datetime import date
from decimal import Decimal

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from odoo.addons.optica_cobranca.tools.receiving.receiving_order import Method, ReceivingOrder

from tests.receiving.receiving_common import ReceivingCommon


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
            for group in ("seller", "cashier", "collector", "manager")
        }
        cls.lines = cls.make_installments(("2026-05-11", "100.00"), ("2026-06-11", "100.00"))

    def receive_with(self, group):
        env = self.env(user=self.users[group])
        order = ReceivingOrder(
            on=date(2026, 5, 1), methods=(Method(self.cash.with_env(env), Decimal("100.00")),)
        )
        with freeze_time("2026-05-01 15:00:00"):
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

    def test_cashier_receives_on_the_screen_and_prints(self):
        """A role that any seller may have: no right to payments or entries comes along."""
        env = self.env(user=self.users["cashier"])
        with freeze_time("2026-05-01 15:00:00"):
            with Form(env["crediario.cashier"]) as form:
                form.partner_id = self.customer.with_env(env)
                self.assertEqual(form.amount_to_pay, 100.0)
            action = form.record.action_receive()
        receipt = env["crediario.receipt"].browse(action["res_id"])
        self.assertEqual(receipt.user_id, self.users["cashier"])
        self.assertEqual(self.residuals(self.lines), ["0.00", "100.00"])
        report = env.ref("optica_cobranca.action_report_crediario_receipt")
        html, _kind = report._render_qweb_html(report.report_name, receipt.ids)
        self.assertIn(receipt.name, html.decode())

    def test_cashier_forgives_nothing_by_another_date(self):
        """21 days late: 2.00 + 0.70. As of the due date they would be gone."""
        env = self.env(user=self.users["cashier"])
        for day in ("2026-05-11", "2026-06-30"):
            method = Method(self.cash.with_env(env), Decimal("100.00"))
            order = ReceivingOrder(on=date.fromisoformat(day), methods=(method,))
            with freeze_time("2026-06-01 15:00:00"), self.assertRaisesRegex(UserError, "today"):
                env["crediario.receipt"]._receive(self.lines[0].with_env(env), order)
        with freeze_time("2026-06-01 15:00:00"):
            self.assertEqual(self.amounts(self.lines[0], "2026-06-01")[-1], "102.70")
            order = ReceivingOrder(
                on=date(2026, 5, 11),
                methods=(Method(self.cash, Decimal(100)),),
                waiver_reason="Came in time",
            )
            collector = self.env(user=self.users["collector"])
            with self.assertRaisesRegex(UserError, "up to.*1.35"):
                collector["crediario.receipt"]._receive(self.lines[0].with_env(collector), order)
            manager = self.env(user=self.users["manager"])
            receipt = manager["crediario.receipt"]._receive(self.lines[0].with_env(manager), order)
        self.assertEqual(self.totals(receipt)[-1], "100.00")

    def test_cashier_has_no_other_door_to_the_books(self):
        receipt = self.receive_with("cashier")
        cashier = self.users["cashier"]
        payment = receipt.sudo().payment_ids
        self.assertFalse(cashier.has_group("account.group_account_invoice"))
        self.assertFalse(cashier.has_group("optica_cobranca.group_collector"))
        for model, method in (
            ("account.payment", "create"),
            ("account.payment.register", "create"),
            ("dunning.hold", "create"),
            ("crediario.agreement", "create"),
            ("crediario.extend", "create"),
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(cashier).check_access(method)
        with self.assertRaises(AccessError):
            payment.with_user(cashier).write({"memo": "Other"})
        with self.assertRaises(AccessError):
            payment.move_id.with_user(cashier).button_cancel()
        with self.assertRaises(AccessError):
            self.env["dunning.call"].with_user(cashier).search([])
        with self.assertRaisesRegex(UserError, "Only a collector"):
            receipt.with_user(cashier)._cancel("No")

    def test_cashier_receives_nothing_of_other_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.users["cashier"].write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        with self.assertRaises(AccessError):
            self.receive_with("cashier")

    def test_roles_are_steps_of_one_ladder(self):
        """Settings, Users offers them in this order, each with what the one before may do."""
        privilege = self.env.ref("optica_cobranca.privilege_collection")
        roles = self.env["res.groups"].search([("privilege_id", "=", privilege.id)])
        names = [role.name for role in roles.sorted("sequence")]
        self.assertEqual(names, ["Seller", "Cashier", "Collector", "Manager"])
        self.assertTrue(all(roles.mapped("comment")))
        self.assertTrue(self.users["collector"].has_group("optica_cobranca.group_cashier"))

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
