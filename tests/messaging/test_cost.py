"""What messages cost: by the shop's table, on the day they left, again when the category moves."""

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import Form

from odoo.addons.optica_cobranca.clients.base import DeliveryEvent
from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook

from tests.fakes.cloud_api_webhooks import envelope, messages_value, status
from tests.messaging.common import OutboxCommon

# 2026-02-11 15:00 UTC.
NOON_EPOCH = 1_770_822_000


class TestCost(OutboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prices = cls.env["contact.price"]
        # Before any message of the tests leaves: a line changed later holds for them still.
        with freeze_time("2025-01-01"):
            cls.prices.search([]).active = False
        cls.make_price("whatsapp", 0.034, category="utility")
        cls.make_price("whatsapp", 0.35, category="marketing")
        cls.make_price("sms", 0.12)

    @classmethod
    def make_price(cls, channel, amount, since="2026-01-01", **values):
        defaults = {"channel": channel, "amount": amount, "valid_from": since}
        currency = cls.company.currency_id.id
        return cls.env["contact.price"].create({"currency_id": currency, **defaults, **values})

    def report(self, message, category, state="delivered", charge=None):
        """The provider tells the category it charges."""
        event = {
            "key": f"{message.uuid}:{category}:{state}",
            "state": state,
            "category": category,
            "charge": charge,
        }
        self.env["contact.message"]._apply_news([(message.id, self.delivery(message, **event))])
        self.env.invalidate_all()

    def delivery(self, message, **values):
        return DeliveryEvent(
            reference=message.uuid, provider_id=message.provider_id, occurred_at=None, **values
        )

    def test_fractions_of_a_cent_are_kept(self):
        self.assertAlmostEqual(self.send_one().cost, 0.034, 6)

    def test_what_did_not_leave_costs_nothing(self):
        partner = self.make_late(phone="12")
        message = self.send_one(partner)
        self.assertEqual((message.state, message.cost), ("cancelled", 0))

    def test_category_of_the_provider_counts(self):
        message = self.send_one()
        self.report(message, "marketing")
        self.assertAlmostEqual(message.cost, 0.35, 6)
        self.report(message, "marketing")
        self.assertAlmostEqual(message.cost, 0.35, 6)

    def test_what_the_provider_calls_free_costs_nothing(self):
        for number, charge in enumerate(("free_customer_service", "free_entry_point", "free")):
            with self.subTest(charge):
                message = self.send_one(self.make_late("F", f"+55 11 96000-50{number:02d}"))
                self.assertAlmostEqual(message.cost, 0.034, 6)
                self.report(message, "utility", "sent", charge)
                self.assertEqual((message.cost, message.charge), (0, charge))
                self.assertAlmostEqual(message.cost_estimate, 0.034, 6)
                self.report(message, "utility", "delivered", charge)
                self.assertEqual(message.cost, 0)
        self.report(message, "utility", "read", "regular")
        self.assertAlmostEqual(message.cost, 0.034, 6)

    def test_read_from_the_webhook(self):
        cases = (
            ({"billable": True, "type": "regular"}, "regular", 0.034),
            ({"billable": True, "type": "free_entry_point"}, "free_entry_point", 0),
            ({"billable": False, "type": "free_customer_service"}, "free_customer_service", 0),
            ({"billable": False}, "free", 0),
            ({}, False, 0.034),
        )
        for number, (pricing, charge, cost) in enumerate(cases):
            with self.subTest(pricing):
                message = self.send_one(self.make_late("W", f"+55 11 96000-51{number:02d}"))
                told = status(
                    message.provider_id, "delivered", reference=message.uuid, at=NOON_EPOCH
                )
                told["pricing"] = {"pricing_model": "PMP", "category": "utility", **pricing}
                payload = envelope(messages_value(statuses=[told]))
                self.env["contact.event"]._take_in(self.gateway, parse_webhook(payload))
                self.env.invalidate_all()
                self.assertEqual(message.charge, charge)
                self.assertAlmostEqual(message.cost, cost, 6)
                self.assertEqual(message.event_ids.charge, charge)

    def test_what_failed_after_it_was_sent_costs_nothing(self):
        message = self.send_one()
        self.report(message, "utility", "sent")
        self.assertAlmostEqual(message.cost, 0.034, 6)
        self.report(message, None, "failed")
        self.assertEqual((message.state, message.cost), ("failed", 0))
        self.assertAlmostEqual(message.cost_estimate, 0.034, 6)
        # It arrived after all: Meta says so later.
        self.report(message, "utility", "delivered")
        self.assertEqual(message.state, "delivered")
        self.assertAlmostEqual(message.cost, 0.034, 6)

    def test_the_estimate_stays_what_the_table_said(self):
        """Estimate, provider's category and cost are told apart."""
        message = self.send_one()
        self.report(message, "marketing")
        self.assertAlmostEqual(message.cost_estimate, 0.034, 6)
        self.assertEqual(message.category, "marketing")
        self.assertAlmostEqual(message.cost, 0.35, 6)

    def answers(self, number, count=1, **values):
        """Free words of the shop that have left already."""
        partner = self.make_late("A", f"+55 11 96000-{number}")
        template = self.make_template(
            f"Words {number}", "Hi", purpose="service", whatsapp_template_name=False
        )
        return self.env["contact.message"].create(
            [
                {
                    "company_id": self.company.id,
                    "partner_id": partner.id,
                    "template_id": template.id,
                    "purpose": "service",
                    "channel": "whatsapp",
                    "gateway_id": self.gateway.id,
                    "state": "sending",
                    "body": "Hi",
                    **values,
                }
                for _each in range(count)
            ]
        )

    def sent(self, messages, at):
        with freeze_time(at):
            news = [
                (message.id, self.delivery(message, key=f"{message.uuid}:sent", state="sent"))
                for message in messages
            ]
            self.env["contact.message"]._apply_news(news)
        self.env.invalidate_all()
        return [round(message.cost, 4) for message in messages]

    def test_the_first_thousand_answers_of_a_month_are_free(self):
        """999, 1,000, 1,001 over a month's end in São Paulo; another number has its own."""
        self.make_price("whatsapp", 0.04, category="service", free_a_month=1000)
        first = self.answers(6001, 999)
        self.assertEqual(set(self.sent(first, "2026-10-15 15:00:00")), {0.0})
        # Two in one stroke: the thousandth, and the first that is charged.
        self.assertEqual(self.sent(self.answers(6002, 2), "2026-10-20 15:00:00"), [0.0, 0.04])
        # 31 October, 23:30 in São Paulo, is 1 November in UTC.
        self.assertEqual(self.sent(self.answers(6003), "2026-11-01 02:30:00"), [0.04])
        self.assertEqual(self.sent(self.answers(6004), "2026-11-01 03:30:00"), [0.0])
        other = self.make_gateway(name="Second number", phone_number_id="222")
        self.assertEqual(
            self.sent(self.answers(6005, gateway_id=other.id), "2026-10-21 15:00:00"), [0.0]
        )

    def test_templates_and_advertisements_use_up_nothing(self):
        self.make_price("whatsapp", 0.04, category="service", free_a_month=1)
        template = self.queue(self.make_late("T", "+55 11 96000-6101"))
        template.write({"state": "sending", "gateway_id": self.gateway.id})
        self.sent(template, "2026-10-15 15:00:00")
        from_advertisement = self.answers(6102)
        self.sent(from_advertisement, "2026-10-15 15:00:00")
        self.report(from_advertisement, "service", "delivered", "free_entry_point")
        self.assertEqual(self.sent(self.answers(6103), "2026-10-16 15:00:00"), [0.0])
        self.assertEqual(self.sent(self.answers(6104), "2026-10-17 15:00:00"), [0.04])

    def test_category_in_words(self):
        message = self.send_one()
        self.assertFalse(message.priced_as)
        for word, shown in (
            ("utility", "Utility"),
            ("MARKETING", "Marketing"),
            ("authentication", "One-Time Code"),
            ("referral_conversion", "After an Advertisement"),
            ("made_up_lately", "Made up lately"),
        ):
            self.report(message, word)
            self.assertEqual(message.priced_as, shown)

    def test_price_of_the_day_it_left(self):
        self.make_price("whatsapp", 0.05, since="2026-02-12", category="utility")
        message = self.send_one()
        self.assertAlmostEqual(message.cost, 0.034, 6)
        later = self.send_one(self.make_late("B", "+55 11 96000-0002"), at="2026-02-12 15:00:00")
        self.assertAlmostEqual(later.cost, 0.05, 6)

    def test_a_changed_price_leaves_old_messages_alone(self):
        """Sent at 0.034; whatever becomes of the line, that is what it cost."""
        message = self.send_one()
        utility = self.prices.search([("category", "=", "utility")])
        with freeze_time("2026-02-12 15:00:00"):
            utility.amount = 1
        self.report(message, "utility")
        self.assertEqual(message.category, "utility")
        self.assertAlmostEqual(message.cost, 0.034, 6)
        marketing = self.prices.search([("category", "=", "marketing")])
        with freeze_time("2026-02-13 15:00:00"):
            marketing.amount = 2
            utility.amount = 3
        self.report(message, "marketing")
        self.assertAlmostEqual(message.cost, 0.35, 6)
        with freeze_time("2026-02-14 15:00:00"):
            (marketing + utility).unlink()
        self.report(message, "utility")
        self.assertAlmostEqual(message.cost, 0.034, 6)

    def test_later_messages_cost_what_the_line_says_then(self):
        self.send_one()
        with freeze_time("2026-02-11 20:00:00"):
            self.prices.search([("category", "=", "utility")]).amount = 1
        later = self.send_one(self.make_late("B", "+55 11 96000-0002"), at="2026-02-12 15:00:00")
        self.assertAlmostEqual(later.cost, 1, 6)

    def test_a_line_that_holds_from_tomorrow_is_changed_without_a_trace(self):
        line = self.make_price("whatsapp", 0.05, since="2099-01-01", category="utility")
        before = self.prices.with_context(active_test=False).search_count([])
        line.amount = 0.06
        self.assertEqual(self.prices.with_context(active_test=False).search_count([]), before)

    def test_an_sms_costs_by_the_part(self):
        message = self.queue(self.make_late())
        message.write({"channel": "sms", "body": "a" * 161})
        self.assertEqual(message._cost_of({message.id: (None, None)}), {message.id: 0.24})

    def test_another_currency(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": dollar.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "rate": 0.2,
            }
        )
        self.make_price(
            "whatsapp",
            0.0068,
            provider="whatsapp_cloud",
            category="utility",
            currency_id=dollar.id,
        )
        self.assertAlmostEqual(self.send_one().cost, 0.034, 6)

    def test_category_follows_the_purpose_and_may_be_chosen(self):
        with Form(self.env["contact.template"]) as form:
            form.name = "Greeting"
            form.purpose = "relationship"
            form.whatsapp_body = "Hi"
            self.assertEqual(form.category, "marketing")
            form.category = "utility"
        self.assertEqual(form.record.category, "utility")

    def test_no_negative_price(self):
        with self.assertRaisesRegex(ValidationError, "less than nothing"):
            self.make_price("email", -0.01)
