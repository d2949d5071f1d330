from datetime import timedelta, timezone

from odoo import models
from odoo.tools import SQL

from ..domain import gate
from .contact_message_facts import REACHED
from .contact_message_gate import Verdict

# WhatsApp takes about one message in six seconds to one number (error 131056 beyond).
PAIR_PACE = timedelta(seconds=6)


class ContactMessage(models.Model):
    """A moment between two WhatsApp messages to one customer, from whatever queue they come."""

    _inherit = "contact.message"

    def _gather(self, now, claim_key=None):
        facts = super()._gather(now, claim_key)
        facts.last_to = self._gather_last_to(facts)
        return facts

    def _gather_last_to(self, facts):
        """Aware UTC instant of the last WhatsApp message to each customer, of this moment only."""
        query = SQL(
            """SELECT partner_id, max(COALESCE(sent_at, claimed_at)) FROM contact_message
                WHERE partner_id = ANY(%s) AND channel = 'whatsapp' AND NOT by_hand
                  AND state = ANY(%s) AND COALESCE(sent_at, claimed_at) > %s
             GROUP BY partner_id""",
            self.partner_id.ids,
            list(REACHED),
            facts.now.replace(tzinfo=None) - PAIR_PACE,
        )
        rows = self.env.execute_query(query)
        return {partner_id: instant.replace(tzinfo=timezone.utc) for partner_id, instant in rows}

    def _decide_one(self, facts):
        verdict = super()._decide_one(facts)
        if verdict.action != gate.Action.SEND or verdict.channel != "whatsapp":
            return verdict
        if not verdict.gateway._provider().is_automatic:
            return verdict
        last = facts.last_to.get(self.partner_id.id)
        if last and last + PAIR_PACE > facts.now:
            until = (last + PAIR_PACE).replace(tzinfo=None)
            return Verdict(self, "postpone", "pace", until=until, channel="whatsapp")
        facts.last_to[self.partner_id.id] = facts.now
        return verdict
