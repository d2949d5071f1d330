import time

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.ladder.dunning_query import customers_between

# Customers a transaction: some thousands of installments, a second of work, little memory.
BATCH_SIZE = 2_000


class DunningRatingRun(models.Model):
    """One night's rating of a company's customers, in ranges that are committed one by one."""

    _name = "dunning.rating.run"
    _description = "Rating Run"
    _order = "date desc, id desc"
    _rec_name = "date"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("done", "Done")],
        default="running",
        required=True,
        readonly=True,
    )
    ranges = fields.Json(readonly=True, help="Ranges of customers still to be rated.")
    customer_count = fields.Integer(string="Customers", readonly=True)
    rated_count = fields.Integer(
        string="Rated", readonly=True, help="The others have too little history to be rated."
    )
    seconds = fields.Float(digits=(16, 2), readonly=True, help="Seconds of work.")

    _one_a_day = models.UniqueIndex("(company_id, date)", "A company is rated once a day.")

    # ------------------------------------------------------------- actions

    @api.model
    def action_rate_all(self):
        """Rate every customer of the current company now and show the ratings."""
        self._check_role("manager", allow_system=True)
        company = self.env.company
        self._rate_company(company, company._today(), again=True)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_dunning_rating"
        )

    # ------------------------------------------------------------ business

    @api.model
    def _cron_rate(self):
        """Nightly: the customers of every company, as of its own today."""
        companies = self.env["res.company"].search([], order="id")  # pylint: disable=no-search-all; few
        for company in companies:
            day = company._today()
            if not self._rate_company(company, day, self._cron_keep_going):
                return

    def _cron_keep_going(self, run):
        return self.env["ir.cron"]._commit_progress(1, remaining=len(run.ranges or ())) > 0

    @api.model
    def _rate_company(self, company, day, keep_going=lambda run: True, again=False):
        """Rate the customers of ``company`` as of ``day``; True when all are done.

        Commits after each range. A run that was stopped goes on where it was; ``again`` starts
        over when the day's run is done. With sudo: ratings are nobody's to write by hand.
        """
        run = self.sudo()._begin(company, day, again)
        self._commit()
        while run.state == "running":
            run._rate_next()
            self._commit()
            if not keep_going(run):
                break
        return run.state == "done"

    # ------------------------------------------------------------- helpers

    def _begin(self, company, day, again):
        """The day's run; a new one has all ranges of customers before it."""
        run = self.search([("company_id", "=", company.id), ("date", "=", day)])
        if run and (run.state == "running" or not again):
            return run
        values = {
            "state": "running",
            "ranges": self._ranges(company),
            "customer_count": 0,
            "rated_count": 0,
            "seconds": 0.0,
        }
        if run:
            run.write(values)
            return run
        return self.create({"company_id": company.id, "date": day, **values})

    def _ranges(self, company):
        """``[[first, last], …]``: customers with installments, BATCH_SIZE in each range."""
        self.env["account.move.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT min(partner_id), max(partner_id)
                  FROM (SELECT partner_id, (row_number() OVER (ORDER BY partner_id) - 1) / %s AS n
                          FROM account_move_line
                         WHERE company_id = %s AND crediario_plan_id IS NOT NULL
                           AND parent_state = 'posted' AND partner_id IS NOT NULL
                      GROUP BY partner_id) AS numbered
              GROUP BY n ORDER BY n
                """,
                BATCH_SIZE,
                company.id,
            )
        )
        return [list(row) for row in rows]

    def _rate_next(self):
        """Rate the next range; after the last one end the ratings of whoever has none any more."""
        self.ensure_one()
        started = time.monotonic()
        ratings = self.env["dunning.rating"]
        customers = rated = 0
        ranges = list(self.ranges or [])
        if ranges:
            scope = customers_between(*ranges.pop(0))
            customers, rated = ratings._rate(self.company_id, self.date, scope)
        if not ranges:
            ratings._end_before(self.company_id, self.date)
        self.write(
            {
                "ranges": ranges,
                "state": "running" if ranges else "done",
                "customer_count": self.customer_count + customers,
                "rated_count": self.rated_count + rated,
                "seconds": self.seconds + time.monotonic() - started,
            }
        )

    def _commit(self):
        self.env.cr.commit()  # pylint: disable=invalid-commit; batches of the night that are done stay done
