from odoo import fields, models

from ..domain.agreement import AgreementLimits, DiscountStep
from ..domain.money import cents, exact


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
    )
    agreement_min_part = fields.Float(
        string="Installment of at Least",
        digits=(16, 2),
        default=20.0,
        help="Smaller installments in an agreement need a manager.",
    )
    agreement_min_down_percent = fields.Float(
        string="Down Payment of at Least (%)",
        digits=(16, 2),
        default=0.0,
        help="Of the debt after the discount. A smaller down payment needs a manager.",
    )
    agreement_offer_days = fields.Integer(
        string="Proposal Valid (Days)",
        default=7,
        help="Reminders rest while a proposal is valid; after that it is cancelled.",
    )
    agreement_breach_days = fields.Integer(
        string="Broken After (Days Late)",
        default=15,
        help="An installment of an agreement that is later than this ends it: the original "
        "installments come back with what was paid credited.",
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
            steps=[
                DiscountStep(
                    step.min_days_late,
                    exact(step.percent_of_charges),
                    exact(step.percent_of_principal),
                )
                for step in company.agreement_step_ids
            ],
            max_installments=company.agreement_max_installments,
            min_part=cents(company.agreement_min_part),
            min_down_payment_percent=exact(company.agreement_min_down_percent),
        )
