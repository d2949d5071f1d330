from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...domain.calendar.campaign import TIMINGS
from ...models.calendar.optica_occurrence_type import KINDS
from ...models.messaging.contact_gateway import CHANNELS
from ...models.messaging.contact_message import REASONS

# More rows than anybody reads; the run itself knows no such limit.
MAX_ROWS = 3000


class OpticaCampaignForecast(models.TransientModel):
    """Who would be written to about what on the next days, who would not, and why.

    The nightly job's own questions, asked for days to come; nothing is written but these rows.
    """

    _name = "optica.campaign.forecast"
    _description = "Campaign Forecast"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    days = fields.Integer(required=True, default=14, help="How many days, today included.")
    type_ids = fields.Many2many(
        "optica.occurrence.type",
        string="Kinds",
        domain=[("kind", "in", list(TIMINGS))],
        help="Empty: those that are sent automatically.",
    )
    line_ids = fields.One2many("optica.campaign.forecast.line", "forecast_id", readonly=True)

    _days = models.Constraint(
        "CHECK(days BETWEEN 1 AND 60)", "Choose between 1 and 60 days, today included."
    )

    # ------------------------------------------------------------- compute

    @api.depends("days")
    def _compute_display_name(self):
        for forecast in self:
            forecast.display_name = self.env._("Next %(days)s days", days=forecast.days)

    # ------------------------------------------------------------- actions

    def action_compute(self):
        """Work it out and show it, those who would get something first."""
        self.ensure_one()
        kinds = self.type_ids or self.env["optica.occurrence.type"]._automatic_kinds()
        if not kinds:
            raise UserError(
                self.env._("Choose a kind: none of them is sent automatically at present.")
            )
        values = self._foresee(kinds)
        self.line_ids = [Command.clear(), *map(Command.create, values)]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_optica_campaign_forecast_line"
        )
        return {**action, "domain": [("forecast_id", "=", self.id)]}

    # ------------------------------------------------------------ business

    def _foresee(self, kinds):
        """Values of the lines, by day, at most ``MAX_ROWS``."""
        today = self.company_id._today()
        now = fields.Datetime.now()
        rows, heard = [], {}
        for offset in range(self.days):
            day = today + timedelta(days=offset)
            for kind in kinds:
                if len(rows) < MAX_ROWS:
                    rows += self._foresee_day(kind, day, today, now, heard)
        return rows[:MAX_ROWS]

    def _foresee_day(self, kind, day, today, now, heard):
        """Values of the lines of one kind on one day.

        :param heard: by kind, the people who hear of it on an earlier day; added to
        """
        campaigns = self.env["optica.campaign"].sudo().with_company(self.company_id)
        items = campaigns._candidates(
            kind.kind, self.company_id, day, limit=MAX_ROWS, caught_up=day == today
        )
        instant = campaigns._instant(self.company_id, day, today, now)
        known = heard.setdefault(kind.kind, set())
        campaigns._decide(items, kind.sudo(), self.company_id, day, instant, known)
        if TIMINGS[kind.kind].quiet_days:
            known.update(item.partner.id for item in items if not item.reason)
        return [
            {
                "date": day,
                "kind": kind.kind,
                "subject_id": item.subject_id,
                "partner_id": item.partner.id if item.partner else False,
                "template_id": item.template.id if item.template else False,
                "channel": item.channel,
                "outcome": "refused" if item.reason else "sent",
                "reason": str(item.reason) if item.reason else False,
                "leaves_at": False if item.reason else item.leaves_at,
                "source_model": item.source_model,
                "source_id": item.source_id,
            }
            for item in items
        ]


class OpticaCampaignForecastLine(models.TransientModel):
    """One occurrence of the days to come, and what becomes of it."""

    _name = "optica.campaign.forecast.line"
    _description = "Campaign Forecast Line"
    _order = "date, outcome desc, kind, id"
    _rec_name = "subject_id"

    forecast_id = fields.Many2one("optica.campaign.forecast", required=True, ondelete="cascade")
    date = fields.Date(string="Day", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    subject_id = fields.Many2one("res.partner", string="About", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Written To", readonly=True)
    template_id = fields.Many2one("contact.template", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    outcome = fields.Selection(
        [("sent", "Gets a Message"), ("refused", "Gets Nothing")], readonly=True
    )
    reason = fields.Selection(
        [*REASONS, ("recent", "Was written to about this a short while ago")],
        string="Why Not",
        readonly=True,
    )
    leaves_at = fields.Datetime(string="Not before", readonly=True)
    source_model = fields.Char(readonly=True)
    source_id = fields.Many2oneReference(model_field="source_model", readonly=True)

    def action_open_partner(self):
        """The person it is about."""
        self.ensure_one()
        return (self.subject_id or self.partner_id)._get_records_action()


class OpticaOccurrenceType(models.Model):
    """From the settings of a kind to what they would do."""

    _inherit = "optica.occurrence.type"

    def action_campaign_forecast(self):
        """Who would be written to about this kind in the next days, and who not."""
        self.check_access("read")
        forecast = self.env["optica.campaign.forecast"].create({"type_ids": self.ids})
        return forecast.action_compute()

    def action_campaign_report(self):
        """What the messages of this kind brought."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_optica_campaign_report"
        )
        return {**action, "context": {}, "domain": [("kind", "=", self.kind)]}
