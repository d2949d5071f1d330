"""What a shop sets up: templates, gateways, hours, silent days, numbers, server actions."""

from datetime import date

from odoo.exceptions import UserError, ValidationError

from tests.fakes.cloud_api_behaviour import answer, refuse
from tests.messaging.common import OutboxCommon

IDENTITY = " {{shop_identity}}."


class TestTemplate(OutboxCommon):
    def refused(self, text, *words, **values):
        with self.assertRaises(ValidationError) as caught:
            self.make_template("Bad", text, **values)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def test_unknown_placeholder_lists_what_is_allowed(self):
        self.refused("Hi {{nome}}!" + IDENTITY, "nome", "{{customer_first_name}}", "WhatsApp Text")

    def test_malformed_placeholder(self):
        self.refused("Hi {{ customer name }}" + IDENTITY, "customer name")

    def test_unknown_parameter(self):
        self.refused("Hi!" + IDENTITY, "balance", whatsapp_parameters="balance")

    def test_threats_are_refused_whatever_accents_and_case(self):
        self.refused("Pague ou a POLICIA vai saber." + IDENTITY, "polícia", "CDC art. 42")

    def test_threat_in_the_sms(self):
        self.refused(
            "Hi!" + IDENTITY, "nome sujo", "SMS", sms_body="Seu nome sujo. {{shop_identity}}"
        )

    def test_words_are_whole_words(self):
        self.make_template("Fine", "Sobre o descaloteirado." + IDENTITY)

    def test_shop_may_forbid_more(self):
        self.env["contact.forbidden.expression"].create({"name": "já chega"})
        self.refused("Olha, JA CHEGA!" + IDENTITY, "já chega")

    def test_only_collection_is_checked_for_threats(self):
        self.make_template("Film night", "Hoje: Cadeia e Polícia!", purpose="marketing")

    def test_collection_says_who_writes(self):
        self.refused("Hi {{customer_first_name}}, pay.", "42-A", "{{shop_identity}}")
        self.make_template("By link", "Hi, {{shop_name}} here: {{portal_link}} thanks.")
        self.make_template("Greeting", "Hi {{customer_first_name}}!", purpose="relationship")

    def test_some_text_is_needed(self):
        self.refused(False, "at least one channel")

    def test_channels(self):
        self.refused("Hi!" + IDENTITY, "whatsapp,sms", channel_order="pombo")

    def test_parameters_follow_the_text(self):
        template = self.make_template("Hi", "{{customer_name}}: {{amount_today}}." + IDENTITY)
        self.assertEqual(template.whatsapp_parameters, "customer_name,amount_today,shop_identity")
        template.whatsapp_parameters = "amount_today,customer_name,shop_identity"
        template.whatsapp_body = "Hi {{customer_name}}: {{amount_today}}." + IDENTITY
        self.assertEqual(template.whatsapp_parameters, "amount_today,customer_name,shop_identity")
        template.whatsapp_body = "Hi {{customer_name}}." + IDENTITY
        self.assertEqual(template.whatsapp_parameters, "customer_name,shop_identity")

    def test_length_of_an_sms(self):
        template = self.make_template(
            "Hi", "Hi!" + IDENTITY, purpose="service", sms_body="x" * 140 + "{{shop_name}}"
        )
        # shop_name of usual length has 15 characters; accents do not make it UCS-2.
        self.assertEqual((template.sms_length, template.sms_parts), (155, 1))
        template.sms_body = "á" * 161
        self.assertEqual((template.sms_length, template.sms_parts), (161, 2))

    def test_shipped_templates_fit_one_sms(self):
        for code in ("before_due_5", "before_due_1", "late_1", "late_10", "late_15", "late_25",
                     "late_30", "thanks_for_payment", "birthday"):  # fmt: skip
            with self.subTest(code=code):
                template = self.env.ref(f"optica_cobranca.template_{code}")
                self.assertEqual(template.sms_parts, 1)
                self.assertTrue(template.whatsapp_template_name)
                body = template.whatsapp_body
                self.assertFalse(body.startswith("{{") or body.endswith("}}"), "Meta refuses it")

    def test_preview_tells_text_and_fate(self):
        partner = self.make_late()
        preview = self.env["contact.template.preview"].create(
            {"template_id": self.template.id, "partner_id": partner.id}
        )
        self.assertIn("Hello Late, installment 1 of 1 of R$", preview.whatsapp_preview)
        self.assertRegex(preview.fate, "^Would (leave now by WhatsApp to|wait until) ")
        self.assertFalse(self.env["contact.message"].search([("partner_id", "=", partner.id)]))

    def test_preview_of_a_hole(self):
        partner = self.make_customer("Ana", phone="+55 11 96000-0003")
        preview = self.env["contact.template.preview"].create(
            {"template_id": self.template.id, "partner_id": partner.id}
        )
        self.assertEqual(preview.missing, "amount_today, installments_summary")
        self.assertEqual(preview.fate, "Would not leave: Nothing is owed any more.")


class TestGateway(OutboxCommon):
    def test_provider_fits_the_channel(self):
        with self.assertRaisesRegex(ValidationError, "cannot send over SMS"):
            self.make_gateway(channel="sms")

    def test_incomplete_gateway_is_not_switched_on(self):
        with self.assertRaisesRegex(ValidationError, "Still missing: .*App Secret"):
            self.make_gateway(app_secret=False)
        off = self.make_gateway(app_secret=False, state="disabled")
        with self.assertRaises(ValidationError):
            off.state = "live"

    def test_settings_that_cannot_work(self):
        with self.assertRaisesRegex(ValidationError, "digits only"):
            self.make_gateway(phone_number_id="(11) 9612")
        with self.assertRaisesRegex(ValidationError, "https://"):
            self.make_gateway(base_url="http://graph.facebook.com")

    def test_first_live_one_in_order_is_used(self):
        first = self.make_gateway(name="First", sequence=1)
        usable = self.env["contact.gateway"]._usable(self.company)
        self.assertEqual(usable[self.company.id, "whatsapp"], first)
        first.state = "disabled"
        usable = self.env["contact.gateway"]._usable(self.company)
        self.assertEqual(usable[self.company.id, "whatsapp"], self.gateway)

    def test_connection(self):
        action = self.gateway.with_user(self.user).action_test_connection()
        self.assertEqual(action["params"]["type"], "success", action)
        self.gateway.access_token = "another"
        self.server.access_token = "right"
        action = self.gateway.action_test_connection()
        self.assertEqual(action["params"]["type"], "danger")
        self.assertIn("access token", action["params"]["message"])
        self.assertNotIn("another", action["params"]["message"])

    def test_send_to_myself(self):
        attempt = self.env["contact.gateway.try"].create(
            {"gateway_id": self.gateway.id, "number": "(11) 96000-0009"}
        )
        attempt.with_user(self.user).action_send()
        self.assertIn("accepted", attempt.answer)
        self.assertEqual(self.server.messages()[0].to, "+5511960000009")
        self.server.enqueue(refuse(131030))
        attempt.action_send()
        self.assertIn("cannot be reached", attempt.answer)
        attempt.number = "abc"
        with self.assertRaisesRegex(UserError, "no phone number"):
            attempt.action_send()

    def test_resuming_is_for_people(self):
        self.server.enqueue(refuse(190, 401), answer(200, None))
        self.send_one()
        self.assertTrue(self.gateway.paused_until)
        self.gateway.action_resume()
        self.assertFalse(self.gateway.paused_until or self.gateway.last_error)


class TestHoursAndDays(OutboxCommon):
    def test_nobody_widens_the_hours_of_the_law(self):
        for values in (
            {"contact_weekday_start": 7.5},
            {"contact_weekday_end": 20.5},
            {"contact_weekday_start": 18, "contact_weekday_end": 9},
            {"contact_saturday": True, "contact_saturday_end": 15},
            {"contact_weekday_end": 30},
        ):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(ValidationError, "08:00-20:00"),
            ):
                self.company.write(values)

    def test_managers_set_the_hours(self):
        hours = self.env["contact.hours"].with_user(self.user).create({"contact_weekday_end": 17.5})
        hours.action_save()
        self.assertEqual(self.company.contact_weekday_end, 17.5)
        self.assertEqual(self.company.contact_weekday_start, 9.0)

    def test_time_zone_follows_the_state(self):
        self.company.state_id = self.env.ref("base.state_br_am")
        self.assertEqual(self.company.contact_timezone, "America/Manaus")
        self.company.state_id = False
        self.assertEqual(self.company.contact_timezone, "America/Sao_Paulo")

    def test_yearly_days(self):
        leap = self.env["contact.blocked.date"].create({"name": "Leap", "date": "2024-02-29"})
        self.assertEqual(leap._days_in(range(2026, 2029)), [date(2028, 2, 29)])
        once = self.env["contact.blocked.date"].create(
            {"name": "Once", "date": "2026-05-10", "yearly": False}
        )
        self.assertEqual(once._days_in(range(2027, 2029)), [date(2026, 5, 10)])

    def test_identity(self):
        self.company.write(
            {"street": "Rua XV, 100", "street2": False, "city": "Sorocaba", "vat": "11222333000181"}
        )
        identity = "Otica Teste, CNPJ 11.222.333/0001-81, Rua XV, 100, Sorocaba/SP"
        self.assertEqual(self.company._contact_identity(), identity)


class TestNumbers(OutboxCommon):
    def test_key_is_the_same_with_and_without_the_ninth_digit(self):
        with_nine = self.make_customer("A", phone="(51) 99612-3456")
        without = self.make_customer("B", phone="51 9612-3456")
        self.assertEqual(with_nine.contact_phone_key, "555196123456")
        self.assertEqual(without.contact_phone_key, with_nine.contact_phone_key)
        with_nine.phone = False
        self.assertFalse(with_nine.contact_phone_key)

    def test_index_is_used(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("EXPLAIN SELECT id FROM res_partner WHERE contact_phone_key = '1'")
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        self.assertIn("contact_phone_key", plan)
        self.assertIn("Index", plan)
