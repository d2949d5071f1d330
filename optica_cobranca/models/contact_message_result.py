import json
import logging
import random
from concurrent.futures import wait
from datetime import timedelta
from functools import partial

from odoo import fields, models
from odoo.tools import SQL

from ..clients.base import ACCEPTED, UNCERTAIN
from ..domain import message_states
from ..domain.message_states import FailureClass
from .contact_event_rows import naive_utc
from .contact_sender import STOPPING

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
        self._advance(row, "sent", None)
        row["provider_id"] = row["provider_id"] or result.provider_id
        row["wa_id"] = row["wa_id"] or result.wa_id
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

    def _after_event(self, row, event, now):
        """Change ``row`` (the values of a message) by one event."""
        instant = naive_utc(event.occurred_at) or now
        failed = event.state == "failed"
        if self._advance(row, event.state, _reason_of(event.failure) if failed else None):
            row["claim_key"] = None
        for name in message_states.implied(event.state):
            column = INSTANT_OF[name]
            # An implied instant is the latest possible one; the earliest known one is right.
            row[column] = min(row[column] or instant, instant)
        if failed:
            row["failed_at"] = row["failed_at"] or instant
            row.update(error_code=event.code, error_detail=event.detail or None)
        row["provider_id"] = row["provider_id"] or event.provider_id
        row["wa_id"] = row["wa_id"] or event.wa_id
        if event.category and event.category != row["category"]:
            row.update(category=event.category, cost=None)

    # ------------------------------------------------------------- helpers

    def _lock_states(self, ids):
        """The rows' values as they are now, locked until the transaction ends, in order of id."""
        self.flush_model()
        query = SQL(
            """SELECT id, state, reason, claim_key, scheduled_at, attempts, provider_id, wa_id,
                      category, cost, sent_at, delivered_at, read_at, failed_at, error_code,
                      error_detail, channel, gateway_id, template_id, res_model, res_id, EXISTS (
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
                   cost = new.cost,
                   sent_at = new.sent_at, delivered_at = new.delivered_at, read_at = new.read_at,
                   failed_at = new.failed_at, error_code = new.error_code,
                   error_detail = new.error_detail, fallback_at = new.fallback_at,
                   write_date = %(now)s
              FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (
                   id integer, state varchar, reason varchar, claim_key integer,
                   scheduled_at timestamp, fallback_at timestamp, attempts integer,
                   provider_id varchar, wa_id varchar, category varchar, cost numeric,
                   sent_at timestamp, delivered_at timestamp, read_at timestamp,
                   failed_at timestamp, error_code varchar, error_detail varchar)
             WHERE message.id = new.id
            """,
            now=now,
            rows=json.dumps(rows, default=str),
        )
        self.env.cr.execute(query)
        self.invalidate_model()


def _reason_of(failure):
    return REASON_OF_FAILURE.get(failure, "provider")
