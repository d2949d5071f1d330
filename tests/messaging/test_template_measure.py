"""What the form says below a text while it is typed."""

from odoo.exceptions import ValidationError
from odoo.tests import new_test_user

from tests.messaging.common import OutboxCommon

IDENTITY = "{{shop_name}}, {{shop_vat}}, {{shop_address}}"


class TestTemplateMeasure(OutboxCommon):
    def measure(self, name, text, purpose="service", is_approved=False):
        return self.env["contact.template"].measure(name, text, purpose, is_approved)

    def test_sms_with_values_of_usual_length(self):
        found = self.measure("sms_body", "Olá, {{customer_first_name}}!")
        # "Ola, Maria!": the accent goes, the name stands for its placeholder.
        self.assertEqual((found["length"], found["parts"], found["problems"]), (11, 1, []))
        self.assertEqual(self.measure("sms_body", "a" * 161)["parts"], 2)

    def test_spoken(self):
        # 28 characters at 14 a second
        self.assertEqual(self.measure("voice_body", "a" * 28)["seconds"], 2)

    def test_whatsapp_takes_less_when_meta_approves_the_text(self):
        text = "a" * 1025
        self.assertEqual(self.measure("whatsapp_body", text)["problems"], [])
        found = self.measure("whatsapp_body", text, is_approved=True)
        self.assertEqual((found["length"], found["longest"]), (1025, 1024))
        self.assertIn("1025", found["problems"][0])
        template = self.make_template("Long", text, purpose="service", whatsapp_template_name=False)
        with self.assertRaisesRegex(ValidationError, "1024"):
            template.whatsapp_template_name = "long"

    def test_problems_are_those_of_saving(self):
        for name, text, purpose, said in (
            ("sms_body", "Oi {{nobody}}", "service", "nobody cannot be filled in"),
            ("whatsapp_body", "Oi {{customer_first_name", "service", "cannot be filled in"),
            ("whatsapp_body", "Pague hoje", "collection", "42-A"),
            ("sms_body", f"{IDENTITY}: protesto", "collection", "Take out: protesto"),
            ("voice_body", "{{shop_name}}: {{amount_today}}", "collection", "pick up"),
            ("email_body", "<p>Pague</p>", "collection", "42-A"),
        ):
            with self.subTest(name=name, text=text):
                self.env["contact.forbidden.expression"].search(
                    [("name", "=", "protesto")]
                ) or self.env["contact.forbidden.expression"].create({"name": "protesto"})
                (problem,) = self.measure(name, text, purpose)["problems"]
                self.assertIn(said, problem)
        self.assertEqual(self.measure("whatsapp_body", IDENTITY, "collection")["problems"], [])

    def test_no_other_field_is_measured(self):
        with self.assertRaises(ValidationError):
            self.measure("name", "Oi")

    def test_every_placeholder_has_a_meaning_and_an_example(self):
        seller = new_test_user(self.env, "vendedor_textos", "optica_cobranca.group_seller")
        found = self.env["contact.template"].with_user(seller).placeholders()
        self.assertIn("{{amount_today}}", [item["name"] for item in found])
        self.assertTrue(all(item["meaning"] and item["sample"] for item in found))


class TestCostHint(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.env["contact.price"].search([]).write({"active": False})
        self.env.flush_all()
        self.price = self.env["contact.price"].create(
            {
                "channel": "sms",
                "amount": 0.12,
                "valid_from": "2025-01-01",
                "currency_id": self.env.ref("base.BRL").id,
                "is_estimate": True,
            }
        )

    def test_cost_by_channel(self):
        template = self.make_template(
            "Long", "Oi", purpose="service", channel_order="whatsapp,sms", sms_body="a" * 161
        )
        # Two parts of 0.12
        self.assertEqual(template.cost_hint, "WhatsApp no price known · SMS R$ 0.240 (estimate)")

    def test_changed_or_confirmed_it_is_no_estimate(self):
        prices = self.env["contact.price"]
        self.assertTrue(prices._has_estimates())
        other = self.price.copy({"valid_from": "2026-01-01"})
        self.price.amount = 0.11
        self.assertFalse(self.price.is_estimate)
        other.note = "Fatura de março"
        self.assertTrue(other.is_estimate)
        other.action_confirm()
        self.assertFalse(prices._has_estimates())
