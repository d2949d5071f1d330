from collections import Counter, defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ..models.contact_gateway import CHANNELS


class DunningForecast(models.Model):
    """A forecast at a glance: notices by day and level, messages by channel."""

    _inherit = "dunning.forecast"

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

    # ------------------------------------------------------------- compute

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

    # ------------------------------------------------------------- helpers

    def _by_day(self, domain):
        """A table of days by days of the ladder, with totals; all text is escaped.

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
        head = [
            self.env._("Day"),
            *(
                Markup('<span class="badge rounded-pill %s" title="%s">%s</span>')
                % (_tone(offset), "; ".join(names[offset]), f"{offset:+d}" if offset else "0")
                for offset in offsets
            ),
            self.env._("Notices"),
        ]
        rows = [
            [
                format_date(self.env, day, date_format="EEE dd/MM"),
                *(counts[day, offset] or "" for offset in offsets),
                sum(counts[day, offset] for offset in offsets),
                format_amount(self.env, totals[day], self.company_id.currency_id),
            ]
            for day in sorted(totals)
        ]
        rows.append(
            [
                self.env._("Together"),
                *(sum(counts[day, offset] for day in totals) for offset in offsets),
                counts.total(),
                format_amount(self.env, sum(totals.values()), self.company_id.currency_id),
            ]
        )
        return self._html_table([*head, self.env._("Total")], rows)

    def _by_channel(self, domain):
        rows = self.env["dunning.forecast.line"]._read_group(
            [*domain, ("message_count", ">", 0)],
            ["channel", "needs_approval"],
            ["message_count:sum"],
        )
        labels = dict(CHANNELS)
        return self._html_table(
            [self.env._("Messages by First Channel"), ""],
            [
                [
                    self.env._("%(channel)s, after approval", channel=labels[channel])
                    if approval
                    else labels[channel],
                    count,
                ]
                for channel, approval, count in rows
            ],
        )

    def _html_table(self, head, rows):
        if not rows:
            return Markup("")

        def cells(values, tag):
            return Markup("").join(
                Markup('<%s class="%s">%s</%s>')
                % (tag, "text-end" if place else "text-nowrap", value, tag)
                for place, value in enumerate(values)
            )

        body = Markup("").join(Markup("<tr>%s</tr>") % cells(row, "td") for row in rows)
        return Markup(
            '<div class="table-responsive"><table class="table table-sm w-auto">'
            "<thead><tr>%s</tr></thead><tbody>%s</tbody></table></div>"
        ) % (cells(head, "th"), body)


def _tone(offset):
    """The colour of a day of the ladder: before the due date, or after it."""
    return "text-bg-success" if offset < 0 else "text-bg-warning"
