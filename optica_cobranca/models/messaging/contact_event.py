import json
import logging
from datetime import timedelta
from itertools import takewhile
from uuid import uuid4

from odoo import api, fields, models
from odoo.tools import SQL

from ...clients.base import IMAGE, TEXT, DeliveryEvent, InboundMessage, Media, WebhookBatch
from ...clients.gateway_sender import STOPPING
from ...clients.sandbox.sandbox import PROOF
from ...domain.messaging.message_states import FailureClass
from ...domain.shop import clock
from ...tools.messaging.contact_event_rows import (
    by_addressee,
    of_inbound,
    of_notice,
    of_status,
    of_unknown,
    of_waiting,
    waited,
    within_bounds,
)
from .contact_message_record import category_in_words

_logger = logging.getLogger(__name__)
# So many messages of customers are heeded in one transaction, and in one run of the job.
BATCH = 50
MOST_A_RUN = 500
# What cannot be heeded so many times makes way for what came after it.
TRIES = 3
SANDBOX_BATCH = 500


class ContactEvent(models.Model):
    """News from a provider: how far a message got, what a customer wrote, trouble with the account.

    Each is stored once, by the provider's own key; what cannot be matched or understood is kept
    all the same.
    """

    _name = "contact.event"
    _description = "Event from a Provider"
    _inherit = ["optica.evidence.original"]
    _order = "id desc"
    _rec_name = "key"

    gateway_id = fields.Many2one(
        "contact.gateway", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="gateway_id.company_id", store=True, index=True)
    key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("status", "Delivery"),
            ("inbound", "From the customer"),
            ("account", "About the account"),
            ("unknown", "Not understood"),
        ],
        required=True,
        readonly=True,
    )
    message_id = fields.Many2one(
        "contact.message", readonly=True, index="btree_not_null", ondelete="set null"
    )
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, ondelete="set null")
    state = fields.Char("Word", readonly=True, help="The provider's own word for it.")
    news = fields.Char(compute="_compute_news")
    reference = fields.Char(readonly=True)
    provider_id = fields.Char("Provider's Reference", readonly=True)
    occurred_at = fields.Datetime(readonly=True)
    failure = fields.Char(readonly=True)
    error_code = fields.Char(readonly=True)
    error_detail = fields.Char(readonly=True)
    category = fields.Char("Provider's Category", readonly=True)
    charge = fields.Char(
        "Provider's Charge", readonly=True, help="The provider's own word: regular, or why free."
    )
    priced_as = fields.Char("Priced as", compute="_compute_priced_as")
    wa_id = fields.Char("WhatsApp ID", readonly=True)
    text = fields.Text(readonly=True)
    note = fields.Char(readonly=True)
    payload = fields.Json(readonly=True)
    waiting = fields.Json(
        readonly=True, copy=False, help="What is still to be heeded by the job; empty afterwards."
    )
    tries = fields.Integer(readonly=True, copy=False)

    _evidence_fields = ("gateway_id", "key", "state", "provider_id", "occurred_at", "wa_id", "text")

    _key_once = models.Constraint("UNIQUE(gateway_id, key)", "This event is stored already.")
    # Events that came before the message's reference was known, to be matched later.
    _unmatched = models.Index("(provider_id) WHERE message_id IS NULL AND kind = 'status'")
    _written = models.Index("(partner_id, occurred_at) WHERE kind = 'inbound'")
    _waiting = models.Index("(id) WHERE waiting IS NOT NULL")

    # ------------------------------------------------------------- compute

    @api.depends("state", "kind")
    @api.depends_context("lang")
    def _compute_news(self):
        states = dict(self.env["contact.message"]._fields["state"]._description_selection(self.env))
        for event in self:
            named = states.get(event.state) if event.kind == "status" else None
            event.news = named or (event.state or "").replace("_", " ").capitalize()

    @api.depends("category")
    @api.depends_context("lang")
    def _compute_priced_as(self):
        for event in self:
            event.priced_as = category_in_words(self.env, event.category)

    # ------------------------------------------------------------ business

    @api.model
    def _take_in(self, gateway, batch):
        """Store what a webhook carried and do what it asks for, each item once.

        :param gateway: the gateway at whose address it arrived; its origin is proven
        :param batch: a :class:`WebhookBatch`
        :return: number of items that were new
        """
        return self._store_all(gateway, batch, of_inbound, self._receive_all)

    @api.model
    def _accept(self, gateway, batch):
        """Store what a webhook carried, for a provider that waits for the answer.

        Deliveries are applied at once, a statement for all of them. What customers wrote is
        heeded by a job, in the order in which it came: see :meth:`_receive_waiting`.

        Arguments and result as those of :meth:`_take_in`.
        """
        return self._store_all(gateway, batch, of_waiting, self._leave_waiting)

    @api.model
    def _store_all(self, gateway, batch, describe_inbound, handle_inbound):
        batch = within_bounds(batch)
        handlers = (
            (batch.events, of_status, self._apply_events),
            (batch.inbound, describe_inbound, handle_inbound),
            (batch.notices, of_notice, self._heed_all),
            (batch.unknown, of_unknown, self._report_unknown),
        )
        siblings = gateway._siblings()
        count = 0
        for items, describe, handle in handlers:
            for addressee, its_items in by_addressee(items, siblings, gateway).items():
                new = self._store(addressee, its_items, describe)
                self.browse(event_id for event_id, _item in new)._keep_evidence()
                handle(addressee, new)
                count += len(new)
        return count

    @api.model
    def _evidence_domain(self):
        """What customers said; deliveries and news are the providers'."""
        return [("kind", "=", "inbound")]

    def _store(self, gateway, items, describe):
        """Insert those that are not there yet, one statement.

        :return: list of (event id, item) of the new ones, in order
        """
        # In their order: by their ids is how they are heeded later.
        items_by_key = {}
        for item in items:
            items_by_key.setdefault(item.key, item)
        if not items_by_key:
            return []
        query = SQL(
            """
            INSERT INTO contact_event (gateway_id, company_id, key, kind, state, reference,
                   provider_id, occurred_at, failure, error_code, error_detail, category, charge,
                   wa_id,
                   text, payload, waiting, create_uid, create_date, write_uid, write_date)
            SELECT %(gateway)s, %(company)s, new.key, new.kind, new.state, new.reference,
                   new.provider_id, new.occurred_at, new.failure, new.error_code, new.error_detail,
                   new.category, new.charge, new.wa_id, new.text, new.payload, new.waiting,
                   %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (
                   key varchar, kind varchar, state varchar, reference varchar, provider_id varchar,
                   occurred_at timestamp, failure varchar, error_code varchar, error_detail varchar,
                   category varchar, charge varchar, wa_id varchar, text text, payload jsonb,
                   waiting jsonb)
       ON CONFLICT (gateway_id, key) DO NOTHING
         RETURNING id, key
            """,
            gateway=gateway.id,
            company=gateway.company_id.id,
            uid=self.env.uid,
            now=fields.Datetime.now(),
            rows=json.dumps(
                [{"key": key, **describe(item)} for key, item in items_by_key.items()], default=str
            ),
        )
        ids = {key: row_id for row_id, key in self.env.execute_query(query)}
        ordered = {item.key: item for item in items}
        return [(ids[key], item) for key, item in ordered.items() if key in ids]

    # ------------------------------------------------- what customers wrote, later

    def _leave_waiting(self, gateway, new):
        if new:
            self.env.ref("optica_cobranca.cron_receive_messages").sudo()._trigger()

    @api.model
    def _cron_receive(self):
        """Heed what customers wrote; commits after some at a time."""
        events = self.sudo()
        count = events._receive_waiting(MOST_A_RUN)
        waiting = SQL("SELECT count(*) FROM contact_event WHERE waiting IS NOT NULL")
        [[left]] = self.env.execute_query(waiting)
        self.env["ir.cron"]._commit_progress(processed=count, remaining=left)

    @api.model
    def _receive_waiting(self, most):
        """Heed what waits, in the order in which it came, each once, whatever dies in between.

        One worker at a time; a transaction takes some, and with them the mark that they wait.
        What fails is tried alone and again; it makes way after `TRIES` times, and says so.

        :param most: about so many
        :return: how many were heeded; none when another worker is at it
        """
        persist = self.env["contact.message"]._persist
        count = 0
        while count < most:
            try:
                done = persist(lambda: self._receive_some(BATCH))
            except Exception:  # noqa: BLE001 - one of them: found by trying the first alone
                done = self._receive_first()
            if not done:
                break
            count += done
        return count

    @api.model
    def _receive_some(self, most):
        """Heed the oldest that wait, of one gateway; the caller commits.

        :return: how many
        """
        [[is_mine]] = self.env.execute_query(
            SQL(
                "SELECT pg_try_advisory_xact_lock(hashtext('optica_cobranca'), hashtext(%s))",
                self._name,
            )
        )
        found = self._oldest_waiting(most) if is_mine else self.browse()
        if not found:
            return 0
        gateway = found[0].gateway_id
        mine = takewhile(lambda event: event.gateway_id == gateway, found)
        # A provider speaks no language: what is noted about its news is for the shop.
        events = self.union(*mine).with_context(lang=gateway.company_id._language())
        new = [(event.id, waited(event.waiting, event.payload)) for event in events]
        events.waiting = False
        events._receive_all(gateway, new)
        self.env.flush_all()
        return len(events)

    @api.model
    def _oldest_waiting(self, most):
        """With their rows locked: whoever heeded them meanwhile makes this statement fail."""
        self.flush_model(["waiting"])
        self.env.cr.execute(
            SQL(
                """SELECT id FROM contact_event WHERE waiting IS NOT NULL
                    ORDER BY id LIMIT %s FOR NO KEY UPDATE""",
                most,
            ),
            log_exceptions=False,
        )
        return self.browse(row[0] for row in self.env.cr.fetchall())

    @api.model
    def _receive_first(self):
        """Heed the oldest alone. When it fails, its try is counted: 0, for the order is kept."""
        persist = self.env["contact.message"]._persist
        try:
            return persist(lambda: self._receive_some(1))
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the others
            name = type(error).__name__
        persist(lambda: self._oldest_waiting(1)._count_try(name))
        return 0

    def _count_try(self, error):
        if not self:
            return
        self.tries += 1
        # By its kind alone: errors repeat what they failed at, and these are a customer's words.
        _logger.error("Event %s could not be heeded, try %s: %s", self.id, self.tries, error)
        if self.tries >= TRIES:
            self.write(
                {
                    "waiting": False,
                    "note": self.env._("This message could not be filed. Look at it here."),
                }
            )
            self.company_id._alert_managers(
                self.gateway_id,
                self.env._("A message could not be filed"),
                self.env._("It is in the list of events of this gateway, with its words."),
            )

    # -------------------------------------------------------------- status

    def _apply_events(self, gateway, new):
        """Match new delivery events with messages and bring these forward."""
        if not new:
            return
        references = [event.reference for _id, event in new if event.reference]
        provider_ids = [event.provider_id for _id, event in new if event.provider_id]
        self.env["contact.message"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT id, uuid, provider_id FROM contact_message
                    WHERE (uuid = ANY(%s) OR provider_id = ANY(%s)) AND gateway_id = ANY(%s)""",
                references,
                provider_ids,
                gateway._siblings().ids,
            )
        )
        by_reference = {uuid: row_id for row_id, uuid, _provider_id in rows}
        by_provider_id = {provider_id: row_id for row_id, _uuid, provider_id in rows if provider_id}
        matched = [
            (
                event_id,
                by_reference.get(event.reference) or by_provider_id.get(event.provider_id),
                event,
            )
            for event_id, event in new
        ]
        self._link(
            [(event_id, message_id) for event_id, message_id, _event in matched if message_id]
        )
        self.env["contact.message"]._apply_news(
            [(message_id, event) for _id, message_id, event in matched if message_id]
        )
        self._heed_failures(gateway, [event for _id, event in new])

    @api.model
    def _apply_early_events(self, provider_ids):
        """Apply stored events of messages whose reference at the provider became known just now."""
        if not provider_ids:
            return
        events = self.search(
            [
                ("kind", "=", "status"),
                ("message_id", "=", False),
                ("provider_id", "in", provider_ids),
            ],
            order="id",
        )
        if not events:
            return
        messages = self.env["contact.message"].search(
            [
                ("provider_id", "in", provider_ids),
                ("gateway_id", "in", events.gateway_id._siblings().ids),
            ]
        )
        of_provider_id = {message.provider_id: message.id for message in messages}
        links = [(event.id, of_provider_id.get(event.provider_id)) for event in events]
        self._link([(event_id, message_id) for event_id, message_id in links if message_id])
        self.env["contact.message"]._apply_news(
            [
                (of_provider_id[event.provider_id], event._as_news())
                for event in events
                if event.provider_id in of_provider_id
            ]
        )

    def _as_news(self):
        """The stored row as what it was when it came."""
        self.ensure_one()
        return DeliveryEvent(
            key=self.key,
            reference=self.reference or None,
            provider_id=self.provider_id or None,
            state=self.state,
            occurred_at=clock.aware(self.occurred_at),
            failure=FailureClass(self.failure) if self.failure else None,
            code=self.error_code or None,
            detail=self.error_detail or "",
            category=self.category or None,
            charge=self.charge or None,
            wa_id=self.wa_id or None,
        )

    def _link(self, links):
        if not links:
            return
        self.env.cr.execute(
            SQL(
                """UPDATE contact_event event
                      SET message_id = message.id, partner_id = message.partner_id
                     FROM jsonb_to_recordset(%s::jsonb) AS link (event integer, message integer)
                     JOIN contact_message message ON message.id = link.message
                    WHERE event.id = link.event""",
                json.dumps(
                    [{"event": event_id, "message": message_id} for event_id, message_id in links]
                ),
            )
        )
        self.invalidate_model(["message_id", "partner_id"])

    def _heed_failures(self, gateway, events):
        """A failure may speak about the whole account and not about one message."""
        for event in events:
            if event.failure in STOPPING:
                gateway._trip(event.failure, event.code, event.detail)
                return

    # ------------------------------------------------------------- account

    def _heed_all(self, gateway, new):
        """Bad news about the account pauses the gateway; all of it can be read in the list."""
        self._heed_failures(gateway, [notice for _id, notice in new])
        siblings = gateway._siblings()
        for _event_id, notice in new:
            if notice.news is None:
                continue
            concerned = siblings.filtered(
                lambda sibling, account=notice.account_id: (
                    sibling.business_account_id and sibling.business_account_id.strip() == account
                )
            )
            # An account that no gateway names is the one of the address, unless that has another.
            for target in concerned or gateway.filtered(lambda item: not item.business_account_id):
                target._heed_news(notice)

    def _report_unknown(self, gateway, new):
        if new:
            _logger.warning("Gateway %s: %s items were not understood", gateway.id, len(new))

    # ------------------------------ What a sandbox reports instead of a provider

    @api.model
    def _play_sandbox(self, gateways):
        """Let sandbox gateways report what a provider would, by the way a webhook goes.

        :return: number of new events
        """
        count = 0
        now = fields.Datetime.now()
        for gateway in gateways.filtered(lambda gateway: gateway.provider == "sandbox"):
            client = gateway._client_factory()()
            messages = self.env["contact.message"].search(
                [
                    ("gateway_id", "=", gateway.id),
                    ("state", "in", ("sent", "uncertain")),
                    ("event_ids", "=", False),
                    # What is never heard of again is not asked for again and again.
                    ("claimed_at", ">", now - timedelta(hours=1)),
                ],
                limit=SANDBOX_BATCH,
            )
            events = [
                event
                for message in messages
                for event in client.events_for(
                    message.uuid,
                    message.provider_id or None,
                    message.address,
                    clock.aware(now),
                    message.body or "",
                )
            ]
            count += self._take_in(gateway, WebhookBatch(events=tuple(events)))
        return count

    @api.model
    def _play_answer(self, gateway, sender, text, with_proof=False, context_id=None, name=""):
        """Let a customer of the sandbox write, by the way a webhook goes.

        :param sender: the customer's number, any notation
        :param with_proof: a picture of a payment comes with it
        :param context_id: the provider's reference of the message that is answered
        :param name: what the customer calls himself
        :return: the event
        """
        inbound = InboundMessage(
            provider_id=f"sandbox.answer.{uuid4().hex}",
            sender="".join(digit for digit in sender or "" if digit.isdigit()) or None,
            sender_id=None,
            profile_name=name,
            kind=IMAGE if with_proof else TEXT,
            text=text or "",
            received_at=clock.aware(fields.Datetime.now()),
            context_id=context_id,
            media=Media(PROOF, "image/png") if with_proof else None,
        )
        self._take_in(gateway, WebhookBatch(inbound=(inbound,)))
        return self.search([("gateway_id", "=", gateway.id), ("key", "=", inbound.key)])
