"""The webhook over real HTTP."""

import json

from odoo.tests import HttpCase
from odoo.tools import mute_logger

from tests.fakes.cloud_api_webhooks import (
    envelope,
    inbound_text,
    messages_value,
    signed_webhook,
    status,
    status_payload,
)
from tests.outbox.common import SECRET, OutboxCommon

WEBHOOK_LOGGER = "odoo.addons.optica_cobranca.controllers.webhook"


class TestWebhook(OutboxCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.path = f"/optica_cobranca/webhook/{self.gateway.uuid}"

    def post(self, payload, secret=SECRET, path=None, **headers):
        body, signed = signed_webhook(payload, secret)
        answer = self.url_open(path or self.path, data=body, headers={**signed, **headers})
        self.env.invalidate_all()
        return answer.status_code

    # ---------------------------------------------------------- verification

    def verify(self, token, path=None):
        query = f"?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444"
        return self.url_open((path or self.path) + query)

    def test_verification(self):
        answer = self.verify(self.gateway.verify_token)
        self.assertEqual((answer.status_code, answer.text), (200, "1158201444"))

    def test_verification_with_another_word(self):
        answer = self.verify("guessed")
        self.assertEqual((answer.status_code, answer.text), (403, ""))

    def test_verification_of_an_unknown_address(self):
        answer = self.verify(self.gateway.verify_token, path="/optica_cobranca/webhook/abc")
        self.assertEqual(answer.status_code, 404)

    # -------------------------------------------------------------- statuses

    def test_status(self):
        message = self.send_one()
        self.assertEqual(self.post(status_payload(message.provider_id, "delivered")), 200)
        self.assertEqual(message.state, "delivered")

    def test_several_entries_and_replay(self):
        message = self.send_one()
        payload = envelope(
            messages_value(statuses=[status(message.provider_id, "read")]),
            messages_value(statuses=[status(message.provider_id, "delivered")]),
        )
        payload["entry"] += status_payload("wamid.unknown", "sent")["entry"]
        for _again in range(3):
            self.assertEqual(self.post(payload), 200)
        self.assertEqual(message.state, "read")
        events = self.env["contact.event"].search([("gateway_id", "=", self.gateway.id)])
        self.assertEqual(len(events), 3)
        self.assertEqual(len(message.event_ids), 2)

    def test_inbound_text(self):
        partner = self.make_late()
        message = self.queue(partner)
        self.assertEqual(self.post(inbound_text("wamid.in", "Olá", sender="5511960000001")), 200)
        self.assertEqual((message.state, message.reason), ("cancelled", "replied"))
        self.assertIn("Olá", partner.message_ids[0].body)

    # ------------------------------------------------------------- intruders

    @mute_logger(WEBHOOK_LOGGER)
    def test_forged_signatures(self):
        message = self.send_one()
        payload = status_payload(message.provider_id, "read")
        self.assertEqual(self.post(payload, secret="guessed"), 403)
        for header in ("", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "ünïcode"):
            with self.subTest(header=header):
                code = self.post(payload, **{"X-Hub-Signature-256": header.encode("latin-1")})
                self.assertEqual(code, 403)
        self.assertEqual(message.state, "sent")
        self.assertFalse(self.env["contact.event"].search([("gateway_id", "=", self.gateway.id)]))

    @mute_logger(WEBHOOK_LOGGER)
    def test_body_changed_after_signing(self):
        message = self.send_one()
        body, headers = signed_webhook(status_payload(message.provider_id, "sent"), SECRET)
        changed = body.replace(b'"sent"', b'"read"')
        answer = self.url_open(self.path, data=changed, headers=headers)
        self.assertEqual(answer.status_code, 403)

    @mute_logger(WEBHOOK_LOGGER)
    def test_gateway_without_a_secret_believes_nobody(self):
        self.gateway.write({"state": "disabled"})
        self.gateway.write({"app_secret": False})
        self.assertEqual(self.post(status_payload("wamid.x", "read"), secret=""), 403)

    def test_unknown_address(self):
        path = "/optica_cobranca/webhook/" + "0" * 32
        self.assertEqual(self.post(status_payload("wamid.x", "read"), path=path), 404)

    def test_gateway_that_has_no_webhook(self):
        by_hand = self.make_gateway(name="By hand", provider="by_hand")
        path = f"/optica_cobranca/webhook/{by_hand.uuid}"
        self.assertEqual(self.post(status_payload("wamid.x", "read"), path=path), 404)

    # --------------------------------------------------------------- garbage

    @mute_logger("odoo.addons.optica_cobranca.models.contact_event")
    def test_signed_garbage_is_kept_and_never_breaks(self):
        cases = (
            b"\x00\xff\xfe",
            b"[]",
            b'"text"',
            b"null",
            b'{"object": "page"}',
            b'{"object": "whatsapp_business_account", "entry": 7}',
            b'{"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages",'
            b'"value": {"statuses": [{"id": "a", "status": "exploded"}], "messages": "x"}}]}]}',
            json.dumps({"a\x00b": "c\x00d"}).encode(),
            b"[" * 50_000,
        )
        for body in cases:
            with self.subTest(body=body[:40]):
                self.assertEqual(self.post(body), 200)
        kinds = self.env["contact.event"].search([("gateway_id", "=", self.gateway.id)])
        self.assertEqual(set(kinds.mapped("kind")), {"unknown"})

    def test_body_that_is_too_long(self):
        self.assertEqual(self.post(b"x" * (3 * 1024 * 1024 + 1)), 413)

    def test_any_content_type(self):
        message = self.send_one()
        payload = status_payload(message.provider_id, "read")
        self.assertEqual(self.post(payload, **{"Content-Type": "text/plain"}), 200)
        self.assertEqual(message.state, "read")
