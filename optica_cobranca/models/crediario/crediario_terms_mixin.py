from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import formatLang

from ...domain.crediario.credit_price import Price, PriceMethod, price_credit
from ...domain.crediario.early_settlement import SettlementRule
from ...domain.crediario.extension import ExtensionLimits
from ...domain.crediario.late_charges import ChargeTerms
from ...domain.shop.money import exact

# What a customer signs of a plan. The rest of a plan says what may be offered, not what was agreed.
SIGNED = (
    "method",
    "monthly_rate",
    "fine_percent",
    "late_interest_percent",
    "grace_days",
    "early_discount_method",
    "early_discount_percent",
    "extension_max_days",
    "extension_max_number",
    "extension_max_total_days",
    "own_extension_max_days",
    "note",
)


class CrediarioTermsMixin(models.AbstractModel):
    """What the customer agrees to: price of the credit, charges when late, paying early, more time.

    A plan has them as they are offered today, a contract as they were when it was signed. Rates
    are percent a month.
    """

    _name = "crediario.terms.mixin"
    _description = "Terms of Store Credit"

    note = fields.Html(string="Terms for the Customer", translate=True)
    method = fields.Selection(
        [
            ("none", "No charge"),
            ("linear", "Simple interest (linear)"),
            ("price", "Compound interest (Price table)"),
        ],
        default="none",
        required=True,
        help="How the price of the credit is worked out. Without charge the cash price is split.",
    )
    monthly_rate = fields.Float(
        string="Monthly Rate (%)",
        digits=(16, 4),
        help="Interest on the credit, in percent a month.",
    )
    fine_percent = fields.Float(
        string="Late Fine (%)",
        digits=(16, 2),
        help="Charged once on a late installment; 2% at most (Consumer Code, art. 52 §1).",
    )
    late_interest_percent = fields.Float(
        string="Late Interest (% a Month)",
        digits=(16, 4),
        help="Simple interest for each day late, a thirtieth of this rate a day.",
    )
    grace_days = fields.Integer(
        help="Days after the due date within which paying late costs nothing.",
    )
    early_discount_method = fields.Selection(
        [
            ("none", "No discount"),
            ("per_month", "Percent for each whole month in advance"),
            ("flat", "Flat percent for settling everything"),
        ],
        string="Discount for Paying Early",
        default="none",
        required=True,
        help="Of plans without charge only. Where the credit bears interest, the law reduces it in "
        "proportion (Consumer Code, art. 52 §2).",
    )
    early_discount_percent = fields.Float(
        string="Early Discount (%)",
        digits=(16, 2),
        help="For each whole month in advance, or on everything that is not due yet.",
    )
    has_interest = fields.Boolean(compute="_compute_has_interest")
    extension_max_days = fields.Integer(
        string="Extension up to (Days)",
        help="Longest single extension that a collector grants without a manager.",
    )
    extension_max_number = fields.Integer(
        string="Extensions of One Installment",
        help="How often a collector moves one installment without a manager; 0: a manager "
        "decides each time.",
    )
    extension_max_total_days = fields.Integer(
        string="In All up to (Days)",
        help="Furthest from the date first agreed that a collector grants without a manager.",
    )
    own_extension_max_days = fields.Integer(
        string="Customers Alone up to (Days)",
        help="Longest extension that customers give themselves on their page, once for each "
        "installment. 0: the shop decides each time. Never more than a collector may grant.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("method", "monthly_rate")
    def _compute_has_interest(self):
        for terms in self:
            terms.has_interest = terms.method != PriceMethod.NONE and terms.monthly_rate > 0

    # ------------------------------------------------------------ business

    def _charge_terms(self) -> ChargeTerms:
        """What a late installment costs (domain terms)."""
        self.ensure_one()
        return ChargeTerms(
            fine_percent=Decimal(str(self.fine_percent)),
            monthly_interest_percent=Decimal(str(self.late_interest_percent)),
            grace_days=self.grace_days,
        )

    def _price(self, principal, installments) -> Price:
        """Price of ``principal`` (company currency) in ``installments`` parts."""
        self.ensure_one()
        return price_credit(
            Decimal(str(principal)),
            installments,
            self.method,
            Decimal(str(self.monthly_rate)),
        )

    def _credit_rate(self):
        """Percent a month of the credit (Decimal); 0 where the method charges nothing."""
        self.ensure_one()
        return exact(0 if self.method == PriceMethod.NONE else self.monthly_rate)

    def _settlement_rule(self) -> SettlementRule:
        """What is granted for paying early (domain terms)."""
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
        """The rule for paying early in one sentence, for screen and receipt."""
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

    def _extension_limits(self, company) -> ExtensionLimits:
        """What the user may grant alone: managers everything, collectors what was agreed.

        A collector who may forgive all charges at the cashier may do so here too.
        """
        self.ensure_one()
        if self.env.user.has_group("optica_cobranca.group_manager"):
            return ExtensionLimits()
        return ExtensionLimits(
            max_days=self.extension_max_days,
            max_number=self.extension_max_number,
            max_total_days=self.extension_max_total_days,
            may_waive=company.sudo().waive_limit_percent >= 100,
        )

    def _own_extension_limits(self) -> ExtensionLimits:
        """What customers grant themselves (domain terms).

        With sudo: limits apply to who may not read them.
        """
        self.ensure_one()
        terms = self.sudo()
        return ExtensionLimits(
            max_days=min(terms.own_extension_max_days, terms.extension_max_days),
            max_number=min(1, terms.extension_max_number),
            max_total_days=terms.extension_max_total_days,
            may_waive=False,
        )
