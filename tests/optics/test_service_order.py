"""Service orders: steps, dates, messages, remakes, the sale, the calendar, paper."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import new_test_user

from tests.optics.service_common import ServiceOrderCommon

TODAY = "2026-03-17"  # a Tuesday


@freeze_time(TODAY)
class TestServiceOrder(ServiceOrderCommon):
    def test_numbers_count_in_each_company(self):
        first, second = self.make_order(), self.make_order()
        self.assertEqual(int(second.name[2:]), int(first.name[2:]) + 1)
        self.assertRegex(first.name, r"^OS\d{6}$")
        other = self.env["res.company"].create({"name": "Second shop"})
        own = self.env["optica.service.order"].create(
            {"partner_id": self.customer.id, "company_id": other.id}
        )
        self.assertEqual(own.name, "OS000001")

    def test_proposes_a_working_day(self):
        """4 days from Tuesday 17 March is a Saturday: Monday the 23rd."""
        self.company.service_order_days = 4
        order = self.env["optica.service.order"].create({"partner_id": self.customer.id})
        self.assertEqual(order.promised_date, date(2026, 3, 23))
        self.assertEqual(order.patient_id, self.customer)

    def test_the_whole_way(self):
        order = self.make_order()
        order._go_to("at_lab")
        self.assertEqual((order.state, order.sent_date), ("at_lab", date(2026, 3, 17)))
        with freeze_time("2026-03-26"):
            self.env.invalidate_all()
            self.assertEqual((order.days_late, order.is_late), (2, True))
            order.action_ready()
            self.assertEqual((order.days_late, order.is_late), (0, False))
        self.assertEqual((order.lab_days, order.delay_days, order.late_share), (9, 2, 1.0))
        with freeze_time("2026-03-30"):
            self.deliver(order)
        self.assertEqual((order.state, order.delivered_date), ("delivered", date(2026, 3, 30)))
        self.assertEqual(order.accepted_by, "Maria da Silva")

    def test_late_ones_are_found(self):
        late, today, ready = (
            self.make_order(promised_date=day) for day in ("2026-03-16", TODAY, "2026-03-10")
        )
        ready._go_to("at_lab")
        ready.action_ready()
        mine = Domain("partner_id", "=", self.customer.id)
        orders = self.env["optica.service.order"]
        self.assertEqual(orders.search(mine & Domain("is_late", "=", True)), late)
        self.assertEqual(orders.search(mine & Domain("is_late", "=", False)), ready + today)

    def test_a_state_is_only_written_by_its_rules(self):
        order = self.make_order(lab_id=False)
        seller_view = order.with_user(self.env.user)
        for state, text in (("delivered", "no way"), ("at_lab", "lab first")):
            with self.assertRaisesRegex(UserError, text):
                seller_view.write({"state": state})
        with self.assertRaisesRegex(UserError, "follow from the steps"):
            seller_view.write({"ready_date": TODAY})
        forged = self.make_order(state="delivered", delivered_date=TODAY)
        self.assertEqual((forged.state, forged.delivered_date), ("draft", False))

    def test_dropping_asks_for_what_is_missing(self):
        order = self.make_order()
        wizard = self.env["optica.service.step"].browse(order.action_drop("at_lab")["res_id"])
        self.assertEqual((wizard.step, wizard.lab_id), ("at_lab", self.lab))
        wizard.write({"date": "2026-03-16", "promised_date": "2026-03-25"})
        wizard.action_apply()
        self.assertEqual(
            (order.state, order.sent_date, order.promised_date),
            ("at_lab", date(2026, 3, 16), date(2026, 3, 25)),
        )
        self.assertFalse(order.action_drop("ready"))
        self.assertEqual(order.state, "ready")
        self.assertEqual(order.action_drop("delivered")["res_model"], "optica.service.step")
        self.assertEqual(order.state, "ready")

    def step(self, action):
        return self.env["optica.service.step"].browse(action["res_id"])

    def test_lenses_without_a_prescription_are_asked_about_before_the_lab(self):
        order = self.make_order()
        self.assertIn(order.name, self.step(order.action_send_to_lab()).warning)
        repair = self.make_order(line_ids=[Command.create({"kind": "frame", "name": "Frame"})])
        self.assertFalse(self.step(repair.action_send_to_lab()).warning)
        both = self.step((order + repair).action_send_to_lab())
        self.assertNotIn(repair.name, both.warning)

    def test_labs_are_chosen_among_labs_and_the_usual_one_is_proposed(self):
        orders = self.env["optica.service.order"]
        for model in (orders, self.env["optica.service.step"]):
            self.assertEqual(model._fields["lab_id"].domain, "[('is_optica_lab', '=', True)]")
        self.assertFalse(self.make_customer("Somebody", is_company=True).is_optica_lab)
        fresh = self.make_order(lab_id=False)
        self.assertFalse(self.step(fresh.action_send_to_lab()).lab_id, "nothing was sent yet")
        self.make_order()._go_to("at_lab")
        self.assertEqual(self.step(fresh.action_send_to_lab()).lab_id, self.lab)
        other = self.make_customer("Other lab", is_company=True, is_optica_lab=True)
        own = self.make_order(lab_id=other.id)
        self.assertEqual(self.step(own.action_send_to_lab()).lab_id, other, "the order's own")

    def test_contacts_that_made_glasses_before_are_labs(self):
        self.make_order()
        self.lab.invalidate_recordset()
        self.lab._compute_is_optica_lab()
        self.assertTrue(self.lab.is_optica_lab)
        self.assertFalse(self.customer.is_optica_lab)

    def unpaid(self):
        """Down payment 30.00 of today, and 100.00 due on Tuesday 10 February: on 17 March 35 days,
        2.00 and 100 x 1% / 30 x 35 = 1.17, together 103.17.
        """
        move = self.make_invoice(
            total="130.00", installments=1, first_due="2026-04-17", down="30.00", sold=TODAY
        )
        self.make_installments(("2026-02-10", "100.00"))
        order = self.make_order(move_id=move.id)
        order.action_ready()
        return order

    def test_delivery_tells_what_is_unpaid(self):
        order = self.unpaid()
        warning = self.step(order.action_deliver()).warning
        self.assertIn("30.00", warning)
        self.assertIn("103.17", warning)
        self.deliver(order)
        self.assertEqual(order.state, "delivered", "a warning stops nobody")
        self.company.delivery_debt = "nothing"
        self.assertFalse(self.step(order.action_deliver()).warning)

    def test_delivery_with_debts_may_be_the_managers_alone(self):
        self.company.delivery_debt = "stop"
        order = self.unpaid()
        seller = new_test_user(
            self.env,
            "delivering",
            groups="optica_cobranca.group_seller",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaisesRegex(UserError, "103.17"):
            order.with_user(seller)._go_to("delivered", accepted_by="Maria")
        self.assertEqual(order.state, "ready")
        self.deliver(order)
        self.assertEqual(order.state, "delivered")
        paid = self.make_order(partner_id=self.make_customer("Ana").id)
        paid.action_ready()
        paid.with_user(seller)._go_to("delivered", accepted_by="Ana")
        self.assertEqual(paid.state, "delivered")

    def test_many_are_sent_at_once_or_none(self):
        orders = self.make_order() + self.make_order(lab_id=False, promised_date=False)
        wizard = self.env["optica.service.step"].browse(orders.action_send_to_lab()["res_id"])
        with self.assertRaises(UserError), self.cr.savepoint():
            wizard.action_apply()
        self.env.invalidate_all()
        self.assertEqual(set(orders.mapped("state")), {"draft"})
        wizard.promised_date = "2026-03-30"
        wizard.lab_id = self.lab
        wizard.action_apply()
        self.assertEqual(set(orders.mapped("state")), {"at_lab"})
        self.assertEqual(set(orders.mapped("promised_date")), {date(2026, 3, 30)})

    def test_delivery_needs_a_name_and_an_acceptance(self):
        order = self.make_order()
        order.action_ready()
        wizard = self.env["optica.service.step"].browse(order.action_deliver()["res_id"])
        with self.assertRaisesRegex(UserError, "sign"):
            wizard.action_apply()
        wizard.write({"accepted": True, "accepted_by": " "})
        with self.assertRaisesRegex(UserError, "who took"):
            wizard.action_apply()
        self.assertEqual(order.state, "ready")

    def test_delivery_is_undone(self):
        order = self.make_order()
        order.action_ready()
        self.deliver(order)
        order.action_undo()
        self.assertEqual(
            (order.state, order.delivered_date, order.accepted_by), ("ready", False, False)
        )

    def test_the_lab_does_it_again(self):
        order = self.make_order()
        order._go_to("at_lab")
        with freeze_time("2026-03-20"):
            order.action_ready()
            wizard = self.env["optica.service.step"].browse(order.action_return_to_lab()["res_id"])
            wizard.reason = "Scratched"
            wizard.action_apply()
        self.assertEqual((order.state, order.lab_returns, order.ready_date), ("at_lab", 1, False))
        with freeze_time("2026-03-27"):
            order.action_ready()
        self.assertEqual((order.lab_days, order.delay_days), (10, 3))

    def test_warranty_is_a_linked_order(self):
        order = self.make_order()
        with self.assertRaisesRegex(UserError, "finished"):
            order._remake("Loose", "lab", "2026-04-01")
        order.action_ready()
        self.deliver(order)
        wizard = self.env["optica.service.step"].browse(order.action_remake()["res_id"])
        wizard.write({"reason": "Lens fell out", "cost_borne_by": "shop"})
        remake = self.env["optica.service.order"].browse(wizard.action_apply()["res_id"])
        self.assertEqual((remake.origin_id, remake.state), (order, "draft"))
        self.assertEqual((remake.remake_reason, remake.cost_borne_by), ("Lens fell out", "shop"))
        self.assertEqual(remake.line_ids.mapped("name"), ["Single vision 1.5"])
        self.assertEqual((order.remake_count, remake.is_remake), (1, 1.0))
        self.assertEqual((remake.sent_date, remake.accepted_by), (False, False))

    # ------------------------------------------------------------ messages

    def test_ready_is_told_once(self):
        order = self.make_order()
        order._go_to("at_lab")
        order.action_ready()
        [message] = self.messages(order)
        self.assertEqual(
            (message.template_id, message.purpose, message.state, message.partner_id),
            (self.ready_template, "service", "queued", self.customer),
        )
        order.action_tell_ready()
        self.assertEqual(len(self.messages(order)), 1)

    def test_what_is_not_ready_is_not_told(self):
        order = self.make_order()
        order.action_ready()
        order.action_undo()
        self.assertEqual(self.messages(order).state, "cancelled")
        order.action_ready()
        self.assertEqual(sorted(self.messages(order).mapped("state")), ["cancelled", "queued"])
        self.deliver(order)
        self.assertEqual(set(self.messages(order).mapped("state")), {"cancelled"})
        order.action_undo()
        self.assertEqual(len(self.messages(order)), 2)

    def test_a_shop_may_tell_by_itself(self):
        self.company.service_order_message = False
        order = self.make_order()
        order.action_ready()
        self.assertFalse(self.messages(order))
        order.action_tell_ready()
        self.assertEqual(len(self.messages(order)), 1)

    def test_one_task_for_a_late_order(self):
        late = self.make_order(promised_date="2026-03-16")
        in_time = self.make_order(promised_date=TODAY)
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cursor:
            orders = self.env(cr=cursor)["optica.service.order"]
            orders._cron_late()
            orders._cron_late()
        self.env.invalidate_all()
        self.assertEqual(len(late.activity_ids), 1)
        self.assertEqual(late.activity_ids.user_id, late.user_id)
        self.assertFalse(in_time.activity_ids)
        late._go_to("at_lab")
        self.assertFalse(late.activity_ids)

    # ----------------------------------------------------- sale, calendar

    def test_from_a_sale(self):
        sale = self.make_sale("700.00")
        sale.order_line.product_id.optical_kind = "frame"
        sale.action_confirm()
        order = self.env["optica.service.order"].browse(sale.action_service_order()["res_id"])
        self.assertEqual((order.partner_id, order.sale_order_id), (sale.partner_id, sale))
        self.assertEqual(order.line_ids.mapped("kind"), ["frame"])
        self.assertEqual(order.line_ids.sale_line_id, sale.order_line)
        order.action_ready()
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.deliver(order)
        self.assertEqual(sale.order_line.qty_delivered, 1)
        order.action_undo()
        self.assertEqual(sale.order_line.qty_delivered, 0)

    def occurrences(self):
        self.env.invalidate_all()
        return [
            (day.kind, str(day.date), day.days_late, day.action_open_document()["res_model"])
            for day in self.env["optica.occurrence"].search(
                [("partner_id", "=", self.customer.id), ("kind", "=like", "delivery%")]
            )
        ]

    def test_in_the_calendar(self):
        model = "optica.service.order"
        order = self.make_order(promised_date="2026-03-16")
        self.assertEqual(self.occurrences(), [("delivery_late", "2026-03-16", 1, model)])
        order.promised_date = "2026-03-20"
        self.assertEqual(self.occurrences(), [("delivery_promised", "2026-03-20", 0, model)])
        order.action_ready()
        self.assertEqual(self.occurrences(), [("delivery_ready", TODAY, 0, model)])
        self.deliver(order)
        self.assertEqual(self.occurrences(), [])

    def test_not_fetched_after_a_week(self):
        """Ready on 17 March: on the 24th somebody reminds the customer."""
        self.company.unfetched_days = 7
        model = "optica.service.order"
        order = self.make_order()
        order.action_ready()
        self.assertEqual(order.unfetched_date, date(2026, 3, 24))
        self.company.unfetched_days = 3
        with freeze_time("2026-03-23"):
            self.assertEqual(self.occurrences(), [("delivery_ready", TODAY, 0, model)])
        with freeze_time("2026-03-24"):
            unfetched = ("delivery_unfetched", "2026-03-24", 0, model)
            self.assertEqual(self.occurrences(), [unfetched])
            kind = self.env["optica.occurrence.type"]._of_kind("delivery_unfetched")
            kind.active = False
            self.assertEqual(self.occurrences(), [("delivery_ready", TODAY, 0, model)])
            kind.active = True
            self.deliver(order)
            self.assertEqual(self.occurrences(), [])

    def test_scanning(self):
        order = self.make_order()
        orders = self.env["optica.service.order"]
        self.assertEqual(orders.action_scan(order.name.lower())["id"], order.id)
        self.assertEqual(order.state, "draft")
        self.assertEqual(orders.action_scan("OS999999"), {})
        order._go_to("at_lab")
        self.assertEqual(orders.action_scan(f" {order.name} ", True)["state"], "Ready")
        self.assertEqual(orders.action_scan(order.name, True)["state"], "Ready")

    def test_three_parts_on_paper(self):
        order = self.make_order(own_frame=True, own_frame_note="Gold, scratched temple")
        report = self.env["ir.actions.report"]
        html, _kind = report._render_qweb_html("optica_cobranca.report_service_order", order.ids)
        text = html.decode()
        for part in ("Customer's part", "Shop's part", "Lab's part"):
            self.assertEqual(text.count(part), 1, part)
        self.assertEqual(text.count("data:image/png;base64,"), 1)
        self.assertEqual(text.count("Gold, scratched temple"), 3)
        self.assertEqual(text.count("03/24/2026"), 3)
