"""Messages about glasses: late, ready and not fetched, delivered."""

from datetime import date, datetime

from freezegun import freeze_time

from tests.calendar.campaign_common import CampaignCommon


class TestDeliveries(CampaignCommon):
    def setUp(self):
        super().setUp()
        self.partner = self.born("1980-05-01")

    def test_apology_for_each_broken_promise(self):
        self.automatic("delivery_late")
        order = self.glasses(self.partner, "2026-02-10")
        self.job()
        self.job("2026-02-12 11:00:00")
        self.assertEqual(self.messages("delivery_late").mapped("res_id"), order.ids)
        order.promised_date = "2026-02-17"
        self.env.flush_all()
        self.job("2026-02-18 11:00:00")
        self.assertEqual(len(self.messages("delivery_late")), 2)

    def test_no_apology_for_what_is_ready(self):
        self.automatic("delivery_late")
        self.company.service_order_message = False
        self.glasses(self.partner, "2026-02-10")._go_to("ready")
        self.job()
        self.assertFalse(self.messages())

    def ready(self, order, day):
        with freeze_time(f"{day} 15:00:00"):
            order._go_to("ready")

    def test_reminder_of_glasses_that_nobody_fetched(self):
        """Ready on 4 February, a week later the reminder; made again and ready, once more."""
        self.automatic("delivery_unfetched")
        self.company.write({"service_order_message": False, "unfetched_days": 7})
        order = self.glasses(self.partner)
        self.ready(order, "2026-02-04")
        self.job("2026-02-10 11:00:00")
        self.assertFalse(self.messages())
        for day in (11, 12, 13):
            self.job(f"2026-02-{day} 11:00:00")
        message = self.messages("order_unfetched")
        self.assertEqual((message.partner_id, message.res_id), (self.partner, order.id))
        self.assertEqual(message.purpose, "service")
        self.assertEqual(message.scheduled_at, datetime(2026, 2, 11, 12, 0), "9:00 in São Paulo")
        self.dispatch()
        self.assertIn("Olá, Maria! O seu pedido continua", message.body)
        with freeze_time("2026-02-13 15:00:00"):
            order._go_to("at_lab")
        self.ready(order, "2026-02-16")
        self.job("2026-02-22 11:00:00")
        self.assertEqual(len(self.messages("order_unfetched")), 1)
        self.job("2026-02-23 11:00:00")
        self.assertEqual(len(self.messages("order_unfetched")), 2)

    def test_two_pairs_of_one_customer_are_one_reminder(self):
        self.automatic("delivery_unfetched")
        self.company.write({"service_order_message": False, "unfetched_days": 7})
        for _pair in range(2):
            self.ready(self.glasses(self.partner), "2026-02-04")
        self.job()
        self.assertEqual(len(self.messages("order_unfetched")), 1)
        self.assertEqual(self.reasons("delivery_unfetched"), {"recent": 1})

    def test_what_happened_meanwhile_is_not_said(self):
        """The job wrote at 8:00, messages leave from 9:00 on; at 8:30 the glasses move."""
        self.automatic("delivery_unfetched", "delivery_late")
        self.company.write({"service_order_message": False, "unfetched_days": 7})
        fetched, late = self.glasses(self.partner), self.glasses(self.partner, "2026-02-10")
        self.ready(fetched, "2026-02-04")
        self.job()
        self.assertEqual(set(self.messages().mapped("state")), {"queued"})
        with freeze_time("2026-02-11 11:30:00"):
            fetched._go_to("delivered", accepted_by="Maria")
            self.assertEqual(self.messages("order_unfetched").state, "cancelled")
            late._go_to("at_lab")
            self.assertEqual(self.messages("delivery_late").state, "queued")
            late._go_to("ready")
            self.assertEqual(self.messages("delivery_late").state, "cancelled")

    def test_survey_five_days_after_the_delivery(self):
        self.automatic("survey")
        self.company.service_order_message = False
        order = self.glasses(self.partner)
        self.deliver(order, "2026-02-06")
        self.assertEqual(order.survey_date, date(2026, 2, 11))
        self.job("2026-02-10 11:00:00")
        self.assertFalse(self.messages())
        self.job()
        self.job("2026-02-12 11:00:00")
        message = self.messages("satisfaction_survey")
        self.assertEqual((message.partner_id, message.res_id), (self.partner, order.id))

    def test_nobody_is_asked_about_glasses_that_are_made_again(self):
        self.automatic("survey")
        self.company.service_order_message = False
        order = self.glasses(self.partner)
        self.deliver(order, "2026-02-06")
        order._remake("Scratched", "lab", "2026-02-20")
        self.env.flush_all()
        self.job()
        self.assertFalse(self.messages())
