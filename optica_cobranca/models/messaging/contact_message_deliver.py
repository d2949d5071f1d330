import time
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.tools import SQL

from ...clients.base import FAILED, ClientError, SendResult
from ...clients.dispatch_pass import DispatchPass
from ...clients.gateway_sender import GatewaySender, Job, RefusedGateway
from ...domain.messaging.message_states import FailureClass
from ...tools.shop.lost_races import until_won
from .contact_event import MOST_A_RUN
from .contact_message_facts import PAIR_PACE

# First half of the advisory locks by which a worker proves that it is alive ("opco").
WORKER_LOCK = 0x6F70636F
# The lock of whoever is claiming ("opcl"): held for the milliseconds that a claim takes.
CLAIM_LOCK = 0x6F70636C
# So many messages are decided about at once.
BATCH = 32
# How long the cron claims; what is on its way then still gets its answers.
CRON_SECONDS = 45.0


class ContactMessage(models.Model):
    """Who works on what: a worker holds a lock of its session for as long as it lives.

    Rows carry the key of the worker that took them. When the lock of a key is free, that worker
    is gone, whatever killed it: what it had not begun to send goes back to the queue, what it
    had begun to send is uncertain.
    """

    _inherit = "contact.message"

    def init(self):
        """Workers have numbers of their own, whatever the process."""
        result = super().init()
        self.env.cr.execute(
            "CREATE SEQUENCE IF NOT EXISTS contact_message_worker_seq MAXVALUE 2147483647 CYCLE"
        )
        return result

    @contextmanager
    def _working(self):
        """Hold a worker's lock on this session; gives the key to claim rows with."""
        ((key,),) = self.env.execute_query(SQL("SELECT nextval('contact_message_worker_seq')"))
        self.env.cr.execute("SELECT pg_advisory_lock(%s, %s)", (WORKER_LOCK, key))
        self.env.cr.commit()  # pylint: disable=invalid-commit; the lock is the session's
        try:
            yield key
        finally:
            # After an error the transaction may be unusable; a session's lock outlives it.
            self.env.cr.rollback()
            self.env.cr.execute("SELECT pg_advisory_unlock(%s, %s)", (WORKER_LOCK, key))
            self.env.cr.commit()  # pylint: disable=invalid-commit; the lock is the session's

    def _live_workers(self):
        """Keys of the workers that are alive in this database."""
        query = SQL(
            """SELECT objid::bigint FROM pg_locks
                WHERE locktype = 'advisory' AND classid::bigint = %s AND objsubid = 2 AND granted
                  AND database =
                      (SELECT oid FROM pg_database WHERE datname = current_database())""",
            WORKER_LOCK,
        )
        return {key for (key,) in self.env.execute_query(query)}

    @api.model
    def _release_dead_claims(self):
        """Take back what dead workers left; commits.

        The claims are read before the locks: a worker that ends in between has changed its rows
        since, and PostgreSQL refuses the update below (repeatable read), which is then repeated.

        :return: number of messages that became uncertain
        """
        return self._persist(self._release_dead_claims_once)

    def _release_dead_claims_once(self):
        claimed = self.env.execute_query(
            SQL("SELECT DISTINCT claim_key FROM contact_message WHERE claim_key IS NOT NULL")
        )
        alive = self._live_workers()
        dead = [key for (key,) in claimed if key not in alive]
        if not dead:
            return 0
        released = self._run_racing(
            SQL(
                """UPDATE contact_message
                      SET claim_key = NULL, write_date = %s,
                          reason = CASE state WHEN 'sending' THEN 'interrupted' ELSE reason END,
                          state = CASE state WHEN 'sending' THEN 'uncertain' ELSE state END
                    WHERE claim_key = ANY(%s) RETURNING state""",
                fields.Datetime.now(),
                dead,
            )
        )
        return sum(row["state"] == "uncertain" for row in released)

    @api.model
    def _claim(self, key, limit, without=()):
        """Take messages that are due, the longest waiting first; commits.

        Companies and channels take turns: the long queue of one holds up no other. Workers claim
        one after the other: in PostgreSQL's repeatable reads a row that was taken a moment ago
        would be an error, not a row to skip.

        :param without: (company id, channel) of the lanes to leave alone
        :return: dict of message id -> (company id, channel), in order
        """
        self.env.cr.execute("SELECT pg_advisory_lock(%s, 0)", [CLAIM_LOCK])
        # What the claim sees begins behind the lock.
        self.env.cr.commit()  # pylint: disable=invalid-commit; see above
        try:
            return self._persist(lambda: self._claim_once(key, limit, without))
        finally:
            self.env.cr.execute("SELECT pg_advisory_unlock(%s, 0)", [CLAIM_LOCK])
            self.env.cr.commit()  # pylint: disable=invalid-commit; the lock is the session's

    def _claim_once(self, key, limit, without):
        now = fields.Datetime.now()
        query = SQL(
            """
            WITH RECURSIVE lane AS (
                (SELECT company_id, channel FROM contact_message
                  WHERE state = 'queued' AND claim_key IS NULL
               ORDER BY company_id, channel LIMIT 1)
                UNION ALL
                SELECT next.* FROM lane, LATERAL (
                    SELECT company_id, channel FROM contact_message
                     WHERE state = 'queued' AND claim_key IS NULL
                       AND (company_id, channel) > (lane.company_id, lane.channel)
                  ORDER BY company_id, channel LIMIT 1) next),
            first AS (
                SELECT row.id, row.scheduled_at, row_number() OVER (
                       PARTITION BY row.company_id, row.channel
                           ORDER BY row.scheduled_at, row.id) AS turn
                  FROM lane, LATERAL (
                    SELECT id, company_id, channel, scheduled_at FROM contact_message
                     WHERE state = 'queued' AND claim_key IS NULL AND scheduled_at <= %(now)s
                       AND company_id = lane.company_id AND channel = lane.channel
                  ORDER BY scheduled_at, id LIMIT %(limit)s
                       FOR UPDATE SKIP LOCKED) row
                 WHERE lane.company_id || lane.channel <> ALL(%(without)s)),
            due AS (SELECT id FROM first ORDER BY turn, scheduled_at, id LIMIT %(limit)s)
            UPDATE contact_message message
               SET claim_key = %(key)s, claimed_at = %(now)s
              FROM due WHERE message.id = due.id
         RETURNING message.scheduled_at, message.id, message.company_id, message.channel
            """,
            now=now,
            limit=limit,
            key=key,
            without=[f"{company_id}{channel}" for company_id, channel in without],
        )
        claimed = sorted(self._run_racing(query), key=lambda row: (row["scheduled_at"], row["id"]))
        return {row["id"]: (row["company_id"], row["channel"]) for row in claimed}

    # ------------------------------------------------------------- helpers

    def _run_racing(self, query):
        """Rows, as dicts, of a statement that another transaction may beat.

        A lost race is repeated by :meth:`_persist`, or by Odoo for a request: nothing that an
        administrator should read about.
        """
        self.env.cr.execute(query, log_exceptions=False)
        return self.env.cr.dictfetchall()

    def _persist(self, work):
        """Do ``work`` and commit, again when another transaction was in the way.

        ``work`` must be repeatable: it reads what it needs from the database itself.

        :raise Exception: whatever ``work`` raises that waiting does not cure, rolled back
        """

        def committed(_is_last):
            result = work()
            self.env.cr.commit()  # pylint: disable=invalid-commit; outlives a crash
            return result

        try:
            return until_won(self.env, "Outbox", committed)
        except Exception:
            self.env.cr.rollback()
            raise

    # ---- The dispatcher: claim, commit, ask the gate, commit, send, record, commit
    # The threads always have a few messages to go on with; meanwhile the next ones are prepared
    # and answers are written. A row is ``sending`` in the database before its first byte
    # leaves.

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
        self.env.cr.commit()  # pylint: disable=invalid-commit; no transaction spans the pass
        # The outbox belongs to nobody: users only read it. The whole pass runs as the system.
        outbox = self.sudo().with_context(active_test=False)
        with outbox._working() as key:
            work = DispatchPass(
                key,
                left=float("inf") if limit is None else limit,
                until=float("inf") if until is None else until,
            )
            # Who has just asked for silence, or said anything, gets none of what is queued.
            outbox.env["contact.event"]._receive_waiting(MOST_A_RUN)
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
        """Claim, send and record until nothing is left; nothing that left goes unrecorded."""
        try:
            answers = []
            while True:
                batch = self._claim_next(work)
                if batch:
                    self._start(batch, work)
                self._record(answers, work)
                if not batch and not self._goes_on(work):
                    break
                # No transaction stays open while sockets wait: the next one sees what is new.
                self.env.cr.commit()  # pylint: disable=invalid-commit; see above
                answers = work.next_answers()
        finally:
            # An error in between must not lose the answers of messages that did leave.
            if work.flying:
                self.env.cr.rollback()
                self._record(list(work.flying), work)

    def _claim_next(self, work):
        """Messages with their lanes, unless those on their way are enough for now."""
        if not work.has_room():
            return {}
        full = work.full_lanes()
        batch = self._claim(work.key, int(min(BATCH, work.left)), full)
        work.note_claim(batch, full)
        return batch

    def _goes_on(self, work):
        """Whether there is more to do though nothing was claimed just now."""
        # What failed just now may have a channel left: it is queued, and claimed next.
        if not work.is_over() and (self._take_over() or self._waited_for_pace(work)):
            work.look_again()
            return True
        return bool(work.flying)

    def _waited_for_pace(self, work):
        """Nothing is left but second messages to one number: wait until they may leave."""
        if work.flying or not work.paced:
            return False
        work.paced = 0
        time.sleep(PAIR_PACE.total_seconds())
        return True

    def _start(self, lanes, work):
        """Decide about claimed messages and give those that leave to the threads."""
        batch = self.browse(lanes)
        verdicts = self._persist(lambda: batch._judge(work.key))
        work.counts.update(verdict.counted_as for verdict in verdicts)
        work.paced += sum(verdict.reason == "pace" for verdict in verdicts)
        leaving = [verdict for verdict in verdicts if verdict.counted_as == "sending"]
        self._prepare_senders({verdict.gateway for verdict in leaving}, work)
        for verdict in leaving:
            message_id = verdict.message.id
            work.submit(Job(message_id, verdict.outgoing), verdict.gateway.id, lanes[message_id])
        handed_over = [v.message.id for v in verdicts if v.counted_as == "handed_over"]
        if handed_over:
            self.browse(handed_over)._send_handed_over()

    def _prepare_senders(self, gateways, work):
        """The senders of these gateways for this pass, with this worker's share of the rates."""
        workers = max(1, len(self._live_workers())) if gateways else 1
        for gateway in gateways:
            rate = gateway.rate_per_second / workers
            sender = work.senders.get(gateway.id)
            if sender is None:
                work.senders[gateway.id] = self._make_sender(gateway, rate)
            else:
                sender.set_rate(rate)

    @api.model
    def _make_sender(self, gateway, rate):
        try:
            return GatewaySender(
                gateway._client_factory(), gateway.pool_size, rate, probing=gateway.storms > 0
            )
        except ClientError as error:
            # Found only now: a setting was changed by other means than the form.
            return RefusedGateway(SendResult(FAILED, failure=FailureClass.AUTH, code=error.code))

    @api.model
    def _due_count(self):
        return self.sudo().search_count(
            [
                ("state", "=", "queued"),
                ("claim_key", "=", False),
                ("scheduled_at", "<=", fields.Datetime.now()),
            ]
        )
