import logging
import random
import time
from contextlib import contextmanager

from psycopg2 import errors

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# First half of the advisory locks by which a worker proves that it is alive ("opco").
WORKER_LOCK = 0x6F70636F
# The lock of whoever is claiming ("opcl"): held for the milliseconds that a claim takes.
CLAIM_LOCK = 0x6F70636C
TRANSIENT = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
TRIES = 8


class ContactMessage(models.Model):
    """Who works on what: a worker holds a lock of its session for as long as it lives.

    Rows carry the key of the worker that took them. When the lock of a key is free, that worker
    is gone, whatever killed it: what it had not begun to send goes back to the queue, what it
    had begun to send is uncertain.
    """

    _inherit = "contact.message"

    def init(self):
        super().init()
        self.env.cr.execute(
            "CREATE SEQUENCE IF NOT EXISTS contact_message_worker_seq MAXVALUE 2147483647 CYCLE"
        )

    @contextmanager
    def _working(self):
        """Hold a worker's lock on this session; gives the key to claim rows with."""
        ((key,),) = self.env.execute_query(SQL("SELECT nextval('contact_message_worker_seq')"))
        self.env.cr.execute("SELECT pg_advisory_lock(%s, %s)", (WORKER_LOCK, key))
        self.env.cr.commit()
        try:
            yield key
        finally:
            # After an error the transaction may be unusable; a session's lock outlives it.
            self.env.cr.rollback()
            self.env.cr.execute("SELECT pg_advisory_unlock(%s, %s)", (WORKER_LOCK, key))
            self.env.cr.commit()

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
        self.env.cr.commit()
        try:
            return self._persist(lambda: self._claim_once(key, limit, without))
        finally:
            self.env.cr.execute("SELECT pg_advisory_unlock(%s, 0)", [CLAIM_LOCK])
            self.env.cr.commit()

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
        for attempt in range(1, TRIES + 1):
            try:
                result = work()
                self.env.cr.commit()
                return result
            except TRANSIENT:
                self.env.cr.rollback()
                if attempt == TRIES:
                    raise
                _logger.info("Another transaction was in the way; try %s", attempt)
                time.sleep(random.uniform(0, 0.02 * 2**attempt))
            except Exception:
                self.env.cr.rollback()
                raise
