from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from odoo import fields, models
from odoo.tools import SQL

from ..domain.contact_window import next_permitted
from .contact_company import local_holidays, timezone_of
from .contact_message_debt import Debt

# A contact counts for caps of seven local days; one more covers every time zone.
CAP_MEMORY = timedelta(days=8)
DUPLICATE_WITHIN = timedelta(hours=20)
# States in which a message has, or may have, reached the customer.
REACHED = ("sending", "uncertain", "sent", "delivered", "read")


@dataclass
class Facts:
    """What a batch of messages needs to know, each kind looked up once for all of them.

    Instants are aware UTC. Keys are ids of messages unless said otherwise.
    """

    now: datetime
    debts: dict[int, Debt] = field(default_factory=dict)
    values: dict[int, dict] = field(default_factory=dict)
    next_permitted: dict[int, datetime] = field(default_factory=dict)
    timezones: dict[int, str] = field(default_factory=dict)  # by partner
    families: dict[int, int] = field(default_factory=dict)  # partner -> the customer as a whole
    contacts: dict[int, list[datetime]] = field(default_factory=dict)  # by customer
    being_decided: set[int] = field(default_factory=set)  # customers another worker looks at
    superseded: set[int] = field(default_factory=set)  # notices
    duplicates: set[int] = field(default_factory=set)
    consent: object = None
    blacklist: set[str] = field(default_factory=set)  # numbers without SMS
    numbers: dict[int, str | None] = field(default_factory=dict)
    emails: dict[int, str | None] = field(default_factory=dict)
    silent_emails: set[str] = field(default_factory=set)  # addresses that want no e-mail
    calls: dict[int, list[datetime]] = field(default_factory=dict)  # by customer
    calls_at_level: dict[int, int] = field(default_factory=dict)
    gateways: dict[tuple[int, str], object] = field(default_factory=dict)
    last_written: dict[tuple[int, int], datetime] = field(default_factory=dict)  # partner, gateway
    # approved templates by gateway, name and language
    twins: dict[tuple[int, str, str], object] = field(default_factory=dict)
    # of fallbacks: contacts by the channels before; those whose customer has written since
    counted_before: dict[int, list[datetime]] = field(default_factory=dict)
    replied: set[int] = field(default_factory=set)
    last_to: dict[int, datetime] = field(default_factory=dict)  # by partner, of this moment


class ContactMessage(models.Model):
    """The facts the gate asks for, gathered in sets: the number of queries does not grow."""

    _inherit = "contact.message"

    def _gather(self, now, claim_key=None):
        """Everything :meth:`_decide` needs about these messages.

        :param now: naive UTC
        :param claim_key: the worker's own key; rows that other keys claim are someone else's
        :rtype: Facts
        """
        # Facts are read in SQL; a button or a preview may have changed what they say just now.
        self.env.flush_all()
        facts = Facts(now=now.replace(tzinfo=timezone.utc))
        self._gather_debts(facts)
        self._gather_values(facts)
        self._gather_hours(facts)
        self._gather_contacts(facts, claim_key)
        self._gather_calls(facts)
        self._gather_repeats(facts)
        facts.gateways = self.env["contact.gateway"]._usable(self.company_id)
        self._gather_addresses(facts)
        self._gather_replies(facts)
        return facts

    # --------------------------------------------------------------- hours

    def _gather_hours(self, facts):
        today: date = facts.now.date()
        years = range(today.year, today.year + 3)
        blocked = {company.id: company._contact_blocked_dates(years) for company in self.company_id}
        windows = {company.id: company._contact_window() for company in self.company_id}
        for message in self:
            partner, company = message.partner_id, message.company_id
            state = partner.state_id or company.state_id
            zone = timezone_of(partner.state_id, company.contact_timezone)
            facts.timezones[partner.id] = zone
            facts.next_permitted[message.id] = next_permitted(
                facts.now,
                zone,
                windows[company.id],
                local_holidays(years, state.code),
                birthday=message._silent_birthday(),
                blocked_dates=blocked[company.id],
                preferred_hour=int(partner.preferred_contact_hour or 0) or None,
            )

    def _silent_birthday(self):
        """(month, day) on which nobody is reminded of a debt; a greeting is for that very day."""
        return self.partner_id._birthday_parts() if self.purpose != "relationship" else None

    # ------------------------------------------------------------ contacts

    def _gather_contacts(self, facts, claim_key):
        """Collection contacts of the last days, over all channels, companies and debts."""
        customers = self.partner_id.commercial_partner_id
        members = self.env.execute_query(
            SQL(
                """SELECT id, commercial_partner_id FROM res_partner
                    WHERE commercial_partner_id = ANY(%s)""",
                customers.ids,
            )
        )
        facts.families = dict(members)
        facts.contacts = defaultdict(list)
        query = SQL(
            """
            SELECT partner_id, state, COALESCE(sent_at, failed_at, claimed_at, scheduled_at)
              FROM contact_message message
             WHERE purpose = 'collection' AND partner_id = ANY(%(partners)s) AND id <> ALL(%(own)s)
               AND (   (state = ANY(%(reached)s) OR (state = 'failed' AND reason = 'spared'))
                       AND COALESCE(sent_at, failed_at, claimed_at, scheduled_at) > %(since)s
                    OR state = 'queued' AND claim_key IS NOT NULL AND claim_key <> %(claim_key)s)
               AND (state IN ('delivered', 'read') OR NOT EXISTS (
                    -- It did not arrive, and the channel that took over counts in its place.
                    SELECT FROM contact_message later
                     WHERE later.fallback_of_id = message.id AND later.state = ANY(%(reached)s)))
            """,
            partners=list(facts.families),
            own=self.ids,
            reached=list(REACHED),
            since=facts.now.replace(tzinfo=None) - CAP_MEMORY,
            claim_key=claim_key or 0,
        )
        for partner_id, state, instant in self.env.execute_query(query):
            customer = facts.families[partner_id]
            if state == "queued":
                facts.being_decided.add(customer)
            else:
                facts.contacts[customer].append(instant.replace(tzinfo=timezone.utc))

    def _gather_repeats(self, facts):
        """Notices that a newer one replaced, and messages that were sent already."""
        notices = self.notice_id.ids
        if notices:
            query = SQL(
                """
                SELECT notice.id FROM dunning_notice notice
                 WHERE notice.id = ANY(%s) AND EXISTS (
                    SELECT FROM dunning_notice newer
                     WHERE newer.company_id = notice.company_id
                       AND newer.partner_id = notice.partner_id
                       AND newer.date > notice.date AND newer.state <> 'refused')
                """,
                notices,
            )
            facts.superseded = {row_id for (row_id,) in self.env.execute_query(query)}
        query = SQL(
            """
            SELECT message.id FROM contact_message message
             WHERE message.id = ANY(%(ids)s) AND message.notice_id IS NULL
               AND message.author_id IS NULL AND message.fallback_of_id IS NULL AND EXISTS (
                SELECT FROM contact_message other
                 WHERE other.partner_id = message.partner_id AND other.id < message.id
                   AND other.template_id = message.template_id
                   AND other.company_id = message.company_id
                   AND COALESCE(other.res_model, '') = COALESCE(message.res_model, '')
                   AND COALESCE(other.res_id, 0) = COALESCE(message.res_id, 0)
                   AND other.state NOT IN ('failed', 'cancelled')
                   AND other.create_date > message.create_date - %(within)s)
            """,
            ids=self.ids,
            within=DUPLICATE_WITHIN,
        )
        facts.duplicates = {row_id for (row_id,) in self.env.execute_query(query)}

    # ----------------------------------------------------------- addresses

    def _gather_addresses(self, facts):
        area_codes = {company.id: company._contact_area_code() for company in self.company_id}
        for message in self:
            facts.numbers[message.id] = message.partner_id._contact_number(
                area_codes[message.company_id.id]
            )
        facts.consent = self.env["contact.consent"].sudo()._latest_decisions(self.partner_id.ids)
        numbers = [number for number in facts.numbers.values() if number]
        facts.blacklist = set(
            self.env["phone.blacklist"].sudo().search([("number", "in", numbers)]).mapped("number")
        )
        facts.emails = {message.id: message.partner_id._contact_email() for message in self}
        emails = [address for address in facts.emails.values() if address]
        facts.silent_emails = set(
            self.env["mail.blacklist"].sudo().search([("email", "in", emails)]).mapped("email")
        )

    def _gather_replies(self, facts):
        """When each customer last wrote: inside of 24 hours free text may be sent."""
        rows = (
            self.env["contact.event"]
            .sudo()
            ._read_group(
                [
                    ("kind", "=", "inbound"),
                    ("partner_id", "in", self.partner_id.ids),
                    ("occurred_at", ">", fields.Datetime.to_string(facts.now - timedelta(days=1))),
                ],
                ["partner_id", "gateway_id"],
                ["occurred_at:max"],
            )
        )
        for partner, gateway, instant in rows:
            facts.last_written[partner.id, gateway.id] = instant.replace(tzinfo=timezone.utc)
