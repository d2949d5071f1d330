from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# For so long a message that a clerk looks at is offered to no other clerk.
RESERVED = timedelta(minutes=10)
UNDO_WITHIN = timedelta(minutes=15)
# Messages that the gate takes out of the queue while the next one is looked for.
LOOKED_AT = 25


class ContactMessage(models.Model):
    """The queue that a clerk works through with one key for each message."""

    _inherit = "contact.message"

    clerk_id = fields.Many2one("res.users", readonly=True, copy=False)
    clerk_until = fields.Datetime("Reserved until", readonly=True, copy=False)

    _by_hand = models.Index("(company_id, id) WHERE by_hand AND state = 'queued'")

    @api.model
    def by_hand_next(self, skipped=()):
        """The next message for this clerk, asked once more at the gate and reserved for him.

        :param skipped: ids he wants to see last
        :return: dict of ``remaining``, ``done`` (by him, today), ``message`` (None: nothing is
            left) and ``dropped`` (what is not to be sent any more, with the reason)
        :raise AccessError: for others than collectors, who read messages of their own customers
        """
        self._check_role("collector")
        dropped = []
        message, text = self.browse(), None
        for candidate in self._by_hand_candidates(skipped):
            worker = candidate._as_worker()
            text = worker._recheck_by_hand()
            if worker.state == "queued" and worker.by_hand:
                until = fields.Datetime.now() + RESERVED
                worker.write({"clerk_id": self.env.uid, "clerk_until": until})
                message = candidate
                break
            dropped.append(candidate._by_hand_dropped())
        return {
            "remaining": self.search_count(self._by_hand_domain()),
            "done": self._by_hand_done_today(),
            "message": message._by_hand_card(text or message.body) if message else None,
            "dropped": dropped,
        }

    def by_hand_sent(self):
        """The clerk pressed send in WhatsApp."""
        self._by_hand_decide(
            "sent", {"sent_at": fields.Datetime.now(), "by_hand": False, "reason": False}
        )

    def by_hand_not_sent(self):
        """The clerk could not send it: the number is not on WhatsApp."""
        values = {"failed_at": fields.Datetime.now(), "by_hand": False, "reason": "unreachable"}
        self._by_hand_decide("failed", values)

    def by_hand_undo(self):
        """Take back one's own last word, for a few minutes: the message waits again."""
        self.ensure_one()
        message = self._as_worker()
        mine = message.resolved_by_id == self.env.user and message.clerk_id == self.env.user
        fresh = message.resolved_at and message.resolved_at > fields.Datetime.now() - UNDO_WITHIN
        if not mine or not fresh or message.state not in ("sent", "failed"):
            raise UserError(self.env._("This can be undone only for a few minutes, by who did it."))
        message.write(
            {
                "state": "queued",
                "reason": False,
                "by_hand": True,
                "sent_at": False,
                "failed_at": False,
                "fallback_at": False,
                "resolved_by_id": False,
                "resolved_at": False,
            }
        )

    # ------------------------------------------------------------- helpers

    def _by_hand_decide(self, state, values):
        self.ensure_one()
        message = self._as_worker()
        # The evening may have come since the clerk opened it; what is sent is sent.
        if message.state != "queued" or message.clerk_id != self.env.user:
            raise UserError(self.env._("This message does not wait to be sent by hand any more."))
        message._resolve(state, values)

    @api.model
    def _by_hand_domain(self):
        return [
            ("by_hand", "=", True),
            ("state", "=", "queued"),
            ("company_id", "in", self.env.companies.ids),
        ]

    @api.model
    def _by_hand_candidates(self, skipped):
        """Messages that no other clerk looks at and no worker holds, the skipped ones last."""
        visible = self._search(self._by_hand_domain())
        now = fields.Datetime.now()
        query = SQL(
            """
            SELECT message.id FROM contact_message message
             WHERE message.id IN %(visible)s AND COALESCE(message.claim_key, 0) = 0
               AND (message.clerk_id IS NULL OR message.clerk_id = %(clerk)s
                    OR message.clerk_until < %(now)s)
          ORDER BY array_position(%(skipped)s::integer[], message.id) NULLS FIRST, message.id
             LIMIT %(limit)s
               FOR NO KEY UPDATE OF message SKIP LOCKED
            """,
            visible=visible.subselect(),
            clerk=self.env.uid,
            now=now,
            skipped=[int(message_id) for message_id in skipped],
            limit=LOOKED_AT,
        )
        return self.browse([row_id for (row_id,) in self.env.execute_query(query)])

    def _by_hand_card(self, text):
        """:param text: with the private link, which only the clerk's screen gets"""
        return {
            "id": self.id,
            "partner_id": self.partner_id.id,
            "customer": self.partner_id.display_name,
            "number": self.partner_id._phone_format(number=self.address, force_format="NATIONAL")
            or self.address,
            "template": self.template_id.name,
            "body": text,
            "url": self._chat_link(text),
        }

    def _by_hand_dropped(self):
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        return {
            "id": self.id,
            "customer": self.partner_id.display_name,
            "reason": reasons.get(self.reason) or "",
        }

    @api.model
    def _by_hand_done_today(self):
        midnight = fields.Datetime.now().replace(hour=0, minute=0, second=0)
        return self.search_count(
            [
                ("clerk_id", "=", self.env.uid),
                ("state", "in", ("sent", "delivered", "read")),
                ("resolved_at", ">=", midnight),
            ]
        )
