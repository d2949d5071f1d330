"""Zenvia and the Evolution API over real HTTP, out and back; sandbox and tests on every channel."""

import json

from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from tests.fakes import evolution_server, zenvia_server
from tests.messaging.common import OutboxCommon

WEBHOOK_LOGGER = "odoo.addons.optica_cobranca.controllers.webhook"
GATEWAY_LOGGER = "odoo.addons.optica_cobranca.models.messaging.contact_gateway"
WORD = "verify-token-of-the-tests"


class ProviderCommon(OutboxCommon, HttpCase):
    def connect(self, fake, provider, channel):
        """A live gateway of this provider; the one of the base is off."""
        self.gateway.state = "disabled"
        self.fake = self.enterContext(fake())
        settings = self.fake.settings(channel)
        return self.make_gateway(name=provider, provider=provider, **settings)

    def post(self, gateway, payload, word=WORD):
        answer = self.url_open(
            f"/optica_cobranca/webhook/{gateway.uuid}",
            data=json.dumps(payload),
            headers={"Content-Type": "application/json", "X-Webhook-Token": word},
        )
        self.run_job("contact.event", "_cron_receive")
        return answer.status_code


class TestZenvia(ProviderCommon):
    def setUp(self):
        super().setUp()
        self.zenvia = self.connect(zenvia_server.ZenviaServer, "zenvia", "sms")
        self.sms = self.make_template(
            "SMS",
            False,
            channel_order="sms",
            sms_body="Olá {{customer_first_name}}! {{shop_identity}}.",
        )
        self.partner = self.make_late()
        self.message = self.send_one(self.partner, self.sms)

    def status(self, code, **more):
        payload = zenvia_server.status_event(self.message.provider_id, code, **more)
        return self.post(self.zenvia, payload)

    def test_leaves_without_accents(self):
        self.assertEqual((self.message.state, self.message.channel), ("sent", "sms"))
        (request,) = self.fake.sent()
        self.assertEqual(request.body["externalId"], self.message.uuid)
        self.assertTrue(request.body["contents"][0]["text"].startswith("Ola Late!"))

    def test_events_in_any_order_and_again(self):
        for code in ("DELIVERED", "SENT", "DELIVERED", "NOT_DELIVERED", "DELIVERED"):
            self.assertEqual(self.status(code), 200)
        self.assertEqual(self.message.state, "delivered")
        self.assertEqual(len(self.message.event_ids), 3)

    def test_lost_answer_is_found_by_our_reference(self):
        self.message.write({"state": "uncertain", "provider_id": False})
        payload = zenvia_server.status_event("z-9", "DELIVERED", reference=self.message.uuid)
        self.post(self.zenvia, payload)
        self.assertEqual((self.message.state, self.message.provider_id), ("delivered", "z-9"))

    @mute_logger(WEBHOOK_LOGGER)
    def test_forged(self):
        payload = zenvia_server.status_event(self.message.provider_id, "READ")
        for word in ("guessed", "", WORD + "x"):
            self.assertEqual(self.post(self.zenvia, payload, word), 403)
        self.assertEqual(self.message.state, "sent")

    def test_stops_by_a_word(self):
        self.assertEqual(self.post(self.zenvia, zenvia_server.inbound_event("SAIR")), 200)
        consent = self.env["contact.consent"].search([("partner_id", "=", self.partner.id)])
        self.assertEqual((consent.decision, consent.channel), ("opt_out", "sms"))

    def test_unknown_is_kept(self):
        with mute_logger("odoo.addons.optica_cobranca.models.messaging.contact_event"):
            self.assertEqual(self.status("MOON_PHASE"), 200)
        events = self.env["contact.event"].search([("gateway_id", "=", self.zenvia.id)])
        self.assertEqual(events.mapped("kind"), ["unknown"])

    def test_registers_its_webhook(self):
        action = self.zenvia.action_register_webhook()
        self.assertEqual(action["params"]["type"], "success")
        subscription = self.fake.sent()[-1].body
        self.assertEqual(subscription["webhook"]["url"], self.zenvia.webhook_url)
        self.zenvia.access_token = "another-token-0000"
        with self.assertRaisesRegex(UserError, "refused the access token"):
            self.zenvia.action_register_webhook()

    def test_connection_in_plain_words(self):
        self.assertEqual(self.zenvia._check_connection(), (True, "otica"))
        self.zenvia.access_token = "another-token-0000"
        works, sentence = self.zenvia._check_connection()
        self.assertFalse(works)
        self.assertIn("refused the access token", sentence)
        self.zenvia.write({"state": "disabled", "access_token": False})
        self.assertEqual(self.zenvia._check_connection(), (False, "Still missing: Access Token."))


class TestEvolution(ProviderCommon):
    def setUp(self):
        super().setUp()
        self.evolution = self.connect(evolution_server.EvolutionServer, "evolution", "whatsapp")
        self.message = self.send_one()

    def test_out_and_back(self):
        self.assertEqual(self.message.state, "sent")
        for word in ("READ", "DELIVERY_ACK", "SERVER_ACK"):
            payload = evolution_server.status_event(self.message.provider_id, word)
            self.assertEqual(self.post(self.evolution, payload), 200)
        self.assertEqual(self.message.state, "read")

    def test_its_key_is_not_kept(self):
        payload = evolution_server.status_event(self.message.provider_id, "READ")
        self.post(self.evolution, payload)
        self.assertNotIn(self.fake.secret, json.dumps(self.message.event_ids.payload))

    @mute_logger(GATEWAY_LOGGER)
    def test_lost_connection_stops_the_gateway(self):
        payload = evolution_server.event("connection.update", state="close", statusReason=401)
        self.assertEqual(self.post(self.evolution, payload), 200)
        self.assertTrue(self.evolution.is_paused)

    @mute_logger(WEBHOOK_LOGGER)
    def test_forged(self):
        payload = evolution_server.inbound_event("SAIR")
        self.assertEqual(self.post(self.evolution, payload, "guessed"), 403)
        self.assertFalse(self.env["contact.consent"].search([("decision", "=", "opt_out")]))

    def test_a_new_gateway_of_it_is_off_and_slow(self):
        form = self.env["contact.gateway"].new({"name": "New", "channel": "whatsapp"})
        form.provider = "evolution"
        form._onchange_provider()
        self.assertEqual((form.state, form.rate_per_second), ("disabled", 0.2))


class TestEveryChannel(OutboxCommon):
    def test_sandbox_plays_deliveries_on_each(self):
        self.gateway.state = "disabled"
        self.company.email = "otica@loja.example"
        template = {
            "sms": {"sms_body": "Ola. {{shop_identity}}"},
            "email": {"email_subject": "Ola", "email_body": "<p>Ola. {{shop_identity}}</p>"},
            "voice": {"voice_body": "Ola, aqui e da {{shop_name}}."},
            "whatsapp": {"whatsapp_body": "Ola. {{shop_identity}}"},
        }
        last = {"sms": "delivered", "email": "delivered", "voice": "delivered", "whatsapp": "read"}
        for number, channel in enumerate(template, 1):
            with self.subTest(channel=channel):
                self.make_gateway(name=channel, channel=channel, provider="sandbox")
                text = self.make_template(
                    channel,
                    template[channel].pop("whatsapp_body", False),
                    channel_order=channel,
                    **template[channel],
                )
                partner = self.make_late(
                    phone=f"+55 11 96000-100{number}", email=f"ana{number}@example.com"
                )
                message = self.send_one(partner, text)
                self.assertEqual((message.channel, message.state), (channel, last[channel]))

    def test_providers_keep_to_their_channels(self):
        for provider, channel in (
            ("twilio", "whatsapp"),
            ("evolution", "sms"),
            ("odoo_mail", "sms"),
        ):
            with self.subTest(provider=provider), self.assertRaises(ValidationError):
                self.make_gateway(provider=provider, channel=channel, state="disabled")

    def test_mail_without_a_sender(self):
        self.company.email = False
        gateway = self.make_gateway(provider="odoo_mail", channel="email", state="disabled")
        works, sentence = gateway._check_connection()
        self.assertEqual(
            (works, sentence), (False, "The company has no e-mail address to send from.")
        )
