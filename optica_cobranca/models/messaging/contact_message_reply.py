from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...clients.base import DOCUMENT, IMAGE, OutgoingFile
from ...clients.media_kinds import media_problem, real_type
from ...clients.meta.instagram import MAX_TEXT_BYTES as MAX_INSTAGRAM_BYTES
from ...clients.meta.whatsapp_payload import MAX_CAPTION, MAX_TEXT
from ...domain.messaging import gate
from ...domain.shop import clock

# Free text is taken for as long as the customer's last words are not older (Meta's rule).
ANSWER_WITHIN = timedelta(hours=24)
ANSWERING_PROVIDERS = ("whatsapp_cloud", "instagram", "sandbox")


class ContactMessage(models.Model):
    """Answers in free words to customers who wrote.

    An answer belongs to a conversation the customer began: it needs no template, and neither hours
    nor limits of frequency nor an opt-out of messages stand against it.
    """

    _inherit = "contact.message"

    answered_event_id = fields.Many2one(
        "contact.event", "Answers to", readonly=True, ondelete="set null", index="btree_not_null"
    )
    recipient = fields.Char(
        "Recipient's ID",
        readonly=True,
        help="The provider's own id of customers who hide their number, and on Instagram.",
    )
    attachment_id = fields.Many2one("ir.attachment", readonly=True, copy=False, ondelete="set null")

    _template_or_answer = models.Constraint(
        "CHECK(template_id IS NOT NULL OR answered_event_id IS NOT NULL"
        " OR state NOT IN ('queued', 'sending'))",
        "A message has a template, or answers a customer.",
    )

    # ------------------------------------------------------------ business

    @api.model
    def _open_conversation(self, partner, gateway):
        """What the customer last wrote to this gateway, if it may still be answered freely.

        :return: one ``contact.event``, or none
        """
        since = fields.Datetime.now() - ANSWER_WITHIN
        family = partner.commercial_partner_id
        # Sellers answer too, and may not read all events: what is asked is only when and where.
        return (
            self.env["contact.event"]
            .sudo()
            .search(
                [
                    ("kind", "=", "inbound"),
                    ("says_nothing", "=", False),
                    ("gateway_id", "=", gateway.id),
                    ("partner_id", "child_of", family.id),
                    ("occurred_at", ">", since),
                ],
                order="occurred_at desc, id desc",
                limit=1,
            )
        )

    @api.model
    def _enqueue_reply(self, partner, gateway, text, attachment=None):
        """Answer a customer in free words, within 24 hours after he wrote.

        Purpose *service*; not counted in limits of frequency.

        :param attachment: an ``ir.attachment``: a PDF, JPEG or PNG
        :return: the queued message
        :raise UserError: the 24 hours are over, or the provider would refuse it
        """
        partner.check_access("read")
        gateway.check_access("read")
        event = self._open_conversation(partner, gateway)
        if gateway.sudo().provider not in ANSWERING_PROVIDERS:
            raise UserError(self.env._("%s takes no answers.", gateway.name))
        if not event:
            raise UserError(
                self.env._(
                    "%(customer)s last wrote more than 24 hours ago: only approved templates can "
                    "be sent now. Choose a template, or call.",
                    customer=partner.display_name,
                )
            )
        text = (text or "").strip()
        self._check_reply(gateway, text, attachment)
        # Users have no right to create messages; what they may send was checked above.
        message = self.sudo().create(
            {
                "company_id": gateway.company_id.id,
                "partner_id": partner.id,
                "purpose": "service",
                "channel": gateway.channel,
                "gateway_id": gateway.id,
                "body": text,
                "answered_event_id": event.id,
                "author_id": self.env.uid,
                **self._address_of(event, partner, gateway),
            }
        )
        if attachment:
            attachment.check_access("read")
            own = attachment.sudo().copy({"res_model": self._name, "res_id": message.id})
            message.attachment_id = own
        self._trigger_dispatch()
        return message.sudo(self.env.su)

    # ------------------------------------------------------------- sending

    def _answer_facts(self, facts, gateway):
        opened = self.answered_event_id.occurred_at
        is_open = bool(opened) and clock.aware(opened) + ANSWER_WITHIN > facts.now
        ready_at = clock.aware(gateway.paused_until) if gateway.is_paused else None
        return gate.GateFacts(
            purpose=self.purpose,
            channel=self.channel,
            next_permitted=None,
            is_answer=True,
            address=self.address or self.recipient or None,
            gateway_ready=gateway.state != "disabled"
            and not gateway.is_paused
            and (not self.address or gateway._admits(self.address)),
            gateway_ready_at=ready_at,
            template_ready=is_open or (self.partner_id.id, gateway.id) in facts.last_written,
        )

    def _document_file(self):
        """The message's attachment as a client sends it, or None."""
        attachment = self.attachment_id
        return _as_file(attachment) if attachment else None

    # ------------------------------------------------------------- helpers

    @api.model
    def _check_reply(self, gateway, text, attachment):
        if not text and not attachment:
            raise UserError(self.env._("Write something, or attach a file."))
        if attachment and gateway.channel != "whatsapp":
            raise UserError(
                self.env._("Files can be sent over WhatsApp only. Send a link instead.")
            )
        if attachment and media_problem(_as_file(attachment.sudo())):
            raise UserError(
                self.env._(
                    "%s cannot be sent. WhatsApp takes PDF up to 16 MB and JPEG or PNG up to 5 MB.",
                    attachment.name,
                )
            )
        if gateway.channel == "instagram":
            length, limit = len(text.encode()), MAX_INSTAGRAM_BYTES
        else:
            length, limit = len(text), MAX_CAPTION if attachment else MAX_TEXT
        if length > limit:
            raise UserError(
                self.env._(
                    "The text is too long: %(length)s characters, and %(limit)s are taken.",
                    length=length,
                    limit=limit,
                )
            )

    @api.model
    def _address_of(self, event, partner, gateway):
        """Where the customer wrote from: that reaches him, whatever his record says."""
        if event.wa_id:
            return {"address": f"+{event.wa_id}"}
        if event.sender_user_id:
            return {"recipient": event.sender_user_id}
        return {"address": partner._contact_number(gateway.company_id._contact_area_code())}


def _as_file(attachment):
    content = attachment.raw or b""
    kind = DOCUMENT if real_type(content) == "application/pdf" else IMAGE
    return OutgoingFile(kind, filename=attachment.name or "", content=content)
