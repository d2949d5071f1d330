from odoo import api, fields, models
from odoo.tools import formatLang

from ..domain.credit_price import PriceMethod
from ..domain.early_settlement import SettlementRule
from ..domain.money import exact


class CrediarioPlan(models.Model):
    """What a plan grants for paying before the due date."""

    _inherit = "crediario.plan"

    early_discount_method = fields.Selection(
        [
            ("none", "No discount"),
            ("per_month", "Percent for each whole month in advance"),
            ("flat", "Flat percent for settling everything"),
        ],
        string="Discount for Paying Early",
        default="none",
        required=True,
        tracking=True,
        help="Of plans without charge only. Where the credit bears interest, the law reduces it in "
        "proportion (Consumer Code, art. 52 §2).",
    )
    early_discount_percent = fields.Float(
        string="Early Discount (%)",
        digits=(16, 2),
        tracking=True,
        help="For each whole month in advance, or on everything that is not due yet.",
    )
    has_interest = fields.Boolean(compute="_compute_has_interest")

    _early_discount_is_a_share = models.Constraint(
        "CHECK(early_discount_percent >= 0 AND early_discount_percent <= 100)",
        "The discount for paying early lies between 0% and 100%.",
    )

    @api.depends("method", "monthly_rate")
    def _compute_has_interest(self):
        for plan in self:
            plan.has_interest = plan.method != PriceMethod.NONE and plan.monthly_rate > 0

    # ------------------------------------------------------------ business

    def _settlement_rule(self) -> SettlementRule:
        """What this plan grants for paying early (domain terms)."""
        self.ensure_one()
        percent = exact(self.early_discount_percent)
        zero = exact(0)
        return SettlementRule(
            method=self.method,
            monthly_rate=exact(self.monthly_rate),
            percent_per_whole_month=percent if self.early_discount_method == "per_month" else zero,
            flat_percent=percent if self.early_discount_method == "flat" else zero,
        )

    def _settlement_rule_text(self):
        """The rule in one sentence, for screen and receipt."""
        self.ensure_one()
        rate = formatLang(self.env, self.monthly_rate, digits=2)
        if self.has_interest and self.method == PriceMethod.LINEAR:
            return self.env._(
                "Present value at %(rate)s%% a month, simple, by days (CDC art. 52 §2)", rate=rate
            )
        if self.has_interest:
            return self.env._(
                "Present value at %(rate)s%% a month, compound, by days (CDC art. 52 §2)", rate=rate
            )
        percent = formatLang(self.env, self.early_discount_percent, digits=2)
        if self.early_discount_method == "per_month":
            return self.env._("%(percent)s%% for each whole month in advance", percent=percent)
        if self.early_discount_method == "flat":
            return self.env._("%(percent)s%% for settling everything", percent=percent)
        return self.env._("No interest to reduce, no discount agreed")
