from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import formataddr

from ..clients.base import DeliveryEvent
from ..domain.message_states import FailureClass
from .contact_sender import STOPPING

# What Odoo's words for an e-mail that did not leave ask for.
FAILURE_OF_MAIL = {
    "mail_email_invalid": FailureClass.STOP_RECIPIENT,
    "mail_email_missing": FailureClass.STOP_RECIPIENT,
    "mail_bl": FailureClass.STOP_RECIPIENT,
    "mail_optout": FailureClass.STOP_RECIPIENT,
    "mail_smtp": FailureClass.PAUSE_SENDER,
    "mail_spam": FailureClass.PAUSE_SENDER,
    "mail_from_invalid": FailureClass.PAUSE_SENDER,
    "mail_from_missing": FailureClass.PAUSE_SENDER,
}


class MailMail(models.Model):
    """An e-mail in Odoo's own queue may carry a message of the outbox."""

    _inherit = "mail.mail"

    contact_message_id = fields.Many2one(
        "contact.message", index="btree_not_null", ondelete="set null"
    )

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        # Before the rest: afterwards the rows may be gone.
        self._tell_contact_messages(
            "failed" if failure_type else "sent", failure_type, failure_reason
        )
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

    def _tell_contact_messages(self, state, failure_type=None, failure_reason=False):
        """Bring the messages these e-mails carry forward, as a provider's event would."""
        ours = self.sudo().filtered("contact_message_id")
        failure = FAILURE_OF_MAIL.get(failure_type, FailureClass.FIX_REQUEST)
        news = [
            (
                mail.contact_message_id.id,
                DeliveryEvent(
                    key=f"{mail.message_id}:{state}",
                    reference=mail.contact_message_id.uuid,
                    provider_id=mail.message_id,
                    state=state,
                    occurred_at=None,
                    failure=failure if state == "failed" else None,
                    code=failure_type or None,
                    detail=failure_reason or "",
                ),
            )
            for mail in ours
        ]
        self.env["contact.message"].sudo()._apply_news(news)
        if state == "failed" and failure in STOPPING:
            for gateway in ours.contact_message_id.gateway_id:
                gateway._trip(failure, failure_type, failure_reason or "")


class MailThread(models.AbstractModel):
    """An e-mail that comes back fails the message it carried."""

    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        super()._routing_handle_bounce(email_message, message_dict)
        ids = message_dict.get("bounced_msg_ids") or []
        # Whoever delivers the bounce is nobody in particular; only ids of ours match.
        outbox = self.env["contact.message"].sudo()
        bounced = outbox.search([("channel", "=", "email"), ("provider_id", "in", ids)])
        outbox._apply_news(
            [
                (
                    message.id,
                    DeliveryEvent(
                        key=f"{message.provider_id}:bounce",
                        reference=message.uuid,
                        provider_id=message.provider_id,
                        state="failed",
                        occurred_at=None,
                        failure=FailureClass.STOP_RECIPIENT,
                        code="mail_bounce",
                        detail=message_dict.get("subject") or "",
                    ),
                )
                for message in bounced
            ]
        )


class ContactMessage(models.Model):
    """Hands messages over to Odoo's queue of e-mails, which sends and confirms them."""

    _inherit = "contact.message"

    @api.model
    def _hand_over(self, verdicts):
        super()._hand_over(verdicts)
        mails = [verdict for verdict in verdicts if verdict.channel == "email"]
        values = [self._mail_values(verdict) for verdict in mails]
        self.env["mail.mail"].create(values)
        if values:
            # Sent by Odoo's one job for e-mails, and by nobody else: never by two at a time.
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    @api.model
    def _mail_values(self, verdict):
        message, outgoing = verdict.message, verdict.outgoing
        sender = verdict.gateway.sender or message.company_id.email
        author = message.company_id.partner_id
        return {
            "contact_message_id": message.id,
            "subject": outgoing.subject,
            "body_html": self._mail_body(message, outgoing.text),
            "email_to": formataddr((message.partner_id.name or "", outgoing.to)),
            "email_from": formataddr((message.company_id.name, sender)) if sender else False,
            "author_id": author.id,
            "model": "res.partner",
            "res_id": message.partner_id.id,
            "headers": repr(self._mail_headers(message, sender)),
            # Kept: its id is how a bounce is recognised, its text is in the customer's thread.
            "auto_delete": False,
        }

    @api.model
    def _mail_body(self, message, text):
        """The text in the shop's paper: name on top; who writes and how to stop it below."""
        return self.env["ir.qweb"]._render(
            "optica_cobranca.contact_mail_paper",
            {
                "company": message.company_id,
                "identity": message.company_id._contact_identity(),
                "body": Markup(text),
                "stop_link": message._stop_link(),
            },
            lang=message.partner_id.lang,
        )

    @api.model
    def _mail_headers(self, message, sender):
        """RFC 2369 and 8058: mail programs show a button by which the customer stops it all."""
        url = message._stop_link()
        ways = [f"<{url}>"]
        if sender:
            ways.append(f"<mailto:{sender}?subject=SAIR>")
        return {
            "X-Auto-Response-Suppress": "OOF",
            "List-Unsubscribe": ", ".join(ways),
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
