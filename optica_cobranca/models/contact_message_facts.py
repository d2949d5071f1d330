from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL

from ..domain.contact_window import next_permitted
from ..domain.money import cents
from .contact_company import local_holidays, timezone_of
from .contact_values import OF_DEBT, Subject

# A contact counts for caps of seven local days; one more covers every time zone.
CAP_MEMORY = timedelta(days=8)
DUPLICATE_WITHIN = timedelta(hours=20)
# States in which a message has, or may have, reached the customer.
REACHED = ("sending", "uncertain", "sent", "delivered", "read")


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
    gateways: dict[tuple[int, str], object] = field(default_factory=dict)
    last_written: dict[tuple[int, int], datetime] = field(default_factory=dict)  # partner, gateway


class ContactMessage(models.Model):
    """The facts the gate asks for, gathered in sets: the number of queries does not grow."""

    _inherit = "contact.message"

    def _gather(self, now, claim_key=None):
        """Everything :meth:`_decide` needs about these messages.

        :param now: naive UTC
        :param claim_key: the worker's own key; rows that other keys claim are someone else's
        :rtype: Facts
        """
        facts = Facts(now=now.replace(tzinfo=timezone.utc))
        self._gather_debts(facts)
        self._gather_values(facts)
        self._gather_hours(facts)
        self._gather_contacts(facts, claim_key)
        self._gather_repeats(facts)
        facts.gateways = self.env["contact.gateway"]._usable(self.company_id)
        self._gather_addresses(facts)
        self._gather_replies(facts)
        return facts

    # ---------------------------------------------------------------- debt

    def _gather_debts(self, facts):
        concerned = self.filtered(lambda message: message._is_about_debt())
        lines_of = concerned._installment_ids()
        states = concerned._installment_states(lines_of, facts.now)
        for message in concerned:
            known = [(line_id, *states[line_id]) for line_id in lines_of[message.id] if line_id in states]
            unpaid = [(line_id, residual, held) for line_id, residual, held in known if residual > 0]
            free = [(line_id, residual) for line_id, residual, held in unpaid if not held]
            facts.debts[message.id] = Debt(
                open_ids=tuple(line_id for line_id, _residual in free),
                residual=sum((residual for _line_id, residual in free), Decimal(0)),
                is_held=bool(unpaid) and not free,
            )

    def _is_about_debt(self):
        used = self.template_id._placeholders_used("whatsapp") | self.template_id._placeholders_used("sms")
        return self.purpose == "collection" or bool(OF_DEBT & used)

    def _installment_ids(self):
        """Installments each message is about: of its notice, its contract, or all of the customer.

        :return: dict of message id -> list of account.move.line ids
        """
        found = defaultdict(list)
        found.update(self._installments_of_notices())
        moves, others = self._contracts_and_others()
        found.update(self._installments_by("move_id", moves))
        found.update(self._installments_by("partner_id", others))
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
    def _installments_by(self, column, keys_of_message):
        if not keys_of_message:
            return {}
        lines = defaultdict(list)
        query = SQL(
            """SELECT %(column)s, company_id, id FROM account_move_line
                WHERE %(column)s = ANY(%(keys)s) AND crediario_plan_id IS NOT NULL
                  AND parent_state = 'posted' AND amount_residual > 0""",
            column=SQL.identifier(column),
            keys=[key for keys in keys_of_message.values() for key in keys],
        )
        for key, company_id, line_id in self.env.execute_query(query):
            lines[key, company_id].append(line_id)
        return {
            message.id: [line for key in keys for line in lines[key, message.company_id.id]]
            for message, keys in keys_of_message.items()
        }

    def _installment_states(self, lines_of, now):
        """Residual and hold of installments.

        :return: dict of line id -> (residual in cents, whether a hold silences it)
        """
        states = {}
        for company, messages in self.grouped("company_id").items():
            ids = [line for message in messages for line in lines_of[message.id]]
            if not ids:
                continue
            today = now.astimezone(ZoneInfo(company.contact_timezone)).date()
            holds = self.env["dunning.evaluation"].sudo()._hold_queries(company, today)
            query = SQL(
                """
                WITH hold (partner_id, move_id, move_line_id, rank) AS (%(holds)s)
                SELECT line.id, line.amount_residual,
                       COALESCE(partner.dunning_excluded, false) OR EXISTS (
                           SELECT FROM hold
                            WHERE hold.partner_id = line.partner_id OR hold.move_id = line.move_id
                               OR hold.move_line_id = line.id)
                  FROM account_move_line line
                  JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE line.id = ANY(%(ids)s) AND line.parent_state = 'posted'
                """,
                holds=SQL(" UNION ALL ").join(holds),
                ids=ids,
            )
            for line_id, residual, held in self.env.execute_query(query):
                states[line_id] = cents(residual), held
        return states

    def _gather_values(self, facts):
        for company, messages in self.grouped("company_id").items():
            names = set()
            for template in messages.template_id:
                names.update(*(template._placeholders_used(channel) for channel in template._channels()))
            facts.values.update(
                self.env["contact.values"]._for_subjects(
                    [message._subject(facts.debts.get(message.id)) for message in messages],
                    names,
                    facts.now.astimezone(ZoneInfo(company.contact_timezone)).date(),
                )
            )

    def _subject(self, debt):
        return Subject(
            key=self.id,
            company_id=self.company_id.id,
            partner_id=self.partner_id.id,
            line_ids=debt.open_ids if debt else (),
            lang=self._lang(),
        )

    def _lang(self):
        """Language of the words around dates and amounts: the template's, if installed."""
        installed = dict(self.env["res.lang"].get_installed())
        wanted = (self.template_id.whatsapp_language, self.partner_id.lang)
        return next((code for code in wanted if code in installed), None)

    # --------------------------------------------------------------- hours

    def _gather_hours(self, facts):
        today: date = facts.now.date()
        years = range(today.year, today.year + 3)
        blocked = {
            company.id: company._contact_blocked_dates(years) for company in self.company_id
        }
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
        born = self.partner_id.birthdate
        return (born.month, born.day) if born and self.purpose != "relationship" else None

    # ------------------------------------------------------------ contacts

    def _gather_contacts(self, facts, claim_key):
        """Collection contacts of the last days, over all channels, companies and debts."""
        customers = self.partner_id.commercial_partner_id
        members = self.env.execute_query(
            SQL("SELECT id, commercial_partner_id FROM res_partner WHERE commercial_partner_id = ANY(%s)", customers.ids)
        )
        facts.families = dict(members)
        facts.contacts = defaultdict(list)
        query = SQL(
            """
            SELECT partner_id, state, COALESCE(sent_at, failed_at, claimed_at, scheduled_at)
              FROM contact_message
             WHERE purpose = 'collection' AND partner_id = ANY(%(partners)s) AND id <> ALL(%(own)s)
               AND (   (state = ANY(%(reached)s) OR (state = 'failed' AND reason = 'spared'))
                       AND COALESCE(sent_at, failed_at, claimed_at, scheduled_at) > %(since)s
                    OR state = 'queued' AND claim_key IS NOT NULL AND claim_key <> %(claim_key)s)
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
               AND message.author_id IS NULL AND EXISTS (
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

    def _gather_replies(self, facts):
        """When each customer last wrote: inside of 24 hours free text may be sent."""
        rows = self.env["contact.event"].sudo()._read_group(
            [
                ("kind", "=", "inbound"),
                ("partner_id", "in", self.partner_id.ids),
                ("occurred_at", ">", fields.Datetime.to_string(facts.now - timedelta(days=1))),
            ],
            ["partner_id", "gateway_id"],
            ["occurred_at:max"],
        )
        for partner, gateway, instant in rows:
            facts.last_written[partner.id, gateway.id] = instant.replace(tzinfo=timezone.utc)
