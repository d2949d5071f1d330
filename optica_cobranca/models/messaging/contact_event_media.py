import logging

from odoo import api, fields, models
from odoo.tools import plaintext2html

from ...clients.base import ClientError, Media
from ...clients.http.untrusted_picture import PictureError, TooManyDots, bounded
from ...domain.messaging.message_states import FailureClass

_logger = logging.getLogger(__name__)

TRIES = 5
BATCH = 20
EXTENSION_OF_TYPE = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/amr": "amr",
}


class ContactEvent(models.Model):
    """Files that customers send (payment proofs above all), fetched by a job and kept with them."""

    _inherit = "contact.event"

    media = fields.Json(readonly=True)
    media_state = fields.Selection(
        [
            ("waiting", "To be fetched"),
            ("saved", "Saved"),
            ("refused", "Not taken"),
            ("failed", "Could not be fetched"),
        ],
        "File",
        readonly=True,
        help="Pictures, PDF and voice notes are taken, up to WhatsApp's own sizes. Other kinds can "
        "be seen on the shop's phone only.",
    )
    media_tries = fields.Integer(readonly=True)
    media_trouble = fields.Char(readonly=True)
    attachment_id = fields.Many2one("ir.attachment", readonly=True, ondelete="set null")

    _media_waiting = models.Index("(id) WHERE media_state = 'waiting'")

    def _await_media(self, new):
        """Files are fetched by a job, once what came with them is stored."""
        waiting = False
        for event_id, inbound in new:
            if inbound.media:
                media = inbound.media
                self.browse(event_id).write(
                    {
                        "media": {
                            "id": media.id,
                            "mime_type": media.mime_type,
                            "filename": media.filename,
                            "url": media.url,
                        },
                        "media_state": "waiting",
                    }
                )
                waiting = True
        if waiting:
            self.env.ref("optica_cobranca.cron_fetch_media").sudo()._trigger()

    # ------------------------------------------------------------ business

    @api.model
    def _cron_fetch_media(self):
        """Fetch what waits; commits after each. No lock is held while Meta is asked."""
        waiting = [("media_state", "=", "waiting")]
        events = self.sudo().search(waiting, order="media_tries, id", limit=BATCH)
        remaining = self.sudo().search_count(waiting)
        for event in events:
            remaining -= 1
            # The try is counted before: a file that kills its worker is not tried for ever.
            event.media_tries += 1
            self.env["ir.cron"]._commit_progress(remaining=remaining + 1)
            found = event._download()
            event._take_file(found)
            self.env["ir.cron"]._commit_progress(processed=1, remaining=remaining)

    def _download(self):
        """:return: what the client found, or None when the gateway cannot ask"""
        self.ensure_one()
        media = Media(**self.media)
        try:
            with self.gateway_id._client_factory()() as client:
                return client.download(media) if hasattr(client, "download") else None
        except ClientError as error:
            _logger.warning("File of event %s cannot be asked for: %s", self.id, error)
            return None

    def _take_file(self, found):
        if found is not None and found.ok:
            self._keep_file(found)
            return
        trouble = found.code if found is not None else "gateway"
        passing = found is None or found.failure in (FailureClass.RETRY, FailureClass.AUTH)
        if passing and self.media_tries < TRIES:
            self.media_trouble = trouble
            return
        refused = trouble in ("kind_not_taken", "too_large")
        self.write({"media_state": "refused" if refused else "failed", "media_trouble": trouble})

    def _keep_file(self, found):
        try:
            content = _without_danger(found)
        except TooManyDots:
            self.write({"media_state": "refused", "media_trouble": "too_large"})
            return
        # As it came, for it may have to prove something; and Odoo need not decode it now.
        attachments = self.env["ir.attachment"].with_context(image_no_postprocess=True)
        attachment = attachments.create(
            {
                "name": self._file_name(found.mime_type),
                "raw": content,
                "mimetype": found.mime_type,
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.write({"attachment_id": attachment.id, "media_state": "saved", "media_trouble": False})
        attachment._keep_as_evidence()
        if self.partner_id:
            self._show_file_on_partner()

    def _show_file_on_partner(self):
        """The file stays with the event; a copy of it shows among the customer's messages."""
        original = self.attachment_id
        if not original:
            return
        message = self.partner_id._tell_collection(
            self.company_id,
            plaintext2html(self.text or "") or original.name,
            author_id=self.partner_id.id,
            message_type="comment",
        )
        # The customer's own bytes, as they came.
        copies = original.sudo().with_context(image_no_postprocess=True)
        message.attachment_ids = copies.copy({"res_model": message._name, "res_id": message.id})

    # ------------------------------------------------------------- helpers

    def _file_name(self, mime_type):
        """The name the customer gave it, or one by day and kind; its ending is that of its bytes.

        A name is only shown, never a path.
        """
        ending = EXTENSION_OF_TYPE[mime_type]
        given = (self.media.get("filename") or "").replace("\\", "/").rsplit("/", 1)[-1].strip()
        stem = given.rsplit(".", 1)[0][:80] if given else ""
        day = (self.occurred_at or fields.Datetime.now()).strftime("%Y-%m-%d")
        return f"{stem or day + '-' + (self.state or 'file')}.{ending}"


def _without_danger(found):
    """The file's bytes; of a picture that would take too much memory to be shown a smaller one.

    :raise TooManyDots: it can't be made smaller
    """
    if found.mime_type not in ("image/jpeg", "image/png"):
        return found.content
    try:
        return bounded(found.content)
    except TooManyDots:
        raise
    except PictureError:
        return found.content  # what no program can open harms none
