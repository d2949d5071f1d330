import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, format_date

_logger = logging.getLogger(__name__)

# Installments × days that are worked out while the user waits, a few seconds; more than that is
# left to the background.
AT_ONCE = 150_000
KEEP_DAYS = 7
CUSTOMER_DAYS = 30


class DunningForecast(models.Model):
    """Who will hear from the shop on each of the next days, were nobody to pay.

    Every day is the run's own evaluation over what the days before it have left; see
    :mod:`..models.dunning_rehearsal`. Only the rows of the forecast itself are written.
    """

    _name = "dunning.forecast"
    _description = "Ladder Forecast"
    _order = "id desc"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date = fields.Date(
        string="From",
        required=True,
        readonly=True,
        default=lambda self: self.env["dunning.run"]._today(self.env.company),
    )
    days = fields.Integer(
        required=True, default=10, help="How many days ahead, today included: 1 to 60."
    )
    partner_ids = fields.Many2many("res.partner", string="Customers", help="Empty: everybody.")
    policy_ids = fields.Many2many(
        "dunning.policy", string="Policies", help="Show only notices of these. Empty: of all."
    )
    level_ids = fields.Many2many(
        "dunning.level", string="Levels", help="Show only notices of these. Empty: of all."
    )
    explain = fields.Boolean(
        string="Say Why Not",
        help="Tell for every open installment that gets nothing why, and from when to when. Takes "
        "several times as long.",
    )
    state = fields.Selection(
        [
            ("draft", "To Do"),
            ("running", "In Progress"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        default="draft",
        required=True,
        readonly=True,
    )
    progress = fields.Float(readonly=True, help="Percent of the customers.")
    ranges = fields.Json(readonly=True, help="Ranges of customers still to do.")
    range_count = fields.Integer(readonly=True)
    seconds = fields.Float(digits=(16, 2), readonly=True)
    error = fields.Text(readonly=True)
    line_ids = fields.One2many("dunning.forecast.line", "forecast_id", readonly=True)
    silence_ids = fields.One2many("dunning.forecast.silence", "forecast_id", readonly=True)

    _days_range = models.Constraint(
        "CHECK(days BETWEEN 1 AND 60)", "Choose between 1 and 60 days ahead."
    )

    # ------------------------------------------------------------- compute

    @api.depends("date", "days", "partner_ids")
    def _compute_display_name(self):
        for forecast in self:
            last = forecast.date and forecast.date + timedelta(days=max(forecast.days, 1) - 1)
            forecast.display_name = self.env._(
                "Forecast %(first)s to %(last)s",
                first=format_date(self.env, forecast.date),
                last=format_date(self.env, last),
            )
            if len(forecast.partner_ids) == 1:
                forecast.display_name += f": {forecast.partner_ids.name}"

    # ------------------------------------------------------------- actions

    def action_compute(self):
        """Work it out: at once when that takes seconds, else in the background."""
        self.ensure_one()
        self._check_may_forecast()
        # Users have no right to write what a forecast says; this one only reads the ledger.
        forecast = self.sudo()
        installments = forecast._begin()
        if installments * forecast.days <= AT_ONCE:
            while forecast.ranges:
                forecast._work_out_next()
        elif forecast.ranges:
            self.env.ref("optica_cobranca.ir_cron_dunning_forecast").sudo()._trigger()

    def action_open_pivot(self):
        """Notices and amounts by day, level, policy and template."""
        return self._open("action_dunning_forecast_pivot")

    def action_open_lines(self):
        """Customer by customer."""
        return self._open("action_dunning_forecast_line")

    def action_open_silence(self):
        """Who gets nothing, and why."""
        return self._open("action_dunning_forecast_silence")

    def _open(self, name):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"optica_cobranca.{name}")
        return {**action, "domain": [("forecast_id", "=", self.id)]}

    # ------------------------------------------------------------ business

    @api.model
    def _for_customer(self, partner):
        """The forecast of the next days of one customer, with why nothing happens on the others."""
        forecast = self.create(
            {
                "partner_ids": [fields.Command.set(partner.commercial_partner_id.ids)],
                "days": CUSTOMER_DAYS,
                "explain": True,
            }
        )
        forecast.action_compute()
        return forecast

    def _begin(self):
        """Forget what was worked out before; returns how many installments there are to do."""
        today = self.env["dunning.run"]._today(self.company_id)
        self._forget()
        ranges = self._ranges(today)
        self.write(
            {
                "date": today,
                "state": "running" if ranges else "done",
                "ranges": [row[:2] for row in ranges],
                "range_count": len(ranges),
                "progress": 0 if ranges else 100,
                "seconds": 0,
                "error": False,
            }
        )
        return sum(lines for _first, _last, lines in ranges)

    def _forget(self):
        """Delete the rows, however many, without reading them."""
        self.env.flush_all()
        for table in ("dunning_forecast_line", "dunning_forecast_silence"):
            self.env.cr.execute(
                SQL("DELETE FROM %s WHERE forecast_id = ANY(%s)", SQL.identifier(table), self.ids)
            )
        self.env.invalidate_all()

    def _ranges(self, today):
        """Ranges of customers (from, to, installments); chosen customers are done at once."""
        if self.partner_ids:
            return [(0, 0, 0)]
        evaluation = self.env["dunning.evaluation"].with_company(self.company_id)
        last_day = evaluation._terms(self.company_id, today + timedelta(days=self.days - 1))
        return evaluation._batches(last_day)

    def _work_out_next(self):
        """One range of customers, all days."""
        started = time.monotonic()
        first, last = self.ranges[0]
        self._fill(first, last)
        left = self.ranges[1:]
        self.write(
            {
                "ranges": left,
                "progress": 100 * (1 - len(left) / self.range_count),
                "state": "running" if left else "done",
                "seconds": self.seconds + time.monotonic() - started,
            }
        )

    @api.model
    def _cron_forecast(self):
        """Background: forecasts of large ledgers, a range of customers a transaction."""
        while forecast := self.search([("state", "=", "running")], order="id", limit=1):
            try:
                with self.env.cr.savepoint():
                    forecast._work_out_next()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:  # one forecast that cannot be made must not stop others
                _logger.exception("Forecast %s failed", forecast.id)
                forecast.write({"state": "failed", "error": str(error) or repr(error)})
            left = sum(len(f.ranges or ()) for f in self.search([("state", "=", "running")]))
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                break

    @api.autovacuum
    def _gc_forecasts(self):
        """Forecasts are true for a day; old ones go with all their rows."""
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("create_date", "<", limit)], limit=200).unlink()

    # ------------------------------------------------------------- helpers

    def _check_may_forecast(self):
        self.check_access("read")
        # A company that was merely named is none that the user works in.
        self.company_id.check_access("read")
        if self.state == "running":
            raise UserError(self.env._("This forecast is being worked out already."))
