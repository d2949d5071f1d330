"""Stop, no offers, again: through every door, for everybody reached at the number it came from."""

from datetime import datetime, timezone

from markupsafe import Markup

from odoo import fields

from odoo.addons.optica_cobranca.clients.base import (
    DeliveryEvent,
    InboundMessage,
    WebhookBatch,
)
from odoo.addons.optica_cobranca.clients.evolution.evolution_webhook import (
    parse_webhook as parse_evolution,
)
from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook
from odoo.addons.optica_cobranca.clients.provider import WebhookCall
from odoo.addons.optica_cobranca.clients.twilio.twilio_webhook import parse_webhook as parse_twilio

from tests.clients.bytes_of import as_json
from tests.fakes.cloud_api_behaviour import refuse
from tests.fakes.cloud_api_webhooks import envelope, messages_value
from tests.fakes.evolution_server import event
from tests.messaging.common import NOON
from tests.messaging.test_replies import RepliesCommon

DIGITS = "5511960000001"
ALL_CHANNELS = ("whatsapp", "sms", "email", "voice")
TODO = "Does this customer want no more messages?"


class WishesCommon(RepliesCommon):
    def says(self, text="", sender=DIGITS, gateway=None, at=NOON, **values):
        """A customer's message, by the way a webhook goes."""
        self.said = getattr(self, "said", 0) + 1
        received = datetime.fromisoformat(at).replace(tzinfo=timezone.utc)
        item = InboundMessage(
            f"in-{self.said}", sender, values.pop("sender_id", None), text=text,
            received_at=received, **values,
        )  # fmt: skip
        gateway = gateway or self.gateway
        self.env["contact.event"]._take_in(gateway, WebhookBatch(inbound=(item,)))
        self.env.invalidate_all()
        return self.env["contact.event"].search([("key", "=", item.key)])

    def ledger(self, partner):
        rows = self.env["contact.consent"].search([("partner_id", "=", partner.id)], order="id")
        return [(row.purpose, row.channel, row.decision, row.source) for row in rows]

    def todos(self, partner):
        return partner.activity_ids.filtered(lambda activity: activity.summary == TODO)


STOP = [("all", "whatsapp", "opt_out", "reply")]
NO_OFFERS = [
    (purpose, channel, "opt_out", "reply")
    for channel in ALL_CHANNELS
    for purpose in ("relationship", "marketing")
]


class TestWords(WishesCommon):
    def test_everything(self):
        partner = self.make_late()
        self.says("para de mandar mensagem")
        self.assertEqual(self.ledger(partner), STOP)
        self.says("SAIR")
        self.assertEqual(self.ledger(partner), STOP)

    def test_offers_only(self):
        """No offers are no offers on any channel; the reminder still leaves."""
        partner = self.make_late()
        self.says("Parar promoções")
        self.assertEqual(sorted(self.ledger(partner)), sorted(NO_OFFERS))
        self.assertEqual(self.send_one(partner).state, "sent")
        greeting = self.make_template("Happy", "Hi {{customer_first_name}}", purpose="relationship")
        later = self.send_one(partner, greeting, at="2026-02-12 15:00:00")
        self.assertEqual((later.state, later.reason), ("cancelled", "opted_out"))

    def test_again(self):
        partner = self.make_late()
        self.says("SAIR")
        self.says("quero voltar a receber mensagens")
        self.assertEqual(
            self.ledger(partner),
            [
                *STOP,
                ("collection", "whatsapp", "opt_in", "reply"),
                ("service", "whatsapp", "opt_in", "reply"),
            ],
        )
        self.assertEqual(self.send_one(partner).state, "sent")

    def test_offers_again(self):
        partner = self.make_late()
        self.says("quero receber promoções")
        self.assertEqual(
            self.ledger(partner),
            [
                ("relationship", "whatsapp", "opt_in", "reply"),
                ("marketing", "whatsapp", "opt_in", "reply"),
            ],
        )

    def test_a_doubt_asks_a_person_once(self):
        partner = self.make_late()
        self.company.dunning_user_id = self.user
        for words in ("parem de me cobrar <b>", "me deixa em paz"):
            self.says(words)
        self.assertEqual(self.ledger(partner), [])
        (todo,) = self.todos(partner)
        self.assertEqual(todo.user_id, self.user)
        self.assertIn("parem de me cobrar &lt;b&gt;", todo.note)
        todo.action_feedback()
        self.says("me esquece")
        self.assertEqual(len(self.todos(partner)), 1)

    def test_ordinary_words_change_nothing(self):
        partner = self.make_late()
        for words in ("cancelar o pedido", "o olho não para de doer", "posso parar aí amanhã?"):
            self.says(words)
        self.assertEqual((self.ledger(partner), len(self.todos(partner))), ([], 0))

    def test_caption_button_and_changed_text_are_words_too(self):
        kinds = ("image", "button", "interactive", "document", "video", "edit")
        for index, kind in enumerate(kinds):
            with self.subTest(kind=kind):
                partner = self.make_late(phone=f"+55 11 96000-01{index:02d}")
                self.says("SAIR", f"55119600001{index:02d}", kind=kind, context_id="in-0")
                self.assertEqual(self.ledger(partner), STOP)

    def test_what_others_wrote_is_no_wish(self):
        """The name on a card, the name of a place, an emoji: not the customer's own words."""
        partner = self.make_late()
        for kind in ("contacts", "location", "reaction", "order", "unsupported"):
            self.says("SAIR", kind=kind)
        self.assertEqual(self.ledger(partner), [])

    def test_stranger_is_heard_when_somebody_says_who_it_is(self):
        stranger = "5511977777777"
        event = self.says("SAIR", stranger)
        self.says("Oi?", stranger)
        partner = self.make_late()
        event.assign_to(partner)
        self.assertEqual(self.ledger(partner), STOP)

    def test_a_hidden_id_alone_is_a_stranger_in_the_inbox(self):
        """Evolution, with nothing but a LID: shown, and heard when a person says who it is."""
        evolution = self.make_gateway(
            name="Evolution", provider="evolution", account_id="loja", state="disabled"
        )
        key = {"remoteJid": "998877665544@lid", "fromMe": False, "id": "A"}
        said = {"conversation": "SAIR"}
        payload = event("messages.upsert", key=key, pushName="Rita", message=said)
        self.env["contact.event"]._take_in(evolution, parse_evolution(as_json(payload)))
        thread = self.env["contact.thread"].search([("gateway_id", "=", evolution.id)])
        self.assertEqual(
            (thread.sender_key, thread.name, thread.unread_count, thread.state),
            ("998877665544@lid", "Rita", 1, "open"),
        )
        self.assertFalse(thread.event_ids.wa_id)
        partner = self.make_late()
        thread.inbox_link(partner.id)
        self.assertEqual(self.ledger(partner), STOP)
        self.assertEqual(partner.whatsapp_user_id, "998877665544@lid")


class TestProvidersWord(WishesCommon):
    def sms(self):
        return self.make_gateway(
            name="SMS", channel="sms", provider="twilio", account_id="AC" + "0" * 32,
            sender="+15005550006", state="disabled",
        )  # fmt: skip

    def from_twilio(self, gateway, words, kind):
        self.said = getattr(self, "said", 0) + 1
        form = {"MessageSid": f"SM{self.said}", "From": f"+{DIGITS}", "Body": words}
        call = WebhookCall(b"", {}, tuple({**form, "OptOutType": kind}.items()))
        self.env["contact.event"]._take_in(gateway, parse_twilio(call))
        self.env.invalidate_all()

    def test_twilio_stops_and_starts(self):
        """By Twilio's own field: the word may be one that only this account knows."""
        gateway = self.sms()
        for index, word in enumerate(("STOPALL", "CANCEL", "REVOKE", "OPTOUT", "PULEI FORA")):
            with self.subTest(word=word):
                partner = self.make_late(f"P{index}")
                self.from_twilio(gateway, word, "STOP")
                self.assertEqual(self.ledger(partner), [("all", "sms", "opt_out", "provider")])
                partner.phone = False
        partner = self.make_late("Last")
        self.from_twilio(gateway, "STOP", "STOP")
        self.from_twilio(gateway, "YES", "START")
        self.assertEqual(
            self.ledger(partner)[1:],
            [
                ("collection", "sms", "opt_in", "provider"),
                ("service", "sms", "opt_in", "provider"),
            ],
        )

    def preference(self, value, at=1):
        item = {"wa_id": DIGITS, "category": "marketing_messages", "value": value, "timestamp": at}
        payload = envelope(messages_value(user_preferences=[item]), field="user_preferences")
        self.env["contact.event"]._take_in(self.gateway, parse_webhook(payload))
        self.env.invalidate_all()

    def test_offers_refused_in_whatsapp_itself(self):
        partner = self.make_late()
        message = self.queue(partner)
        no_offers = [
            ("relationship", "whatsapp", "opt_out", "provider"),
            ("marketing", "whatsapp", "opt_out", "provider"),
        ]
        self.preference("stop")
        self.preference("stop")
        self.assertEqual(self.ledger(partner), no_offers)
        # It is no reply: the reminder stays, no conversation begins.
        self.assertEqual(message.state, "queued")
        self.assertFalse(self.env["contact.thread"].search([("partner_id", "=", partner.id)]))
        self.preference("resume", at=2)
        self.assertEqual(
            self.ledger(partner)[2:],
            [
                ("relationship", "whatsapp", "opt_in", "provider"),
                ("marketing", "whatsapp", "opt_in", "provider"),
            ],
        )

    def test_refusals_that_tell_of_a_stop(self):
        for gateway, code, rows in (
            (
                self.gateway,
                131050,
                [
                    ("relationship", "whatsapp", "opt_out", "provider"),
                    ("marketing", "whatsapp", "opt_out", "provider"),
                ],
            ),
            (self.sms(), 21610, [("all", "sms", "opt_out", "provider")]),
        ):
            with self.subTest(code=code):
                partner = self.make_late(f"P{code}", phone=f"+55 11 96{code:06d}"[:16] + "0")
                message = self.queue(partner)
                message.write(
                    {"state": "sent", "gateway_id": gateway.id, "channel": gateway.channel}
                )
                self.env["contact.message"]._apply_news(
                    [
                        (
                            message.id,
                            DeliveryEvent(
                                key=f"{code}:failed", reference=message.uuid, provider_id=None,
                                state="failed", occurred_at=None, code=str(code),
                            ),
                        )
                    ]
                )  # fmt: skip
                self.assertEqual(self.ledger(partner), rows)
                self.assertEqual(partner.contact_consent_ids.message_id, message)

    def test_refusal_at_once_tells_it_too(self):
        partner = self.make_late()
        self.server.script(f"+{DIGITS}", refuse(131050))
        message = self.send_one(partner)
        self.assertEqual(message.state, "failed")
        self.assertEqual(
            self.ledger(partner),
            [
                ("relationship", "whatsapp", "opt_out", "provider"),
                ("marketing", "whatsapp", "opt_out", "provider"),
            ],
        )


class TestWhomItCountsFor(WishesCommon):
    """Mother and daughter share a number; the son lives in the mother's house, without one."""

    def setUp(self):
        super().setUp()
        self.mother = self.make_late("Mother")
        self.daughter = self.make_late("Daughter", email="both@loja.example")
        self.son = self.make_late("Son", phone=False, parent_id=self.mother.id)
        self.aunt = self.make_late("Aunt", phone="+55 11 96000-0002", email="both@loja.example")
        self.stranger = self.make_late("Stranger", phone="+55 11 96000-0003")
        self.everybody = self.mother | self.daughter | self.son | self.aunt | self.stranger
        self.queued = {partner: self.queue(partner) for partner in self.everybody}

    def assert_rests(self, reason):
        """Who shares number, address or house with whoever spoke is not pressed any further."""
        found = {partner.name: message.reason for partner, message in self.queued.items()}
        self.assertEqual(found.pop("Stranger"), False)
        self.assertEqual(found, dict.fromkeys(("Mother", "Daughter", "Son", "Aunt"), reason))

    def test_reply(self):
        self.says("Oi")
        self.assert_rests("replied")

    def test_swipe_reply(self):
        self.queued[self.mother].write(
            {"state": "sent", "provider_id": "wamid.out", "gateway_id": self.gateway.id}
        )
        self.queued[self.mother] = self.queue(self.mother)
        event = self.says("Oi", context_id="wamid.out")
        self.assertFalse(event.partner_id, "mother and daughter share the number")
        self.assert_rests("replied")

    def test_button(self):
        self.says("Já paguei", kind="button", payload="paid")
        self.assert_rests("replied")

    def test_promise(self):
        lines = self.daughter._open_installments()
        day = fields.Date.add(fields.Date.today(), days=2)
        self.env["dunning.promise"]._register_promise(self.daughter, self.company, day, lines=lines)
        self.assert_rests("promised")

    def test_dispute(self):
        reason = self.env["dunning.dispute.reason"].search([("holds", "=", True)], limit=1)
        self.env["dunning.dispute"]._register_dispute(self.daughter, self.company, reason)
        self.assert_rests("disputed")

    def test_email(self):
        self.daughter.message_post(
            body="Oi",
            message_type="email",
            author_id=self.daughter.id,
            subject="Re: parcela",
            optica_sender_unproven=False,
        )
        self.assert_rests("replied")

    def test_stop_by_swipe_reply_holds_for_the_number(self):
        self.queued[self.mother].write(
            {"state": "sent", "provider_id": "wamid.out", "gateway_id": self.gateway.id}
        )
        self.says("SAIR", context_id="wamid.out")
        for partner, rows in ((self.mother, STOP), (self.daughter, STOP), (self.aunt, [])):
            self.assertEqual(self.ledger(partner), rows)

    def test_stop_by_button_holds_for_the_number(self):
        self.says("Sair", kind="button", payload="x")
        self.assertEqual((self.ledger(self.mother), self.ledger(self.daughter)), (STOP, STOP))
        self.assertEqual(self.ledger(self.stranger), [])

    def test_stop_by_key_during_a_call_holds_for_the_number(self):
        voice = self.make_gateway(
            name="Voice", channel="voice", provider="twilio", account_id="AC" + "0" * 32,
            sender="+15005550006", state="disabled",
        )  # fmt: skip
        self.says("9", gateway=voice, kind="keys", payload="9")
        rows = [("all", "voice", "opt_out", "reply")]
        self.assertEqual((self.ledger(self.mother), self.ledger(self.daughter)), (rows, rows))

    def test_stop_by_email_holds_for_the_address(self):
        self.daughter.message_post(
            body=Markup(
                "<p>Não quero mais receber mensagens</p>"
                '<blockquote data-o-mail-quote="1"><p>Responda SAIR</p></blockquote>'
            ),
            message_type="email",
            author_id=self.daughter.id,
            subject="Re: parcela",
        )
        rows = [("all", "email", "opt_out", "reply")]
        self.assertEqual((self.ledger(self.daughter), self.ledger(self.aunt)), (rows, rows))
        self.assertEqual(self.ledger(self.mother), [])

    def test_a_number_typed_to_fill_the_field_joins_nobody(self):
        crowd = self.env["res.partner"].create(
            [{"name": f"Filler {index}", "phone": "(11) 99999-9999"} for index in range(12)]
        )
        self.assertEqual(crowd[0]._concerned(), crowd[0])
        # Words that really come from there hold for all that have it.
        self.assertEqual(crowd[0]._reached_alike("sms"), crowd)


class TestEmails(WishesCommon):
    def letter(self, body, subject="Re: Sua parcela", **values):
        partner = self.make_late(email="maria@example.com", phone=False)
        partner.message_post(
            body=Markup(body),
            message_type="email",
            author_id=partner.id,
            subject=subject,
            **values,
        )
        return partner

    def test_subject_of_the_mail_programs_link(self):
        partner = self.letter("", subject="SAIR")
        self.assertEqual(self.ledger(partner), [("all", "email", "opt_out", "reply")])

    def test_our_own_words_in_the_quote_are_not_the_customers(self):
        for quote in (
            '<blockquote data-o-mail-quote="1">Para parar, responda SAIR. Parar</blockquote>',
            '<div class="gmail_quote">Para parar, responda SAIR. Parar</div>',
            "<blockquote>não quero mais receber mensagens</blockquote>",
        ):
            with self.subTest(quote=quote):
                partner = self.letter(f"<p>Pago sexta</p>{quote}")
                self.assertEqual(self.ledger(partner), [])

    def test_subject_of_an_answer_is_ours(self):
        partner = self.letter("<p>ok</p>", subject="RES: Sair do aperto: renegocie")
        self.assertEqual(self.ledger(partner), [])

    def test_doubt(self):
        partner = self.letter("<p>Quero que excluam meus dados</p>")
        self.assertEqual(self.ledger(partner), [])
        self.assertTrue(self.todos(partner))


class TestSilentNews(WishesCommon):
    """Reactions, changes, what cannot be read: kept, and neither pause nor conversation."""

    def assert_silent(self, event, message):
        self.assertTrue(event.says_nothing)
        self.assertEqual(message.state, "queued")
        self.assertFalse(self.env["contact.thread"].search([("unread_count", ">", 0)]))
        self.assertEqual(self.env["contact.message"]._open_conversation(
            message.partner_id, self.gateway), self.env["contact.event"])  # fmt: skip

    def test_each_kind(self):
        self.env["contact.thread"].search([]).unlink()
        partner = self.make_late()
        message = self.queue(partner)
        for kind, text in (
            ("reaction", "👍"),
            ("reaction", ""),
            ("edit", "Pago sexta, quis dizer"),
            ("revoke", ""),
            ("unsupported", ""),
        ):
            with self.subTest(kind=kind, text=text):
                event = self.says(text, kind=kind, context_id="wamid.x")
                self.assert_silent(event, message)
                self.assertEqual((event.partner_id, event.text or ""), (partner, text))

    def test_they_show_in_a_conversation_that_exists(self):
        self.make_late()
        self.says("Já paguei")
        thread = self.env["contact.thread"].search([], order="id desc", limit=1)
        thread.action_close()
        self.says("👍", kind="reaction", context_id="in-1")
        self.says("Já paguei ontem", kind="edit", context_id="in-1")
        self.says("", kind="revoke", context_id="in-1")
        self.assertEqual((thread.state, thread.unread_count), ("closed", 0))
        self.assertEqual(
            [(entry["text"], entry["note"]) for entry in thread.inbox_open()["entries"]],
            [
                ("Já paguei", "Deleted by the customer"),
                ("👍", "Reaction"),
                ("Já paguei ontem", "Changed by the customer"),
                ("(Revoke)", ""),
            ],
        )

    def test_what_was_taken_back_is_kept_and_marked(self):
        self.make_late()
        first = self.says("Já paguei")
        self.says("", kind="revoke", context_id=first.provider_id, at="2026-02-11 15:05:00")
        self.assertEqual(first.text, "Já paguei")
        self.assertEqual(str(first.withdrawn_at), "2026-02-11 15:05:00")

    def test_reports_do_not_count_them(self):
        partner = self.make_late()
        message = self.send_one(partner)
        self.says("👍", kind="reaction", at="2026-02-11 15:30:00")
        self.assertEqual(message._replied_since({message.id: message.create_date}), set())
        self.says("Oi", at="2026-02-11 15:31:00")
        self.assertEqual(message._replied_since({message.id: message.create_date}), {message.id})


AWAY = "Olá! Aqui é a Rita Bolos, em que posso ajudar você hoje?"


class TestAwayMessages(WishesCommon):
    def test_the_same_within_seconds_again_and_again(self):
        """The first might be a person; the second, just as quick and the same, is a telephone."""
        partner = self.make_late()
        self.send_one(partner)
        self.assertFalse(self.says(AWAY, at="2026-02-11 15:00:04").says_nothing)
        self.send_one(partner, at="2026-02-12 15:00:00", author=self.user)
        waiting = self.queue(partner, at="2026-02-12 15:00:00")
        again = self.says(AWAY, at="2026-02-12 15:00:03")
        self.assertTrue(again.says_nothing)
        self.assertEqual(waiting.state, "queued")

    def test_at_once_by_its_words(self):
        partner = self.make_late()
        self.send_one(partner)
        words = "Agradecemos seu contato, responderemos assim que possível"
        self.assertTrue(self.says(words, at="2026-02-11 15:00:02").says_nothing)
        self.assertFalse(self.says(words, at="2026-02-11 15:02:00").says_nothing)

    def test_a_wish_is_heard_however_quick(self):
        partner = self.make_late()
        self.send_one(partner)
        words = "Não quero mais receber mensagens de vocês"
        self.says(words, at="2026-02-11 15:00:02")
        self.assertEqual(self.ledger(partner), STOP)
