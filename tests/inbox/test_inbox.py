"""Conversations: how they begin, wait, are answered and closed."""

from freezegun import freeze_time

from odoo.exceptions import UserError

from odoo.addons.optica_cobranca.clients.base import InboundMessage, WebhookBatch

from tests.messaging.common import NOON
from tests.messaging.test_replies import WRITTEN, RepliesCommon

STRANGER = "5511977777777"


class InboxCommon(RepliesCommon):
    def setUp(self):
        super().setUp()
        self.env["contact.thread"].search([]).unlink()

    @property
    def threads(self):
        return self.env["contact.thread"].search([])

    def load(self, user=None, **filters):
        threads = self.env["contact.thread"].with_user(user or self.env.user)
        return threads.inbox_load(filters)

    def names(self, user=None, **filters):
        return [row["name"] for row in self.load(user, **filters)["rows"]]


class TestThreads(InboxCommon):
    def test_words_make_one_conversation(self):
        partner = self.make_late()
        self.write_in("Bom dia")
        self.write_in("Pago sexta", at=WRITTEN + 60)
        thread = self.threads
        self.assertEqual(thread.partner_id, partner)
        self.assertEqual((thread.state, thread.unread_count), ("open", 2))
        self.assertEqual(thread.last_text, "Pago sexta")
        self.assertEqual(str(thread.last_inbound_at), "2026-02-11 15:01:00")
        self.assertEqual(str(thread.window_until), "2026-02-12 15:01:00")
        self.assertEqual(len(thread.event_ids), 2)

    def test_the_same_words_twice_count_once(self):
        self.make_late()
        self.write_in("Bom dia")
        self.write_in("Bom dia")
        self.assertEqual(self.threads.unread_count, 1)

    def test_late_words_do_not_turn_the_clock_back(self):
        self.make_late()
        self.write_in("Segundo", at=WRITTEN + 600)
        self.write_in("Primeiro")
        self.assertEqual(str(self.threads.last_inbound_at), "2026-02-11 15:10:00")

    def test_deliveries_make_no_conversation(self):
        message = self.send_one()
        self.env["contact.event"]._take_in(self.gateway, WebhookBatch())
        self.assertEqual(message.state, "sent")
        self.assertFalse(self.threads)

    def test_many_customers_in_one_call(self):
        self.make_late("Ana", phone="+55 11 96000-0001")
        self.make_late("Bia", phone="+55 11 96000-0002")
        inbound = tuple(
            InboundMessage(f"id-{sender}-{count}", sender, None, text="Oi")
            for sender in ("5511960000001", "5511960000002")
            for count in range(3)
        )
        self.env["contact.event"]._take_in(self.gateway, WebhookBatch(inbound=inbound))
        self.env.invalidate_all()
        self.assertEqual(
            sorted((thread.name, thread.unread_count) for thread in self.threads),
            [("Ana", 3), ("Bia", 3)],
        )

    def test_read_closed_and_open_again(self):
        self.make_late()
        self.write_in("Bom dia")
        thread = self.threads
        thread.action_mark_read()
        self.assertEqual(thread.unread_count, 0)
        thread.action_mark_unread()
        self.assertEqual(thread.unread_count, 1)
        thread.action_close()
        self.assertEqual((thread.state, thread.unread_count), ("closed", 0))
        thread.action_reopen()
        self.assertEqual(thread.state, "open")
        thread.action_close()
        self.write_in("Esqueci de dizer", at=WRITTEN + 60)
        self.assertEqual((thread.state, thread.unread_count), ("open", 1))

    def test_assigned_in_bulk(self):
        self.make_late("Ana", phone="+55 11 96000-0001")
        self.make_late("Bia", phone="+55 11 96000-0002")
        self.write_in("Oi", sender="5511960000001")
        self.write_in("Olá", sender="5511960000002")
        self.threads.action_assign(self.user.id)
        self.assertEqual(self.threads.user_id, self.user)
        self.threads.action_assign()
        self.assertFalse(self.threads.user_id)
        portal = self.env.ref("base.public_user")
        with self.assertRaises(UserError):
            self.threads.action_assign(portal.id)


class TestStrangers(InboxCommon):
    def test_unknown_number_is_linked_and_known_from_then_on(self):
        event = self.write_in("Oi, sou a Rita", sender=STRANGER)
        thread = self.threads
        self.assertFalse(thread.partner_id)
        self.assertEqual((thread.sender_key, thread.unread_count), (STRANGER, 1))
        with freeze_time(NOON), self.assertRaisesRegex(UserError, "Say first"):
            thread.inbox_reply("Oi")
        partner = self.make_customer("Rita", phone="+55 11 96000-0009")
        found = thread.inbox_find_customers("rita")
        self.assertIn(partner.id, [row["id"] for row in found])
        self.assertEqual(thread.inbox_link(partner.id), thread.id)
        self.assertEqual((thread.partner_id, event.partner_id), (partner, partner))
        # Her own number stays, the other one is known too.
        self.assertEqual(partner.phone, "+55 11 96000-0009")
        self.write_in("De novo eu", sender=STRANGER, at=WRITTEN + 60)
        self.assertEqual(self.threads, thread)
        self.assertEqual(thread.unread_count, 2)

    def test_two_conversations_become_one(self):
        partner = self.make_late("Rita", phone="+55 11 96000-0009")
        self.write_in("Oi", sender="5511960000009")
        known = self.threads
        self.write_in("Este é meu novo número", sender=STRANGER, at=WRITTEN + 60)
        stranger = self.threads - known
        stranger.inbox_link(partner.id)
        self.assertEqual(self.threads, known)
        self.assertEqual((known.unread_count, len(known.event_ids)), (2, 2))
        self.assertEqual(known.last_text, "Este é meu novo número")

    def test_new_customer_gets_the_number(self):
        self.write_in("Oi, sou a Rita", sender=STRANGER)
        thread = self.threads
        thread.inbox_new_customer("Rita Alves")
        self.assertEqual(thread.partner_id.name, "Rita Alves")
        self.assertEqual(thread.partner_id._contact_number(), f"+{STRANGER}")

    def test_assigned_from_the_list_of_events(self):
        event = self.write_in("Oi", sender=STRANGER)
        partner = self.make_customer("Rita")
        event.assign_to(partner)
        self.assertEqual(self.threads.partner_id, partner)
