"""Answers in free words: only to customers who wrote in the last 24 hours."""

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook

from tests.fakes.cloud_api_webhooks import inbound_text
from tests.messaging.common import NOON, SECRET, OutboxCommon

PDF = b"%PDF-1.7 the carne"
WRITTEN = 1770822000  # 2026-02-11 15:00 UTC
SHOP = "17841400000000001"


class RepliesCommon(OutboxCommon):
    def write_in(self, text="Olá", sender="5511960000001", at=WRITTEN, gateway=None, **options):
        payload = inbound_text(f"wamid.{text}{at}", text, sender=sender, at=at, **options)
        return self.take_in(payload, gateway)

    def take_in(self, payload, gateway=None):
        self.env["contact.event"]._take_in(gateway or self.gateway, parse_webhook(payload))
        self.env.invalidate_all()
        return self.env["contact.event"].search([("kind", "=", "inbound")], order="id desc")[:1]

    def reply(self, partner, text="Já vi, obrigado!", at=NOON, gateway=None, **options):
        with freeze_time(at):
            return self.env["contact.message"]._enqueue_reply(
                partner, gateway or self.gateway, text, **options
            )

    def attach(self, content=PDF, name="carne.pdf"):
        return self.env["ir.attachment"].create({"name": name, "raw": content})


class TestReplies(RepliesCommon):
    def test_answer_within_the_day(self):
        partner = self.make_late()
        event = self.write_in()
        message = self.reply(partner, " Já vi, obrigado! ")
        self.assertEqual((message.purpose, message.channel), ("service", "whatsapp"))
        self.assertEqual(message.answered_event_id, event)
        self.assertEqual(message.display_name, f"Answer to {partner.display_name}")
        self.dispatch()
        self.assertEqual(message.state, "sent")
        body = self.server.messages()[-1].body
        self.assertEqual((body["type"], body["text"]["body"]), ("text", "Já vi, obrigado!"))
        self.assertEqual(body["to"], "+5511960000001")

    def test_not_after_a_day(self):
        partner = self.make_late()
        self.write_in(at=WRITTEN - 24 * 3600)
        with self.assertRaisesRegex(UserError, "only approved templates"):
            self.reply(partner)

    def test_never_written(self):
        with self.assertRaisesRegex(UserError, "only approved templates"):
            self.reply(self.make_late())

    def test_written_to_another_number_of_the_shop(self):
        partner = self.make_late()
        other = self.make_gateway(name="Other", phone_number_id="7")
        self.write_in()
        with self.assertRaises(UserError):
            self.reply(partner, gateway=other)

    def test_day_is_over_when_it_would_leave(self):
        partner = self.make_late()
        self.write_in()
        message = self.reply(partner)
        self.dispatch(at="2026-02-12 15:00:01")
        self.assertEqual((message.state, message.reason), ("cancelled", "template"))

    def test_neither_hours_nor_caps_nor_opt_out(self):
        """Sunday night, after three reminders this week, by a customer who wants no messages."""
        partner = self.make_late()
        sunday = "2026-02-15 23:30:00"
        self.write_in("SAIR", at=1771197000)  # 23:10 UTC
        self.assertTrue(self.env["contact.consent"].search([("partner_id", "=", partner.id)]))
        message = self.reply(partner, "Combinado, não escrevemos mais.", at=sunday)
        self.dispatch(at=sunday)
        self.assertEqual(message.state, "sent")

    def test_answers_do_not_count_as_contacts(self):
        partner = self.make_late()
        self.write_in()
        self.reply(partner)
        self.dispatch()
        reminder = self.send_one(partner)
        self.assertEqual(reminder.state, "sent")

    def test_document_and_picture(self):
        partner = self.make_late()
        self.write_in()
        message = self.reply(partner, "Segue", attachment=self.attach())
        self.dispatch()
        self.assertEqual(message.state, "sent")
        body = self.server.messages()[-1].body
        (media_id,) = self.server.media
        self.assertEqual(
            body["document"], {"id": media_id, "filename": "carne.pdf", "caption": "Segue"}
        )
        self.assertEqual(self.server.media[media_id].content, PDF)
        picture = self.attach(b"\xff\xd8\xff\xe0 jpeg", "foto.jpg")
        self.reply(partner, "", attachment=picture)
        self.dispatch()
        self.assertEqual(self.server.messages()[-1].body["type"], "image")

    def test_what_whatsapp_would_refuse(self):
        partner = self.make_late()
        self.write_in()
        cases = (
            ({"text": "  "}, "Write something"),
            ({"text": "x" * 4097}, "too long"),
            ({"text": "x" * 1025, "attachment": self.attach()}, "too long"),
            ({"text": "", "attachment": self.attach(b"MZ", "virus.exe")}, "virus.exe"),
        )
        for options, words in cases:
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self.reply(partner, **options)

    def test_by_hand_takes_no_answers(self):
        by_hand = self.make_gateway(name="By hand", provider="by_hand", sequence=90)
        with self.assertRaisesRegex(UserError, "takes no answers"):
            self.reply(self.make_late(), gateway=by_hand)

    def test_seller_answers_own_company_only(self):
        partner = self.make_late()
        self.write_in()
        seller = self.env["res.users"].create(
            {
                "name": "Seller",
                "login": "seller who answers",
                "group_ids": self.env.ref("optica_cobranca.group_seller").ids,
            }
        )
        with freeze_time(NOON):
            message = (
                self.env["contact.message"]
                .with_user(seller)
                ._enqueue_reply(partner, self.gateway, "Oi!")
            )
        self.assertEqual(message.author_id, seller)
        self.assertFalse(message.env.su)


class TestHiddenNumbers(RepliesCommon):
    def test_person_is_remembered_and_reached(self):
        partner = self.make_late()
        self.write_in(user_id="BR.ABC1")
        self.assertEqual(partner.whatsapp_user_id, "BR.ABC1")
        event = self.write_in("Sem número", sender=None, user_id="BR.ABC1", at=WRITTEN + 60)
        self.assertEqual(event.partner_id, partner)
        message = self.reply(partner, at="2026-02-11 15:10:00")
        self.dispatch(at="2026-02-11 15:10:00")
        self.assertEqual((message.state, message.recipient), ("sent", "BR.ABC1"))
        self.assertIs(message.address, False)
        self.assertEqual(self.server.messages()[-1].body["recipient"], "BR.ABC1")

    def test_opt_out_without_a_number(self):
        partner = self.make_late()
        self.write_in(user_id="BR.ABC1")
        message = self.queue(partner)
        self.write_in("SAIR", sender=None, user_id="BR.ABC1", at=WRITTEN + 60)
        self.assertEqual((message.state, message.reason), ("cancelled", "replied"))
        consent = self.env["contact.consent"].search([("partner_id", "=", partner.id)])
        self.assertEqual(consent.decision, "opt_out")

    def test_stranger_is_assigned_by_a_person(self):
        partner = self.make_late()
        first = self.write_in("Oi", sender=None, user_id="BR.NEW")
        second = self.write_in("Sou a Maria", sender=None, user_id="BR.NEW", at=WRITTEN + 60)
        self.assertFalse(first.partner_id or second.partner_id)
        second.assign_to(partner)
        self.assertEqual((first | second).partner_id, partner)
        third = self.write_in("De novo", sender=None, user_id="BR.NEW", at=WRITTEN + 120)
        self.assertEqual(third.partner_id, partner)


class TestInstagram(RepliesCommon):
    def setUp(self):
        super().setUp()
        self.instagram = self.env["contact.gateway"].create(
            {
                "name": "Instagram",
                "channel": "instagram",
                "provider": "instagram",
                "base_url": self.server.url,
                "instagram_account_id": SHOP,
                "access_token": "token-of-instagram",
                "app_secret": SECRET,
                "state": "live",
            }
        )

    def says(self, text, mid="mid.1"):
        item = {
            "sender": {"id": "990001"},
            "recipient": {"id": SHOP},
            "timestamp": WRITTEN * 1000,
            "message": {"mid": mid, "text": text},
        }
        payload = {"object": "instagram", "entry": [{"id": SHOP, "messaging": [item]}]}
        # By the address of the shop's WhatsApp: one app serves both.
        return self.take_in(payload, self.gateway)

    def test_question_and_answer(self):
        partner = self.make_late()
        event = self.says("Vocês consertam óculos?")
        self.assertEqual(event.gateway_id, self.instagram)
        self.assertFalse(event.partner_id)
        event.assign_to(partner)
        self.assertEqual(partner.instagram_user_id, "990001")
        message = self.reply(partner, "Sim!", gateway=self.instagram)
        self.dispatch()
        self.assertEqual((message.state, message.channel), ("sent", "instagram"))
        body = self.server.messages()[-1].body
        self.assertEqual(body, {"recipient": {"id": "990001"}, "message": {"text": "Sim!"}})
        self.assertEqual(self.says("Obrigada", "mid.2").partner_id, partner)

    def test_seen(self):
        partner = self.make_late()
        self.says("Oi").assign_to(partner)
        message = self.reply(partner, "Sim!", gateway=self.instagram)
        self.dispatch()
        seen = {
            "sender": {"id": "990001"},
            "recipient": {"id": SHOP},
            "timestamp": WRITTEN * 1000,
            "read": {"mid": message.provider_id},
        }
        self.take_in({"object": "instagram", "entry": [{"id": SHOP, "messaging": [seen]}]})
        self.assertEqual(message.state, "read")

    def test_no_files_and_short_texts(self):
        partner = self.make_late()
        self.says("Oi").assign_to(partner)
        with self.assertRaisesRegex(UserError, "WhatsApp only"):
            self.reply(partner, "x", gateway=self.instagram, attachment=self.attach())
        with self.assertRaisesRegex(UserError, "too long"):
            self.reply(partner, "é" * 501, gateway=self.instagram)

    def test_switched_on_when_complete(self):
        with self.assertRaisesRegex(ValidationError, "Instagram Account ID"):
            self.instagram.instagram_account_id = False
        with self.assertRaisesRegex(ValidationError, "digits only"):
            self.instagram.instagram_account_id = "@loja"

    def test_connection(self):
        ok, sentence = self.instagram._check_connection()
        self.assertEqual((ok, sentence), (True, "@loja.de.teste, Loja de teste"))
