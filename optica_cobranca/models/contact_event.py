import json
import logging
from datetime import timezone

from odoo import api, fields, models
from odoo.tools import SQL

from ..clients.base import DeliveryEvent
from ..domain.message_states import FailureClass
from .contact_event_rows import by_addressee, of_inbound, of_notice, of_status, of_unknown
from .contact_message_cost import category_in_words
from .contact_sender import STOPPING

_logger = logging.getLogger(__name__)


class ContactEvent(models.Model):
    """News from a provider: how far a message got, what a customer wrote, trouble with the account.

    Each is stored once, by the provider's own key; what cannot be matched or understood is kept
    all the same.
    """

    _name = "contact.event"
    _description = "Event from a Provider"
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
    priced_as = fields.Char("Priced as", compute="_compute_priced_as")
    wa_id = fields.Char("WhatsApp ID", readonly=True)
    text = fields.Text(readonly=True)
    note = fields.Char(readonly=True)
    payload = fields.Json(readonly=True)

    _key_once = models.Constraint("UNIQUE(gateway_id, key)", "This event is stored already.")
    # Events that came before the message's reference was known, to be matched later.
    _unmatched = models.Index("(provider_id) WHERE message_id IS NULL AND kind = 'status'")
    _written = models.Index("(partner_id, occurred_at) WHERE kind = 'inbound'")

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
        handlers = (
            (batch.events, of_status, self._apply_events),
            (batch.inbound, of_inbound, self._receive_all),
            (batch.notices, of_notice, self._heed_all),
            (batch.unknown, of_unknown, self._report_unknown),
        )
        siblings = gateway._siblings()
        count = 0
        for items, describe, handle in handlers:
            for addressee, its_items in by_addressee(items, siblings, gateway).items():
                new = self._store(addressee, its_items, describe)
                handle(addressee, new)
                count += len(new)
        return count

    def _store(self, gateway, items, describe):
        """Insert those that are not there yet, one statement.

        :return: list of (event id, item) of the new ones, in order
        """
        items_by_key = {item.key: item for item in reversed(items)}
        if not items_by_key:
            return []
        query = SQL(
            """
            INSERT INTO contact_event (gateway_id, company_id, key, kind, state, reference,
                   provider_id, occurred_at, failure, error_code, error_detail, category, wa_id,
                   text, payload, create_uid, create_date, write_uid, write_date)
            SELECT %(gateway)s, %(company)s, new.key, new.kind, new.state, new.reference,
                   new.provider_id, new.occurred_at, new.failure, new.error_code, new.error_detail,
                   new.category, new.wa_id, new.text, new.payload, %(uid)s, %(now)s, %(uid)s,
                   %(now)s
              FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (
                   key varchar, kind varchar, state varchar, reference varchar, provider_id varchar,
                   occurred_at timestamp, failure varchar, error_code varchar, error_detail varchar,
                   category varchar, wa_id varchar, text text, payload jsonb)
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
            occurred_at=self.occurred_at and self.occurred_at.replace(tzinfo=timezone.utc),
            failure=FailureClass(self.failure) if self.failure else None,
            code=self.error_code or None,
            detail=self.error_detail or "",
            category=self.category or None,
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

    def _report_unknown(self, gateway, new):
        if new:
            _logger.warning("Gateway %s: %s items were not understood", gateway.id, len(new))
