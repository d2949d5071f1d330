"""A service order that begins on a quotation: it follows its lines and waits for the customer."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from tests.optics.service_common import ServiceOrderCommon

TODAY = "2026-03-17"  # a Tuesday


@freeze_time(TODAY)
class TestServiceOrderOfQuotation(ServiceOrderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.service_order_days = 4
        cls.frame = cls.make_product("300.00")
        cls.lenses = cls.make_product("400.00")
        cls.frame.optical_kind = "frame"
        cls.lenses.optical_kind = "lens"
        cls.sale = cls.make_sale("300.00")
        cls.sale.order_line.filtered(lambda line: not line.is_finance_charge).product_id = cls.frame
        cls.add(cls.lenses)

    @classmethod
    def add(cls, product, **values):
        values = {"order_id": cls.sale.id, "product_id": product.id, **values}
        return cls.env["sale.order.line"].create({"tax_ids": [Command.clear()], **values})

    def order(self):
        return self.env["optica.service.order"].browse(self.sale.action_service_order()["res_id"])

    def glasses(self, order):
        return [(line.kind, line.product_id, line.quantity) for line in order.line_ids.sorted("id")]

    def line_of(self, product):
        return self.sale.order_line.filtered(lambda line: line.product_id == product)

    # --------------------------------------------------------------- making

    def test_from_a_draft_and_from_one_that_was_sent(self):
        for state in ("draft", "sent"):
            self.sale.service_order_ids.unlink()
            self.sale.state = state
            order = self.order()
            self.assertEqual((order.sale_order_id, order.state), (self.sale, "draft"))
            self.assertEqual((order.partner_id, order.company_id), (self.customer, self.company))
            self.assertEqual(
                self.glasses(order), [("frame", self.frame, 1), ("lens", self.lenses, 1)]
            )
            self.assertEqual(
                order.line_ids.sale_line_id, self.line_of(self.frame) + self.line_of(self.lenses)
            )

    def test_pressing_again_opens_the_same_order(self):
        self.assertEqual(self.order(), self.order())
        self.assertEqual(self.sale.service_order_count, 1)

    def test_not_from_a_cancelled_one(self):
        self.sale.action_cancel()
        with self.assertRaisesRegex(UserError, "cancelled"):
            self.sale.action_service_order()

    def test_nothing_is_promised_before_the_customer_agrees(self):
        """4 days from Tuesday 17 March is a Saturday: Monday the 23rd."""
        order = self.order()
        self.assertFalse(order.promised_date)
        with freeze_time("2026-05-01"):
            self.env.invalidate_all()
            self.assertFalse(order.is_late)
        self.sale.action_confirm()
        self.assertEqual(order.promised_date, date(2026, 3, 23))

    def test_a_day_promised_by_hand_stays(self):
        order = self.order()
        order.promised_date = "2026-03-30"
        self.sale.action_confirm()
        self.assertEqual(order.promised_date, date(2026, 3, 30))

    # --------------------------------------------------------------- guards

    def test_the_lab_waits_for_the_confirmed_sale(self):
        order = self.order()
        order.write({"lab_id": self.lab.id, "promised_date": "2026-03-30"})
        wizard = self.env["optica.service.step"].browse(order.action_send_to_lab()["res_id"])
        with self.assertRaisesRegex(UserError, "Confirm the sale"):
            wizard.action_apply()
        with self.assertRaisesRegex(UserError, "Confirm the sale"):
            order.action_ready()
        self.assertEqual((order.state, order.sent_date), ("draft", False))
        self.sale.action_confirm()
        wizard.action_apply()
        self.assertEqual(order.state, "at_lab")

    def test_a_locked_sale_is_a_confirmed_one(self):
        order = self.order()
        self.sale.action_confirm()
        self.sale.action_lock()
        order.action_ready()
        self.assertEqual(order.state, "ready")

    # ---------------------------------------------------------------- lines

    def test_it_follows_the_lines_of_the_quotation(self):
        order = self.order()
        other = self.make_product("520.00")
        other.optical_kind = "frame"
        self.sale.write(
            {
                "order_line": [
                    Command.update(self.line_of(self.frame).id, {"product_id": other.id}),
                    Command.update(self.line_of(self.lenses).id, {"product_uom_qty": 2}),
                ]
            }
        )
        self.assertEqual(self.glasses(order), [("frame", other, 1), ("lens", self.lenses, 2)])
        self.assertEqual(order.line_ids[0].name, self.line_of(other).name)
        case = self.make_product("30.00")
        self.add(case, product_uom_qty=3)
        self.line_of(other).unlink()
        self.assertEqual(self.glasses(order), [("lens", self.lenses, 2), ("other", case, 3)])

    def test_the_price_of_the_credit_is_no_part_of_glasses(self):
        order = self.order()
        self.sale.crediario_plan_id = self.make_plan(method="linear", monthly_rate=1.0)
        self.assertTrue(self.sale.order_line.filtered("is_finance_charge"))
        self.assertEqual(order.line_ids.product_id, self.frame + self.lenses)

    def test_what_was_written_by_hand_stays(self):
        order = self.order()
        order.line_ids[0].name = "Gold, 52 □ 18"
        order.line_ids = [Command.create({"kind": "other", "name": "Engraving"})]
        order.line_ids[1].unlink()
        self.line_of(self.frame).product_uom_qty = 2
        self.line_of(self.lenses).product_uom_qty = 4
        self.sale.action_confirm()
        self.assertEqual(order.line_ids.mapped("name"), ["Gold, 52 □ 18", "Engraving"])
        self.assertEqual(order.line_ids.mapped("quantity"), [2, 1])

    def test_what_the_lab_has_is_not_changed_any_more(self):
        order = self.order()
        self.sale.action_confirm()
        order.action_ready()
        self.line_of(self.lenses).product_uom_qty = 2
        self.add(self.make_product("30.00"))
        self.assertEqual(self.glasses(order), [("frame", self.frame, 1), ("lens", self.lenses, 1)])

    # --------------------------------------------------------------- cancel

    def test_a_cancelled_quotation_takes_its_order_along(self):
        order = self.order()
        self.sale.action_cancel()
        self.assertEqual(order.state, "cancelled")
        self.sale.action_draft()
        self.assertNotEqual(self.order(), order)

    def test_glasses_on_their_way_are_asked_about(self):
        order = self.order()
        order.lab_id = self.lab
        self.sale.action_confirm()
        order._go_to("at_lab")
        self.sale.action_cancel()
        self.assertEqual(order.state, "at_lab")
        self.assertEqual(order.activity_ids.user_id, order.user_id)
        self.assertIn(self.sale.name, order.activity_ids.note)
        with self.assertRaisesRegex(UserError, "Confirm the sale"):
            order.action_ready()
        order.action_cancel()
        self.assertEqual(order.state, "cancelled")

    def test_nobody_fetches_glasses_of_a_cancelled_sale(self):
        order = self.order()
        self.sale.action_confirm()
        order.action_ready()
        self.sale.action_cancel()
        self.assertEqual(self.messages(order).state, "cancelled")
        self.assertEqual(len(order.activity_ids), 1)

    def test_who_only_sells_in_odoo_changes_and_cancels(self):
        order = self.order()
        salesman = new_test_user(
            self.env,
            "only.sales",
            groups="sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
        )
        self.line_of(self.lenses).with_user(salesman).product_uom_qty = 2
        self.assertEqual(order.line_ids[1].quantity, 2)
        self.sale.with_user(salesman).action_cancel()
        self.assertEqual(order.state, "cancelled")
