"""What messages cost: by the shop's table, on the day they left, again when the category moves."""

from odoo.exceptions import ValidationError
from odoo.tests import Form

from odoo.addons.optica_cobranca.clients.base import DeliveryEvent

from tests.outbox.common import OutboxCommon


class TestCost(OutboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prices = cls.env["contact.price"]
        cls.prices.search([]).active = False
        cls.make_price("whatsapp", 0.034, category="utility")
        cls.make_price("whatsapp", 0.35, category="marketing")
        cls.make_price("sms", 0.12)

    @classmethod
    def make_price(cls, channel, amount, since="2026-01-01", **values):
        defaults = {"channel": channel, "amount": amount, "valid_from": since}
        currency = cls.company.currency_id.id
        return cls.env["contact.price"].create({"currency_id": currency, **defaults, **values})

    def report(self, message, category):
        """The provider tells the category it charges."""
        event = {"key": f"{message.uuid}:{category}", "state": "delivered", "category": category}
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

    def test_a_new_price_leaves_old_messages_alone(self):
        message = self.send_one()
        self.prices.search([("category", "=", "utility")]).amount = 1
        self.report(message, "utility")
        self.assertEqual(message.category, "utility")
        # Told a category for the first time: priced once more, by the table as it is.
        self.assertAlmostEqual(message.cost, 1, 6)
        self.prices.search([("category", "=", "utility")]).amount = 2
        self.report(message, "utility")
        self.assertAlmostEqual(message.cost, 1, 6)

    def test_an_sms_costs_by_the_part(self):
        message = self.queue(self.make_late())
        message.write({"channel": "sms", "body": "a" * 161})
        self.assertEqual(message._cost_of({message.id: None}), {message.id: 0.24})

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
