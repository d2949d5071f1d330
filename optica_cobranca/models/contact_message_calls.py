from collections import defaultdict
from datetime import timezone

from odoo import models
from odoo.tools import SQL

from .contact_message_facts import CAP_MEMORY, REACHED


class ContactMessage(models.Model):
    """Calls have limits of their own: one a day, three for each level of an installment."""

    _inherit = "contact.message"

    def _gather_calls(self, facts):
        """Collection calls that rang, answered or not; nothing is asked when nobody is called."""
        facts.calls = defaultdict(list)
        callers = self.filtered(
            lambda message: (
                message.purpose == "collection" and "voice" in message.template_id._channels()
            )
        )
        if not callers:
            return
        self._gather_calls_of_customers(callers, facts)
        self._gather_calls_at_level(callers, facts)

    def _gather_calls_of_customers(self, callers, facts):
        query = SQL(
            """
            SELECT call.partner_id, COALESCE(call.sent_at, call.failed_at, call.claimed_at)
              FROM contact_message call
             WHERE %(is_call)s AND call.partner_id = ANY(%(partners)s)
               AND call.id <> ALL(%(own)s)
               AND COALESCE(call.sent_at, call.failed_at, call.claimed_at) > %(since)s
            """,
            is_call=_is_call(),
            partners=list(facts.families),
            own=self.ids,
            since=facts.now.replace(tzinfo=None) - CAP_MEMORY,
        )
        for partner_id, instant in self.env.execute_query(query):
            customer = facts.families[partner_id]
            facts.calls[customer].append(instant.replace(tzinfo=timezone.utc))

    def _gather_calls_at_level(self, callers, facts):
        """Calls about the same installments while they were at the same level."""
        query = SQL(
            """
            SELECT message.id, count(DISTINCT call.id)
              FROM contact_message message
              JOIN dunning_notice notice ON notice.id = message.notice_id
              JOIN dunning_notice_line line ON line.notice_id = notice.id
              JOIN dunning_notice_line before ON before.move_line_id = line.move_line_id
              JOIN dunning_notice earlier ON earlier.id = before.notice_id
                                         AND earlier.level_id = notice.level_id
              JOIN contact_message call ON call.notice_id = earlier.id
             WHERE message.id = ANY(%(ids)s) AND call.id <> message.id AND %(is_call)s
          GROUP BY message.id
            """,
            ids=callers.ids,
            is_call=_is_call(),
        )
        facts.calls_at_level = dict(self.env.execute_query(query))


def _is_call():
    """A collection call that made a telephone ring, or may have."""
    return SQL(
        """(call.channel = 'voice' AND call.purpose = 'collection' AND (call.state = ANY(%s)
            OR call.state = 'failed' AND call.reason = 'not_answered'))""",
        list(REACHED),
    )
