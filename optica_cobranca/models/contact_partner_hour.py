from collections import defaultdict
from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import fields, models
from odoo.tools import SQL

from ..domain.best_hour import ANSWER, READING, best_hour
from .contact_company import timezone_of

LEARNED_FROM = timedelta(days=365)


class ResPartner(models.Model):
    """The hour at which a customer reads and answers, learned from a year of messages."""

    _inherit = "res.partner"

    best_contact_hour = fields.Selection(
        [(str(hour), f"{hour:02d}:00") for hour in range(8, 20)],
        string="Best Hour",
        compute="_compute_best_contact_hour",
        groups="optica_cobranca.group_seller",
        help="Around which the customer read or answered most in the last year, in local time. "
        "Empty until three readings or answers are known.",
    )

    # ------------------------------------------------------------- compute

    def _compute_best_contact_hour(self):
        hours = self._learned_hours()
        for partner in self:
            partner.best_contact_hour = hours.get(partner._origin.id)

    # ------------------------------------------------------------- actions

    def action_use_best_hour(self):
        """Take the learned hour as the preferred one, for all that have one."""
        for hour, partners in self.grouped("best_contact_hour").items():
            if hour:
                partners.preferred_contact_hour = hour

    # ------------------------------------------------------------- helpers

    def _learned_hours(self):
        """The suggested hour of each customer; two queries for any number of them.

        :return: dict of partner id -> hour as text
        """
        if not self.ids:
            return {}
        self.env["contact.message"].flush_model()
        self.env["contact.event"].flush_model()
        query = SQL(
            """
            SELECT partner_id, read_at, %(reading)s FROM contact_message
             WHERE partner_id = ANY(%(ids)s) AND read_at > %(since)s
             UNION ALL
            SELECT partner_id, occurred_at, %(answer)s FROM contact_event
             WHERE kind = 'inbound' AND partner_id = ANY(%(ids)s)
               AND occurred_at > %(since)s
            """,
            reading=READING,
            answer=ANSWER,
            ids=self.ids,
            since=fields.Datetime.now() - LEARNED_FROM,
        )
        signals = defaultdict(list)
        default = self.env.company.contact_timezone
        for partner_id, instant, weight in self.env.execute_query(query):
            zone = timezone_of(self.browse(partner_id).state_id, default)
            local = instant.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
            signals[partner_id].append((local.hour, weight))
        hours = {partner_id: best_hour(known) for partner_id, known in signals.items()}
        return {partner_id: str(hour) for partner_id, hour in hours.items() if hour is not None}
