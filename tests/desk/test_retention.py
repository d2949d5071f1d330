"""After the time to keep: numbers and texts are erased wherever they were copied, facts stay.

Doors by which words and numbers are copied: the message and the event, the line in the customer's
chatter, files and their copies, to-dos and what they leave when done, the e-mail and SMS handed
over to Odoo, the last words of the conversation, the proof of a consent, notes of calls, promises
and disputes. The list is ``personal_words.PERSONAL``.
"""

from freezegun import freeze_time

from odoo import fields

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook
from odoo.addons.optica_cobranca.models.desk import personal_words
from odoo.addons.optica_cobranca.models.desk.personal_words import PERSONAL, SETTINGS

from tests.fakes.cloud_api_webhooks import inbound_text
from tests.messaging.common import NOON, OutboxCommon

# 60 months before this night is 2021-02-12 05:30.
TONIGHT = "2026-02-12 05:30:00"


class RetentionCommon(OutboxCommon):
    def backdate(self, records, at):
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {records._table} SET create_date = %s WHERE id = ANY(%s)", [at, records.ids]
        )
        self.env.invalidate_all()

    def anonymise(self):
        self.run_job("contact.message", "_cron_anonymise", at=TONIGHT)


class TestRetention(RetentionCommon):
    def test_old_message_keeps_its_facts_only(self):
        message = self.send_one()
        self.backdate(message, "2021-02-12 05:29:00")
        sent_at, provider_id = message.sent_at, message.provider_id
        self.anonymise()
        for name in ("address", "body", "parameters", "wa_id", "error_detail"):
            self.assertFalse(message[name], name)
        self.assertEqual(
            (message.channel, message.state, message.sent_at, message.provider_id),
            ("whatsapp", "sent", sent_at, provider_id),
        )
        self.assertEqual(message.partner_id.name, "Late Customer")
        self.assertEqual(str(message.anonymised_at), TONIGHT)

    def test_message_within_the_time_stays(self):
        message = self.send_one()
        self.backdate(message, "2021-02-12 05:31:00")
        self.anonymise()
        self.assertTrue(message.address and message.body)
        self.assertFalse(message.anonymised_at)

    def test_each_company_keeps_for_its_own_time(self):
        message = self.send_one()
        self.company.contact_retention_months = 12
        self.backdate(message, "2025-02-11 12:00:00")
        self.anonymise()
        self.assertFalse(message.body)

    def test_message_that_waits_is_not_touched(self):
        message = self.queue(self.make_late())
        self.backdate(message, "2020-01-01 00:00:00")
        self.anonymise()
        self.assertFalse(message.anonymised_at)

    def test_what_the_customer_wrote(self):
        self.make_late()
        inbound = inbound_text("wamid.in", "My new address is ...", sender="5511960000001")
        self.env["contact.event"]._take_in(self.gateway, parse_webhook(inbound))
        event = self.env["contact.event"].search([("kind", "=", "inbound")], limit=1)
        self.backdate(event, "2020-01-01 00:00:00")
        self.anonymise()
        self.assertFalse(event.text or event.payload or event.wa_id)
        self.assertTrue(event.partner_id and event.occurred_at)

    def test_more_than_one_batch(self):
        self.patch(personal_words, "BATCH", 2)
        partners = [self.make_late(f"P{n}", phone=f"+55 11 96000-10{n:02d}") for n in range(5)]
        messages = self.queue(self.env["res.partner"].union(*partners))
        self.dispatch()
        self.backdate(messages, fields.Datetime.to_datetime("2020-01-01"))
        self.anonymise()
        self.assertFalse(any(messages.mapped("body")))


class TestWherePersonalWordsAre(RetentionCommon):
    """Whatever a customer says in one place is erased in all."""

    WORDS = "Moro agora na Rua das Flores, 12"

    def age(self, years=6):
        """As if everything of these tests had happened long ago."""
        self.env.flush_all()
        for name, words in PERSONAL.items():
            if words.erased:
                table = self.env[name]._table
                columns = {"create_date", words.since.code.removeprefix("row.")}
                for column in columns:
                    self.env.cr.execute(
                        f"UPDATE {table} SET {column} = {column} - make_interval(years => %s)"
                        f" WHERE {column} IS NOT NULL",
                        [years],
                    )
        self.env.invalidate_all()

    def found(self):
        """Where the words can be read in the whole database: ``[model.field]``."""
        self.env.flush_all()
        places = set()
        for name, model in self.env.registry.items():
            if model._abstract or not model._auto or model._transient:
                continue
            for field in model._fields.values():
                if field.store and field.type in ("char", "text", "html", "json"):
                    said = f'"{field.name}"::text LIKE %s'
                    query = f'SELECT 1 FROM "{model._table}" WHERE {said} LIMIT 1'
                    self.env.cr.execute(query, [f"%{self.WORDS}%"])
                    if self.env.cr.fetchone():
                        places.add(f"{name}.{field.name}")
        return places

    def test_words_are_erased_wherever_they_are(self):
        partner = self.make_late()
        inbound = inbound_text("wamid.in", f"PARAR. {self.WORDS}", sender="5511960000001")
        self.env["contact.event"]._take_in(self.gateway, parse_webhook(inbound))
        self.env["contact.consent"].create(
            {"partner_id": partner.id, "decision": "opt_in", "proof": self.WORDS}
        )
        todo = partner._ask_collection(self.company, note=self.WORDS, user_id=self.user.id)
        todo.action_feedback(self.WORDS)
        with freeze_time(NOON):
            dispute = self.env["dunning.dispute"]._register_dispute(
                partner,
                self.company,
                self.env.ref("optica_cobranca.dispute_reason_defect"),
                description=self.WORDS,
            )
            dispute._close("resolved", self.WORDS)
        self.assertLessEqual(
            {
                "contact.event.text",
                "contact.event.payload",
                "contact.thread.last_text",
                "contact.consent.proof",
                "mail.message.body",
                "mail.activity.note",
                "mail.activity.feedback",
                "dunning.dispute.description",
                "dunning.dispute.resolution",
            },
            self.found(),
        )
        self.age()
        self.anonymise()
        self.assertEqual(self.found(), set())
        self.assertEqual(len(partner.contact_consent_ids), 2)

    def test_files_go_with_the_words(self):
        self.make_late()
        inbound = inbound_text("wamid.in", "Paguei", sender="5511960000001")
        self.env["contact.event"]._take_in(self.gateway, parse_webhook(inbound))
        event = self.env["contact.event"].search([("kind", "=", "inbound")], limit=1)
        event.media = {"id": "1", "mime_type": "image/jpeg", "filename": None, "url": None}

        class Found:
            mime_type, content = "image/jpeg", b"proof"

        event._keep_file(Found)
        files = event.attachment_id | event.partner_id.message_ids.attachment_ids
        self.assertEqual(len(files), 2)
        self.age()
        self.anonymise()
        self.assertFalse(files.exists())

    def test_the_chain_stays_whole_when_its_content_is_erased(self):
        evidence = self.env["optica.evidence"].sudo()
        self.make_late()
        inbound = inbound_text("wamid.in", self.WORDS, sender="5511960000001")
        self.env["contact.event"]._take_in(self.gateway, parse_webhook(inbound))
        while evidence._seal(self.company):
            pass
        before = evidence._verify(self.company)
        self.age()
        self.anonymise()
        after = evidence._verify(self.company)
        self.assertIsNone(after["broken"])
        self.assertEqual((after["count"], after["head"]), (before["count"], before["head"]))
        self.assertGreater(after["erased"], before["erased"])
        row = evidence.search([("res_model", "=", "contact.event"), ("erased_at", "!=", False)])
        self.assertEqual(set(row.mapped("salt")), {False})

    def test_what_is_young_stays(self):
        self.make_late()
        inbound = inbound_text("wamid.in", self.WORDS, sender="5511960000001")
        self.env["contact.event"]._take_in(self.gateway, parse_webhook(inbound))
        before = self.found()
        self.age(years=4)
        self.anonymise()
        self.assertEqual(self.found(), before)

    def test_of_one_person_alone(self):
        """What a request to be forgotten will ask for: of this person, however young."""
        ana, bia = self.make_late("Ana"), self.make_late("Bia", phone="+55 11 96000-0002")
        for n, sender in enumerate(("5511960000001", "5511960000002")):
            inbound = inbound_text(f"wamid.{n}", f"{self.WORDS} {n}", sender=sender)
            self.env["contact.event"]._take_in(self.gateway, parse_webhook(inbound))
        self.env["personal.words"]._erase_of(ana, fields.Datetime.now())
        self.env.invalidate_all()
        events = self.env["contact.event"].search([("kind", "=", "inbound")], limit=2)
        self.assertEqual(
            {event.partner_id: event.text for event in events},
            {ana: False, bia: f"{self.WORDS} 1"},
        )
        self.assertNotIn(self.WORDS, str(ana.message_ids.mapped("body")))
        self.assertIn(self.WORDS, str(bia.message_ids.mapped("body")))

    def test_every_text_of_the_addon_has_been_decided_about(self):
        """Fails for a new model or field with text: decide in ``personal_words.PERSONAL``."""
        texts = {}
        for name, model in self.env.registry.items():
            if model._abstract or model._transient or not model._auto or name in SETTINGS:
                continue
            for field in model._fields.values():
                ours = (field._modules or ("",))[0] == "optica_cobranca"
                is_text = field.type in ("char", "text", "html", "json", "binary")
                if ours and field.store and is_text:
                    texts.setdefault(name, set()).add(field.name)
        undecided = {
            name: sorted(names - PERSONAL[name].names if name in PERSONAL else names)
            for name, names in texts.items()
        }
        self.assertEqual({name: names for name, names in undecided.items() if names}, {})
        for name, words in PERSONAL.items():
            kept = [one for names in words.kept.values() for one in names]
            self.assertEqual(len(words.names), len(words.erased) + len(kept), name)
            self.assertLessEqual(words.names, set(self.env[name]._fields), name)
