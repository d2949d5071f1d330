import json

from odoo import api, fields, models
from odoo.tools import SQL

from .contact_thread import TEXT_SHOWN, WRITTEN_CHANNELS


class ContactEvent(models.Model):
    """Files what customers write in their conversations; deliveries never come here."""

    _inherit = "contact.event"

    thread_id = fields.Many2one("contact.thread", readonly=True, ondelete="set null")
    assigned_by_id = fields.Many2one(
        "res.users", "Recognised by", readonly=True, help="Who said whose words these are."
    )

    _of_thread = models.Index("(thread_id, occurred_at) WHERE thread_id IS NOT NULL")
    _assigned = models.Index("(wa_id) WHERE assigned_by_id IS NOT NULL")

    def _receive_all(self, gateway, new):
        super()._receive_all(gateway, new)
        if gateway.channel not in WRITTEN_CHANNELS:
            return
        events = self.browse([event_id for event_id, _item in new])
        names = {event_id: item.profile_name for event_id, item in new}
        threads = self.env["contact.thread"].sudo()
        spoken = events.filtered(lambda event: not event.says_nothing)
        threads._take_in(gateway, spoken, names)
        threads._add_quietly(gateway, events - spoken)

    def _follow_conversations(self, gateway, inbound, new):
        """Also the conversation of somebody nobody has recognised yet."""
        followed = super()._follow_conversations(gateway, inbound, new)
        threads = self.env["contact.thread"].sudo()
        stranger = [("gateway_id", "=", gateway.id), ("partner_id", "=", False)]
        for known_as, now in (
            (new and inbound.sender, inbound.new_sender),
            (inbound.new_sender_id and inbound.sender_id, inbound.new_sender_id),
        ):
            if known_as:
                threads.search([*stranger, ("sender_key", "=", known_as)])._change_sender(now)
        return followed

    def _senders(self, gateway, inbound):
        found = super()._senders(gateway, inbound)
        if found or not inbound.sender:
            return found
        known = self.sudo().search(
            [
                ("wa_id", "=", inbound.sender),
                ("assigned_by_id", "!=", False),
                ("company_id", "=", gateway.company_id.id),
            ],
            order="id desc",
            limit=1,
        )
        people = self.env["res.partner"].sudo()
        return known.partner_id or people._contact_written_to(inbound.sender, gateway.company_id)

    def assign_to(self, partner):
        """Who was assigned a message of an unknown sender gets its conversation, too."""
        result = super().assign_to(partner)
        events = self.sudo().filtered("partner_id")
        events.assigned_by_id = self.env.uid
        for thread in events.thread_id.filtered(lambda thread: not thread.partner_id):
            thread._join(partner)
        return result


class ContactThread(models.Model):
    """How conversations come about."""

    _inherit = "contact.thread"

    @api.model
    def _take_in(self, gateway, events, names):
        """Bring new words into the conversations they belong to: one statement for each kind.

        :param events: inbound ``contact.event`` of one gateway
        :param names: dict of event id -> what the sender calls himself
        """
        if not events:
            return
        events.flush_recordset()
        self.flush_model()
        rows = {}
        for event in events.sorted(lambda event: (event.occurred_at, event.id)):
            key = self._key_of(event)
            row = rows.setdefault(key, {"count": 0, "ids": []})
            row["count"] += 1
            row["ids"].append(event.id)
            row.update(
                partner=key[0] or None,
                sender=key[1] or None,
                name=names.get(event.id) or row.get("name"),
                at=fields.Datetime.to_string(event.occurred_at),
                text=self._excerpt(event),
            )
        for known in (True, False):
            # In one order everywhere, so that two webhooks never wait for each other.
            chosen = [rows[key] for key in sorted(rows) if bool(key[0]) == known]
            self._upsert(gateway, chosen, known)
        self.invalidate_model()
        self._tell_screens(gateway.company_id)

    @api.model
    def _add_quietly(self, gateway, events):
        """Show reactions, changes and the like in conversations that exist; none is raised."""
        shown = events.filtered(lambda event: event.state not in ("system", "preference"))
        for event in shown:
            partner_id, sender = self._key_of(event)
            event.thread_id = self.search(
                [("company_id", "=", gateway.company_id.id), ("partner_id", "=", partner_id)]
                if partner_id
                else [
                    ("gateway_id", "=", gateway.id),
                    ("partner_id", "=", False),
                    ("sender_key", "=", sender),
                ],
                limit=1,
            )
        if shown.thread_id:
            self._tell_screens(gateway.company_id)

    def _change_sender(self, key):
        """A stranger has another number or id: the conversation goes on under it."""
        if not self:
            return
        other = self.search(
            [
                ("gateway_id", "=", self.gateway_id.id),
                ("partner_id", "=", False),
                ("sender_key", "=", key),
            ]
        )
        if not other:
            self.sender_key = key
            return
        self.event_ids.thread_id = other
        self.unlink()

    @api.model
    def _key_of(self, event):
        partner = event.partner_id.commercial_partner_id
        return (partner.id, "") if partner else (0, event.wa_id or event.sender_user_id or "?")

    @api.model
    def _excerpt(self, event):
        return " ".join((event.text or "").split())[:TEXT_SHOWN] or f"({event.news})"

    @api.model
    def _upsert(self, gateway, rows, known):
        if not rows:
            return
        conflict = (
            SQL("(company_id, partner_id) WHERE partner_id IS NOT NULL")
            if known
            else SQL("(gateway_id, sender_key) WHERE partner_id IS NULL")
        )
        query = SQL(
            """
            INSERT INTO contact_thread AS thread
                   (company_id, gateway_id, channel, partner_id, sender_key, sender_name, state,
                    unread_count, last_at, last_inbound_at, last_text, create_uid, create_date,
                    write_uid, write_date)
            SELECT %(company)s, %(gateway)s, %(channel)s, new.partner, new.sender, new.name, 'open',
                   new.count, new.at, new.at, new.text, %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM jsonb_to_recordset(%(rows)s::jsonb) AS new
                   (partner integer, sender varchar, name varchar, count integer, at timestamp,
                    text varchar)
       ON CONFLICT %(conflict)s DO UPDATE
               SET unread_count = thread.unread_count + EXCLUDED.unread_count, state = 'open',
                   sender_name = COALESCE(EXCLUDED.sender_name, thread.sender_name),
                   gateway_id = EXCLUDED.gateway_id, channel = EXCLUDED.channel,
                   last_text = EXCLUDED.last_text, write_date = EXCLUDED.write_date,
                   last_at = GREATEST(thread.last_at, EXCLUDED.last_at),
                   last_inbound_at = GREATEST(thread.last_inbound_at, EXCLUDED.last_inbound_at)
         RETURNING id, partner_id, sender_key
            """,
            company=gateway.company_id.id,
            gateway=gateway.id,
            channel=gateway.channel,
            uid=self.env.uid,
            now=fields.Datetime.now(),
            rows=json.dumps(rows),
            conflict=conflict,
        )
        found = {
            (partner_id or 0, "" if partner_id else sender): row_id
            for row_id, partner_id, sender in self.env.execute_query(query)
        }
        for row in rows:
            key = (row["partner"] or 0, "" if row["partner"] else row["sender"])
            self.env["contact.event"].sudo().browse(row["ids"]).thread_id = found[key]

    @api.model
    def _prepare_merge(self, sources, survivor):
        """Before customers become one: their conversations with a company become one, too."""
        for thread in self.search([("partner_id", "in", sources.ids)]):
            thread._join(survivor)

    def _join(self, partner):
        """Its words belong to this customer: they go to the conversation with the customer.

        The conversation of a stranger who was recognised, or of a customer merged with another.
        """
        self.ensure_one()
        house = partner.commercial_partner_id
        other = self.search(
            [("company_id", "=", self.company_id.id), ("partner_id", "=", house.id)]
        )
        if not other:
            self.partner_id = house
        else:
            newer = max(other, self, key=lambda thread: thread.last_inbound_at or thread.last_at)
            other.write(
                {
                    "unread_count": other.unread_count + self.unread_count,
                    "state": "open" if "open" in (other.state, self.state) else other.state,
                    "user_id": (other.user_id or self.user_id).id,
                    "last_at": max(other.last_at, self.last_at),
                    "last_inbound_at": newer.last_inbound_at,
                    "last_text": newer.last_text,
                    "gateway_id": newer.gateway_id.id,
                    "channel": newer.channel,
                }
            )
            self.event_ids.thread_id = other
            self.unlink()
        self._tell_screens(house.env.company)
        return other or self
