import time
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


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
            run.summary = self._counts_table(
                self.env._("Notices by level"), levels
            ) + self._counts_table(self.env._("Held installments by reason"), holds)

    def _counts_table(self, title, rows):
        if not rows:
            return Markup("")
        body = Markup("").join(
            Markup('<tr><td>%s</td><td class="text-end">%s</td></tr>') % row for row in rows
        )
        return Markup(
            '<h4>%s</h4><table class="table table-sm w-auto"><tbody>%s</tbody></table>'
        ) % (title, body)

    # ------------------------------------------------------------- actions

    def action_run_now(self):
        """Run today's ladder of the current company and show the result."""
        self.env["dunning.notice"]._check_manager()
        company = self.env.company
        run = self._run_day(company, self._today(company))
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
        self.env["dunning.notice"]._check_manager()
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
        for company in self.env["res.company"].search([], order="id"):
            runs |= self._run_day(company, day or self._today(company), keep_going)
        return runs

    @api.model
    def collect_now(self, date=None, dry_run=False):
        """Run the ladder of all companies now, then send what may leave, once.

        ``date``: day to run for, today in each company's time zone when empty. ``dry_run``: the
        same evaluation, nothing written and nothing sent. Commits. Returns the keys ``date``,
        ``notices`` [(level, count)], ``messages`` [(channel, state, count)],
        ``refusals`` [(reason, count)], ``next_message`` (when the first message that waits may
        leave, in the company's time zone; False when none waits) and ``seconds``.
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
            "date": date or self._today(self.env.company),
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
        for company in self.env["res.company"].search([], order="id"):
            evaluation = self.env["dunning.evaluation"].sudo().with_company(company)
            levels, reasons = evaluation._foresee(company, day or self._today(company))
            notices.update(levels)
            holds.update(reasons)
        return notices, holds

    def _dispatch_messages(self, runs, since):
        """One pass of the dispatcher; the fate of these runs' messages and of what it sent."""
        Message = self.env["contact.message"].sudo()
        Message._dispatch()
        touched = [("write_date", ">=", since)]
        return Message._read_group(touched, ["channel", "state"], ["__count"])

    def _next_message(self):
        first = (
            self.env["contact.message"]
            .sudo()
            .search([("state", "=", "queued")], order="scheduled_at", limit=1)
        )
        zone = ZoneInfo(first.company_id.contact_timezone or "UTC")
        return bool(first) and first.scheduled_at.replace(tzinfo=UTC).astimezone(zone)

    # ------------------------------------------------------------- helpers

    @api.model
    def _today(self, company):
        """The date where the company is."""
        return datetime.now(ZoneInfo(company.sudo().contact_timezone)).date()

    @api.model
    def _named_levels(self, by_level):
        """[(level name, count)] in the ladder's order, from counts by level id."""
        counts = {int(level_id): count for level_id, count in by_level.items()}
        levels = self.env["dunning.level"].sudo().with_context(active_test=False)
        return [
            (level.name, counts[level.id])
            for level in levels.search([("id", "in", list(counts))], order="offset_days, id")
        ]
