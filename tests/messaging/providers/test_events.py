"""What providers report: in any order, more than once, about the unknown, faster than our own
answer; and what customers write. Without HTTP: that is `test_webhook`.
"""

import itertools
from datetime import datetime, timezone

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook

from tests.fakes.cloud_api_behaviour import reset
from tests.fakes.cloud_api_webhooks import envelope, inbound_text, messages_value, status
from tests.messaging.common import NOON, OutboxCommon

NUMBER = "+5511960000001"
# 12:10, 12:20, 12:30 in São Paulo on the tests' day.
AT = {
    "sent": int(datetime(2026, 2, 11, 15, 10, tzinfo=timezone.utc).timestamp()),
    "delivered": int(datetime(2026, 2, 11, 15, 20, tzinfo=timezone.utc).timestamp()),
    "read": int(datetime(2026, 2, 11, 15, 30, tzinfo=timezone.utc).timestamp()),
    "failed": int(datetime(2026, 2, 11, 15, 15, tzinfo=timezone.utc).timestamp()),
}


class EventsCommon(OutboxCommon):
    def take_in(self, payload, gateway=None):
        new = self.env["contact.event"]._take_in(gateway or self.gateway, parse_webhook(payload))
        self.env.invalidate_all()
        return new

    def news(self, message, *states, **options):
        """A payload with these states of a message, each at its instant."""
        items = [
            status(
                message.provider_id or "wamid.unknown",
                state,
                at=AT[state],
                error=131026 if state == "failed" else None,
                **options,
            )
            for state in states
        ]
        return envelope(messages_value(statuses=items))


class TestStatuses(EventsCommon):
    def test_delivered_and_read(self):
        message = self.send_one()
        self.take_in(self.news(message, "delivered"))
        self.assertEqual(message.state, "delivered")
        self.assertEqual(str(message.delivered_at), "2026-02-11 15:20:00")
        self.take_in(self.news(message, "read"))
        self.assertEqual(message.state, "read")
        self.assertEqual(str(message.read_at), "2026-02-11 15:30:00")
        self.assertEqual(message.category, "utility")

    def test_every_order_leads_to_the_same_end(self):
        for order in itertools.permutations(("sent", "delivered", "read")):
            with self.subTest(order=order):
                phone = f"+5511960{abs(hash(order)) % 10**6:06d}"
                message = self.send_one(self.make_late("P", phone=phone))
                for state in order:
                    self.take_in(self.news(message, state))
                self.assertEqual(message.state, "read")
                self.assertEqual(str(message.sent_at), NOON)
                self.assertEqual(str(message.delivered_at), "2026-02-11 15:20:00")
                self.assertEqual(str(message.read_at), "2026-02-11 15:30:00")

    def test_late_and_repeated_news_change_nothing(self):
        message = self.send_one()
        self.assertEqual(self.take_in(self.news(message, "read")), 1)
        self.assertEqual(self.take_in(self.news(message, "read")), 0)
        self.take_in(self.news(message, "sent"))
        self.take_in(self.news(message, "failed"))
        self.assertEqual(message.state, "read")
        self.assertEqual(len(message.event_ids), 3)

    def test_failure_after_acceptance(self):
        message = self.send_one()
        self.take_in(self.news(message, "failed"))
        self.assertEqual((message.state, message.reason), ("failed", "unreachable"))
        self.assertEqual(message.error_code, "131026")
        self.take_in(self.news(message, "delivered"))
        self.assertEqual((message.state, message.reason), ("delivered", False))

    def test_uncertain_message_is_found_by_our_own_reference(self):
        self.server.script(NUMBER, reset())
        message = self.send_one()
        self.assertEqual(message.state, "uncertain")
        payload = envelope(
            messages_value(
                statuses=[
                    status("wamid.lost", "delivered", at=AT["delivered"], reference=message.uuid)
                ]
            )
        )
        self.take_in(payload)
        self.assertEqual((message.state, message.reason), ("delivered", False))
        self.assertEqual(message.provider_id, "wamid.lost")

    def test_news_faster_than_our_own_answer(self):
        """The event comes while the row is still ``sending``; the answer then only adds to it."""
        message = self.queue(self.make_late())
        message.write({"state": "sending", "gateway_id": self.gateway.id, "claim_key": 1})
        self.take_in(self.news(message, "delivered", reference=message.uuid))
        self.assertEqual(message.state, "delivered")
        (row,) = message._lock_states(message.ids)
        from odoo.addons.optica_cobranca.clients.base import ACCEPTED, SendResult

        now = datetime(2026, 2, 11, 15, 40)
        message._after_answer(row, SendResult(ACCEPTED, provider_id="wamid.late"), now)
        message._write_states([row], now)
        self.assertEqual(message.state, "delivered")
        self.assertEqual(str(message.sent_at), "2026-02-11 15:20:00")

    def test_news_without_our_reference_before_the_answer_are_applied_with_it(self):
        message = self.queue(self.make_late())
        message.write({"state": "sending", "gateway_id": self.gateway.id})
        payload = envelope(messages_value(statuses=[status("wamid.early", "read", at=AT["read"])]))
        self.take_in(payload)
        event = self.env["contact.event"].search([("provider_id", "=", "wamid.early")])
        self.assertFalse(event.message_id)
        message.write({"state": "sent", "provider_id": "wamid.early"})
        self.env["contact.event"]._apply_early_events(["wamid.early"])
        self.assertEqual(message.state, "read")
        self.assertEqual(event.message_id, message)

    def test_unknown_message_is_kept(self):
        payload = envelope(messages_value(statuses=[status("wamid.nobodys", "read")]))
        self.assertEqual(self.take_in(payload), 1)
        event = self.env["contact.event"].search([("provider_id", "=", "wamid.nobodys")])
        self.assertEqual((event.kind, event.state), ("status", "read"))
        self.assertFalse(event.message_id)

    def test_another_app_cannot_speak_about_our_messages(self):
        message = self.send_one()
        stranger = self.make_gateway(app_secret="another app", phone_number_id="999")
        self.take_in(self.news(message, "read"), gateway=stranger)
        self.assertEqual(message.state, "sent")

    def test_two_numbers_of_one_app_share_an_address(self):
        message = self.send_one()
        sibling = self.make_gateway(name="Second number", phone_number_id="999")
        self.take_in(self.news(message, "read"), gateway=sibling)
        self.assertEqual(message.state, "read")
        self.assertEqual(message.event_ids.gateway_id, self.gateway)

    def test_failure_that_stops_the_account(self):
        message = self.send_one()
        item = status(message.provider_id, "failed", at=AT["failed"], error=131042)
        self.take_in(envelope(messages_value(statuses=[item])))
        self.assertEqual(message.state, "failed")
        self.assertTrue(self.gateway.paused_until)
        self.assertIn("131042", self.gateway.last_error)

    def test_several_entries_in_one_call(self):
        first = self.send_one()
        second = self.send_one(self.make_late("B", phone="+55 11 96000-0002"))
        payload = self.news(first, "delivered", "read")
        payload["entry"] += self.news(second, "delivered")["entry"]
        self.assertEqual(self.take_in(payload), 3)
        self.assertEqual((first.state, second.state), ("read", "delivered"))


class TestInbound(EventsCommon):
    def write(self, text, sender="5511960000001", key="wamid.in1", **options):
        return self.take_in(inbound_text(key, text, sender=sender, at=AT["sent"], **options))

    def event(self, key="wamid.in1"):
        return self.env["contact.event"].search([("provider_id", "=", key)])

    def test_goes_to_the_chatter_and_stops_queued_collection(self):
        partner = self.make_late()
        debt = self.queue(partner)
        greeting = self.queue(
            partner, self.make_template("Hi", "Hi {{customer_first_name}}!", purpose="relationship")
        )
        self.write("I pay <b>tomorrow</b>")
        note = partner.message_ids[0]
        self.assertIn("I pay &lt;b&gt;tomorrow&lt;/b&gt;", note.body)
        self.assertEqual(note.author_id, partner)
        self.assertTrue(note.subtype_id.internal, "no e-mail to followers outside of the shop")
        self.assertEqual((debt.state, debt.reason), ("cancelled", "replied"))
        self.assertEqual(greeting.state, "queued")
        self.assertEqual(self.event().partner_id, partner)

    def test_same_message_again(self):
        partner = self.make_late()
        self.write("Hello")
        count = len(partner.message_ids)
        self.assertEqual(self.write("Hello"), 0)
        self.assertEqual(len(partner.message_ids), count)

    def test_number_without_the_ninth_digit(self):
        partner = self.make_late(phone="(51) 99612-3456")
        self.write("Hello", sender="555196123456")
        self.assertEqual(self.event().partner_id, partner)

    def test_number_on_file_without_the_ninth_digit(self):
        partner = self.make_late(phone="(51) 9612-3456")
        self.write("Hello", sender="5551996123456")
        self.assertEqual(self.event().partner_id, partner)

    def test_nobody_has_the_number(self):
        self.write("Hello", sender="5511977770000")
        self.assertFalse(self.event().partner_id)
        self.assertIn("No customer", self.event().note)
        self.assertEqual(self.event().text, "Hello")

    def test_two_customers_share_a_number(self):
        """It is nobody's; neither of them is pressed any further."""
        old = self.make_late("Mother")
        new = self.make_late("Daughter")
        messages = self.queue(old) | self.queue(new)
        self.write("Hello")
        self.assertFalse(self.event().partner_id)
        self.assertIn("Mother", self.event().note)
        self.assertIn("Daughter", self.event().note)
        self.assertEqual(messages.mapped("reason"), ["replied", "replied"])

    def test_an_answered_message_proves_nobody(self):
        """Who got the answered message comes first in the note; who answered is not known."""
        mother = self.make_late("Mother")
        self.make_late("Daughter")
        message = self.send_one(mother)
        self.write("Hello", answers=message.provider_id)
        self.assertFalse(self.event().partner_id)
        self.assertIn("number: Mother, Daughter", self.event().note)

    def test_sender_without_a_number(self):
        self.write("Hello", sender=None, user_id="BR.abc123")
        self.assertFalse(self.event().partner_id)

    def test_opt_out(self):
        partner = self.make_late()
        message = self.queue(partner)
        self.write("Sair.")
        consent = partner.contact_consent_ids
        self.assertEqual(
            (consent.decision, consent.purpose, consent.channel, consent.source),
            ("opt_out", "all", "whatsapp", "reply"),
        )
        self.assertIn("Sair.", consent.proof)
        self.assertEqual(message.state, "cancelled")
        later = self.send_one(partner)
        self.assertEqual((later.state, later.reason), ("cancelled", "opted_out"))

    def test_words_that_only_contain_an_opt_out(self):
        partner = self.make_late()
        self.write("Vou sair de viagem e pago na volta")
        self.assertFalse(partner.contact_consent_ids)

    def test_free_text_may_be_sent_for_a_day(self):
        partner = self.make_late()
        self.write("Hello")
        template = self.make_template(
            "Free", "Hi {{customer_first_name}}!", purpose="service", whatsapp_template_name=False
        )
        self.assertEqual(self.send_one(partner, template, at="2026-02-11 18:00:00").state, "sent")
        late = self.send_one(partner, template, at="2026-02-12 18:00:00", author=self.user)
        self.assertEqual((late.state, late.reason), ("cancelled", "template"))

    def test_message_that_is_on_its_way_is_not_called_back(self):
        partner = self.make_late()
        message = self.queue(partner)
        message.write({"state": "sending"})
        self.write("Hello")
        self.assertEqual(message.state, "sending")

    def test_claimed_message_that_is_cancelled_does_not_leave(self):
        """A reply comes between a worker's claim and its decision."""
        partner = self.make_late()
        message = self.queue(partner)
        message.write({"claim_key": 7, "claimed_at": NOON})
        self.write("Hello")
        verdicts = message._judge(7)
        self.assertEqual(verdicts, [])
        self.assertEqual((message.state, message.reason), ("cancelled", "replied"))
