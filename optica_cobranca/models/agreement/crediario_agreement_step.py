from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...domain.agreement.agreement import AgreementLimits, DiscountTier
from ...domain.agreement.self_service import SelfServicePolicy
from ...domain.shop.money import cents, exact


class CrediarioAgreementStep(models.Model):
    """What a collector may forgive in an agreement of debts that are this late or later."""

    _name = "crediario.agreement.step"
    _description = "Discount Limit of Agreements"
    _order = "company_id, min_days_late"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    min_days_late = fields.Integer(string="From Days Late", required=True)
    percent_of_charges = fields.Float(string="Of Charges (%)", digits=(16, 2))
    percent_of_principal = fields.Float(string="Of Principal (%)", digits=(16, 2))

    _once = models.Constraint(
        "UNIQUE(company_id, min_days_late)", "There is a limit for this number of days already."
    )
    _shares = models.Constraint(
        "CHECK(percent_of_charges BETWEEN 0 AND 100 AND percent_of_principal BETWEEN 0 AND 100)",
        "A discount lies between 0% and 100%.",
    )

    # ---- What a customer gets without asking, beside what a collector may forgive

    own_percent_of_charges = fields.Float(
        string="Self-Service: Of Charges (%)",
        digits=(16, 2),
        help="Given in agreements that customers make themselves.",
    )
    own_percent_of_principal = fields.Float(string="Self-Service: Of Principal (%)", digits=(16, 2))

    _own_shares = models.Constraint(
        "CHECK(own_percent_of_charges BETWEEN 0 AND percent_of_charges"
        " AND own_percent_of_principal BETWEEN 0 AND percent_of_principal)",
        "Customers themselves never get more discount than a collector may give.",
    )

    def _own_tiers(self) -> list[DiscountTier]:
        return [
            DiscountTier(
                tier.min_days_late,
                exact(tier.own_percent_of_charges),
                exact(tier.own_percent_of_principal),
            )
            for tier in self
        ]


class ResCompany(models.Model):
    """What a collector may agree to with a late customer, and when an agreement is broken."""

    _inherit = "res.company"

    agreement_step_ids = fields.One2many(
        "crediario.agreement.step",
        "company_id",
        string="Discounts a Collector May Give",
        groups="optica_cobranca.group_seller",
    )
    agreement_max_installments = fields.Integer(
        string="Installments up to",
        default=12,
        help="More installments in an agreement need a manager.",
        groups="optica_cobranca.group_seller",
    )
    agreement_min_part = fields.Float(
        string="Installment of at Least",
        digits=(16, 2),
        default=20.0,
        help="Smaller installments in an agreement need a manager.",
        groups="optica_cobranca.group_seller",
    )
    agreement_min_down_percent = fields.Float(
        string="Down Payment of at Least (%)",
        digits=(16, 2),
        default=0.0,
        help="Of the debt after the discount. A smaller down payment needs a manager.",
        groups="optica_cobranca.group_seller",
    )
    agreement_offer_days = fields.Integer(
        string="Proposal Valid (Days)",
        default=7,
        help="Reminders rest while a proposal is valid; after that it is cancelled.",
        groups="optica_cobranca.group_seller",
    )
    agreement_breach_days = fields.Integer(
        string="Broken After (Days Late)",
        default=15,
        help="An installment of an agreement that is later than this ends it: the original "
        "installments come back with what was paid credited.",
        groups="optica_cobranca.group_seller",
    )

    _agreement_limits_positive = models.Constraint(
        "CHECK(agreement_max_installments >= 1 AND agreement_min_part >= 0"
        " AND agreement_offer_days >= 0 AND agreement_breach_days >= 0"
        " AND agreement_min_down_percent >= 0 AND agreement_min_down_percent <= 100)",
        "Limits of agreements cannot be negative, and shares lie between 0% and 100%.",
    )

    # ------------------------------------------------------------ business

    def _agreement_limits(self) -> AgreementLimits:
        """What a collector may agree to alone (domain terms); a manager is not bound by it.

        With sudo: limits apply to who may not edit them.
        """
        self.ensure_one()
        company = self.sudo()
        return AgreementLimits(
            tiers=[
                DiscountTier(
                    tier.min_days_late,
                    exact(tier.percent_of_charges),
                    exact(tier.percent_of_principal),
                )
                for tier in company.agreement_step_ids
            ],
            max_installments=company.agreement_max_installments,
            min_part=cents(company.agreement_min_part),
            min_down_payment_percent=exact(company.agreement_min_down_percent),
        )

    # ---- What late customers may agree to alone, in the portal or by their private link

    self_service = fields.Boolean(
        string="Customers Make Agreements Themselves",
        help="Late customers see offers within these limits on their page and may accept one "
        "without calling. Never more than a collector may grant.",
        groups="optica_cobranca.group_seller",
    )
    self_service_scope = fields.Selection(
        [
            ("late", "All late installments"),
            ("contract", "All open installments of late contracts"),
        ],
        string="Takes In",
        default="late",
        required=True,
        groups="optica_cobranca.group_seller",
    )
    self_service_plan_id = fields.Many2one(
        "crediario.plan",
        string="Plan of the New Installments",
        domain="[('company_id', 'in', (False, id))]",
        help="Gives price of the credit and charges when late. Empty: the plan of the customer's "
        "latest installment.",
        groups="optica_cobranca.group_seller",
    )
    self_service_min_parts = fields.Integer(
        string="Installments from", default=2, groups="optica_cobranca.group_seller"
    )
    self_service_max_parts = fields.Integer(
        string="Installments to", default=6, groups="optica_cobranca.group_seller"
    )
    self_service_min_part = fields.Float(
        string="Smallest Installment",
        digits=(16, 2),
        default=30.0,
        groups="optica_cobranca.group_seller",
    )
    self_service_down_percent = fields.Float(
        string="Down Payment (%)",
        digits=(16, 2),
        default=10.0,
        help="Least share of the debt after the discount. 0: the agreement is in force at once.",
        groups="optica_cobranca.group_seller",
    )
    self_service_down_days = fields.Integer(
        string="Days to Pay the Down Payment",
        default=2,
        help="Not paid by then, the agreement lapses and the debt is as it was.",
        groups="optica_cobranca.group_seller",
    )
    self_service_first_min_days = fields.Integer(
        string="First Due After (Days)", default=10, groups="optica_cobranca.group_seller"
    )
    self_service_first_max_days = fields.Integer(
        string="First Due Until (Days)", default=40, groups="optica_cobranca.group_seller"
    )
    self_service_months = fields.Integer(
        string="One in (Months)",
        default=6,
        help="A customer makes at most one agreement alone in this time; lapsed ones count too. "
        "0: no limit.",
        groups="optica_cobranca.group_seller",
    )
    self_service_min_debt = fields.Float(
        string="Debt from", digits=(16, 2), default=50.0, groups="optica_cobranca.group_seller"
    )
    self_service_max_debt = fields.Float(
        string="Debt up to",
        digits=(16, 2),
        default=3000.0,
        help="0: no limit.",
        groups="optica_cobranca.group_seller",
    )
    self_service_broken_promises = fields.Integer(
        string="Broken Promises in a Row",
        default=2,
        help="After this many promises that were not kept, one after another, customers promise "
        "no more on their page and are asked to call. 0: no limit.",
        groups="optica_cobranca.group_seller",
    )

    _self_service_limits = models.Constraint(
        "CHECK(self_service_min_parts >= 1 AND self_service_max_parts >= self_service_min_parts"
        " AND self_service_min_part >= 0 AND self_service_down_percent BETWEEN 0 AND 90"
        " AND self_service_down_days >= 0 AND self_service_first_min_days >= 0"
        " AND self_service_first_max_days >= self_service_first_min_days"
        " AND self_service_months >= 0 AND self_service_min_debt >= 0"
        " AND self_service_max_debt >= 0 AND self_service_broken_promises >= 0)",
        "Limits of customers' own agreements cannot be negative, ranges end after they start, and "
        "the down payment is 90% at most.",
    )

    @api.constrains("self_service_plan_id")
    def _check_self_service_plan(self):
        for company in self:
            if company.self_service_plan_id.company_id - company:
                raise ValidationError(
                    self.env._("Choose a plan of this company for customers' own agreements.")
                )

    def _self_service_policy(self) -> SelfServicePolicy:
        """What a customer may agree to alone (domain terms), nowhere beyond a collector's limits.

        With sudo: limits apply to who may not read them.
        """
        self.ensure_one()
        company = self.sudo()
        policy = SelfServicePolicy(
            limits=AgreementLimits(
                tiers=company.agreement_step_ids._own_tiers(),
                max_installments=company.self_service_max_parts,
                min_part=cents(company.self_service_min_part),
                min_down_payment_percent=exact(company.self_service_down_percent),
            ),
            is_on=company.self_service,
            scope=company.self_service_scope,
            min_parts=company.self_service_min_parts,
            first_due_min_days=company.self_service_first_min_days,
            first_due_max_days=company.self_service_first_max_days,
            months_between=company.self_service_months,
            min_debt=cents(company.self_service_min_debt),
            max_debt=cents(company.self_service_max_debt) or None,
        )
        return policy.within(company._agreement_limits())

    def _person_in_charge(self, partner, group="optica_cobranca.group_manager"):
        """The user who gets what ``partner`` asked for: of ``group``, and of this company.

        With sudo: a customer asks, who has no right to see the shop's people.
        """
        self.ensure_one()
        company = self.sudo()
        members = company._members(group)
        likely = company.dunning_user_id | partner.sudo().user_id
        return (
            (likely & members)[:1] or members.sorted("id")[:1] or company.env.ref("base.user_admin")
        )
