from odoo import api, fields, models
from odoo.tools import SQL, LazyTranslate, format_amount

from ..domain.rating import Letter, Rule

_lt = LazyTranslate(__name__)

LETTERS = [(letter.value, letter.value) for letter in Letter]
# What each rule looks at, and the unit of its value.
RULES = {
    Rule.ON_TIME: (_lt("Installments paid on time, last 24 months"), "%"),
    Rule.AVERAGE_DELAY: (_lt("Average delay, last 24 months"), "days"),
    Rule.WORST_DELAY: (_lt("Worst delay, last 12 months"), "days"),
    Rule.BROKEN_PROMISES: (_lt("Broken promises, last 24 months"), ""),
    Rule.RELATIONSHIP: (_lt("Customer for"), "months"),
    Rule.EXPOSURE: (_lt("Open now, compared with what was paid back"), "%"),
}


class DunningRating(models.Model):
    """How a customer pays, as a letter with its reasons: one row a customer, company and month.

    Written by :mod:`.dunning_rating_run` in sets; the row of the month follows the days, those
    of months gone by stay as they were.
    """

    _name = "dunning.rating"
    _description = "Behaviour Rating"
    _order = "month desc, partner_id"
    _rec_name = "letter"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="First day of the month.")
    current = fields.Boolean(readonly=True, help="What holds now; the others are history.")
    computed_on = fields.Date(string="Worked Out On", required=True, readonly=True)
    letter = fields.Selection(LETTERS, string="Grade", required=True, readonly=True)
    points = fields.Integer(readonly=True, aggregator="avg")
    on_time_share = fields.Float(
        string="On Time (%)", readonly=True, aggregator="avg", digits=(16, 1)
    )
    average_delay = fields.Float(
        string="Average Delay (days)", readonly=True, aggregator="avg", digits=(16, 1)
    )
    worst_delay = fields.Integer(string="Worst Delay (days)", readonly=True, aggregator="max")
    broken_promises = fields.Integer(readonly=True)
    relationship_months = fields.Integer(
        string="Customer for (months)", readonly=True, aggregator="avg"
    )
    open_amount = fields.Monetary(string="Open Principal", readonly=True)
    detail = fields.Json(readonly=True)
    explanation = fields.Html(compute="_compute_explanation", sanitize=False)

    _one_a_month = models.UniqueIndex(
        "(partner_id, company_id, month)", "A customer has one rating a month."
    )
    _one_current = models.UniqueIndex(
        "(company_id, partner_id) WHERE current", "A customer has one current rating."
    )
    _by_letter = models.Index("(company_id, letter) WHERE current")

    # ------------------------------------------------------------- compute

    @api.depends("letter", "points", "partner_id")
    def _compute_display_name(self):
        for rating in self:
            rating.display_name = self.env._(
                "%(customer)s: %(letter)s (%(points)s points)",
                customer=rating.partner_id.name or "",
                letter=rating.letter or "",
                points=rating.points,
            )

    @api.depends("detail", "points", "letter")
    def _compute_explanation(self):
        for rating in self:
            rating.explanation = self.env["ir.qweb"]._render(
                "optica_cobranca.rating_explanation",
                {"rating": rating, "rows": rating._explained(), "tone": rating._tone()},
            )

    def _explained(self):
        """Rows of the rules' table: rule, value as text, points, most points, share in per cent."""
        rows = []
        for score in self.detail or []:
            label, unit = RULES[Rule(score["rule"])]
            value = score["value"]
            text = self.env._("nothing to measure") if value is None else self._read(unit, value)
            if score["rule"] == Rule.EXPOSURE and self.open_amount:
                amount = format_amount(self.env, self.open_amount, self.currency_id)
                text = f"{amount} ({text})" if value is not None else amount
            rows.append(
                {
                    "label": self.env._(label),
                    "value": text,
                    "points": score["points"],
                    "maximum": score["maximum"],
                    "share": round(100 * score["points"] / score["maximum"]),
                }
            )
        return rows

    def _read(self, unit, value):
        point = self.env["res.lang"]._get_data(code=self.env.user.lang or "en_US").decimal_point
        number = f"{value:.1f}".removesuffix(".0").replace(".", point or ".")
        if unit == "days":
            return self.env._("1 day") if value == 1 else self.env._("%s days", number)
        if unit == "months":
            return self.env._("1 month") if value == 1 else self.env._("%s months", number)
        return number + unit

    def _tone(self):
        return {"A": "success", "B": "info", "C": "warning"}.get(self.letter, "danger")

    # ------------------------------------------------------------- actions

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    # ------------------------------------------------------------ business

    @api.model
    def _prepare_merge(self, sources, survivor):
        """Before ``sources`` become ``survivor``: only the survivor's ratings go on.

        Two histories cannot be added up; tonight's rating counts everything of both.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL("DELETE FROM dunning_rating WHERE partner_id = ANY(%s)", (sources - survivor).ids)
        )
        self.invalidate_model()
