"""Who registers, closes and reads promises and reasons; health is for collectors."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from tests.claims.test_dunning_promise import TODAY, PromiseCommon

DAY = date(2026, 3, 27)


@freeze_time(TODAY)
class TestPromiseRights(PromiseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller, cls.collector, cls.manager, cls.nobody = (
            new_test_user(cls.env, f"promise.{name}", groups=group, company_id=cls.company.id)
            for name, group in (
                ("seller", "optica_cobranca.group_seller"),
                ("collector", "optica_cobranca.group_collector"),
                ("manager", "optica_cobranca.group_manager"),
                ("nobody", "base.group_user"),
            )
        )
        cls.other = cls.env["res.company"].create({"name": "Other shop"})
        cls.stranger = new_test_user(
            cls.env,
            "promise.stranger",
            groups="optica_cobranca.group_manager",
            company_id=cls.other.id,
            company_ids=[Command.set(cls.other.ids)],
        )
        cls.defect = cls.env.ref("optica_cobranca.dispute_reason_defect")
        cls.illness = cls.env.ref("optica_cobranca.dispute_reason_illness")

    def promise_as(self, user):
        promises = self.env["dunning.promise"].with_user(user)
        return promises._register_promise(
            self.customer.with_user(user), self.company.with_user(user), DAY
        )

    def dispute_as(self, user, reason, **values):
        disputes = self.env["dunning.dispute"].with_user(user)
        return disputes._register_dispute(
            self.customer.with_user(user), self.company.with_user(user), reason, **values
        )

    def test_collectors_register_sellers_read(self):
        promise = self.promise_as(self.collector)
        self.assertEqual((promise.user_id, promise.env.su), (self.collector, False))
        dispute = self.dispute_as(self.collector, self.defect)
        self.assertEqual(dispute.user_id, self.collector)
        for record, name in ((promise, "amount"), (dispute, "reason_id")):
            with self.assertRaises(AccessError):
                record.with_user(self.seller).read([name])
        self.customer.user_id = self.seller
        self.env.invalidate_all()
        self.assertEqual(promise.with_user(self.seller).amount, 102.33)
        self.assertEqual(dispute.with_user(self.seller).reason_id, self.defect)
        for user in (self.seller, self.nobody):
            with self.subTest(user.login), self.assertRaises(UserError):
                self.promise_as(user)
            with self.subTest(user.login), self.assertRaises(UserError):
                self.dispute_as(user, self.defect)
            with self.subTest(user.login), self.assertRaises(UserError):
                promise.with_user(user).action_cancel()
            with self.subTest(user.login), self.assertRaises(UserError):
                dispute.with_user(user)._close("resolved", "x")

    def test_nobody_forges(self):
        promise, dispute = (
            self.promise_as(self.collector),
            self.dispute_as(self.collector, self.defect),
        )
        for user in (self.collector, self.manager):
            for vals in ({"state": "kept"}, {"amount": 1.0}, {"tolerance_days": 400}):
                with self.subTest(vals), self.assertRaises(AccessError):
                    promise.with_user(user).write(vals)
            with self.assertRaises(AccessError):
                promise.with_user(user).unlink()
            with self.assertRaises(AccessError):
                promise.with_user(user).create({"partner_id": self.customer.id})
            for vals in (
                {"state": "resolved"},
                {"reason_id": self.illness.id},
                {"amount": 1.0},
                {"description": "The left hinge"},
            ):
                with self.subTest(vals), self.assertRaises(UserError):
                    dispute.with_user(user).write(vals)
            with self.assertRaises(AccessError):
                dispute.with_user(user).unlink()
        dispute.with_user(self.collector).write({"prevention": "Check the hinges"})
        self.assertEqual(dispute.prevention, "Check the hinges")

    def test_a_broken_promise_is_forgiven_by_managers_only(self):
        promise = self.promise_as(self.collector)
        self.night("2026-03-29")
        with self.assertRaisesRegex(UserError, "Only a manager"):
            promise.with_user(self.collector).action_cancel()
        promise.with_user(self.manager).action_cancel()
        self.assertEqual(promise.state, "cancelled")

    def test_health_is_for_collectors(self):
        dispute = self.dispute_as(self.collector, self.illness, description="In hospital")
        files = self.env["ir.attachment"].with_user(self.collector)
        file = files.create({"name": "report.pdf", "raw": b"x"})
        dispute.attachment_ids = file
        self.assertEqual(dispute.with_user(self.manager).description, "In hospital")
        hidden = self.env["dunning.dispute"].with_user(self.seller)
        self.customer.user_id = self.seller
        self.assertFalse(hidden.search([]))
        with self.assertRaises(AccessError):
            hidden.browse(dispute.id).read(["description"])
        with self.assertRaises(AccessError):
            file.with_user(self.seller).read(["raw"])
        customer = self.customer.with_user(self.seller)
        self.assertEqual((customer.dispute_count, customer.dispute_summary), (0, ""))
        said = customer.message_ids.mapped("body")
        self.assertFalse([body for body in said if self.illness.name in body])
        # That something is disputed is no secret, only what.
        self.assertEqual(self.line.with_user(self.seller).follow_up, "disputed")

    def test_reasons_are_the_managers(self):
        with self.assertRaises(AccessError):
            self.defect.with_user(self.collector).holds = False
        self.defect.with_user(self.manager).holds = False

    def test_other_companies_see_nothing(self):
        promise, dispute = (
            self.promise_as(self.collector),
            self.dispute_as(self.collector, self.defect),
        )
        for record in (promise, dispute):
            foreign = record.with_user(self.stranger)
            self.assertFalse(foreign.search([]))
            with self.assertRaises(AccessError):
                foreign.read(["partner_id"])
        customer = self.customer.with_user(self.stranger).with_company(self.other)
        self.assertEqual((customer.promise_count, customer.dispute_count), (0, 0))
        self.assertFalse(customer.promise_summary)

    def test_a_cashier_without_collection_rights_keeps_a_promise(self):
        """Whoever books the payment need not see promises."""
        promise = self.promise_as(self.collector)
        accountant = new_test_user(
            self.env,
            "promise.accountant",
            groups="account.group_account_invoice",
            company_id=self.company.id,
        )
        register = self.env["account.payment.register"].with_user(accountant)
        register.with_context(active_model="account.move.line", active_ids=self.line.ids).create(
            {"payment_date": TODAY}
        )._create_payments()
        self.env.cr.flush()
        self.assertEqual((promise.state, promise.paid_amount), ("kept", 102.33))
