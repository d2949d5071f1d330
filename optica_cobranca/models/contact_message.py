from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..clients.base import ClientError, OutgoingMessage
from ..clients.by_hand import ByHand
from ..domain import message_states
from ..domain.errors import MessageStateError
from .contact_consent import PURPOSES
from .contact_gateway import CHANNELS
from .notification import notification

REASONS = [
    # What the gate found
    ("paid", "Nothing is owed any more"),
    ("superseded", "A newer notice took its place"),
    ("duplicate", "Already sent"),
    ("held", "On hold"),
    ("opted_out", "Customer wants no messages"),
    ("no_consent", "No consent"),
    ("no_address", "No phone number or e-mail address"),
    ("invalid_number", "Number or e-mail address is not valid for the channel"),
    ("template", "Template cannot be used"),
    ("cap", "Enough messages already"),
    ("gateway_off", "No gateway ready"),
    ("window", "Outside of permitted hours"),
    ("expired", "The day it was meant for is over"),
    ("document", "Its document is being printed"),
    ("pace", "A moment between two messages to one number"),
    # What happened otherwise
    ("replied", "Customer replied"),
    ("promised", "Customer promised to pay"),
    ("disputed", "Customer told why nothing was paid"),
    ("cancelled_by_user", "Cancelled by a person"),
    ("unreachable", "Cannot be reached"),
    ("not_answered", "Nobody answered the call"),
    ("spared", "Held back by WhatsApp, to spare the customer"),
    ("provider", "Refused by the provider"),
    ("retry", "Passing trouble, tried again"),
    ("gave_up", "Too many tries"),
    ("no_answer", "No answer from the provider"),
    ("interrupted", "Interrupted while sending"),
    ("error", "Could not be prepared"),
]

# The transaction's trigger of the dispatcher, among the data of its postcommit hooks.
WAKING = "optica_cobranca.waking"


class ContactMessage(models.Model):
    """A message to a customer: a row of the outbox and, afterwards, the log of the contact.

    Nobody edits or deletes rows. State only moves by :mod:`..domain.message_states`; everything
    but the buttons below is written by the dispatcher and by the providers' events.
    """

    _name = "contact.message"
    _description = "Message to a Customer"
    _order = "id desc"
    _rec_name = "uuid"

    uuid = fields.Char(required=True, readonly=True, copy=False, default=lambda self: uuid4().hex)
    # Indexed by what follows the company in the indexes below.
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="restrict"
    )
    purpose = fields.Selection(PURPOSES, required=True, readonly=True)
    template_id = fields.Many2one(
        "contact.template", required=True, readonly=True, ondelete="restrict"
    )
    notice_id = fields.Many2one("dunning.notice", readonly=True, ondelete="restrict")
    res_model = fields.Char("Source Model", readonly=True)
    res_id = fields.Many2oneReference("Source", model_field="res_model", readonly=True)
    author_id = fields.Many2one(
        "res.users",
        "Sent by",
        readonly=True,
        help="Empty when the ladder or an automation sent it.",
    )

    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    gateway_id = fields.Many2one("contact.gateway", readonly=True, ondelete="restrict")
    by_hand = fields.Boolean("Waits for a Clerk", readonly=True, default=False)
    address = fields.Char("Number or Address", readonly=True)
    body = fields.Text("Text", readonly=True)
    parameters = fields.Json(readonly=True)

    state = fields.Selection(
        [
            ("queued", "Queued"),
            ("sending", "Sending"),
            ("uncertain", "Uncertain"),
            ("sent", "Sent"),
            ("delivered", "Delivered"),
            ("read", "Read"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="queued",
        help="Uncertain: it may have arrived or not. It is sent again only by a person.",
    )
    reason = fields.Selection(REASONS, readonly=True)
    scheduled_at = fields.Datetime(
        "Not before", required=True, readonly=True, default=lambda self: fields.Datetime.now()
    )
    valid_until = fields.Datetime(
        "Not after", readonly=True, help="A greeting makes no sense after its day."
    )
    claim_key = fields.Integer(readonly=True, copy=False)
    claimed_at = fields.Datetime(readonly=True, copy=False)
    attempts = fields.Integer(readonly=True, copy=False, default=0)
    provider_id = fields.Char(
        "Provider's Reference", readonly=True, copy=False, index="btree_not_null"
    )
    wa_id = fields.Char("WhatsApp ID", readonly=True, copy=False)
    sent_at = fields.Datetime(readonly=True, copy=False)
    delivered_at = fields.Datetime(readonly=True, copy=False)
    read_at = fields.Datetime(readonly=True, copy=False)
    failed_at = fields.Datetime(readonly=True, copy=False)
    error_code = fields.Char(readonly=True, copy=False)
    error_detail = fields.Char(readonly=True, copy=False)
    category = fields.Char(
        "Provider's Category", readonly=True, copy=False, help="The provider's own word for it."
    )
    resolved_by_id = fields.Many2one("res.users", "Decided by", readonly=True, copy=False)
    resolved_at = fields.Datetime("Decided at", readonly=True, copy=False)
    event_ids = fields.One2many("contact.event", "message_id", string="Events", readonly=True)
    act_url = fields.Char("WhatsApp Link", compute="_compute_act_url")

    _uuid_unique = models.Constraint("UNIQUE(uuid)", "A message's reference must be unique.")
    _notice_once = models.UniqueIndex(
        "(notice_id, template_id) WHERE notice_id IS NOT NULL AND fallback_of_id IS NULL",
        "This notice has sent this template already.",
    )
    _due = models.Index(
        "(company_id, channel, scheduled_at, id) WHERE state = 'queued' AND claim_key IS NULL"
    )
    _claimed = models.Index("(claim_key) WHERE claim_key IS NOT NULL")
    _of_partner = models.Index("(partner_id, purpose, sent_at)")
    _in_state = models.Index("(company_id, state, id)")
    # Who was written to today: asked by the work list. New rows have no instant and cost nothing.
    _collection_sent = models.Index(
        "(sent_at) WHERE purpose = 'collection' AND sent_at IS NOT NULL"
    )

    # ------------------------------------------------------------- compute

    @api.depends("address", "body", "channel")
    def _compute_act_url(self):
        by_hand = ByHand()
        for message in self:
            message.act_url = False
            if message.channel == "whatsapp" and message.address and message.body:
                try:
                    message.act_url = by_hand.link(
                        OutgoingMessage(
                            reference=message.uuid, to=message.address, text=message.body
                        )
                    )
                except ClientError:
                    message.act_url = False

    @api.depends("partner_id", "template_id")
    def _compute_display_name(self):
        for message in self:
            message.display_name = self.env._(
                "%(template)s to %(customer)s",
                template=message.template_id.name,
                customer=message.partner_id.display_name,
            )

    # ------------------------------------------------------------- actions

    def action_open_whatsapp(self):
        """Open the customer's chat with the text typed in, if the message may still leave now."""
        self.ensure_one()
        message = self._as_worker()
        if not message.by_hand or message.state != "queued":
            raise UserError(self.env._("This message does not wait to be sent by hand any more."))
        message._recheck_by_hand()
        if message.state != "queued" or not message.by_hand:
            # The new reason must stay on the row, so this ends as a notification, not an error.
            return message._notify_not_now()
        return {"type": "ir.actions.act_url", "url": message.act_url, "target": "new"}

    def action_mark_sent(self):
        """A person sent it by hand, or knows that an uncertain one arrived."""
        for message in self._as_worker():
            if not (
                message.state == "uncertain" or (message.state == "queued" and message.by_hand)
            ):
                raise UserError(
                    self.env._("Only messages sent by hand and uncertain ones are marked as sent.")
                )
            message._resolve(
                "sent", {"sent_at": fields.Datetime.now(), "by_hand": False, "reason": False}
            )

    def action_mark_not_sent(self):
        """A person could not send it by hand, or knows that an uncertain one did not arrive."""
        for message in self._as_worker():
            if not (
                message.state == "uncertain" or (message.state == "queued" and message.by_hand)
            ):
                raise UserError(
                    self.env._(
                        "Only messages sent by hand and uncertain ones are marked as not sent."
                    )
                )
            message._resolve("failed", {"failed_at": fields.Datetime.now(), "by_hand": False})

    def action_send_again(self):
        """Queue it once more; the gate is asked again as for a new message."""
        for message in self._as_worker():
            try:
                message_states.requeue(message.state, by_person=True)
            except MessageStateError as error:
                raise UserError(
                    self.env._("Only failed and uncertain messages can be sent again.")
                ) from error
            if message.state == "sending":
                raise UserError(self.env._("This message is being sent at this moment."))
            message._resolve(
                "queued",
                {
                    "reason": False,
                    "scheduled_at": fields.Datetime.now(),
                    "attempts": 0,
                    "error_code": False,
                    "error_detail": False,
                    "provider_id": False,
                    "failed_at": False,
                },
            )
        self._trigger_dispatch()

    def action_cancel(self):
        """Take messages that have not left out of the queue."""
        waiting = self._as_worker().filtered(lambda message: message.state == "queued")
        if len(waiting) < len(self):
            raise UserError(self.env._("Only messages that are still queued can be cancelled."))
        for message in waiting:
            message._resolve("cancelled", {"reason": "cancelled_by_user", "by_hand": False})

    def action_open_source(self):
        """The record the message is about."""
        self.ensure_one()
        record = self.notice_id or (
            self.env[self.res_model].browse(self.res_id) if self.res_model else self.partner_id
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------- helpers

    def _as_worker(self):
        """The same rows with the right to write them.

        The one place where a button gains rights over the outbox: users have none, so that rows
        cannot be edited; who presses a button must be a collector who may read the rows.
        """
        if not self.env.user.has_group("optica_cobranca.group_collector"):
            raise AccessError(self.env._("Only collectors decide about messages."))
        self.check_access("read")
        rows = self.sudo().try_lock_for_update()
        if rows != self.sudo():
            raise UserError(
                self.env._("Some of these messages are being worked on. Try again in a moment.")
            )
        return rows.with_prefetch()

    def _resolve(self, state, values):
        self.write(
            {
                **values,
                "state": state,
                "claim_key": False,
                "resolved_by_id": self.env.uid,
                "resolved_at": fields.Datetime.now(),
            }
        )

    def _notify_not_now(self):
        reason = dict(self._fields["reason"]._description_selection(self.env)).get(self.reason, "")
        return notification(reason, "warning", self.env._("Not now"))

    @api.model
    def _trigger_dispatch(self, at=None):
        """Wake the dispatcher: now, or at an instant (naive UTC); once a transaction is enough."""
        # Each waking opens a connection. What a savepoint undid is asked for anew.
        known = self.env.cr.postcommit.data
        if at or not self.env["ir.cron.trigger"].sudo().browse(known.get(WAKING)).exists():
            dispatcher = self.env.ref("optica_cobranca.cron_dispatch_messages").sudo()
            trigger = dispatcher._trigger(at)
            if not at:
                known[WAKING] = trigger.id
