import re
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, consteq, hmac

from ...clients.base import ClientError, OutgoingMessage
from ...clients.by_hand import ByHand
from ...domain.messaging import message_states
from ...domain.messaging.consent import CHOSEN_CHANNELS, Topic
from ...domain.shop.errors import MessageStateError
from ...tools.shop.notification import notification
from .contact_consent import PURPOSES
from .contact_gateway import CHANNELS

REASONS = [
    # What the gate found
    ("paid", "Nothing is owed any more"),
    ("superseded", "A newer notice took its place"),
    ("duplicate", "Already sent"),
    ("archived", "Customer is archived"),
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
STOP_PATH = "/optica/stop"
SCOPE = "optica_cobranca.stop_link"
SIGNATURE_LENGTH = 32  # hexadecimal digits: 128 bits
TOKEN = re.compile(r"([0-9a-f]{1,12})-([0-9a-f]{32})", re.ASCII)


class ContactMessage(models.Model):
    """A message to a customer: a row of the outbox and, afterwards, the log of the contact.

    Nobody edits or deletes rows. State only moves by :mod:`...domain.messaging.message_states`;
    everything but the buttons below is written by the dispatcher and by the providers' events.
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
    # Answers to customers have none: their text is their own.
    template_id = fields.Many2one("contact.template", readonly=True, ondelete="restrict")
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
    address = fields.Char("Number or Address", readonly=True, index="btree_not_null")
    body = fields.Text("Text", readonly=True)
    parameters = fields.Json(readonly=True)

    state = fields.Selection(
        [
            ("queued", "Queued"),
            ("sending", "Sending"),
            ("uncertain", "Uncertain"),
            ("paced", "Held for Review"),
            ("sent", "Sent"),
            ("delivered", "Delivered"),
            ("read", "Read"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="queued",
        help="Uncertain: it may have arrived or not. It is sent again only by a person. Held for "
        "Review: WhatsApp took it and looks at the text first; it releases it or refuses it.",
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
    charge = fields.Char(
        "Provider's Charge",
        readonly=True,
        copy=False,
        help="The provider's own word: regular, or why it is free.",
    )
    resolved_by_id = fields.Many2one("res.users", "Decided by", readonly=True, copy=False)
    resolved_at = fields.Datetime("Decided at", readonly=True, copy=False)
    event_ids = fields.One2many("contact.event", "message_id", string="Events", readonly=True)

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

    @api.depends("partner_id", "template_id")
    def _compute_display_name(self):
        for message in self:
            customer = message.partner_id.display_name
            message.display_name = (
                self.env._(
                    "%(template)s to %(customer)s",
                    template=message.template_id.name,
                    customer=customer,
                )
                if message.template_id
                else self.env._("Answer to %s", customer or "")
            )

    # ------------------------------------------------------------- actions

    def action_open_whatsapp(self):
        """Open the customer's chat with the text typed in, if the message may still leave now."""
        self.ensure_one()
        message = self._as_worker()
        if not message.by_hand or message.state != "queued":
            raise UserError(self.env._("This message does not wait to be sent by hand any more."))
        text = message._recheck_by_hand()
        if message.state != "queued" or not message.by_hand:
            # The new reason must stay on the row, so this ends as a notification, not an error.
            return message._notify_not_now()
        return {"type": "ir.actions.act_url", "url": message._chat_link(text), "target": "new"}

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
        self._check_role("collector")
        self.check_access("read")
        rows = self.sudo().try_lock_for_update()
        if rows != self.sudo():
            raise UserError(
                self.env._("Some of these messages are being worked on. Try again in a moment.")
            )
        return rows.with_prefetch()

    def _resolve(self, state, values):
        """A person says what became of it, or sends it again: its fallbacks follow."""
        if state == "queued":
            self._call_fallbacks_back()
        self.write(
            {
                **values,
                "state": state,
                "claim_key": False,
                "resolved_by_id": self.env.uid,
                "resolved_at": fields.Datetime.now(),
            }
        )
        self._set_clocks_anew(state)

    def _chat_link(self, text):
        """Address that opens the customer's chat with ``text`` typed in; False without a chat."""
        self.ensure_one()
        if self.channel != "whatsapp" or not self.address or not text:
            return False
        try:
            return ByHand().link(OutgoingMessage(reference=self.uuid, to=self.address, text=text))
        except ClientError:
            return False

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

    # -------------------- How messages get into the outbox, and out of it unsent

    @api.model
    def _enqueue_for_notices(self, notices, template, scheduled_at=None, author=None):
        """Queue one message for each notice, in one statement whatever their number.

        The same template is queued once for a notice, however often this is called.

        :param scheduled_at: not before this instant (naive UTC); now if not given
        :param author: the user who asked for it; none when the ladder did
        :return: the messages that were made by this call
        """
        if not notices:
            return self.browse()
        notices.flush_recordset()
        template.flush_recordset()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO contact_message
                       (uuid, company_id, partner_id, purpose, template_id, notice_id, res_model,
                        res_id, channel, state, scheduled_at, by_hand, attempts, author_id,
                        create_uid, create_date, write_uid, write_date)
                SELECT replace(gen_random_uuid()::text, '-', ''), notice.company_id,
                       notice.partner_id, %(purpose)s, %(template)s, notice.id, 'dunning.notice',
                       notice.id, %(channel)s, 'queued', %(scheduled_at)s, false, 0, %(author)s,
                       %(author)s, %(now)s, %(author)s, %(now)s
                  FROM dunning_notice notice
                 WHERE notice.id = ANY(%(notices)s)
                   AND (%(company)s::integer IS NULL OR notice.company_id = %(company)s)
              ORDER BY notice.id
           ON CONFLICT (notice_id, template_id)
                 WHERE notice_id IS NOT NULL AND fallback_of_id IS NULL DO NOTHING
             RETURNING id
                """,
                purpose=template.purpose,
                template=template.id,
                channel=template._channels()[0],
                scheduled_at=scheduled_at or now,
                author=author.id if author else None,
                now=now,
                notices=notices.ids,
                company=template.company_id.id or None,
            )
        )
        notices.invalidate_recordset(["contact_message_ids"])
        return self._queued([row_id for (row_id,) in rows])

    @api.model
    def _enqueue(self, records, template, scheduled_at=None, author=None, valid_until=None):
        """Queue one message for each record's customer.

        What is about a patient goes to the payer or guardian (``_contact_recipient``); a debt is
        never named to anyone but the debtor, so collection does not.

        :param records: of ``res.partner``, or of any model with ``partner_id`` or ``patient_id``;
            those without a customer are left out
        :param valid_until: not after this instant (naive UTC); for ever if not given
        :return: the new messages
        :raise AccessError: collection, by somebody who is not in charge of the customer
        """
        self._check_in_charge(records, template)
        if records._name == "dunning.notice":
            return self._enqueue_for_notices(records, template, scheduled_at, author)
        values = []
        for record in records.sudo():
            row = self._values_of(record, template)
            if not row["partner_id"] or template.company_id.id not in (False, row["company_id"]):
                continue
            row["scheduled_at"] = scheduled_at or fields.Datetime.now()
            row["author_id"] = author.id if author else False
            row["valid_until"] = valid_until
            values.append(row)
        # Users have no right to create messages; who may call this was decided by the caller.
        messages = self.sudo().create(values)
        return self._queued(messages.ids)

    @api.model
    def _check_in_charge(self, records, template):
        """What collection writes names promises and debts: to their own customers only, sellers."""
        if self.env.su or template.purpose != "collection":
            return
        persons = self.env["res.partner"].union(*map(self._person_of, records.sudo())).sudo(False)
        if persons - persons._words_of_collection_readable():
            raise AccessError(
                self.env._(
                    "What is written about collection is read by the people in charge of the "
                    "customer and stays as it was written."
                )
            )

    def _queued(self, ids):
        messages = self.browse(ids)
        if ids:
            self._trigger_dispatch()
        return messages

    @api.model
    def _draft(self, record, template):
        """The message a record would get, not in the database."""
        return self.new(self._values_of(record.sudo(), template))

    @api.model
    def _values_of(self, record, template):
        partner = self._person_of(record)
        if template.purpose != "collection":
            partner = partner and partner._contact_recipient()
        return {
            "company_id": self._company_of(record, partner, template).id,
            "partner_id": partner.id,
            "purpose": template.purpose,
            "template_id": template.id,
            "notice_id": record.id if record._name == "dunning.notice" else False,
            "res_model": record._name,
            "res_id": record.id,
            "channel": template._channels()[0],
        }

    @api.model
    def _person_of(self, record):
        """Whom a record is about: its customer, else its patient."""
        if record._name == "res.partner":
            return record
        return record.partner_id if "partner_id" in record._fields else record.patient_id

    @api.model
    def _company_of(self, record, partner, template):
        company = record.company_id if "company_id" in record._fields else partner.company_id
        return company or template.company_id or self.env.company

    @api.model
    def _cancel_collection(self, partners, reason):
        """Cancel what waits to press these customers, or whoever a word of theirs counts for."""
        return self._cancel_queued(partners._concerned(), ("collection",), reason)

    @api.model
    def _cancel_queued(self, partners, purposes, reason):
        """Cancel what waits for these customers, over all companies.

        Rows that a worker is looking at this very moment are still ``queued``: it will find
        them cancelled. Rows already on their way cannot be called back.

        :return: number of cancelled messages
        """
        if not partners:
            return 0
        self._count_cancelled(partners, purposes, reason)
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE contact_message
                   SET state = 'cancelled', reason = %(reason)s, claim_key = NULL, by_hand = false,
                       write_date = %(now)s, write_uid = %(uid)s
                 WHERE state = 'queued' AND partner_id = ANY(%(partners)s)
                   AND purpose = ANY(%(purposes)s)
                """,
                reason=reason,
                now=fields.Datetime.now(),
                uid=self.env.uid,
                partners=partners.ids,
                purposes=list(purposes),
            )
        )
        cancelled = self.env.cr.rowcount
        self.invalidate_model(["state", "reason", "claim_key", "by_hand"])
        return cancelled

    # ---- The link by which a customer stops messages; it proves that he got this one

    def _stop_link(self):
        """Address of the page where the customer asks for silence; None for a draft."""
        self.ensure_one()
        if not self._origin.id:
            return None
        return f"{self.company_id.get_base_url()}{STOP_PATH}/{self._stop_token()}"

    def _stop_token(self):
        return f"{self.id:x}-{self._stop_signature(self.id)}"

    @api.model
    def _find_by_stop_token(self, token):
        """The message that carried a link, none for a link that we did not make.

        Compared in constant time, so that a guess learns nothing from how long we think.
        """
        parts = TOKEN.fullmatch(token or "")
        message_id = int(parts[1], 16) if parts else 0
        signature = parts[2] if parts else ""
        if not consteq(self._stop_signature(message_id), signature):
            return self.browse()
        # The customer is not logged in: the signature is his right to this one message.
        return self.sudo().browse(message_id).exists()

    @api.model
    def _stop_signature(self, message_id):
        return hmac(self.env(su=True), SCOPE, message_id)[:SIGNATURE_LENGTH]

    def _stop_choices(self):
        """What the customer allows on this channel: {topic: allowed}."""
        wishes = self.env["contact.consent"]._wishes(self.partner_id)
        return {topic: wishes[topic, self.channel] for topic in Topic}

    def _apply_stop_choice(self, choice):
        """Record what the customer asked for on the page of a link.

        :param choice: ``all`` (nothing more by this channel), ``offers`` (no offers by any
            channel), ``none`` (undo: messages about the own account are welcome again)
        :return: False for an unknown choice, of which nothing is recorded
        """
        self.ensure_one()
        wanted = {
            "all": {(topic, self.channel): False for topic in Topic},
            "offers": {(Topic.OFFERS, channel): False for channel in CHOSEN_CHANNELS},
            "none": {(Topic.ACCOUNT, self.channel): True},
        }.get(choice)
        if wanted is None:
            return False
        self.env["contact.consent"]._record_wishes(
            self.partner_id,
            wanted,
            "link",
            proof=f"{STOP_PATH}: {choice}",
            message_id=self.id,
        )
        return True
