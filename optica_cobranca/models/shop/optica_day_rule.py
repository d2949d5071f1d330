from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...domain.shop.commemorative import from_easter, nth_weekday, same_day

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]
MONTHS = [
    ("1", "January"),
    ("2", "February"),
    ("3", "March"),
    ("4", "April"),
    ("5", "May"),
    ("6", "June"),
    ("7", "July"),
    ("8", "August"),
    ("9", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]


class OpticaDayRule(models.AbstractModel):
    """A day of one year or of all years: a date, a weekday of a month, or so far from Easter."""

    _name = "optica.day.rule"
    _description = "Day of the Year by Rule"
    _order = "sequence, date, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=50)
    rule = fields.Selection(
        [("date", "A date"), ("weekday", "A weekday of a month"), ("easter", "By Easter")],
        "Falls on",
        required=True,
        default="date",
    )
    date = fields.Date(help="The day; with “every year”, its day and month.")
    yearly = fields.Boolean(
        "Every Year", default=True, help="The same day and month of every year."
    )
    nth = fields.Selection(
        [("1", "First"), ("2", "Second"), ("3", "Third"), ("4", "Fourth"), ("-1", "Last")],
        "Which One",
        default="2",
    )
    day_of_week = fields.Selection(WEEKDAYS, default="6")
    month = fields.Selection(MONTHS)
    easter_days = fields.Integer(
        "Days After Easter",
        help="Carnival Tuesday: -47, Ash Wednesday: -46, Easter Sunday: 0, Corpus Christi: 60.",
    )
    active = fields.Boolean(default=True)
    weekday = fields.Char(compute="_compute_weekday")

    # ------------------------------------------------------------- compute

    @api.depends("rule", "date", "yearly", "nth", "day_of_week", "month", "easter_days")
    @api.depends_context("lang")
    def _compute_weekday(self):
        today = fields.Date.context_today(self)
        for blocked in self:
            next_one = blocked._next(today) if blocked._is_complete() else None
            blocked.weekday = next_one and self.env["ir.qweb.field.date"].value_to_html(
                next_one, {"format": "full"}
            )

    # --------------------------------------------------------- constraints

    @api.constrains("rule", "date", "nth", "day_of_week", "month")
    def _check_complete(self):
        for blocked in self:
            if not blocked._is_complete():
                raise ValidationError(
                    self.env._("Say on which day “%s” falls: a date, or its rule.", blocked.name)
                )

    # ------------------------------------------------------------ business

    def _days_in(self, years):
        """The dates it stands for in these years; 29 February exists in leap years only."""
        self.ensure_one()
        if self.rule == "date" and not self.yearly:
            return [self.date]
        return [day for day in (self._in_year(year) for year in years) if day]

    def _in_year(self, year):
        if self.rule == "easter":
            return from_easter(year, self.easter_days)
        if self.rule == "weekday":
            return nth_weekday(year, int(self.month), int(self.day_of_week), int(self.nth))
        return same_day(self.date, year)

    def _next(self, today):
        days = [day for day in self._days_in(range(today.year, today.year + 5)) if day >= today]
        return min(days, default=self.date)

    def _is_complete(self):
        if self.rule == "weekday":
            return bool(self.nth and self.day_of_week and self.month)
        return self.rule == "easter" or bool(self.date)
