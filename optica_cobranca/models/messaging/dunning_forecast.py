import logging
import time
from collections import Counter, defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...domain.ladder.ladder import NoAdvance
from ...tools.ladder.dunning_query import customers_between, customers_in
from ...tools.shop.lost_races import TRANSIENT
from .contact_gateway import CHANNELS

_logger = logging.getLogger(__name__)
# Installments × days that are worked out while the user waits, a few seconds; more than that is
# left to the background.
AT_ONCE = 150_000
KEEP_DAYS = 7
CUSTOMER_DAYS = 30


def _days(offset):
    """Days from the due date as the head of a column: -3, 0, +10."""
    return f"{offset:+d}" if offset else "0"


def _tone(offset):
    """The colour of a day of the ladder: before the due date, or after it."""
    return "text-bg-success" if offset < 0 else "text-bg-warning"


class DunningForecast(models.Model):
    """Who will hear from the shop on each of the next days, were nobody to pay.

    Every day is the run's own evaluation over what the days before it have left; see
    :mod:`..ladder.dunning_rehearsal`. Only the rows of the forecast itself are written.
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
        default=lambda self: self.env.company._today(),
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
        today = self.company_id._today()
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
        last_day = evaluation._ladder_rules(self.company_id, today + timedelta(days=self.days - 1))
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
            except TRANSIENT:
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

    # ---- Writes the rows of a forecast: a few statements for a range of customers

    def _fill(self, first, last):
        """Rehearse the days for the customers between two ids, or for the chosen ones."""
        company = self.company_id
        scope = (
            customers_in(self.partner_ids.commercial_partner_id.ids)
            if self.partner_ids
            else customers_between(first, last)
        )
        evaluation = self.env["dunning.evaluation"].with_company(company)
        days = [
            evaluation._ladder_rules(company, self.date + timedelta(days=ahead))
            for ahead in range(self.days)
        ]
        rehearsal = self.env["dunning.rehearsal"]
        with rehearsal._rehearsing(company, scope):
            if self.explain:
                self._make_outcomes_table()
                rehearsal._play(
                    company, days, scope, lambda day: self._note(evaluation, day, scope)
                )
                self._insert_silence()
            else:
                rehearsal._play(company, days, scope)
            self._insert_lines()
        self.env["dunning.forecast.line"].invalidate_model()
        self.env["dunning.forecast.silence"].invalidate_model()
        self.invalidate_recordset(["line_ids", "silence_ids"])

    def _insert_lines(self):
        """The rehearsed notices as rows of this forecast."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO dunning_forecast_line (
                    forecast_id, company_id, currency_id, partner_id, date, policy_id, level_id,
                    level_offset, needs_approval, template_id, channel, message_count, task_count,
                    installment_count, oldest_due_date, amount_residual, amount_fine,
                    amount_interest, amount_total)
                SELECT %(forecast)s, n.company_id, %(currency)s, n.partner_id, n.date, v.policy_id,
                       n.level_id, n.level_offset, n.state = 'waiting', c.template_id, c.channel,
                       COALESCE(c.messages, 0), COALESCE(c.tasks, 0), n.installment_count,
                       n.oldest_due_date, n.amount_residual, n.amount_fine, n.amount_interest,
                       n.amount_total
                  FROM dunning_notice n
                  JOIN dunning_level v ON v.id = n.level_id
             LEFT JOIN unnest(%(levels)s::int[], %(templates)s::int[], %(channels)s::text[],
                              %(messages)s::int[], %(tasks)s::int[])
                       AS c (level_id, template_id, channel, messages, tasks)
                    ON c.level_id = n.level_id
                 WHERE n.id < 0
                   AND (%(wanted_policies)s::int[] = '{}' OR v.policy_id = ANY(%(wanted_policies)s))
                   AND (%(wanted_levels)s::int[] = '{}' OR n.level_id = ANY(%(wanted_levels)s))
              ORDER BY n.date, n.partner_id
                """,
                forecast=self.id,
                currency=self.company_id.currency_id.id,
                wanted_policies=self.policy_ids.ids,
                wanted_levels=self.level_ids.ids,
                **self._contacts_by_level(),
            )
        )

    def _contacts_by_level(self):
        """Arrays in step: level, first template and its first channel, messages, tasks."""
        rows = {"levels": [], "templates": [], "channels": [], "messages": [], "tasks": []}
        for level in self.env["dunning.level"].search([("action_ids", "!=", False)]):
            actions = level.action_ids.sorted()
            templates = actions.filtered(lambda a: a.state == "contact_message").contact_template_id
            rows["levels"].append(level.id)
            rows["templates"].append(templates[:1].id or None)
            rows["channels"].append(templates[:1]._channels()[0] if templates else None)
            rows["messages"].append(len(templates))
            rows["tasks"].append(sum(action.state == "next_activity" for action in actions))
        return rows

    def _make_outcomes_table(self):
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE rehearsed_outcome (
                    date date, partner_id int, line_id int, due_date date, policy_id int,
                    outcome text, residual numeric
                ) ON COMMIT DROP
                """
            )
        )

    def _note(self, evaluation, rules, scope):
        """What becomes of every installment on a day, just before its notices are written."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO rehearsed_outcome
                SELECT %s, o.partner_id, o.line_id, o.due_date, o.policy_id,
                       -- What another installment's notice lists has still a reason of its own.
                       CASE WHEN o.outcome <> 'mentioned' THEN o.outcome
                            WHEN o.level_id IS NULL THEN %s ELSE %s END, o.residual
                  FROM (%s) AS o
                """,
                rules.date,
                NoAdvance.NO_LEVEL.value,
                NoAdvance.ALREADY_REACHED.value,
                self.env["dunning.preview"]._outcomes(evaluation._decision_query(rules, scope)),
            )
        )

    def _insert_silence(self):
        """Consecutive days on which an installment gets nothing for one reason, as one row."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO dunning_forecast_silence (
                    forecast_id, company_id, currency_id, partner_id, move_line_id, due_date,
                    policy_id, outcome, date, date_until, day_count, residual)
                SELECT %(forecast)s, %(company)s, %(currency)s, partner_id, line_id, due_date,
                       policy_id, outcome, min(date), max(date), count(*), min(residual)
                  FROM (SELECT o.*, date - (row_number() OVER (
                                   PARTITION BY line_id, outcome ORDER BY date))::int AS island
                          FROM rehearsed_outcome o) AS d
                 WHERE outcome <> 'advances'
              GROUP BY partner_id, line_id, due_date, policy_id, outcome, island
              ORDER BY partner_id, due_date, line_id, min(date);
                DROP TABLE rehearsed_outcome
                """,
                forecast=self.id,
                company=self.company_id.id,
                currency=self.company_id.currency_id.id,
            )
        )

    # ----- A forecast at a glance: notices by day and level, messages by channel

    notice_count = fields.Integer(string="Notices", compute="_compute_summary")
    customer_count = fields.Integer(
        string="Customers Reached",
        compute="_compute_summary",
        help="Customers with at least one notice.",
    )
    message_count = fields.Integer(string="Messages", compute="_compute_summary")
    task_count = fields.Integer(string="Calls and Tasks", compute="_compute_summary")
    silence_count = fields.Integer(compute="_compute_summary")
    summary = fields.Html(compute="_compute_summary", sanitize=False)

    @api.depends("line_ids", "silence_ids", "state")
    def _compute_summary(self):
        Line, Silence = self.env["dunning.forecast.line"], self.env["dunning.forecast.silence"]
        for forecast in self:
            mine = [("forecast_id", "in", forecast.ids)]
            ((notices, customers, messages, tasks),) = Line._read_group(
                mine,
                [],
                ["__count", "partner_id:count_distinct", "message_count:sum", "task_count:sum"],
            )
            forecast.notice_count = notices
            forecast.customer_count = customers
            forecast.message_count = messages
            forecast.task_count = tasks
            forecast.silence_count = Silence.search_count(mine)
            forecast.summary = notices and self._by_day(mine) + self._by_channel(mine)

    def _by_day(self, domain):
        """A table of days by days of the ladder, with totals.

        Ladders of several segments have levels of the same day and name: one column for both.
        """
        counts, totals, names = Counter(), Counter(), defaultdict(dict)
        for day, level, count, amount in self.env["dunning.forecast.line"]._read_group(
            domain, ["date:day", "level_id"], ["__count", "amount_total:sum"]
        ):
            counts[day, level.offset_days] += count
            totals[day] += amount
            names[level.offset_days][level.name] = True
        offsets = sorted(names)
        columns = [
            {"text": _days(offset), "tone": _tone(offset), "hint": "; ".join(names[offset])}
            for offset in offsets
        ]
        head = [
            {"text": self.env._("Day")},
            *columns,
            {"text": self.env._("Notices")},
            {"text": self.env._("Total")},
        ]
        rows = [
            [
                format_date(self.env, day, date_format="EEE dd/MM"),
                *(counts[day, offset] or "" for offset in offsets),
                sum(counts[day, offset] for offset in offsets),
                self.company_id.currency_id._text(totals[day]),
            ]
            for day in sorted(totals)
        ]
        rows.append(
            [
                self.env._("Together"),
                *(sum(counts[day, offset] for day in totals) for offset in offsets),
                counts.total(),
                self.company_id.currency_id._text(sum(totals.values())),
            ]
        )
        return self._plain_table(rows, head)

    def _by_channel(self, domain):
        rows = self.env["dunning.forecast.line"]._read_group(
            [*domain, ("message_count", ">", 0)],
            ["channel", "needs_approval"],
            ["message_count:sum"],
        )
        labels = dict(CHANNELS)
        return self._plain_table(
            [
                [
                    self.env._("%(channel)s, after approval", channel=labels[channel])
                    if approval
                    else labels[channel],
                    count,
                ]
                for channel, approval, count in rows
            ],
            [{"text": self.env._("Messages by First Channel")}, {"text": ""}],
        )


class DunningForecastLine(models.Model):
    """One notice that would be written: a customer, a day, a level. Written by the forecast."""

    _name = "dunning.forecast.line"
    _description = "Ladder Forecast Line"
    _order = "date, level_offset desc, id"
    _log_access = False
    _rec_name = "partner_id"

    forecast_id = fields.Many2one(
        "dunning.forecast", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, ondelete="cascade"
    )
    date = fields.Date(string="Day", readonly=True)
    policy_id = fields.Many2one("dunning.policy", readonly=True, ondelete="cascade")
    level_id = fields.Many2one("dunning.level", readonly=True, ondelete="cascade")
    level_offset = fields.Integer(string="Level Days", readonly=True, aggregator=None)
    needs_approval = fields.Boolean(readonly=True)
    template_id = fields.Many2one("contact.template", readonly=True, ondelete="cascade")
    channel = fields.Selection(
        CHANNELS,
        string="First Channel",
        readonly=True,
        help="The one tried first; another takes over where it cannot be used for a customer.",
    )
    message_count = fields.Integer(string="Messages", readonly=True)
    task_count = fields.Integer(string="Calls and Tasks", readonly=True)
    installment_count = fields.Integer(string="Installments", readonly=True)
    oldest_due_date = fields.Date(readonly=True)
    amount_residual = fields.Monetary(string="Principal", readonly=True)
    amount_fine = fields.Monetary(string="Late Fee", readonly=True)
    amount_interest = fields.Monetary(string="Late Interest", readonly=True)
    amount_total = fields.Monetary(
        string="Total", readonly=True, help="With the late charges of that day."
    )

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }


class DunningForecastSilence(models.Model):
    """An installment of which nothing is said, for one reason, over days in a row."""

    _name = "dunning.forecast.silence"
    _description = "Ladder Forecast: Why Nothing"
    _order = "partner_id, due_date, move_line_id, date, id"
    _log_access = False
    _rec_name = "move_line_id"

    forecast_id = fields.Many2one(
        "dunning.forecast", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one(
        "account.move.line", string="Installment", readonly=True, ondelete="cascade"
    )
    due_date = fields.Date(readonly=True)
    policy_id = fields.Many2one("dunning.policy", readonly=True, ondelete="cascade")
    outcome = fields.Selection(selection="_outcome_selection", string="Why", readonly=True)
    date = fields.Date(string="From", readonly=True)
    date_until = fields.Date(string="Until", readonly=True)
    day_count = fields.Integer(string="Days", readonly=True)
    residual = fields.Monetary(string="Principal", readonly=True)

    def _outcome_selection(self):
        outcome = self.env["dunning.preview.line"]._fields["outcome"]
        return outcome._description_selection(self.env)


class ResPartner(models.Model):
    """The way from a customer to the forecast of the customer's reminders."""

    _inherit = "res.partner"

    def action_dunning_forecast(self):
        """Which reminders this customer gets in the next days, and why none on the others."""
        self.ensure_one()
        self.check_access("read")
        forecast = self.env["dunning.forecast"]._for_customer(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Forecast"),
            "res_model": "dunning.forecast",
            "res_id": forecast.id,
            "views": [(False, "form")],
        }
