import re
from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import formataddr

from ...clients.base import DeliveryEvent
from ...clients.gateway_sender import STOPPING
from ...domain.messaging.message_states import FailureClass
from .crediario_customer_link import without_tokens

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
# What Odoo does not name itself: Python's names for the mail server's own refusals (RFC 5321
# §4.2.1: with 4yz and 5yz the server has not taken it). Any other trouble came on the way.
REFUSED_BY_SERVER = {
    "SMTPRecipientsRefused": FailureClass.STOP_RECIPIENT,
    "SMTPSenderRefused": FailureClass.PAUSE_SENDER,
    "SMTPAuthenticationError": FailureClass.PAUSE_SENDER,
    "SMTPDataError": FailureClass.FIX_REQUEST,
    "SMTPHeloError": FailureClass.PAUSE_SENDER,
    "SMTPNotSupportedError": FailureClass.FIX_REQUEST,
}
_PYTHONS_NAME = re.compile(r"\bSMTP[A-Za-z]+")


def fate_of_mail(is_taken, failure_type, failure_reason):
    """What Odoo's queue says of an e-mail, as state and class of failure.

    :param is_taken: the mail server took it for somebody
    :param failure_type: Odoo's word
    :param failure_reason: Odoo's sentence; Python's name of the error is in it
    :return: ``sent``, ``failed`` with what the failure asks for, or ``uncertain``: the line was
        lost, and the mail server may have it
    """
    if is_taken:
        return "sent", None
    if failure_type in FAILURE_OF_MAIL:
        return "failed", FAILURE_OF_MAIL[failure_type]
    names = _PYTHONS_NAME.findall(failure_reason or "")
    for name in names:
        if name in REFUSED_BY_SERVER:
            return "failed", REFUSED_BY_SERVER[name]
    return "uncertain", None


# What Odoo's words for an SMS mean for a message of ours.
STATE_OF_SMS = {"pending": "sent", "sent": "delivered", "error": "failed", "canceled": "failed"}
FAILURE_OF_SMS = {
    "sms_number_missing": FailureClass.STOP_RECIPIENT,
    "sms_number_format": FailureClass.STOP_RECIPIENT,
    "sms_country_not_supported": FailureClass.STOP_RECIPIENT,
    "sms_blacklist": FailureClass.STOP_RECIPIENT,
    "sms_optout": FailureClass.STOP_RECIPIENT,
    "sms_invalid_destination": FailureClass.STOP_RECIPIENT,
    "sms_rejected": FailureClass.STOP_RECIPIENT,
    # Taken back by a person before it left.
    "canceled": FailureClass.FIX_REQUEST,
    "sms_acc": FailureClass.AUTH,
    "sms_credit": FailureClass.PAUSE_SENDER,
    "sms_registration_needed": FailureClass.PAUSE_SENDER,
    # With the company's own Twilio account (Odoo's module sms_twilio).
    "twilio_authentication": FailureClass.AUTH,
    "twilio_callback": FailureClass.PAUSE_SENDER,
    "twilio_from_missing": FailureClass.PAUSE_SENDER,
    "twilio_from_to": FailureClass.STOP_RECIPIENT,
}


def fate_of_sms(state, failure_type, is_answer):
    """What Odoo's queue says of an SMS, as state and class of failure.

    :param state: the state Odoo's word means
    :param failure_type: Odoo's word for why it failed
    :param is_answer: it answers the sending itself, and is no later report. Odoo says
        ``sms_server`` and ``unknown`` of a service that did not answer as well, which may have
        the SMS; a report that says "failed" is proof, whatever the reason.
    """
    if state != "failed":
        return state, None
    if failure_type in FAILURE_OF_SMS:
        return state, FAILURE_OF_SMS[failure_type]
    return ("uncertain", None) if is_answer else (state, FailureClass.FIX_REQUEST)


class MailMail(models.Model):
    """An e-mail in Odoo's own queue may carry a message of the outbox."""

    _inherit = "mail.mail"

    contact_message_id = fields.Many2one(
        "contact.message", index="btree_not_null", ondelete="set null"
    )

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Tells the message it carries; what stays of the e-mail loses the private link.

        The queue needs the link until the e-mail has left, and no longer.
        """
        # Before the rest: afterwards the rows may be gone.
        self._tell_contact_messages(
            bool(success_pids or success_emails), failure_type, failure_reason
        )
        result = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )
        for mail in self.exists().filtered("contact_message_id"):
            for name in ("body_html", "body"):
                if mail[name] and mail[name] != without_tokens(mail[name]):
                    mail[name] = without_tokens(mail[name])
        return result

    def _tell_contact_messages(self, is_taken, failure_type=None, failure_reason=False):
        """Bring the messages these e-mails carry forward, as a provider's event would.

        :param is_taken: the mail server took it for somebody
        """
        ours = self.sudo().filtered("contact_message_id")
        state, failure = fate_of_mail(is_taken, failure_type, failure_reason)
        news = [
            (
                mail.contact_message_id.id,
                DeliveryEvent(
                    key=f"{mail.message_id}:{state}",
                    reference=mail.contact_message_id.uuid,
                    provider_id=mail.message_id,
                    state=state,
                    occurred_at=None,
                    failure=failure,
                    code=failure_type or None,
                    detail=failure_reason or "",
                ),
            )
            for mail in ours
        ]
        self.env["contact.message"].sudo()._apply_news(news)
        if failure in STOPPING:
            for gateway in ours.contact_message_id.gateway_id:
                gateway._trip(failure, failure_type, failure_reason or "")


class MailThread(models.AbstractModel):
    """An e-mail that comes back fails the message it carried."""

    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        result = super()._routing_handle_bounce(email_message, message_dict)
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
        return result


class ContactMessage(models.Model):
    """Hands messages over to Odoo's queue of e-mails, which sends and confirms them."""

    _inherit = "contact.message"

    @api.model
    def _create_mails(self, verdicts):
        """Give these messages to Odoo's queue of e-mails."""
        values = [self._mail_values(verdict) for verdict in verdicts]
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
            "optica_customer_id": message.partner_id.id,
            "optica_company_id": message.company_id.id,
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

    # ----- Hands messages over to Odoo's SMS queue, which sends and follows them

    @api.model
    def _create_sms(self, verdicts):
        """Make the SMS of these messages, in the transaction that marks them as leaving.

        From here on Odoo's queue answers for them: its row and ours are there together or not
        at all, whatever stops the worker.
        """
        if not verdicts:
            return
        sms = self.env["sms.sms"]
        by_company = defaultdict(list)
        for verdict in verdicts:
            by_company[verdict.message.company_id].append(verdict)
        for company, its_verdicts in by_company.items():
            # The module sms_twilio takes the account of the company that creates the rows.
            sms |= sms.with_company(company).create(
                [
                    {
                        "number": verdict.outgoing.to,
                        "body": verdict.outgoing.text,
                        "partner_id": verdict.message.partner_id.id,
                        "contact_message_id": verdict.message.id,
                    }
                    for verdict in its_verdicts
                ]
            )
        self.env["sms.tracker"].create(
            [{"sms_uuid": row.uuid, "contact_message_id": row.contact_message_id.id} for row in sms]
        )

    def _send_sms_now(self):
        """Try at once instead of waiting for Odoo's SMS cron; commits.

        Core records a provider's trouble on its rows; what is left queued is sent by its cron.
        """
        sms = self.env["sms.sms"].search(
            [("contact_message_id", "in", self.ids), ("state", "=", "outgoing")]
        )
        sms.send()
        self.env.cr.commit()  # pylint: disable=invalid-commit; these SMS have left, whatever fails later


class SmsSms(models.Model):
    """An SMS in Odoo's own queue may carry a message of the outbox."""

    _inherit = "sms.sms"

    contact_message_id = fields.Many2one(
        "contact.message", index="btree_not_null", ondelete="set null"
    )

    def _get_sms_company(self):
        return self.contact_message_id.company_id or super()._get_sms_company()

    def _split_by_api(self):
        """Each company's SMS go through its own account; core takes the current one's for all."""
        for company, rows in self._by_company():
            yield from super(SmsSms, rows.with_company(company))._split_by_api()

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """Core's queue takes rows of all companies together and cannot send them (19.0).

        The queue needs a private link until it has handed the text over, and no longer.
        """
        if self.env.context.get("sms_api"):
            result = super()._send(unlink_failed, unlink_sent, raise_exception)
        else:
            result = None
            for company, rows in self._by_company():
                super(SmsSms, rows.with_company(company))._send(
                    unlink_failed, unlink_sent, raise_exception
                )
        for sms in self.exists().filtered(lambda sms: sms.state != "outgoing"):
            if sms.contact_message_id and sms.body != without_tokens(sms.body):
                sms.body = without_tokens(sms.body)
        return result

    def _by_company(self):
        return self.grouped(lambda sms: sms._get_sms_company()).items()


class SmsTracker(models.Model):
    """Follows the SMS that carries a message of the outbox."""

    _inherit = "sms.tracker"

    contact_message_id = fields.Many2one(
        "contact.message", index="btree_not_null", ondelete="cascade"
    )

    def _action_update_from_provider_error(self, provider_error):
        outcome = super()._action_update_from_provider_error(provider_error)
        _status, failure_type, failure_reason = outcome
        self._tell_contact_messages("failed", failure_type, failure_reason)
        return outcome

    def _action_update_from_sms_state(self, sms_state, failure_type=False, failure_reason=False):
        result = super()._action_update_from_sms_state(sms_state, failure_type, failure_reason)
        if sms_state == "canceled":
            failure_type = sms_state
        if sms_state in STATE_OF_SMS:
            self._tell_contact_messages(STATE_OF_SMS[sms_state], failure_type, failure_reason)
        return result

    def _tell_contact_messages(self, state, failure_type=False, failure_reason=False):
        """Bring the messages these SMS carry forward, as a provider's event would."""
        ours = self.sudo().filtered("contact_message_id")
        news = []
        for tracker in ours:
            message = tracker.contact_message_id
            fate, failure = fate_of_sms(state, failure_type, message.state == "sending")
            event = DeliveryEvent(
                key=f"{tracker.sms_uuid}:{fate}",
                reference=message.uuid,
                provider_id=tracker.sms_uuid,
                state=fate,
                occurred_at=None,
                failure=failure,
                code=failure_type or None,
                detail=failure_reason or "",
            )
            news.append((message.id, event))
        self.env["contact.message"].sudo()._apply_news(news)
        failure = FAILURE_OF_SMS.get(failure_type)
        if state == "failed" and failure in STOPPING:
            for gateway in ours.contact_message_id.gateway_id:
                gateway._trip(failure, failure_type, failure_reason or "")
