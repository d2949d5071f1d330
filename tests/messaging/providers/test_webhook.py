"""The webhook over real HTTP."""

import json
from unittest.mock import patch

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
from tests.messaging.common import SECRET, OutboxCommon

EVENT_LOGGER = "odoo.addons.optica_cobranca.models.messaging.contact_event"
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
        answer = self.verify(self.gateway.sudo().verify_token)
        self.assertEqual((answer.status_code, answer.text), (200, "1158201444"))

    def test_verification_with_another_word(self):
        answer = self.verify("guessed")
        self.assertEqual((answer.status_code, answer.text), (403, ""))

    def test_verification_of_an_unknown_address(self):
        answer = self.verify(self.gateway.sudo().verify_token, path="/optica_cobranca/webhook/abc")
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
        self.assertEqual(message.state, "queued", "the provider does not wait for what follows")
        self.run_job("contact.event", "_cron_receive")
        self.assertEqual((message.state, message.reason), ("cancelled", "replied"))
        self.assertIn("Olá", partner.message_ids[0].body)

    # ------------------------------------------------------------ heeded later

    def texts(self, *pairs):
        """A call of the provider with texts: pairs (number's last digits, words)."""
        messages = [
            {
                "id": f"wamid.{digits}.{number}",
                "from": f"55119600000{digits}",
                "timestamp": str(1_764_590_400 + number),
                "type": "text",
                "text": {"body": words},
            }
            for number, (digits, words) in enumerate(pairs)
        ]
        return envelope(messages_value(messages=messages))

    def waiting(self):
        rows = "SELECT count(*) FROM contact_event WHERE waiting IS NOT NULL"
        self.env.cr.execute(rows)
        return self.env.cr.fetchone()[0]

    def test_a_thousand_at_once_are_stored_by_a_few_statements(self):
        """As many as Meta sends in one call; answered before any of them is looked at."""
        payload = self.texts(*[(f"{n % 90 + 10}", f"Olá {n}") for n in range(1000)])
        self.url_open(self.path)  # the routes and the registry are loaded
        before = self.env.cr.sql_log_count
        self.assertEqual(self.post(payload), 200)
        self.assertLess(self.env.cr.sql_log_count - before, 60)
        self.assertEqual(self.waiting(), 1000)
        self.assertEqual(self.post(payload), 200)
        self.assertEqual(self.waiting(), 1000, "each once")

    def test_order_and_once(self):
        """Two customers in turns, over two calls; each conversation reads as it was written."""
        ana = self.make_late("Ana", "+55 11 96000-0021")
        bia = self.make_late("Bia", "+55 11 96000-0022")
        self.post(self.texts(("21", "um"), ("22", "A"), ("21", "dois")))
        again = self.texts(("21", "um"), ("22", "A"), ("21", "dois"), ("22", "B"))
        self.post(again)
        for _run in range(2):
            self.run_job("contact.event", "_cron_receive")
        self.assertEqual(self.waiting(), 0)
        said = self.env["contact.event"].search([("kind", "=", "inbound")], order="id")
        self.assertEqual(
            said.filtered(lambda e: e.partner_id == ana).mapped("text"), ["um", "dois"]
        )
        self.assertEqual(said.filtered(lambda e: e.partner_id == bia).mapped("text"), ["A", "B"])
        notes = ana.message_ids.filtered(lambda note: "um" in (note.body or ""))
        self.assertEqual(len(notes), 1)

    def test_what_fails_is_tried_again_and_makes_way_in_the_end(self):
        """Nothing overtakes it before; nothing of its words is logged."""
        self.make_late("Ana", "+55 11 96000-0021")
        self.make_late("Bia", "+55 11 96000-0022")
        self.post(self.texts(("21", "um"), ("22", "veneno"), ("22", "depois"), ("21", "dois")))
        events = self.env.registry["contact.event"]
        receive = events._receive

        def poisoned(event, gateway, inbound):
            if inbound.text == "veneno":
                raise ValueError("veneno")
            return receive(event, gateway, inbound)

        left = []
        with patch.object(events, "_receive", poisoned), self.assertLogs(EVENT_LOGGER) as logs:
            for _run in range(4):
                self.run_job("contact.event", "_cron_receive")
                left.append(self.waiting())
        # The first is heeded; the second holds up two more until its third try is over.
        self.assertEqual(left, [3, 3, 2, 0])
        said = self.env["contact.event"].search([("kind", "=", "inbound")], order="id")
        self.assertEqual([bool(event.partner_id) for event in said], [True, False, True, True])
        self.assertIn("could not be filed", said[1].note)
        self.assertEqual(said[1].text, "veneno", "it can be read")
        self.assertNotIn("veneno", "".join(logs.output))

    def test_a_worker_that_dies_leaves_it_waiting(self):
        """What was done by a transaction that is not committed is done again by the next one."""
        self.make_late("Ana", "+55 11 96000-0021")
        self.post(self.texts(("21", "um")))
        events = self.env["contact.event"].sudo()
        with self.assertRaises(KeyboardInterrupt), self.env.cr.savepoint():
            self.assertEqual(events._receive_some(10), 1)
            raise KeyboardInterrupt
        self.env.invalidate_all()
        self.assertEqual(self.waiting(), 1)
        self.run_job("contact.event", "_cron_receive")
        self.assertEqual(self.waiting(), 0)

    def test_who_asked_for_silence_gets_nothing_that_was_queued(self):
        """The dispatcher looks first at what came."""
        partner = self.make_late()
        message = self.queue(partner)
        self.post(inbound_text("wamid.stop", "SAIR", sender="5511960000001"))
        self.dispatch()
        self.assertEqual(message.state, "cancelled")
        self.assertFalse(self.server.messages())

    def test_identifiers_of_any_length(self):
        """20 kB are more than an index takes; what came twice is known all the same."""
        long = "wamid." + "x" * 20_000
        payload = inbound_text(long, "Olá", sender="5511960000001", user_id="BR." + "1" * 9000)
        statuses = [status(long, "delivered"), status(long + "y", "delivered")]
        for _again in range(2):
            self.assertEqual(self.post(payload), 200)
            self.assertEqual(self.post(envelope(messages_value(statuses=statuses))), 200)
            self.run_job("contact.event", "_cron_receive")
        stored = self.env["contact.event"].search([("gateway_id", "=", self.gateway.id)])
        self.assertEqual(sorted(stored.mapped("kind")), ["inbound", "status", "status"])
        self.assertLessEqual(max(len(event.key) for event in stored), 300)

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

    @mute_logger("odoo.addons.optica_cobranca.models.messaging.contact_event")
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
