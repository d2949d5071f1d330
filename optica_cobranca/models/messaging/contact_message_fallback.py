import json
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...domain.messaging import fallback
from ...domain.messaging.fallback import Attempt
from ...domain.shop import clock
from .contact_message_by_hand import UNDO_WITHIN

TAKEN_OVER = 200
# A gateway that reports nothing is asked about again after this, and given up after that.
MUTE_RECHECK = timedelta(hours=1)
MUTE_LIMIT = timedelta(days=7)


class ContactMessage(models.Model):
    """The next channel takes over, by a row of its own, from one that did not reach the customer.

    Each row carries the instant at which that happens, set by whatever changes its state. The
    successor is made and the instant taken off in one transaction, and no row has two successors.
    """

    _inherit = "contact.message"

    fallback_of_id = fields.Many2one(
        "contact.message",
        "Takes over from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The message of the channel before, which did not reach the customer.",
    )
    fallback_ids = fields.One2many(
        "contact.message", "fallback_of_id", string="Taken over by", readonly=True
    )
    fallback_at = fields.Datetime(
        "Next Channel at",
        readonly=True,
        copy=False,
        help="When the template's next channel takes over, unless the delivery is reported "
        "before. Empty: none does.",
    )
    chain_ids = fields.Many2many(
        "contact.message", string="Channels Tried", compute="_compute_chain_ids"
    )

    _fallback_once = models.UniqueIndex(
        "(fallback_of_id) WHERE fallback_of_id IS NOT NULL",
        "Another channel has taken over from this message already.",
    )
    _fallback_due = models.Index("(fallback_at, id) WHERE fallback_at IS NOT NULL")

    # ------------------------------------------------------------- compute

    @api.depends("fallback_of_id", "fallback_ids")
    def _compute_chain_ids(self):
        for message in self:
            chain = message
            while chain[0].fallback_of_id:
                chain = chain[0].fallback_of_id | chain
            while chain[-1].fallback_ids:
                chain |= chain[-1].fallback_ids
            message.chain_ids = chain if len(chain) > 1 else False

    # -------------------------------------------------------- when it happens

    def _set_clocks(self, rows):
        """Say of each row (as ``_lock_states`` gave it) when the next channel takes over."""
        templates = {
            template.id: template
            for template in self.env["contact.template"].browse(
                {row["template_id"] for row in rows if row["template_id"]}
            )
        }
        for row in rows:
            template = templates.get(row["template_id"])
            row["fallback_at"] = None
            if template and not row["has_fallback"] and template._channels_after(row["channel"]):
                row["fallback_at"] = fallback.takes_over_at(
                    self._attempt(row), template.fallback_hours
                )

    def _attempt(self, row):
        gateway = self.env["contact.gateway"].browse(row["gateway_id"] or [])
        return Attempt(
            state=row["state"],
            reason=row["reason"],
            since=row["failed_at"] if row["state"] == "failed" else row["sent_at"],
            reports=bool(gateway) and gateway._provider().reports_deliveries,
        )

    def _after_news(self, rows):
        """What a report about these rows means for the channels behind them."""
        arrived = [
            row["id"]
            for row in rows
            if row["has_fallback"] and row["state"] in ("delivered", "read")
        ]
        if arrived:
            self._cancel_fallbacks(arrived)
        now = fields.Datetime.now()
        if any(row["fallback_at"] and row["fallback_at"] <= now for row in rows):
            self._trigger_dispatch()

    @api.model
    def _cancel_fallbacks(self, ids):
        """Take what waits behind these messages out of the queue: one of them arrived after all."""
        query = SQL(
            """
            WITH RECURSIVE later (id) AS (
                SELECT id FROM contact_message WHERE fallback_of_id = ANY(%(ids)s)
                 UNION SELECT message.id FROM contact_message message
                         JOIN later ON message.fallback_of_id = later.id)
            UPDATE contact_message message
               SET reason = CASE WHEN state = 'queued' THEN 'duplicate' ELSE reason END,
                   claim_key = CASE WHEN state = 'queued' THEN NULL ELSE claim_key END,
                   by_hand = false, fallback_at = NULL, write_date = %(now)s,
                   state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
              FROM later WHERE message.id = later.id
               AND (message.state = 'queued' OR message.fallback_at IS NOT NULL)
            """,
            ids=list(ids),
            now=fields.Datetime.now(),
        )
        self.env.cr.execute(query)
        self.invalidate_model()

    # ------------------------------------------------------------ taking over

    @api.model
    def _take_over(self):
        """Queue the next channel for the messages whose time has come; commits.

        :return: how many were looked at
        """
        return self._persist(self._take_over_once)

    def _take_over_once(self):
        now = fields.Datetime.now()
        query = SQL(
            """SELECT id FROM contact_message WHERE fallback_at <= %s
             ORDER BY fallback_at, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            now,
            TAKEN_OVER,
        )
        due = self.browse([row_id for (row_id,) in self.env.execute_query(query)])
        if not due:
            return 0
        due.invalidate_recordset()
        usable = self.env["contact.gateway"]._usable(due.company_id)
        heard = due._heard_at()
        mute = due.filtered(lambda message: message._is_mute(heard, now))
        successors = [
            {"id": message.id, "channel": channel}
            for message in due - mute
            if (channel := message._next_channel(usable))
        ]
        self._insert_successors(successors, now)
        (due - mute).write({"fallback_at": False})
        for message in mute:
            given_up = message.sent_at + MUTE_LIMIT < now
            message.fallback_at = False if given_up else now + MUTE_RECHECK
        self.flush_model()
        self.invalidate_model(["fallback_ids"])
        return len(due)

    def _next_channel(self, usable):
        """The first of the channels that are left for which the company has a gateway."""
        return next(
            (
                channel
                for channel in self.template_id._channels_after(self.channel)
                if (self.company_id.id, channel) in usable
            ),
            None,
        )

    def _is_mute(self, heard, now):
        attempt = Attempt(self.state, since=self.sent_at or None)
        return fallback.is_mute(attempt, heard.get(self.gateway_id.id))

    def _heard_at(self):
        """When each gateway last reported about any message: (naive UTC) by its id."""
        query = SQL(
            """SELECT gateway.id, event.create_date FROM contact_gateway gateway,
                 LATERAL (SELECT create_date FROM contact_event
                           WHERE gateway_id = gateway.id AND kind = 'status'
                        ORDER BY id DESC LIMIT 1) event
                WHERE gateway.id = ANY(%s)""",
            self.gateway_id.ids,
        )
        return dict(self.env.execute_query(query))

    def _insert_successors(self, successors, now):
        query = SQL(
            """
            INSERT INTO contact_message
                   (uuid, company_id, partner_id, purpose, template_id, notice_id, res_model,
                    res_id, author_id, channel, state, scheduled_at, valid_until, by_hand,
                    attempts, fallback_of_id,
                    create_uid, create_date, write_uid, write_date)
            SELECT replace(gen_random_uuid()::text, '-', ''), tried.company_id, tried.partner_id,
                   tried.purpose, tried.template_id, tried.notice_id, tried.res_model, tried.res_id,
                   tried.author_id, next.channel, 'queued', %(now)s, tried.valid_until, false, 0,
                   tried.id, %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM jsonb_to_recordset(%(rows)s::jsonb) AS next (id integer, channel varchar)
              JOIN contact_message tried ON tried.id = next.id
          ORDER BY tried.id
       ON CONFLICT (fallback_of_id) WHERE fallback_of_id IS NOT NULL DO NOTHING
            """,
            now=now,
            uid=self.env.uid,
            rows=json.dumps(successors),
        )
        self.env.cr.execute(query)

    # ---------------------------------------------------------------- the gate

    def _gather_chains(self, facts):
        """What became of the channels before: known now, at the moment of sending."""
        facts.counted_before = defaultdict(list)
        if not self:
            return
        query = SQL(
            """
            WITH RECURSIVE chain (message_id, earlier_id) AS (
                SELECT id, fallback_of_id FROM contact_message WHERE id = ANY(%(ids)s)
                 UNION SELECT chain.message_id, earlier.fallback_of_id FROM chain
                         JOIN contact_message earlier ON earlier.id = chain.earlier_id
                        WHERE earlier.fallback_of_id IS NOT NULL)
            SELECT chain.message_id, earlier.state, earlier.create_date,
                   COALESCE(earlier.sent_at, earlier.failed_at, earlier.claimed_at,
                            earlier.scheduled_at)
              FROM chain JOIN contact_message earlier ON earlier.id = chain.earlier_id
            """,
            ids=self.ids,
        )
        states, began = defaultdict(list), {}
        for message_id, state, created, instant in self.env.execute_query(query):
            states[message_id].append(state)
            began[message_id] = min(created, began.get(message_id, created))
            facts.counted_before[message_id].append(clock.aware(instant))
        facts.duplicates.update(
            message_id for message_id, known in states.items() if not fallback.may_leave(known)
        )
        facts.replied = self._replied_since(began)

    def _replied_since(self, began):
        """Messages whose customer wrote since the first channel was tried."""
        query = SQL(
            """
            SELECT began.id FROM jsonb_to_recordset(%s::jsonb) AS began (id integer, at timestamp)
              JOIN contact_message message ON message.id = began.id
              JOIN res_partner partner ON partner.id = message.partner_id
             WHERE EXISTS (
                SELECT FROM contact_event event
                  JOIN res_partner member ON member.id = event.partner_id
                 WHERE event.kind = 'inbound' AND event.says_nothing IS NOT TRUE
                   -- events are kept by the second
                   AND event.create_date >= date_trunc('second', began.at)
                   AND (member.commercial_partner_id = partner.commercial_partner_id
                        OR string_to_array(member.contact_phone_keys, ' ')
                           && string_to_array(partner.contact_phone_keys, ' ')))
            """,
            json.dumps([{"id": key, "at": value} for key, value in began.items()], default=str),
        )
        return {row_id for (row_id,) in self.env.execute_query(query)}

    # ----------------------------------------------------------- people decide

    def _set_clocks_anew(self, state):
        rows = self._lock_states(self.ids)
        self._set_clocks(rows)
        for row in rows:
            message = self.browse(row["id"])
            # A clerk may take his word back for some minutes.
            grace = UNDO_WITHIN if message.clerk_id and state == "failed" else timedelta()
            message.fallback_at = row["fallback_at"] and row["fallback_at"] + grace

    def _call_fallbacks_back(self):
        """Before a person sends it again: what waits behind it must not leave as well."""
        self._cancel_fallbacks(self.ids)
        left = self.fallback_ids.filtered(lambda later: later.state not in ("cancelled", "failed"))
        if left:
            raise UserError(
                self.env._(
                    "Another channel has taken over already: %s. Look there first.",
                    ", ".join(left.mapped("display_name")),
                )
            )
