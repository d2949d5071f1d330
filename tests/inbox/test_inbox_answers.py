"""Answers of the shop, what the screen shows, and customers of a sandbox."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError

from tests.fakes.cloud_api_webhooks import envelope, messages_value
from tests.inbox.test_inbox import STRANGER, InboxCommon
from tests.messaging.common import NOON
from tests.messaging.test_replies import PDF, WRITTEN

PNG = b"\x89PNG\r\n\x1a\n a payment proof"


class TestAnswers(InboxCommon):
    def test_free_answer_within_the_day(self):
        partner = self.make_late()
        self.write_in("Qual o valor?")
        thread = self.threads
        with freeze_time(NOON):
            self.assertTrue(thread.inbox_open()["can_answer"])
            thread.inbox_reply("R$ 102,30. Mando o Pix?")
        message = self.env["contact.message"].search([("partner_id", "=", partner.id)])
        self.assertEqual((message.purpose, message.state), ("service", "queued"))
        self.assertEqual((thread.state, thread.unread_count), ("answered", 0))
        self.assertEqual((thread.user_id, thread.last_text), (self.env.user, message.body))
        self.dispatch()
        with freeze_time("2026-02-11 15:05:00"):
            entries = thread.inbox_open()["entries"]
        self.assertEqual(
            [(entry["side"], entry["text"], entry["state"]) for entry in entries],
            [("in", "Qual o valor?", ""), ("out", "R$ 102,30. Mando o Pix?", "sent")],
        )

    def test_the_day_is_over(self):
        self.make_late()
        self.write_in("Qual o valor?")
        thread = self.threads
        with freeze_time("2026-02-12 14:59:00"):
            self.assertTrue(thread.inbox_open()["can_answer"])
        with freeze_time("2026-02-12 15:00:00"):
            self.assertFalse(thread.inbox_open()["can_answer"])
            with self.assertRaisesRegex(UserError, "only approved templates"):
                thread.inbox_reply("Oi")
        self.assertEqual(thread.state, "open")

    def test_template_after_the_day(self):
        partner = self.make_late()
        self.write_in("Qual o valor?")
        thread = self.threads
        with freeze_time("2026-02-13 15:00:00"):
            self.assertIn(self.template.id, [row["id"] for row in thread.inbox_templates()])
            shown = thread.inbox_preview(self.template.id)
            self.assertIn("Late", shown["text"])
            self.assertIn("5511960000001", shown["fate"])
            thread.inbox_send_template(self.template.id)
        self.assertEqual(thread.state, "answered")
        message = self.env["contact.message"].search([("partner_id", "=", partner.id)])
        self.assertEqual((message.template_id, message.author_id), (self.template, self.env.user))

    def test_file_goes_along_and_is_kept_once(self):
        self.make_late()
        self.write_in("Manda o carnê")
        thread = self.threads
        with freeze_time(NOON):
            kept = thread.inbox_attach("carne.pdf", "JVBERi0xLjcgdGhlIGNhcm5l")
            thread.inbox_reply("Segue", kept["id"])
        self.assertFalse(self.env["ir.attachment"].browse(kept["id"]).exists())
        message = self.env["contact.message"].search([], order="id desc", limit=1)
        self.assertEqual(message.attachment_id.raw, PDF)

    def test_files_of_others_are_not_taken(self):
        self.make_late()
        self.write_in("Oi")
        secret = self.attach()
        with freeze_time(NOON), self.assertRaisesRegex(UserError, "Write something"):
            self.threads.inbox_reply("", secret.id)

    def test_slip_is_a_draft_with_its_pdf(self):
        self.make_late()
        self.write_in("Me manda a segunda via?")
        thread = self.threads
        with freeze_time(NOON):
            opened = thread.inbox_open()
            self.assertEqual(opened["suggestions"], ["slip"])
            lines = thread.partner_id._open_installments()
            with patch.object(
                type(self.env["ir.actions.report"]),
                "_render_qweb_pdf",
                lambda _self, _name, ids: (PDF if ids == lines.ids else b"", "pdf"),
            ):
                draft = thread.inbox_shortcut("slip")
        # Due on a Saturday, so from 2 February: fine 2.00, interest of 9 days 0.30.
        self.assertIn("R$ 102,30", draft["text"])
        file = self.env["ir.attachment"].browse(draft["file"]["id"])
        self.assertEqual(file.raw, PDF)
        self.assertFalse(
            self.env["contact.message"].search([("partner_id", "=", thread.partner_id.id)])
        )

    def test_promise_with_the_day_that_was_named(self):
        partner = self.make_late()
        self.write_in("Pago sexta sem falta")
        thread = self.threads
        with freeze_time(NOON):
            opened = thread.inbox_open()
            self.assertEqual(opened["suggestions"], ["promise"])
            self.assertEqual(opened["promise_day"], "2026-02-13")
            action = thread.inbox_shortcut("promise", opened["promise_day"])["action"]
            wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
            self.assertEqual((wizard.partner_id, str(wizard.date)), (partner, "2026-02-13"))
            wizard.action_register()
            promise = self.env["dunning.promise"].search([("partner_id", "=", partner.id)])
            self.assertEqual(str(promise.date), "2026-02-13")
            self.assertEqual(thread.inbox_open()["debt"]["agreed"][0]["kind"], "promises")

    def test_every_shortcut_opens_what_it_says(self):
        self.make_late()
        self.write_in("Oi")
        thread = self.threads
        opened = {}
        with freeze_time(NOON):
            for code in set(thread.inbox_open()["shortcuts"]) - {"slip", "wrong_person"}:
                opened[code] = thread.inbox_shortcut(code)["action"]["res_model"]
        self.assertEqual(
            opened,
            {
                "promise": "dunning.promise.wizard",
                "paid": "crediario.cashier",
                "agreement": "crediario.agreement",
                "dispute": "dunning.dispute.wizard",
                "pause": "dunning.hold.wizard",
            },
        )
        with self.assertRaisesRegex(UserError, "may not"):
            thread.inbox_shortcut("unlink")

    def test_wrong_number_is_taken_out_of_use(self):
        partner = self.make_late()
        self.write_in("Número errado")
        with freeze_time(NOON):
            self.assertEqual(self.threads.inbox_open()["suggestions"], ["wrong_person"])
            self.threads.inbox_shortcut("wrong_person")
        self.assertFalse(partner.phone)
        self.assertEqual(self.threads.state, "closed")

    def test_reply_stops_the_queue_and_it_is_seen(self):
        partner = self.make_late()
        waiting = self.queue(partner)
        self.write_in("Pago sexta")
        self.assertEqual((waiting.state, waiting.reason), ("cancelled", "replied"))
        with freeze_time(NOON):
            notes = [
                entry["note"]
                for entry in self.threads.inbox_open()["entries"]
                if entry["side"] == "note"
            ]
        self.assertEqual(notes, ["Customer replied"])


class TestWhatIsShown(InboxCommon):
    def test_payment_proof_is_seen_and_kept_with_what_was_said(self):
        self.make_late()
        media_id = self.server.keep_file(PNG, "image/png")
        message = {
            "id": "wamid.proof",
            "from": "5511960000001",
            "timestamp": str(WRITTEN),
            "type": "image",
            "image": {"id": media_id, "mime_type": "image/png", "sha256": "x", "caption": "Paguei"},
        }
        event = self.take_in(envelope(messages_value(messages=[message])))
        with freeze_time(NOON):
            (entry,) = self.threads.inbox_open()["entries"]
        self.assertEqual((entry["file"], entry["note"]), (None, "To be fetched"))
        self.run_job("contact.event", "_cron_fetch_media")
        with freeze_time(NOON):
            opened = self.threads.inbox_open()
        (entry,) = opened["entries"]
        self.assertTrue(entry["file"]["is_picture"])
        self.assertEqual(opened["suggestions"], ["paid"])
        file = self.env["ir.attachment"].browse(entry["file"]["id"])
        self.assertEqual((file.raw, file.res_model, file.res_id), (PNG, "contact.event", event.id))

    def test_calls_emails_and_letters_in_one_order(self):
        partner = self.make_late()
        self.write_in("Oi")
        self.env["dunning.call"].create(
            {
                "company_id": self.company.id,
                "partner_id": partner.id,
                "user_id": self.user.id,
                "started_at": "2026-02-10 15:00:00",
                "ended_at": "2026-02-10 15:03:00",
                "result": "no_answer",
            }
        )
        self.env["mail.message"].create(
            {
                "model": "res.partner",
                "res_id": partner.id,
                "message_type": "email",
                "body": "<p>Recebi o aviso</p>",
                "subject": "Re: aviso",
                "date": "2026-02-10 18:00:00",
            }
        )
        with freeze_time(NOON):
            entries = self.threads.inbox_open()["entries"]
        self.assertEqual(
            [(entry["channel"], entry["title"], entry["text"]) for entry in entries],
            [
                ("voice", "Call: No Answer", ""),
                ("email", "Re: aviso", "Recebi o aviso"),
                ("whatsapp", "", "Oi"),
            ],
        )
        self.assertEqual([entry["side"] for entry in entries], ["note", "in", "in"])

    def test_only_the_latest_until_more_is_asked_for(self):
        self.make_late()
        for minute in range(4):
            self.write_in(f"Palavra {minute}", at=WRITTEN + 60 * minute)
        with freeze_time(NOON):
            opened = self.threads.inbox_open(limit=3)
            self.assertEqual(opened["entries"][0]["text"], "Palavra 1")
            self.assertTrue(opened["has_older"])
            self.assertFalse(self.threads.inbox_open(limit=4)["has_older"])

    def test_list_filters_and_counts(self):
        ana = self.make_late("Ana", phone="+55 11 96000-0001")
        self.make_late("Bia", phone="+55 11 96000-0002")
        self.write_in("Pago sexta", sender="5511960000001")
        self.write_in("Meu óculos quebrou", sender="5511960000002", at=WRITTEN + 60)
        self.write_in("Quem é?", sender=STRANGER, at=WRITTEN + 120)
        with freeze_time(NOON):
            self.assertEqual(self.names()[1:], ["Bia", "Ana"])
            self.assertEqual(self.names(unknown=True), [self.threads[0].name])
            self.assertEqual(self.names(search="quebrou"), ["Bia"])
            self.assertEqual(self.names(search="ana"), ["Ana"])
            self.assertEqual(len(self.names(search="97777")), 1)
            thread = self.threads.filtered(lambda thread: thread.partner_id == ana)
            thread.action_assign_me()
            thread.action_mark_read()
            self.assertEqual(self.names(share="mine"), ["Ana"])
            self.assertNotIn("Ana", self.names(unread=True))
            thread.action_close()
            loaded = self.load(state="closed")
            self.assertEqual([row["name"] for row in loaded["rows"]], ["Ana"])
            self.assertEqual(loaded["counts"], {"open": 2, "closed": 1, "all": 3})
            self.assertEqual(loaded["unread"], 2)


class TestSandboxAnswers(InboxCommon):
    def setUp(self):
        super().setUp()
        self.gateway.state = "disabled"
        self.sandbox = self.make_gateway(name="Sandbox", provider="sandbox")

    def test_answer_is_played_to_a_message(self):
        partner = self.make_late(phone="+55 11 96000-1010")
        message = self.send_one(partner)
        self.assertTrue(message.can_play_answer)
        wizard = self.env["contact.sandbox.answer"].create({"message_id": message.id})
        self.assertEqual(wizard.text, "Pago sexta-feira sem falta")
        action = wizard.action_play()
        thread = self.threads
        self.assertEqual(action["params"], {"thread_id": thread.id})
        self.assertEqual((thread.partner_id, thread.last_text), (partner, wizard.text))

    def test_payment_proof_is_played(self):
        message = self.send_one(self.make_late(phone="+55 11 96000-1010"))
        self.env["contact.sandbox.answer"].create(
            {"message_id": message.id, "text": "Já paguei", "with_proof": True}
        ).action_play()
        self.run_job("contact.event", "_cron_fetch_media")
        file = self.threads.event_ids.attachment_id
        self.assertEqual(file.mimetype, "image/png")
        self.assertTrue(file.raw.startswith(b"\x89PNG"))

    def test_nobody_is_played_at_a_real_provider(self):
        self.gateway.state = "live"
        self.sandbox.state = "disabled"
        message = self.send_one(self.make_late(phone="+55 11 96000-1010"))
        self.assertFalse(message.can_play_answer)
        with self.assertRaisesRegex(UserError, "sandbox"):
            self.env["contact.sandbox.answer"].create({"message_id": message.id}).action_play()
