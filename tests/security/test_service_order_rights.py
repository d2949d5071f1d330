"""Who takes which step of a service order, and whose orders are seen."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from tests.optics.service_common import ServiceOrderCommon


@freeze_time("2026-03-17")
class TestServiceOrderRights(ServiceOrderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller, cls.manager, cls.nobody = (
            new_test_user(cls.env, f"service.{name}", groups=group, company_id=cls.company.id)
            for name, group in (
                ("seller", "optica_cobranca.group_seller"),
                ("manager", "optica_cobranca.group_manager"),
                ("nobody", "base.group_user"),
            )
        )
        cls.other = cls.env["res.company"].create({"name": "Other shop"})
        cls.stranger = new_test_user(
            cls.env,
            "service.stranger",
            groups="optica_cobranca.group_manager",
            company_id=cls.other.id,
            company_ids=[Command.set(cls.other.ids)],
        )

    def made_by_seller(self):
        return self.make_order().with_user(self.seller)

    def test_sellers_take_the_whole_way(self):
        orders = self.env["optica.service.order"].with_user(self.seller)
        order = orders.create(
            {
                "partner_id": self.customer.id,
                "lab_id": self.lab.id,
                "promised_date": "2026-03-24",
                "line_ids": [Command.create({"kind": "lens", "name": "Lenses"})],
            }
        )
        order.write({"state": "at_lab"})
        order.write({"state": "ready"})
        self.assertEqual(self.messages(order).author_id, self.seller)
        order._go_to("delivered", accepted_by="Maria")
        order.action_undo()
        self.assertEqual(order.state, "ready")

    def test_the_sale_is_offered_to_those_who_may_read_it(self):
        """The seller has own sales only, and sees the service orders of all."""
        sale = self.make_sale()
        order = self.make_order(sale_order_id=sale.id)
        self.assertFalse(order.with_user(self.seller).can_open_sale)
        self.assertTrue(order.can_open_sale)
        sale.user_id = self.seller
        self.assertTrue(order.with_user(self.seller).can_open_sale)

    def test_sellers_neither_delete_nor_cancel_what_was_delivered(self):
        order = self.made_by_seller()
        with self.assertRaises(AccessError):
            order.unlink()
        order.action_ready()
        order._go_to("delivered", accepted_by="Maria")
        with self.assertRaisesRegex(UserError, "Only a manager"):
            order.action_cancel()
        order.with_user(self.manager).action_cancel()
        self.assertEqual(order.state, "cancelled")

    def test_a_delivery_of_another_day_is_undone_by_managers(self):
        order = self.made_by_seller()
        order.action_ready()
        order._go_to("delivered", day=date(2026, 3, 16), accepted_by="Maria")
        with self.assertRaisesRegex(UserError, "03/16/2026"):
            order.action_undo()
        order.with_user(self.manager).action_undo()
        self.assertEqual(order.state, "ready")

    def test_the_cost_of_remakes_is_for_managers(self):
        order = self.made_by_seller()
        with self.assertRaises(AccessError):
            order.write({"remake_cost": 10.0})
        order.with_user(self.manager).remake_cost = 10.0
        self.assertEqual(order.sudo().remake_cost, 10.0)

    def test_others_see_nothing(self):
        order = self.make_order()
        for user in (self.nobody, self.stranger):
            with self.assertRaises(AccessError):
                order.with_user(user).read(["name"])
        found = self.env["optica.service.order"].with_user(self.stranger).search([])
        self.assertNotIn(order.id, found.ids)
        with self.assertRaises(AccessError):
            order.with_user(self.stranger)._go_to("ready")
