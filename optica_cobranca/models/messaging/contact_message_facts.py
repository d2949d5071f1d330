from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ...domain.ladder.ladder import due_or_next
from ...domain.messaging.contact_window import next_permitted
from ...domain.shop import clock
from ...domain.shop.money import cents
from ...tools.ladder.dunning_query import held_by_document, held_by_itself
from ..shop.res_company import timezone_of
from .placeholder_values import OF_DEBT, Subject
from .res_company import local_holidays

# A contact counts for caps of seven local days; one more covers every time zone.
CAP_MEMORY = timedelta(days=8)
DUPLICATE_WITHIN = timedelta(hours=20)
# States in which a message has, or may have, reached the customer.
REACHED = ("sending", "uncertain", "paced", "sent", "delivered", "read")


@dataclass
class Facts:
    """What a batch of messages needs to know, each kind looked up once for all of them.

    Instants are aware UTC. Keys are ids of messages unless said otherwise.
    """

    now: datetime
    debts: dict[int, "Debt"] = field(default_factory=dict)
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


@dataclass
class Debt:
    """What of a message's debt is still to be collected.

    :param open_ids: open installments that nothing holds
    :param residual: their residual, BRL
    :param is_held: something is open, and all of it is held
    """

    open_ids: tuple[int, ...] = ()
    residual: Decimal = Decimal(0)
    is_held: bool = False


def _is_call():
    """A collection call that made a telephone ring, or may have."""
    return SQL(
        """(call.channel = 'voice' AND call.purpose = 'collection' AND (call.state = ANY(%s)
            OR call.state = 'failed' AND call.reason = 'not_answered'))""",
        list(REACHED),
    )


# WhatsApp takes about one message in six seconds to one number (error 131056 beyond).
PAIR_PACE = timedelta(seconds=6)


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
        facts = Facts(now=clock.aware(now))
        self._gather_debts(facts)
        self._gather_values(facts)
        self._gather_hours(facts)
        self._gather_contacts(facts, claim_key)
        self._gather_calls(facts)
        self._gather_repeats(facts)
        facts.gateways = self.env["contact.gateway"]._usable(self.company_id)
        self._gather_addresses(facts)
        self._gather_replies(facts)
        facts.twins = self._gather_twins(facts)
        self.filtered("fallback_of_id")._gather_chains(facts)
        facts.last_to = self._gather_last_to(facts)
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
            since=clock.stored(facts.now) - CAP_MEMORY,
            claim_key=claim_key or 0,
        )
        for partner_id, state, instant in self.env.execute_query(query):
            customer = facts.families[partner_id]
            if state == "queued":
                facts.being_decided.add(customer)
            else:
                facts.contacts[customer].append(clock.aware(instant))

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
                    ("says_nothing", "=", False),
                    ("partner_id", "in", self.partner_id.ids),
                    ("occurred_at", ">", fields.Datetime.to_string(facts.now - timedelta(days=1))),
                ],
                ["partner_id", "gateway_id"],
                ["occurred_at:max"],
            )
        )
        for partner, gateway, instant in rows:
            facts.last_written[partner.id, gateway.id] = clock.aware(instant)

    # ---- What messages are about: the installments, what is open of them, and the words for it

    def _gather_debts(self, facts):
        concerned = self.filtered(lambda message: message._is_about_debt())
        lines_of = concerned._installment_ids(facts.now)
        states = concerned._installment_states(lines_of, facts.now)
        for message in concerned:
            facts.debts[message.id] = self._debt_of(lines_of[message.id], states)

    @api.model
    def _debt_of(self, line_ids, states):
        known = [(line_id, *states[line_id]) for line_id in line_ids if line_id in states]
        unpaid = [(line_id, residual, held) for line_id, residual, held in known if residual > 0]
        free = [(line_id, residual) for line_id, residual, held in unpaid if not held]
        return Debt(
            open_ids=tuple(line_id for line_id, _residual in free),
            residual=sum((residual for _line_id, residual in free), Decimal(0)),
            is_held=bool(unpaid) and not free,
        )

    def _is_about_debt(self):
        """Answers are about what the customer asked, whatever that is."""
        if not self.template_id:
            return False
        used = self.template_id._placeholders_used(
            "whatsapp"
        ) | self.template_id._placeholders_used("sms")
        return self.purpose == "collection" or bool(OF_DEBT & used)

    def _installment_ids(self, now=None):
        """Installments each message is about: of its notice, its contract, or the customer's.

        :param now: aware instant at which a customer is asked for what is due, else what comes
            next; without it, and in messages that ask for nothing, all of the customer's count
        :return: dict of message id -> list of account.move.line ids
        """
        found = defaultdict(list)
        found.update(self._installments_of_notices())
        moves, others = self._contracts_and_others()
        found.update(self._installments_by("move_id", moves, now))
        found.update(self._installments_by("partner_id", others, now))
        return found

    def _installments_of_notices(self):
        messages = self.filtered("notice_id")
        if not messages:
            return {}
        lines = defaultdict(list)
        query = SQL(
            "SELECT notice_id, move_line_id FROM dunning_notice_line WHERE notice_id = ANY(%s)",
            messages.notice_id.ids,
        )
        for notice_id, line_id in self.env.execute_query(query):
            lines[notice_id].append(line_id)
        return {message.id: lines[message.notice_id.id] for message in messages}

    def _contracts_and_others(self):
        """Messages about contracts with their moves' ids, and those about the whole customer."""
        moves, others = {}, {}
        for message in self.filtered(lambda message: not message.notice_id):
            if message.res_model == "account.move":
                moves[message] = [message.res_id]
            elif message.res_model == "sale.order":
                order = self.env["sale.order"].sudo().browse(message.res_id).exists()
                moves[message] = order.invoice_ids.ids
            else:
                others[message] = message.partner_id.commercial_partner_id.ids
        return moves, others

    @api.model
    def _installments_by(self, column, keys_of_message, now=None):
        if not keys_of_message:
            return {}
        lines = defaultdict(dict)
        query = SQL(
            """SELECT %(column)s, company_id, id, date_maturity FROM account_move_line
                WHERE %(column)s = ANY(%(keys)s) AND crediario_plan_id IS NOT NULL
                  AND parent_state = 'posted' AND amount_residual > 0""",
            column=SQL.identifier(column),
            keys=[key for keys in keys_of_message.values() for key in keys],
        )
        for key, company_id, line_id, due in self.env.execute_query(query):
            lines[key, company_id][line_id] = due
        return {
            message.id: [
                line
                for key in keys
                for line in message._asked_for(lines[key, message.company_id.id], now)
            ]
            for message, keys in keys_of_message.items()
        }

    def _asked_for(self, dues, now):
        """Of a customer's open installments (id: due date) those that this message is about."""
        if not now or self.purpose != "collection":
            return list(dues)
        return due_or_next(dues, self.company_id._local_day(now))

    def _installment_states(self, lines_of, now, ignored=()):
        """Residual and hold of installments.

        :param ignored: ranks of holds that do not count for these messages
        :return: dict of line id -> (residual in cents, whether a hold silences it)
        """
        states = {}
        for company, messages in self.grouped("company_id").items():
            ids = [line for message in messages for line in lines_of[message.id]]
            if not ids:
                continue
            today = company._local_day(now)
            evaluation = self.env["dunning.evaluation"].sudo()
            query = SQL(
                """
                WITH hold (partner_id, move_id, move_line_id, rank) AS (%(holds)s)
                SELECT line.id, line.amount_residual,
                       LEAST(%(document)s, %(itself)s) IS NOT NULL OR %(awaited)s OR EXISTS (
                           SELECT FROM hold
                            WHERE hold.rank <> ALL(%(ignored)s) AND (
                                  hold.partner_id = line.partner_id OR hold.move_id = line.move_id
                               OR hold.move_line_id = line.id))
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                  JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE line.id = ANY(%(ids)s) AND line.parent_state = 'posted'
                """,
                holds=SQL(" UNION ALL ").join(evaluation._hold_queries(company, today)),
                document=held_by_document(SQL("move")),
                itself=held_by_itself(
                    days=SQL("%s::date - line.date_maturity", today),
                    no_followup=SQL("line.no_followup"),
                    is_invoice=SQL("move.move_type = 'out_invoice'"),
                    excluded=SQL("partner.dunning_excluded"),
                ),
                awaited=messages._awaited(evaluation, company, today),
                ids=ids,
                ignored=list(ignored),
            )
            for line_id, residual, held in self.env.execute_query(query):
                states[line_id] = cents(residual), held
        return states

    def _awaited(self, evaluation, company, today):
        """Condition on ``line``: its level waits for glasses, and they are not delivered again."""
        waiting = self.env.execute_query(
            SQL(
                """SELECT DISTINCT mention.move_line_id FROM dunning_notice_line mention
                     JOIN dunning_level level ON level.id = mention.level_id
                    WHERE level.only_delivered AND mention.notice_id = ANY(%s)""",
                self.notice_id.ids,
            )
        )
        undelivered = evaluation._undelivered_queries(company, today) if waiting else []
        if not undelivered:
            return SQL("FALSE")
        return SQL(
            "(line.id = ANY(%s) AND line.move_id IN (SELECT move_id FROM (%s) AS u (move_id)))",
            [line_id for (line_id,) in waiting],
            SQL(" UNION ALL ").join(undelivered),
        )

    def _gather_values(self, facts):
        for company, messages in self.grouped("company_id").items():
            names = set()
            for template in messages.template_id:
                names.update(
                    *(template._placeholders_used(channel) for channel in template._channels())
                )
            facts.values.update(
                self.env["contact.placeholder.values"]._for_subjects(
                    [
                        message._subject(facts.debts.get(message.id), facts.now)
                        for message in messages
                    ],
                    names,
                    company._local_day(facts.now),
                )
            )

    def _subject(self, debt, now):
        """:param now: aware; the hour on the customer's clock is that of the greeting"""
        zone = timezone_of(self.partner_id.state_id, self.company_id.contact_timezone)
        return Subject(
            key=self.id,
            company_id=self.company_id.id,
            partner_id=self.partner_id.id,
            line_ids=debt.open_ids if debt else (),
            lang=self._lang(),
            stop_link=self._stop_link(),
            res_model=self.res_model or None,
            res_id=self.res_id or None,
            hour=clock.local(now, zone).hour,
            leaves=bool(self._origin.id),
        )

    def _lang(self):
        """Language of the words around dates and amounts: the template's, if installed."""
        installed = dict(self.env["res.lang"].get_installed())
        wanted = (self.template_id.whatsapp_language, self.partner_id.lang)
        return next((code for code in wanted if code in installed), None)

    # ---- Calls have limits of their own: one a day, three for each level of an installment

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
            since=clock.stored(facts.now) - CAP_MEMORY,
        )
        for partner_id, instant in self.env.execute_query(query):
            customer = facts.families[partner_id]
            facts.calls[customer].append(clock.aware(instant))

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

    # ---- A moment between two WhatsApp messages to one customer, from whatever queue they come

    def _gather_last_to(self, facts):
        """Aware UTC instant of the last WhatsApp message to each customer, of this moment only."""
        query = SQL(
            """SELECT partner_id, max(COALESCE(sent_at, claimed_at)) FROM contact_message
                WHERE partner_id = ANY(%s) AND channel = 'whatsapp' AND NOT by_hand
                  AND state = ANY(%s) AND COALESCE(sent_at, claimed_at) > %s
             GROUP BY partner_id""",
            self.partner_id.ids,
            list(REACHED),
            clock.stored(facts.now) - PAIR_PACE,
        )
        rows = self.env.execute_query(query)
        return {partner_id: clock.aware(instant) for partner_id, instant in rows}
