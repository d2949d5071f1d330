from odoo import api, fields, models


class ContactBlockedDate(models.Model):
    """A day on which the shop sends nothing to anyone: Christmas Eve, Mothers' Day, Carnival."""

    _name = "contact.blocked.date"
    _description = "Day Without Messages"
    _order = "date"

    name = fields.Char(required=True, translate=True)
    date = fields.Date(required=True)
    yearly = fields.Boolean(default=True, help="The same day and month of every year.")
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")
    active = fields.Boolean(default=True)
    weekday = fields.Char(compute="_compute_weekday")

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_weekday(self):
        for blocked in self:
            next_one = blocked._next(fields.Date.context_today(self)) if blocked.date else None
            blocked.weekday = next_one and self.env["ir.qweb.field.date"].value_to_html(
                next_one, {"format": "EEEE, d MMMM y"}
            )

    # ------------------------------------------------------------ business

    def _days_in(self, years):
        """The dates it stands for in these years; 29 February exists in leap years only."""
        self.ensure_one()
        if not self.yearly:
            return [self.date]
        return [day for day in (self._in_year(year) for year in years) if day]

    def _in_year(self, year):
        try:
            return self.date.replace(year=year)
        except ValueError:
            return None

    def _next(self, today: date):
        days = [day for day in self._days_in(range(today.year, today.year + 5)) if day >= today]
        return min(days, default=self.date)
