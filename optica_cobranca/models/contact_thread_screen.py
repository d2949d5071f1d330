from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime

from ..domain.reply_intent import read_reply

PAGE = 40
SHARES = {
    "mine": lambda uid: Domain("user_id", "=", uid),
    "nobody": lambda _uid: Domain("user_id", "=", False),
    "all": lambda _uid: Domain.TRUE,
}


class ContactThread(models.Model):
    """The list of the inbox: texts arrive at the screen ready to be shown."""

    _inherit = "contact.thread"

    @api.model
    def inbox_start(self):
        """What the screen needs once: colleagues, channels, what the user may do."""
        self.browse().check_access("read")
        return {
            "user_id": self.env.uid,
            "users": [{"id": user.id, "name": user.name} for user in self._possible_assignees()],
            "is_collector": self.env.user.has_group("optica_cobranca.group_collector"),
        }

    @api.model
    def inbox_load(self, filters, offset=0):
        """A page of conversations and how many there are of each kind.

        :param filters: dict of ``state`` (open, answered, closed or all), ``share`` (mine,
            nobody, all), ``channel``, ``unread`` (True), ``unknown`` (True), ``search``
        """
        base = Domain("company_id", "in", self.env.companies.ids) & self._narrowed(filters)
        counts = dict(self._read_group(base, ["state"], ["__count"]))
        state = filters.get("state") or "open"
        domain = base if state == "all" else base & Domain("state", "=", state)
        threads = self.search(domain, offset=offset, limit=PAGE)
        total = sum(counts.values()) if state == "all" else counts.get(state, 0)
        return {
            "rows": [thread._row() for thread in threads],
            "counts": {**counts, "all": sum(counts.values())},
            "total": total,
            "unread": self.unread_total(),
        }

    @api.model
    def unread_total(self):
        """Conversations with words nobody has read, for the counter at the top."""
        if not self.has_access("read"):
            return 0
        return self.search_count(
            [("company_id", "in", self.env.companies.ids), ("unread_count", ">", 0)]
        )

    @api.model
    def inbox_of_partner(self, partner_id):
        """The conversation with a customer, if there is one in the current companies."""
        partner = self.env["res.partner"].browse(partner_id)
        return self.search(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "in", self.env.companies.ids),
            ],
            limit=1,
        ).id

    # ------------------------------------------------------------- helpers

    @api.model
    def _narrowed(self, filters):
        domain = SHARES[filters.get("share") or "all"](self.env.uid)
        if filters.get("channel"):
            domain &= Domain("channel", "=", filters["channel"])
        if filters.get("unread"):
            domain &= Domain("unread_count", ">", 0)
        if filters.get("unknown"):
            domain &= Domain("partner_id", "=", False)
        text = (filters.get("search") or "").strip()
        if text:
            domain &= self._matching(text)
        return domain

    @api.model
    def _matching(self, text):
        """Customers by name, CPF or number, strangers, and what was said."""
        digits = "".join(character for character in text if character.isdigit())
        domain = (
            Domain("partner_id", "any", self._customers_matching(text))
            | Domain("sender_name", "ilike", text)
            | Domain("event_ids.text", "ilike", text)
        )
        return domain | Domain("sender_key", "like", digits) if len(digits) >= 4 else domain

    @api.model
    def _customers_matching(self, text):
        digits = "".join(character for character in text if character.isdigit())
        domain = Domain("complete_name", "ilike", text)
        if len(digits) >= 4:
            domain |= Domain("vat", "like", digits) | Domain("contact_phone_key", "like", digits)
        return domain

    def _row(self):
        self.ensure_one()
        reading = read_reply(self.last_text, fields.Date.context_today(self))
        return {
            "id": self.id,
            "name": self.name or "?",
            "known": bool(self.partner_id),
            "text": self.last_text or "",
            "intent": reading.intent if self.state == "open" else None,
            "when": self._when(self.last_at),
            "unread": self.unread_count,
            "state": self.state,
            "channel": self.channel,
            "user": self.user_id.sudo().name or "",
            "user_id": self.user_id.id,
            "company": self.company_id.sudo().name if len(self.env.companies) > 1 else "",
        }

    @api.model
    def _when(self, instant):
        """Time of today, else day; in the reader's time zone."""
        local = fields.Datetime.context_timestamp(self, instant)
        today = fields.Date.context_today(self)
        if local.date() == today:
            return format_datetime(self.env, instant, dt_format="HH:mm")
        pattern = "dd/MM" if local.year == today.year else "dd/MM/yyyy"
        return format_date(self.env, local.date(), date_format=pattern)

    @api.model
    def _when_in_day(self, instant):
        return format_datetime(self.env, instant, dt_format="HH:mm")

    @api.model
    def _day_of(self, instant):
        local = fields.Datetime.context_timestamp(self, instant).date()
        today = fields.Date.context_today(self)
        if local == today:
            return self.env._("Today")
        pattern = "EEEE, dd/MM" if local.year == today.year else "dd/MM/yyyy"
        return format_date(self.env, local, date_format=pattern)

    @api.model
    def _exactly(self, instant):
        return format_datetime(self.env, instant, dt_format="EEE dd/MM/yyyy HH:mm")
