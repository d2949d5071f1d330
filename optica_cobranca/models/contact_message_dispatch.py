import json
import logging
import time
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..clients.base import FAILED, ClientError, SendResult
from ..clients.provider import BY_HAND, CLIENT, ODOO
from ..domain.gate import Action
from ..domain.message_states import FailureClass
from .contact_message_pace import PAIR_PACE
from .contact_sender import Job, Refused, Sender

_logger = logging.getLogger(__name__)

# As many as a gateway sends at once: a worker that dies leaves at most two batches uncertain.
BATCH = 32
# A message sent by hand is asked again at the gate this often while it waits for a clerk.
BY_HAND_RECHECK = timedelta(minutes=15)
# How long the cron claims; what is on its way then still gets its answers.
CRON_SECONDS = 45.0
# What becomes of a message that may leave, by the way in which its provider's messages leave.
COUNTED_AS = {CLIENT: "sending", BY_HAND: "by_hand", ODOO: "handed_over"}


@dataclass
class Pass:
    """One pass of the dispatcher: its claim, its senders, what it did.

    :param key: the worker's claim key
    :param left: how many messages may still be claimed
    :param until: monotonic instant after which nothing more is claimed
    """

    key: int
    left: float
    until: float
    senders: dict[int, Sender | Refused] = field(default_factory=dict)
    flying: list[Future] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    paced: int = 0

    def is_over(self):
        return self.left <= 0 or time.monotonic() >= self.until


class ContactMessage(models.Model):
    """The dispatcher: claim, commit, ask the gate, commit, send, record, commit.

    While the threads send one batch, the next one is prepared. A row is ``sending`` in the
    database before its first byte leaves.
    """

    _inherit = "contact.message"

    @api.model
    def _cron_dispatch(self):
        """One pass, short enough for a worker's time limit; Odoo calls again while work remains."""
        counts = self._dispatch(until=time.monotonic() + CRON_SECONDS)
        self.env["ir.cron"]._commit_progress(
            processed=counts["claimed"], remaining=self._due_count() if counts["claimed"] else 0
        )

    @api.model
    def _dispatch(self, limit=None, until=None):
        """Send what is due. Commits, many times; must not be called with work half done.

        :param limit: at most this many messages are looked at
        :param until: value of ``time.monotonic()`` after which no more are claimed
        :return: Counter of ``claimed``, ``accepted``, ``failed``, ``uncertain``, ``cancelled``,
            ``postponed``, ``by_hand``, ``handed_over`` (to a queue of Odoo's), ``retried``,
            ``interrupted``
        """
        self.env.cr.commit()
        # The outbox belongs to nobody: users only read it. The whole pass runs as the system.
        outbox = self.sudo().with_context(active_test=False)
        with outbox._working() as key:
            work = Pass(
                key,
                left=float("inf") if limit is None else limit,
                until=float("inf") if until is None else until,
            )
            work.counts["interrupted"] = outbox._release_dead_claims()
            outbox._take_over()
            try:
                outbox._run_pass(work)
            finally:
                for sender in work.senders.values():
                    sender.close()
        sandboxes = outbox.env["contact.gateway"].search(
            [("provider", "=", "sandbox"), ("state", "!=", "disabled")]
        )
        outbox._persist(lambda: outbox.env["contact.event"]._play_sandbox(sandboxes))
        return work.counts

    def _run_pass(self, work):
        """Keep one batch in flight while the next is prepared; nothing sent goes unrecorded."""
        try:
            while True:
                flying = list(work.flying)
                batch = (
                    None if work.is_over() else self._claim(work.key, int(min(BATCH, work.left)))
                )
                if batch:
                    self._start(batch, work)
                self._record(flying, work)
                # What failed just now may have a channel left: it is queued, and claimed next.
                if not batch and (work.is_over() or not self._more_comes(work)):
                    break
        finally:
            # An error in between must not lose the answers of messages that did leave.
            if work.flying:
                self.env.cr.rollback()
                self._record(list(work.flying), work)

    def _more_comes(self, work):
        """Whether something can be claimed though the queue was empty a moment ago."""
        if work.paced:
            work.paced = 0
            time.sleep(PAIR_PACE.total_seconds())
            return True
        return bool(self._take_over())

    def _start(self, batch, work):
        """Decide about claimed messages and give those that leave to the threads."""
        work.left -= len(batch)
        work.counts["claimed"] += len(batch)
        verdicts = self._persist(lambda: batch._judge(work.key))
        work.counts.update(verdict.counted_as for verdict in verdicts)
        work.paced += sum(verdict.reason == "pace" for verdict in verdicts)
        leaving = [verdict for verdict in verdicts if verdict.counted_as == "sending"]
        for gateway in {verdict.gateway for verdict in leaving}:
            self._prepare_sender(gateway, work)
        for verdict in leaving:
            job = Job(verdict.message.id, verdict.outgoing)
            work.flying.append(work.senders[verdict.gateway.id].submit(job))
        handed_over = [v.message.id for v in verdicts if v.counted_as == "handed_over"]
        if handed_over:
            self.browse(handed_over)._send_handed_over()

    def _judge(self, key):
        """Ask the gate and write what it said; one transaction, repeatable.

        :return: the verdicts that were written; a row that a person, a reply or a payment took
            out of the queue meanwhile is left alone
        """
        self.invalidate_recordset()
        batch = self.filtered(
            lambda message: message.state == "queued" and message.claim_key == key
        )
        now = fields.Datetime.now()
        verdicts = batch._decide(batch._gather(now, key)) if batch else []
        for verdict in verdicts:
            verdict.counted_as = self._outcome_of(verdict)
        written = self._write_verdicts(verdicts, key, now)
        return [verdict for verdict in verdicts if verdict.message.id in written]

    def _outcome_of(self, verdict):
        if verdict.action == Action.SEND:
            return COUNTED_AS[verdict.gateway._provider().leaves]
        return {Action.CANCEL: "cancelled", Action.POSTPONE: "postponed"}.get(
            verdict.action, "failed"
        )

    def _write_verdicts(self, verdicts, key, now):
        """One statement for the whole batch.

        :return: ids of the rows that were still ours
        """
        rows = [self._verdict_row(verdict, key, now) for verdict in verdicts]
        if not rows:
            return set()
        query = SQL(
            """
            UPDATE contact_message message
               SET state = new.state, reason = new.reason, claim_key = new.claim_key,
                   scheduled_at = COALESCE(new.scheduled_at, message.scheduled_at),
                   channel = COALESCE(new.channel, message.channel),
                   gateway_id = COALESCE(new.gateway_id, message.gateway_id),
                   by_hand = new.by_hand,
                   address = COALESCE(new.address, message.address),
                   body = COALESCE(new.body, message.body),
                   parameters = COALESCE(new.parameters, message.parameters),
                   failed_at = new.failed_at,
                   error_detail = new.error_detail,
                   attempts = message.attempts + new.tries,
                   write_date = %(now)s
              FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (
                   id integer, state varchar, reason varchar, claim_key integer,
                   scheduled_at timestamp, channel varchar, gateway_id integer, by_hand boolean,
                   address varchar, body text, parameters jsonb, failed_at timestamp,
                   error_detail varchar, tries integer)
             WHERE message.id = new.id AND message.state = 'queued' AND message.claim_key = %(key)s
         RETURNING message.id
            """,
            now=now,
            rows=json.dumps(rows, default=str),
            key=key,
        )
        written = {row_id for (row_id,) in self.env.execute_query(query)}
        self.invalidate_model()
        handed_over = [
            v for v in verdicts if v.counted_as == "handed_over" and v.message.id in written
        ]
        self._hand_over(handed_over)
        return written

    @api.model
    def _hand_over(self, verdicts):
        """Each queue of Odoo's takes what is its own, in the transaction that marks them."""

    def _send_handed_over(self):
        """Have the queues send at once what they took; commits."""

    def _verdict_row(self, verdict, key, now):
        kind, outgoing = verdict.counted_as, verdict.outgoing
        state = {
            "sending": "sending",
            "handed_over": "sending",
            "cancelled": "cancelled",
            "failed": "failed",
        }
        return {
            "id": verdict.message.id,
            "state": state.get(kind, "queued"),
            "reason": verdict.reason,
            "claim_key": key if kind == "sending" else None,
            "scheduled_at": now + BY_HAND_RECHECK if kind == "by_hand" else verdict.until,
            "channel": verdict.channel,
            "gateway_id": verdict.gateway.id if verdict.gateway else None,
            "by_hand": kind == "by_hand",
            "address": outgoing.to if outgoing else None,
            "body": outgoing.text if outgoing else None,
            "parameters": list(outgoing.parameters) if outgoing else None,
            "failed_at": now if kind == "failed" else None,
            "error_detail": verdict.detail,
            "tries": int(kind in ("sending", "handed_over")),
        }

    # ------------------------------------------------------------- helpers

    def _prepare_sender(self, gateway, work):
        """The sender of a gateway for this pass, with this worker's share of the rate."""
        rate = gateway.rate_per_second / max(1, len(self._live_workers()))
        sender = work.senders.get(gateway.id)
        if sender is not None:
            sender.set_rate(rate)
            return
        try:
            sender = Sender(
                gateway._client_factory(), gateway.pool_size, rate, probing=gateway.storms > 0
            )
        except ClientError as error:
            # Found only now: a setting was changed by other means than the form.
            refusal = SendResult(FAILED, failure=FailureClass.AUTH, code=error.code)
            sender = Refused(refusal)
        work.senders[gateway.id] = sender

    def _recheck_by_hand(self):
        """Ask the gate once more before a clerk opens the link; the text is as of today."""
        self.ensure_one()
        now = fields.Datetime.now()
        (verdict,) = self._decide(self._gather(now))
        verdict.counted_as = self._outcome_of(verdict)
        if verdict.counted_as in ("sending", "handed_over"):
            # Another gateway serves the channel by now: the dispatcher sends it.
            verdict.counted_as, verdict.until = "postponed", now
        row = self._verdict_row(verdict, None, now)
        always = ("state", "reason", "by_hand", "error_detail")
        given = (
            "scheduled_at",
            "channel",
            "gateway_id",
            "address",
            "body",
            "parameters",
            "failed_at",
        )
        self.write(
            {name: row[name] for name in always} | {name: row[name] for name in given if row[name]}
        )

    @api.model
    def _due_count(self):
        return self.sudo().search_count(
            [
                ("state", "=", "queued"),
                ("claim_key", "=", False),
                ("scheduled_at", "<=", fields.Datetime.now()),
            ]
        )
