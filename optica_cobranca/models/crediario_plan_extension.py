from odoo import fields, models

from ..domain.extension import ExtensionLimits


class CrediarioPlan(models.Model):
    """How far a collector may move the due dates of this plan's installments alone."""

    _inherit = "crediario.plan"

    extension_max_days = fields.Integer(
        string="Extension up to (Days)",
        default=30,
        tracking=True,
        help="Longest single extension that a collector grants without a manager.",
    )
    extension_max_number = fields.Integer(
        string="Extensions of One Installment",
        default=2,
        tracking=True,
        help="How often a collector moves one installment without a manager; 0: a manager "
        "decides each time.",
    )
    extension_max_total_days = fields.Integer(
        string="In All up to (Days)",
        default=60,
        tracking=True,
        help="Furthest from the date first agreed that a collector grants without a manager.",
    )

    own_extension_max_days = fields.Integer(
        string="Customers Alone up to (Days)",
        tracking=True,
        help="Longest extension that customers give themselves on their page, once for each "
        "installment. 0: the shop decides each time. Never more than a collector may grant.",
    )

    _extension_limits_positive = models.Constraint(
        "CHECK(extension_max_days >= 0 AND extension_max_number >= 0"
        " AND extension_max_total_days >= 0 AND own_extension_max_days >= 0)",
        "Limits of extensions cannot be negative.",
    )

    # ------------------------------------------------------------ business

    def _extension_limits(self, company) -> ExtensionLimits:
        """What the user may grant alone: managers everything, collectors what the plan allows.

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
        plan = self.sudo()
        return ExtensionLimits(
            max_days=min(plan.own_extension_max_days, plan.extension_max_days),
            max_number=min(1, plan.extension_max_number),
            max_total_days=plan.extension_max_total_days,
            may_waive=False,
        )
