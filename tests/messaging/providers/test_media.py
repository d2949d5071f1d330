"""Files that customers send: fetched by a job, kept with the customer."""

import io

from PIL import Image

from tests.fakes.cloud_api_behaviour import answer, refuse
from tests.fakes.cloud_api_webhooks import envelope, messages_value
from tests.messaging.test_replies import WRITTEN, RepliesCommon

JPEG = b"\xff\xd8\xff\xe0 a payment proof"
SENDER = "5511960000001"


class TestMedia(RepliesCommon):
    def sends(self, media_id, kind="image", mime_type="image/jpeg", sender=SENDER, **more):
        message = {
            "id": f"wamid.{media_id}",
            "from": sender,
            "timestamp": str(WRITTEN),
            "type": kind,
            kind: {"id": media_id, "mime_type": mime_type, "sha256": "x", **more},
        }
        return self.take_in(envelope(messages_value(messages=[message])))

    def fetch(self):
        self.run_job("contact.event", "_cron_fetch_media")

    def test_proof_is_kept_with_the_customer(self):
        partner = self.make_late()
        event = self.sends(self.server.keep_file(JPEG, "image/jpeg"), caption="Paguei <b>hoje</b>")
        self.assertEqual((event.media_state, event.text), ("waiting", "Paguei <b>hoje</b>"))
        self.fetch()
        self.assertEqual(event.media_state, "saved")
        attachment = event.attachment_id
        self.assertEqual(attachment.raw, JPEG)
        self.assertEqual((attachment.res_model, attachment.res_id), ("contact.event", event.id))
        self.assertEqual(attachment.name, "2026-02-11-image.jpg")
        note = partner.message_ids[0]
        shown = note.attachment_ids
        self.assertEqual((shown.res_model, shown.res_id), ("mail.message", note.id))
        self.assertEqual((shown.raw, shown.name), (JPEG, attachment.name))
        self.assertIn("&lt;b&gt;", note.body)

    def test_fetched_once(self):
        self.make_late()
        self.sends(self.server.keep_file(JPEG, "image/jpeg"))
        self.fetch()
        asked = len(self.server.requests)
        self.fetch()
        self.assertEqual(len(self.server.requests), asked)

    def test_a_picture_that_would_fill_the_memory_is_not_taken(self):
        """50 million dots by its own word: whoever looked at the conversation had the server
        decode them.
        """
        self.make_late()
        file = io.BytesIO()
        Image.new("1", (10000, 5000)).save(file, "PNG")
        event = self.sends(
            self.server.keep_file(file.getvalue(), "image/png"), mime_type="image/png"
        )
        self.fetch()
        self.assertEqual((event.media_state, event.media_trouble), ("refused", "too_large"))
        self.assertFalse(event.attachment_id)

    def test_a_proof_is_kept_as_it_came(self):
        """4.8 million dots are no danger; Odoo would have drawn the picture anew."""
        self.make_late()
        file = io.BytesIO()
        Image.new("RGB", (2400, 2000), "teal").save(file, "PNG")
        self.sends(self.server.keep_file(file.getvalue(), "image/png"), mime_type="image/png")
        self.fetch()
        event = self.env["contact.event"].search([("media_state", "=", "saved")], limit=1)
        self.assertEqual(event.attachment_id.raw, file.getvalue())

    def test_name_is_only_a_name(self):
        self.make_late()
        media_id = self.server.keep_file(b"%PDF-1.4", "application/pdf")
        event = self.sends(
            media_id, "document", "application/pdf", filename="../../etc/compro.vante.exe"
        )
        self.fetch()
        self.assertEqual(event.attachment_id.name, "compro.vante.pdf")

    def test_strangers_file_follows_when_he_is_known(self):
        event = self.sends(self.server.keep_file(JPEG, "image/jpeg"), sender="5511977777777")
        self.fetch()
        self.assertEqual(event.attachment_id.res_model, "contact.event")
        partner = self.make_late()
        self.assertFalse(partner.message_ids.attachment_ids)
        event.assign_to(partner)
        self.assertEqual(event.attachment_id.res_model, "contact.event")
        self.assertEqual(partner.message_ids.attachment_ids.raw, JPEG)

    def test_page_in_a_pictures_clothes(self):
        self.make_late()
        event = self.sends(self.server.keep_file(b"<html><script>", "image/jpeg"))
        self.fetch()
        self.assertEqual((event.media_state, event.media_trouble), ("refused", "kind_not_taken"))
        self.assertFalse(event.attachment_id)

    def test_video_is_not_even_asked_for(self):
        self.make_late()
        event = self.sends("1", "video", "video/mp4")
        self.fetch()
        self.assertEqual(event.media_state, "refused")
        self.assertEqual(self.server.requests, [])

    def test_passing_trouble_is_tried_again_and_not_for_ever(self):
        self.make_late()
        event = self.sends(self.server.keep_file(JPEG, "image/jpeg"))
        self.server.enqueue(answer(503, ""))
        self.fetch()
        self.assertEqual((event.media_state, event.media_trouble), ("waiting", "http_503"))
        self.server.enqueue(*[answer(503, "")] * 4)
        for _again in range(4):
            self.fetch()
        self.assertEqual((event.media_state, event.media_tries), ("failed", 5))

    def test_expired(self):
        self.make_late()
        event = self.sends("1")
        self.server.enqueue(refuse(100, 400, message="Object does not exist"))
        self.fetch()
        self.assertEqual((event.media_state, event.media_trouble), ("failed", "100"))
