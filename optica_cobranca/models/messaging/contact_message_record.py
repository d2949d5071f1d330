import json
import logging
import random
from collections import defaultdict
from concurrent.futures import wait
from datetime import date, timedelta
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, LazyTranslate

from ...clients.base import ACCEPTED, UNCERTAIN
from ...clients.gateway_sender import STOPPING
from ...clients.http.untrusted import key_within
from ...domain.messaging import message_states
from ...domain.messaging.message_price import (
    Category,
    as_of,
    is_charged,
    is_free,
    months_free,
    price_for,
    units,
)
from ...domain.messaging.message_states import FailureClass
from ...domain.messaging.opt_out import Wish
from ...domain.shop import clock
from ...tools.messaging.contact_event_rows import LONGEST_KEY
from .contact_template import CATEGORIES

_logger = logging.getLogger(__name__)
REASON_OF_FAILURE = {
    FailureClass.RETRY: "gave_up",
    FailureClass.RETRY_RECIPIENT_LATER: "gave_up",
    FailureClass.PAUSE_SENDER: "gateway_off",
    FailureClass.AUTH: "gateway_off",
    FailureClass.WAIT_A_DAY: "spared",
    FailureClass.STOP_RECIPIENT: "unreachable",
    FailureClass.NOT_ANSWERED: "not_answered",
    FailureClass.NEEDS_TEMPLATE: "template",
    FailureClass.FIX_TEMPLATE: "template",
    FailureClass.FIX_REQUEST: "provider",
}
# Untried messages of a gateway that cannot even be asked come back after this.
UNTRIED_RETRY = timedelta(minutes=30)
STORM_RETRY = timedelta(minutes=1)
INSTANT_OF = {"sent": "sent_at", "delivered": "delivered_at", "read": "read_at"}


def _reason_of(failure):
    return REASON_OF_FAILURE.get(failure, "provider")


_lt = LazyTranslate(__name__)
# Meta's further words for what it charges, besides those that the table has prices for.
FURTHER_CATEGORIES = {
    "authentication": _lt("One-Time Code"),
    "authentication_international": _lt("One-Time Code, Abroad"),
    "referral_conversion": _lt("After an Advertisement"),
}


def _known(category):
    """The provider's word for a category, if the table may hold prices by it."""
    name = (category or "").lower()
    # Meta's free-form answers and one-time codes are priced like service and utility.
    name = {"authentication": Category.UTILITY}.get(name, name)
    return str(name) if name in {str(known) for known in Category} else None


def category_in_words(env, category):
    """The provider's word for a category as users read it; one that nobody knows, as it is."""
    word = (category or "").lower()
    if word in dict(CATEGORIES):
        names = env["contact.price"]._fields["category"]._description_selection(env)
        return dict(names)[word]
    if word in FURTHER_CATEGORIES:
        return env._(FURTHER_CATEGORIES[word])
    return word.replace("_", " ").capitalize() or False


class ContactMessage(models.Model):
    """Writes what became of messages: answers of providers now, their events later.

    Both may come in any order and at the same time. Each takes the rows' locks, asks
    :func:`message_states.advance`, and writes one statement.
    """

    _inherit = "contact.message"

    def _record(self, flying, work):
        """Write the outcomes of these futures; commits. Waits for those not done yet."""
        if not flying:
            return
        wait(flying)
        outcomes = [future.result() for future in flying]
        try:
            self._persist(lambda: self._record_once(outcomes, work.counts))
        except Exception:
            _logger.exception("Outcomes of %s messages are written one by one", len(outcomes))
            self._record_one_by_one(outcomes, work.counts)
        work.flying.difference_update(flying)
        self._trip_gateways(work)

    def _record_one_by_one(self, outcomes, counts):
        for outcome in outcomes:
            try:
                self._persist(lambda outcome=outcome: self._record_once([outcome], counts))
            except Exception:
                _logger.exception("Outcome of message %s is lost: %s", outcome.message_id, outcome)

    def _record_once(self, outcomes, counts):
        results = {outcome.message_id: outcome.result for outcome in outcomes}
        stopped = {outcome.message_id: outcome.stopped_by for outcome in outcomes}
        now = fields.Datetime.now()
        rows = self._lock_states(results)
        for row in rows:
            row["stopped_by"] = stopped[row["id"]]
        kinds = [self._after_answer(row, results[row["id"]], now) for row in rows]
        for row in rows:
            del row["stopped_by"]
        self._write_states(rows, now)
        accepted = [
            result.provider_id for result in results.values() if result and result.provider_id
        ]
        self.env["contact.event"]._apply_early_events(accepted)
        self._heed_refusals(
            {row["id"]: row["error_code"] for row in rows if row["state"] == "failed"}
        )
        counts.update(kinds)

    def _after_answer(self, row, result, now):
        """Change ``row`` (the values of a message) by the provider's answer to it.

        :return: what it counts as
        """
        row["claim_key"] = None
        if result is None or result.failure in STOPPING:
            return self._put_back(row, now)
        if result.status == ACCEPTED:
            return self._accepted(row, result, now)
        row.update(error_code=result.code, error_detail=result.detail or None)
        if result.status == UNCERTAIN:
            self._advance(row, "uncertain", "no_answer")
            return "uncertain"
        if row["state"] == "sending" and message_states.may_retry(result.failure, row["attempts"]):
            delay = message_states.backoff(row["attempts"], random)
            delay = max(delay, timedelta(seconds=result.retry_after or 0))
            row.update(state="queued", reason="retry", scheduled_at=now + delay)
            return "retried"
        if self._advance(row, "failed", _reason_of(result.failure)):
            row["failed_at"] = now
        return "failed"

    def _accepted(self, row, result, now):
        self._advance(row, "paced" if result.is_held else "sent", None)
        row["provider_id"] = row["provider_id"] or key_within(result.provider_id, LONGEST_KEY)
        row["wa_id"] = row["wa_id"] or key_within(result.wa_id, LONGEST_KEY)
        if not result.is_held:
            # An event that was faster than the answer knew the instant better.
            row["sent_at"] = row["sent_at"] or now
        row.update(error_code=None, error_detail=result.detail or None)
        return "accepted"

    def _put_back(self, row, now):
        """Not tried, because the gateway stopped: it waits for it and the try does not count."""
        if row["state"] == "sending":
            storm = row["stopped_by"] and row["stopped_by"].failure not in STOPPING
            delay = STORM_RETRY if storm else UNTRIED_RETRY
            row.update(state="queued", reason="gateway_off", scheduled_at=now + delay)
            row["attempts"] = max(0, row["attempts"] - 1)
        return "postponed"

    def _advance(self, row, event, reason):
        """Move the row's state if ``event`` moves it; True when it did."""
        state = message_states.advance(row["state"], event)
        if state == row["state"]:
            return False
        row.update(state=state, reason=reason)
        return True

    def _trip_gateways(self, work):
        """Pause the gateways whose account was refused; its own transaction, after the results."""
        for gateway_id, sender in work.senders.items():
            stopped = sender.stopped_by
            gateway = self.env["contact.gateway"].browse(gateway_id)
            if stopped and gateway.is_paused:
                continue
            if stopped:
                trip = gateway._trip if stopped.failure in STOPPING else gateway._wait_out
                failure = stopped.failure or FailureClass.RETRY
                self._persist(partial(trip, failure, stopped.code, stopped.detail))
            elif sender.is_proven and gateway.storms:
                self._persist(gateway._storm_is_over)

    # -------------------------------------------------------------- events

    def _apply_news(self, news):
        """Bring messages forward by events of their provider.

        :param news: list of (message id, :class:`DeliveryEvent`), in order of arrival
        """
        if not news:
            return
        now = fields.Datetime.now()
        rows = {row["id"]: row for row in self._lock_states({message_id for message_id, _ in news})}
        for message_id, event in news:
            if message_id in rows:
                self._after_event(rows[message_id], event, now)
        self._write_states(list(rows.values()), now)
        self._after_news(list(rows.values()))
        self._heed_refusals(
            {
                message_id: event.code
                for message_id, event in news
                if event.state == "failed" and message_id in rows
            }
        )

    def _after_event(self, row, event, now):
        """Change ``row`` (the values of a message) by one event."""
        instant = clock.stored(event.occurred_at) or now
        failed = event.state == "failed"
        uncertain = event.state == "uncertain"
        reason = _reason_of(event.failure) if failed else ("no_answer" if uncertain else None)
        was = row["state"]
        if self._advance(row, event.state, reason):
            row["claim_key"] = None
            if was == "failed" or failed:
                row["cost"] = None  # whether it is charged has changed
            if uncertain:
                row.update(error_code=event.code, error_detail=event.detail or None)
        for name in message_states.implied(event.state):
            column = INSTANT_OF[name]
            # An implied instant is the latest possible one; the earliest known one is right.
            row[column] = min(row[column] or instant, instant)
        if failed:
            row["failed_at"] = row["failed_at"] or instant
            row.update(error_code=event.code, error_detail=event.detail or None)
        row["provider_id"] = row["provider_id"] or event.provider_id
        row["wa_id"] = row["wa_id"] or event.wa_id
        told = {"category": event.category, "charge": event.charge}
        for name, word in told.items():
            if word and word != row[name]:
                row.update({name: word, "cost": None})

    @api.model
    def _heed_refusals(self, codes):
        """A refusal may tell what the customer asked the provider for: that is written down.

        :param codes: dict of message id -> the provider's error code
        """
        messages = self.browse(message_id for message_id, code in codes.items() if code)
        for message in messages:
            provider = message.gateway_id._provider()
            wish = provider.wish_of_code.get(codes[message.id]) if provider else None
            if wish:
                consents = self.env["contact.consent"].sudo().with_company(message.company_id)
                proof = f"{codes[message.id]} {message.error_detail or ''}".strip()
                consents._heed(
                    message.partner_id,
                    message.channel,
                    Wish(wish),
                    "provider",
                    proof=proof,
                    message_id=message.id,
                )

    # ------------------------------------------------------------- helpers

    def _lock_states(self, ids):
        """The rows' values as they are now, locked until the transaction ends, in order of id."""
        self.flush_model()
        query = SQL(
            """SELECT id, state, reason, claim_key, scheduled_at, attempts, provider_id, wa_id,
                      category, charge, cost, cost_estimate, sent_at, delivered_at, read_at,
                      failed_at, error_code, error_detail, channel, gateway_id, template_id,
                      res_model, res_id, EXISTS (
                          SELECT FROM contact_message later
                           WHERE later.fallback_of_id = message.id) AS has_fallback
                 FROM contact_message message WHERE id = ANY(%s) ORDER BY id
                  FOR NO KEY UPDATE OF message""",
            list(ids),
        )
        return self._run_racing(query)

    def _write_states(self, rows, now):
        """Write whole rows, as :meth:`_lock_states` gave them and changed since, at once."""
        if not rows:
            return
        self._set_costs(rows)
        self._set_clocks(rows)
        query = SQL(
            """
            UPDATE contact_message message
               SET state = new.state, reason = new.reason, claim_key = new.claim_key,
                   scheduled_at = new.scheduled_at, attempts = new.attempts,
                   provider_id = new.provider_id, wa_id = new.wa_id, category = new.category,
                   charge = new.charge, cost = new.cost, cost_estimate = new.cost_estimate,
                   sent_at = new.sent_at, delivered_at = new.delivered_at, read_at = new.read_at,
                   failed_at = new.failed_at, error_code = new.error_code,
                   error_detail = new.error_detail, fallback_at = new.fallback_at,
                   write_date = %(now)s
              FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (
                   id integer, state varchar, reason varchar, claim_key integer,
                   scheduled_at timestamp, fallback_at timestamp, attempts integer,
                   provider_id varchar, wa_id varchar, category varchar, charge varchar,
                   cost numeric, cost_estimate numeric,
                   sent_at timestamp, delivered_at timestamp, read_at timestamp,
                   failed_at timestamp, error_code varchar, error_detail varchar)
             WHERE message.id = new.id
            """,
            now=now,
            rows=json.dumps(rows, default=str),
        )
        self.env.cr.execute(query)
        self.invalidate_model()

    # ---- What each message cost, by the shop's table of prices on the day it left

    currency_id = fields.Many2one(related="company_id.currency_id")
    cost = fields.Monetary(
        readonly=True,
        copy=False,
        groups="optica_cobranca.group_manager",
        help="By the table of prices of the day, in the category that the provider charged, else "
        "in that of the template; 0 when the provider said that it is free, or did not deliver "
        "it. Empty: it did not leave, or the table has no price for it.",
    )
    cost_estimate = fields.Monetary(
        "Estimated Cost",
        readonly=True,
        copy=False,
        groups="optica_cobranca.group_manager",
        help="What the table of prices said when it left, before the provider told its category. "
        "Never changed afterwards: compare it with the cost and with the provider's bill.",
    )

    priced_as = fields.Char(
        "Priced as", compute="_compute_priced_as", help="The category the provider charged it in."
    )

    @api.depends("category")
    @api.depends_context("lang")
    def _compute_priced_as(self):
        for message in self:
            message.priced_as = category_in_words(self.env, message.category)

    def _set_costs(self, rows):
        """Set the cost in rows whose message has left and that have none yet.

        :param rows: values of messages, as :meth:`_lock_states` gives them; ``cost`` None asks
            for a price
        """
        unpriced = [row for row in rows if row["cost"] is None and row["sent_at"]]
        new = [row for row in unpriced if row["cost_estimate"] is None]
        estimates = self._cost_of({row["id"]: (None, row["sent_at"]) for row in new})
        for row in new:
            row["cost_estimate"] = estimates.get(row["id"])
        charged = {
            row["id"]: (row["category"], row["sent_at"])
            for row in unpriced
            if is_charged(row["state"], row["channel"]) and not is_free(row["charge"])
        }
        costs = self._cost_of(charged)
        for row in unpriced:
            row["cost"] = costs.get(row["id"]) if row["id"] in charged else 0.0

    def _cost_of(self, told):
        """What messages cost, unrounded, in their companies' currencies.

        :param told: dict of message id -> (category the provider named, or None; instant at which
            it was sent, naive UTC, or None)
        :return: dict of message id -> float; those without a price are left
            out
        """
        prices = self.env["contact.price"]._lines_ever()
        found = {}
        for message in self.browse(told):
            category, sent_at = told[message.id]
            day = message._charged_on(sent_at)
            price = price_for(
                # A price that was changed since is none of this message's.
                as_of(prices, sent_at or message.sent_at or fields.Datetime.now()),
                day,
                channel=message.channel,
                provider=message.gateway_id.provider or None,
                category=_known(category) or message._expected_category(),
                company=message.company_id.id,
            )
            if price:
                found[message] = price, day, sent_at
        free = self._within_the_months_free(found)
        return {
            message.id: 0.0
            if message.id in free
            else message._in_own_currency(
                float(price.amount) * units(message.channel, message.body or ""),
                price.currency,
                day,
            )
            for message, (price, day, _sent_at) in found.items()
        }

    def _expected_category(self):
        """As what the provider will charge it, before it says so: free words are *service*."""
        by_template = bool(self.template_id.whatsapp_template_name)
        if self.gateway_id.provider == "whatsapp_cloud" and not by_template:
            return str(Category.SERVICE)
        return self.template_id.category or None

    def _within_the_months_free(self, found):
        """Ids of those that are among the first of their number and month, which cost nothing.

        :param found: dict of message -> (price, day, instant at which it was sent)
        """
        groups = defaultdict(list)
        for message, (price, day, sent_at) in found.items():
            if price.free_a_month and price.category and sent_at:
                key = (message.gateway_id, price, day.replace(day=1))
                groups[key].append((sent_at, message.id))
        free = set()
        for (gateway, price, month), moments in groups.items():
            already = self._of_the_month(gateway, price, month, [key for _at, key in moments])
            free |= months_free(already, moments, price.free_a_month)
        return free

    @api.model
    def _of_the_month(self, gateway, price, month, but):
        """(instant, id) of the first messages of a sending number that were charged in a month.

        The month is the company's: Meta counts in the account's own time zone, which a shop sets
        to the same.
        """
        company = gateway.company_id
        begin = company._start_of_day(month)
        end = company._start_of_day(month + relativedelta(months=1))
        number = gateway.phone_number_id
        same = gateway._siblings().filtered(lambda one: number and one.phone_number_id == number)
        query = SQL(
            """SELECT message.sent_at, message.id FROM contact_message message
            LEFT JOIN contact_template template ON template.id = message.template_id
                WHERE message.gateway_id = ANY(%(gateways)s) AND message.id <> ALL(%(but)s)
                  AND message.sent_at >= %(begin)s AND message.sent_at < %(end)s
                  AND message.state IN ('sent', 'delivered', 'read')
                  AND message.charge IS DISTINCT FROM 'free_entry_point'
                  AND COALESCE(lower(message.category),
                               CASE WHEN COALESCE(template.whatsapp_template_name, '') = ''
                                    THEN 'service' ELSE template.category END) = %(category)s
             ORDER BY message.sent_at, message.id LIMIT %(limit)s""",
            gateways=(same | gateway).ids,
            but=but,
            begin=begin,
            end=end,
            category=price.category,
            limit=price.free_a_month,
        )
        return self.env.execute_query(query)

    def _charged_on(self, sent_at) -> date:
        instant = sent_at or self.sent_at or self.claimed_at or fields.Datetime.now()
        return self.company_id._local_day(instant)

    def _in_own_currency(self, amount, currency_id, day):
        """Fractions of a cent are kept: a thousand messages of 0.034 cost 34.00."""
        own = self.company_id.currency_id
        if currency_id == own.id:
            return round(amount, 6)
        currency = self.env["res.currency"].browse(currency_id)
        return currency._convert(amount, own, self.company_id, day, round=False)
