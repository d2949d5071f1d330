import logging
import random
import time
from collections.abc import Callable

from psycopg2 import errors

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, mute_logger

_logger = logging.getLogger(__name__)

MAX_TRIES = 8
FIRST_BACK_OFF = 0.05
WAIT_FOR_OTHERS = 0.1

# Another worker came first, or a level vanished under our feet: all is well on the next try.
WORTH_ANOTHER_TRY = (
    *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
    errors.UniqueViolation,
    errors.ForeignKeyViolation,
)


class DunningRun(models.Model):
    """How workers share a run: batches are claimed, each is one transaction, any may die.

    A worker that is killed takes its uncommitted batch with it; the batch is then free again.
    """

    _inherit = "dunning.run"

    # ----------------------------------------------------------- the day's run

    @api.model
    def _run_day(self, company, day, keep_going: Callable[["DunningRun"], bool] = lambda run: True):
        """Run the ladder of ``company`` for ``day``, sharing the work with whoever else does.

        Commits after each batch. Returns the run, or an empty recordset when nothing is open.
        ``keep_going`` is asked after each batch; a run that is left half-way is continued by the
        next call of the same day.
        """
        run = self.sudo()._retrying(lambda last: self.sudo()._begin(company, day))
        while run and run.state == "running":
            # Reading the state began a transaction: the claim must see what others did since.
            run._commit()
            if run._process_next():
                if not keep_going(run):
                    break
            elif not run._retrying(lambda last: run._close()):
                time.sleep(WAIT_FOR_OTHERS)
            run.invalidate_recordset()
        return run

    def _begin(self, company, day):
        """The run of ``company`` that is on; else a new one, with its batches."""
        running = self.search([("company_id", "=", company.id), ("state", "=", "running")])
        if running.date == day:
            return running
        running._interrupt()
        evaluation = self.env["dunning.evaluation"].with_company(company)
        ranges = evaluation._batches(evaluation._terms(company, day))
        if not ranges:
            return self.browse()
        batches = [
            fields.Command.create(
                {"sequence": number, "partner_from": first, "partner_to": last, "size": size}
            )
            for number, (first, last, size) in enumerate(ranges, start=1)
        ]
        with mute_logger("odoo.sql_db"):  # whoever loses the race to begin joins the winner's run
            return self.create({"company_id": company.id, "date": day, "batch_ids": batches})

    def _interrupt(self):
        """Close a run of another day that nobody finished; waits for its batches in progress."""
        pending = self.batch_ids.filtered(lambda batch: batch.state == "pending")
        pending.write({"state": "cancelled"})
        self._finish("failed", self.env._("Interrupted: a run of another day took its place."))
        self.flush_recordset()

    # ---------------------------------------------------------------- batches

    def _process_next(self):
        """Claim and process one batch in a transaction of its own; False when none is free."""
        return self._retrying(self._process_claimed)

    def _process_claimed(self, last_try):
        batch = self._claim()
        if not batch:
            return False
        try:
            with self.env.cr.savepoint():
                batch._process()
        except Exception as error:  # whatever is wrong with these customers, others go on
            if isinstance(error, WORTH_ANOTHER_TRY) and not last_try:
                raise
            _logger.exception("Dunning run %s: batch %s failed", self.id, batch.sequence)
            batch.write({"state": "failed", "error": str(error) or repr(error)})
        return True

    def _claim(self):
        """Lock one batch that no other worker holds. First statement of its transaction."""
        self.env.cr.execute(
            SQL(
                """
                SELECT b.id FROM dunning_run_batch b JOIN dunning_run r ON r.id = b.run_id
                 WHERE b.run_id = %s AND b.state = 'pending' AND r.state = 'running'
              ORDER BY b.sequence LIMIT 1
                   FOR UPDATE OF b SKIP LOCKED
                """,
                self.id,
            ),
            log_exceptions=False,  # whoever loses a race tries again
        )
        found = self.env.cr.fetchone()
        return self.env["dunning.run.batch"].browse(found or ())

    def _close(self):
        """Finish the run when all batches are; False while another worker still holds one."""
        self.env.cr.execute(
            SQL("SELECT FROM dunning_run WHERE id = %s FOR UPDATE", self.id), log_exceptions=False
        )
        self.invalidate_recordset()
        self.batch_ids.invalidate_recordset()
        states = set(self.batch_ids.mapped("state"))
        if self.state == "running":
            if "pending" in states:
                return False
            failed = self.batch_ids.filtered(lambda batch: batch.state == "failed")
            self._finish("failed" if failed else "done", "\n".join(failed.mapped("error")) or False)
        return True

    def _finish(self, state, error):
        now = fields.Datetime.now()
        for run in self:
            counts = run.batch_ids._total()
            run.write(
                {
                    "state": state,
                    "error": error,
                    "ended_at": now,
                    "seconds": sum(run.batch_ids.mapped("seconds")),
                    "counts": counts,
                    "notice_count": sum(counts["notices"].values()),
                    "line_count": counts["lines"],
                    "advanced_count": counts["advanced"],
                    "refusal_count": sum(counts["holds"].values()),
                    "failure_count": counts["failures"],
                }
            )

    # ----------------------------------------------------------- transactions

    def _retrying(self, work):
        """``work(last_try)`` in its own transaction, again after a conflict with another worker."""
        for attempt in range(1, MAX_TRIES + 1):
            try:
                result = work(attempt == MAX_TRIES)
                self._commit()
                return result
            except WORTH_ANOTHER_TRY as error:
                self._rollback()
                if attempt == MAX_TRIES:
                    raise
                _logger.info(
                    "Dunning run: conflict with another worker, try %s: %s", attempt, error
                )
                # Jitter keeps workers from meeting again at the same row.
                time.sleep(random.uniform(0, FIRST_BACK_OFF * 2**attempt))
        return None

    def _commit(self):
        self.env.cr.commit()

    def _rollback(self):
        self.env.cr.rollback()
