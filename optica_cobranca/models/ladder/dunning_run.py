import logging
import time
from collections import Counter
from collections.abc import Callable

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger

from ...tools.shop.lost_races import TRANSIENT, until_won

_logger = logging.getLogger(__name__)
WAIT_FOR_OTHERS = 0.1
# Another worker came first, or a level vanished under our feet: all is well on the next try.
CONFLICTS = (errors.UniqueViolation, errors.ForeignKeyViolation)


class DunningRun(models.Model):
    """One execution of the ladder for a company and a day, and what came of it."""

    _name = "dunning.run"
    _description = "Dunning Run"
    _order = "date desc, id desc"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("failed", "Failed")],
        default="running",
        required=True,
        readonly=True,
    )
    started_at = fields.Datetime(default=fields.Datetime.now, readonly=True)
    ended_at = fields.Datetime(readonly=True)
    seconds = fields.Float(
        digits=(16, 2), readonly=True, help="Seconds of work, over all who shared it."
    )
    user_id = fields.Many2one("res.users", default=lambda self: self.env.user, readonly=True)
    batch_ids = fields.One2many("dunning.run.batch", "run_id", readonly=True)
    notice_ids = fields.One2many("dunning.notice", "run_id", readonly=True)
    counts = fields.Json(readonly=True)
    notice_count = fields.Integer(string="Notices", readonly=True)
    line_count = fields.Integer(
        string="Installments", readonly=True, help="Installments that the notices list."
    )
    advanced_count = fields.Integer(
        string="Advanced", readonly=True, help="Installments that reached a new level."
    )
    refusal_count = fields.Integer(
        string="Held",
        readonly=True,
        help="Installments that would have advanced, had nothing held them.",
    )
    failure_count = fields.Integer(
        string="Failures", readonly=True, help="Notices with an action that failed."
    )
    error = fields.Text(readonly=True)
    summary = fields.Html(compute="_compute_summary", sanitize=False)

    # One run at a time: two days at once could remind one customer twice of the same level.
    _one_running = models.UniqueIndex(
        "(company_id) WHERE state = 'running'", "A run of this company is on already."
    )

    # ------------------------------------------------------------- compute

    @api.depends("counts")
    def _compute_summary(self):
        labels = self.env["dunning.hold"]._hold_reason_labels()
        for run in self:
            counts = run.counts or {}
            levels = self._named_levels(counts.get("notices") or {})
            holds = [
                (labels.get(key, key), count) for key, count in (counts.get("holds") or {}).items()
            ]
            run.summary = self._plain_table(
                levels, title=self.env._("Notices by level")
            ) + self._plain_table(holds, title=self.env._("Held installments by reason"))

    # ------------------------------------------------------------- actions

    def action_run_now(self):
        """Run today's ladder of the current company and show the result."""
        self._check_role("manager", allow_system=True)
        company = self.env.company
        run = self._run_day(company, company._today())
        if not run:
            raise UserError(
                self.env._(
                    "No open installment is due, or about to be, in %s: nobody to remind.",
                    company.name,
                )
            )
        return run._open_form()

    def action_retry(self):
        """Work on the failed batches again."""
        self.ensure_one()
        self._check_role("manager", allow_system=True)
        run = self.sudo()
        run.batch_ids.filtered(lambda batch: batch.state in ("failed", "cancelled")).write(
            {"state": "pending", "error": False}
        )
        run.write({"state": "running", "error": False})
        self._run_day(run.company_id, run.date)

    def action_view_notices(self):
        """Open the notices of this run."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_dunning_notice"
        )
        return {**action, "domain": [("run_id", "in", self.ids)], "context": {}}

    def _open_form(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------ business

    @api.model
    def _cron_run(self):
        """Daily: the ladder of every company for its own today."""
        self._for_all_companies(None, self._cron_keep_going)

    def _cron_keep_going(self, run):
        left = sum(batch.state == "pending" for batch in run.batch_ids)
        return self.env["ir.cron"]._commit_progress(1, remaining=left) > 0

    @api.model
    def _for_all_companies(self, day, keep_going=lambda run: True):
        """Run the ladder of each company; ``day`` empty means today where the company is."""
        runs = self.browse()
        companies = self.env["res.company"].search([], order="id")  # pylint: disable=no-search-all; few
        for company in companies:
            runs |= self._run_day(company, day or company._today(), keep_going)
        return runs

    @api.private  # runs every company's ladder as the system, for ./dev alone
    @api.model
    def collect_now(self, date=None, dry_run=False):
        """Run the ladder of all companies now, then send what may leave, once.

        Commits.

        :param date: day to run for, today in each company's time zone when empty
        :param dry_run: the same evaluation, nothing written and nothing sent
        :return: dict with the keys ``date``, ``notices`` [(level, count)], ``messages``
            [(channel, state, count)], ``refusals`` [(reason, count)], ``next_message`` (when the
            first message that waits may leave, in the company's time zone; False when none waits)
            and ``seconds``
        """
        started, since = time.monotonic(), fields.Datetime.now()
        date = fields.Date.to_date(date)
        if dry_run:
            notices, holds = self._foresee(date)
            messages = []
        else:
            runs = self._for_all_companies(date)
            notices, holds = runs.batch_ids._total()["notices"], runs.batch_ids._total()["holds"]
            messages = self._dispatch_messages(runs, since)
        labels = self.env["dunning.hold"]._hold_reason_labels()
        return {
            "date": date or self.env.company._today(),
            "notices": self._named_levels(notices),
            "messages": messages,
            "refusals": [(labels.get(reason, reason), count) for reason, count in holds.items()],
            "next_message": self._next_message(),
            "seconds": round(time.monotonic() - started, 3),
        }

    @api.model
    def _foresee(self, day):
        """Counts of a run of all companies that writes nothing: notices by level id, holds."""
        notices, holds = Counter(), Counter()
        companies = self.env["res.company"].search([], order="id")  # pylint: disable=no-search-all; few
        for company in companies:
            evaluation = self.env["dunning.evaluation"].sudo().with_company(company)
            levels, reasons = evaluation._foresee(company, day or company._today())
            notices.update(levels)
            holds.update(reasons)
        return notices, holds

    def _dispatch_messages(self, runs, since):
        """Rows (channel, state, number): the fate of these runs' messages."""
        return []

    def _next_message(self):
        """When the next message leaves, or False."""
        return False

    # ------------------------------------------------------------- helpers

    @api.model
    def _named_levels(self, by_level):
        """[(level name, count)] in the ladder's order, from counts by level id."""
        counts = {int(level_id): count for level_id, count in by_level.items()}
        levels = self.env["dunning.level"].sudo().with_context(active_test=False)
        return [
            (level.display_name, counts[level.id])
            for level in levels.search([("id", "in", list(counts))], order="offset_days, id")
        ]

    # ---- How workers share a run: batches are claimed, each is one transaction, any may die
    # A worker that is killed takes its uncommitted batch with it; the batch is then free again.

    @api.model
    def _run_day(self, company, day, keep_going: Callable[["DunningRun"], bool] = lambda run: True):
        """Run the ladder of ``company`` for ``day``, sharing the work with whoever else does.

        Commits after each batch. ``keep_going`` is asked after each batch; a run that is left
        half-way is continued by the next call of the same day.

        :return: the run, or an empty recordset when nothing is open
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
        ranges = evaluation._batches(evaluation._ladder_rules(company, day))
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
            if isinstance(error, (*TRANSIENT, *CONFLICTS)) and not last_try:
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

    def _retrying(self, work):
        """``work(last_try)`` in its own transaction, again after a conflict with another worker."""

        def committed(is_last):
            result = work(is_last)
            self._commit()
            return result

        return until_won(self.env, "Dunning run", committed, CONFLICTS, rollback=self._rollback)

    def _commit(self):
        self.env.cr.commit()  # pylint: disable=invalid-commit; batches of the night that are done stay done

    def _rollback(self):
        self.env.cr.rollback()
