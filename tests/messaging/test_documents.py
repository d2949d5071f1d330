"""PDFs that go with messages: printed by a job of their own, then sent."""

from unittest.mock import patch

from psycopg2 import errors

from tests.fakes.cloud_api_account import a_template
from tests.messaging.common import NOON
from tests.messaging.providers.test_meta_templates import THREE, MetaTemplatesCommon

PDF = b"%PDF-1.7 printed"


class TestDocuments(MetaTemplatesCommon):
    def setUp(self):
        super().setUp()
        self.sync(a_template("aviso", {"type": "HEADER", "format": "DOCUMENT"}, body=THREE))
        self.text.document_source = "slip"
        self.printed = []
        self.enterContext(
            patch.object(
                type(self.env["ir.actions.report"]),
                "_render_qweb_pdf",
                lambda report, name, ids, **_more: (self.printed.append((name, ids)), (PDF, "pdf"))[
                    1
                ],
            )
        )

    def print_documents(self, at=NOON):
        self.run_job("contact.message", "_cron_print_documents", at)

    def test_printed_first_then_sent(self):
        partner = self.make_late()
        line = partner._open_installments()
        message = self.send_one(partner, self.text)
        self.assertEqual((message.state, message.reason), ("queued", "document"))
        self.assertEqual(self.server.requests[-1].path.rsplit("/", 1)[-1], "message_templates")
        self.print_documents()
        self.assertEqual(self.printed, [("optica_cobranca.report_carne", line.ids)])
        self.dispatch()
        self.assertEqual(message.state, "sent")
        document = self.server.messages()[-1].body["template"]["components"][0]
        (media_id,) = self.server.media
        self.assertEqual(
            document["parameters"],
            [{"type": "document", "document": {"id": media_id, "filename": "Carnê.pdf"}}],
        )
        self.assertEqual(self.server.media[media_id].content, PDF)
        self.assertEqual(message.attachment_id.res_id, message.id)

    def test_the_printer_is_woken_at_once(self):
        job = self.env.ref("optica_cobranca.cron_print_documents")
        woken = self.env["ir.cron.trigger"].sudo()
        before = woken.search_count([("cron_id", "=", job.id)])
        message = self.send_one(self.make_late(), self.text)
        self.assertEqual(message.reason, "document")
        self.assertEqual(woken.search_count([("cron_id", "=", job.id)]), before + 1)

    def test_who_loses_a_race_is_printed_in_the_next_turn(self):
        """Another transaction was faster: nothing is wrong with the message or its document."""
        messages = [self.send_one(self.make_late(name), self.text) for name in ("Ana", "Bia")]
        race = patch.object(
            type(messages[0]), "_records_to_print", side_effect=errors.SerializationFailure
        )
        with race:
            self.print_documents()
        self.assertEqual(
            [(one.state, one.reason) for one in messages], [("queued", "document")] * 2
        )
        self.print_documents()
        self.dispatch()
        self.assertEqual([one.state for one in messages], ["sent", "sent"])

    def test_kept_for_the_day_and_printed_anew_for_another(self):
        message = self.send_one(self.make_late(), self.text)
        self.print_documents()
        first = message.attachment_id
        message.scheduled_at = "2026-02-12 15:00:00"
        self.dispatch(at="2026-02-12 15:00:00")
        self.assertEqual(message.reason, "document")
        self.print_documents(at="2026-02-12 15:00:00")
        self.assertEqual(len(self.printed), 2)
        self.assertFalse(first.exists())
        self.dispatch(at="2026-02-12 15:00:00")
        self.assertEqual(message.state, "sent")

    def test_paid_meanwhile(self):
        partner = self.make_late()
        message = self.send_one(partner, self.text)
        line = partner._open_installments()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET amount_residual = 0 WHERE id = %s", [line.id]
        )
        self.env.invalidate_all()
        self.print_documents()
        self.assertEqual((message.state, message.reason), ("cancelled", "template"))
        self.assertEqual(self.printed, [])

    def test_sandbox_and_previews_print_nothing_by_surprise(self):
        preview = self.text._preview_for(self.make_late())
        self.assertNotIn("printed", preview["fate"])
        self.assertEqual(self.printed, [])

    def test_printer_that_fails(self):
        message = self.send_one(self.make_late(), self.text)
        with (
            patch.object(
                type(self.env["ir.actions.report"]), "_render_qweb_pdf", side_effect=OSError("ink")
            ),
            self.assertLogs(
                "odoo.addons.optica_cobranca.models.messaging.contact_message_document"
            ),
        ):
            self.print_documents()
        self.assertEqual((message.state, message.reason), ("failed", "error"))
        self.assertIn("ink", message.error_detail)
