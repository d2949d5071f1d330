from collections import defaultdict

from odoo import api, fields, models

from ..clients.base import DeliveryEvent
from ..domain.message_states import FailureClass
from .contact_sender import STOPPING

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
    "sms_acc": FailureClass.AUTH,
    "sms_credit": FailureClass.PAUSE_SENDER,
    "sms_registration_needed": FailureClass.PAUSE_SENDER,
    # With the company's own Twilio account (Odoo's module sms_twilio).
    "twilio_authentication": FailureClass.AUTH,
    "twilio_callback": FailureClass.PAUSE_SENDER,
    "twilio_from_missing": FailureClass.PAUSE_SENDER,
    "twilio_from_to": FailureClass.STOP_RECIPIENT,
}


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
        """Core's queue takes rows of all companies together and cannot send them (19.0)."""
        if self.env.context.get("sms_api"):
            return super()._send(unlink_failed, unlink_sent, raise_exception)
        for company, rows in self._by_company():
            super(SmsSms, rows.with_company(company))._send(
                unlink_failed, unlink_sent, raise_exception
            )
        return None

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
        super()._action_update_from_sms_state(sms_state, failure_type, failure_reason)
        if sms_state in STATE_OF_SMS:
            self._tell_contact_messages(STATE_OF_SMS[sms_state], failure_type, failure_reason)

    def _tell_contact_messages(self, state, failure_type=False, failure_reason=False):
        """Bring the messages these SMS carry forward, as a provider's event would."""
        ours = self.sudo().filtered("contact_message_id")
        failure = FAILURE_OF_SMS.get(failure_type, FailureClass.FIX_REQUEST)
        news = [
            (
                tracker.contact_message_id.id,
                DeliveryEvent(
                    key=f"{tracker.sms_uuid}:{state}",
                    reference=tracker.contact_message_id.uuid,
                    provider_id=tracker.sms_uuid,
                    state=state,
                    occurred_at=None,
                    failure=failure if state == "failed" else None,
                    code=failure_type or None,
                    detail=failure_reason or "",
                ),
            )
            for tracker in ours
        ]
        self.env["contact.message"].sudo()._apply_news(news)
        if state == "failed" and failure in STOPPING:
            for gateway in ours.contact_message_id.gateway_id:
                gateway._trip(failure, failure_type, failure_reason or "")


class ContactMessage(models.Model):
    """Hands messages over to Odoo's SMS queue, which sends and follows them."""

    _inherit = "contact.message"

    @api.model
    def _hand_over(self, verdicts):
        """Give these messages to the queue of Odoo's that serves their channel."""
        super()._hand_over(verdicts)
        self._create_sms([verdict for verdict in verdicts if verdict.channel == "sms"])

    def _send_handed_over(self):
        super()._send_handed_over()
        self._send_sms_now()

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
        self.env.cr.commit()
