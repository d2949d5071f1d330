import logging
from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.shop.lost_races import TRANSIENT
from .optica_occurrence_type import KINDS

_logger = logging.getLogger(__name__)

# Occurrences of one transaction.
BATCH = 200
# Messages that ended unsent so many days ago are looked at, to give the occurrence back.
REOPEN_DAYS = 4


class OpticaCampaignRun(models.Model):
    """The messages of one kind in one company on one day: how many, and why not the others.

    A worker claims a run, works off one batch of it and commits; another one skips what is
    claimed. A worker that dies leaves the batch undone and the run open.
    """

    _name = "optica.campaign.run"
    _description = "Campaign Run"
    _order = "date desc, id desc"
    _rec_name = "kind"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    date = fields.Date(string="Day", required=True, readonly=True)
    state = fields.Selection(
        [("open", "In Progress"), ("done", "Done"), ("failed", "Failed")],
        required=True,
        readonly=True,
        default="open",
    )
    last_source_id = fields.Integer(readonly=True, default=0)
    queued = fields.Integer(string="Messages", readonly=True, help="Queued; the gate sends them.")
    refused = fields.Integer(string="Not Written To", readonly=True)
    reasons = fields.Json(readonly=True, help="How many were not written to, by reason.")
    reason_text = fields.Char(string="Why Not", compute="_compute_reason_text")
    error = fields.Text(readonly=True)

    _once = models.UniqueIndex("(company_id, kind, date)", "This day has been started already.")
    _open = models.Index("(date, id) WHERE state = 'open'")

    # ------------------------------------------------------------- compute

    @api.depends("reasons")
    def _compute_reason_text(self):
        labels = dict(
            self.env["optica.campaign.forecast.line"]
            ._fields["reason"]
            ._description_selection(self.env)
        )
        for run in self:
            run.reason_text = ", ".join(
                f"{labels.get(reason, reason)}: {count}"
                for reason, count in sorted((run.reasons or {}).items())
            )

    # ------------------------------------------------------------- actions

    @api.model
    def _cron_campaigns(self):
        """Daily: the messages of every automatic kind in every company; commits many times.

        Called again on the same day it goes on where it stopped and repeats nothing.
        """
        keep = self.env["contact.message"]._persist
        keep(self._begin_day)
        while True:
            try:
                run = keep(self._work_next)
            except RunFailed as failure:
                _logger.exception("Campaign run %s failed", failure.run_id)
                run = self.browse(failure.run_id)
                text = str(failure.__cause__) or repr(failure.__cause__)
                keep(lambda run=run, text=text: run.write({"state": "failed", "error": text}))
            left = self.search_count([("state", "=", "open")]) if run else 0
            if not run or not self.env["ir.cron"]._commit_progress(1, remaining=left):
                return

    def action_run_again(self):
        """Look for what came since, or try again what failed; the job does it in a moment."""
        self._check_role("manager")
        self.check_access("read")
        self.sudo().write(
            {"state": "open", "last_source_id": 0, "refused": 0, "reasons": {}, "error": False}
        )
        self.env.ref("optica_cobranca.ir_cron_campaigns").sudo()._trigger()

    # ------------------------------------------------------------ business

    def _begin_day(self):
        """Open today's run of every automatic kind; what stayed open of earlier days is over.

        Today's run catches up what it left, as far as that still makes sense.
        """
        kinds = self.env["optica.occurrence.type"].sudo()._automatic_kinds()
        every_company = self.env["res.company"].sudo()
        companies = every_company.search([], order="id")  # pylint: disable=no-search-all; each has its day
        self.env["optica.campaign.sending"].sudo()._reopen_unsent(
            fields.Date.subtract(fields.Date.today(), days=REOPEN_DAYS)
        )
        for company in companies:
            today = company._today()
            self.search(
                [("company_id", "=", company.id), ("state", "=", "open"), ("date", "<", today)]
            ).write({"state": "done"})
            self._open_runs(company, today, kinds)

    def _open_runs(self, company, day, kinds):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO optica_campaign_run
                       (company_id, kind, date, state, last_source_id, queued, refused,
                        create_uid, create_date, write_uid, write_date)
                SELECT %(company)s, kind, %(day)s, 'open', 0, 0, 0,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(kinds)s::text[]) AS kind
           ON CONFLICT (company_id, kind, date) DO NOTHING
                """,
                company=company.id,
                day=day,
                kinds=kinds.mapped("kind"),
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )

    def _work_next(self):
        """One batch of a run that nobody else is at.

        :return: the run, empty when there is none
        :raise RunFailed: naming the run that could not go on
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM optica_campaign_run WHERE state = 'open'
                 ORDER BY date, id LIMIT 1 FOR UPDATE SKIP LOCKED"""
            )
        )
        run = self.browse([row_id for (row_id,) in rows])
        if run:
            run.invalidate_recordset()
            try:
                run._work()
                self.env.flush_all()
            except TRANSIENT:
                raise
            except Exception as error:
                raise RunFailed(run.id) from error
        return run

    def _work(self):
        """The next batch of this run."""
        self.ensure_one()
        campaigns = self.env["optica.campaign"].sudo().with_company(self.company_id)
        kind = self.env["optica.occurrence.type"]._of_kind(self.kind)
        items = campaigns._candidates(
            self.kind, self.company_id, self.date, after=self.last_source_id, limit=BATCH
        )
        campaigns._decide(items, kind, self.company_id, self.date, fields.Datetime.now())
        queued = campaigns._send(items, self.kind, self.company_id, self.date)
        reasons = Counter(self.reasons or {})
        reasons.update(str(item.reason) for item in items if item.reason)
        self.write(
            {
                "state": "open" if len(items) == BATCH else "done",
                "last_source_id": items[-1].source_id if items else self.last_source_id,
                "queued": self.queued + queued,
                "refused": sum(reasons.values()),
                "reasons": dict(reasons),
            }
        )


class RunFailed(Exception):
    """A run that cannot go on; others do."""

    def __init__(self, run_id):
        super().__init__(run_id)
        self.run_id = run_id
