from odoo import fields, models

from ...domain.claims.promise import latest_day


class ResCompany(models.Model):
    """How long a customer may take with a promise, and how long the shop waits for it."""

    _inherit = "res.company"

    promise_max_days = fields.Integer(
        string="Promises up to (Days)",
        default=15,
        help="A promise may name a day this far from today at most. A new promise in place of one "
        "that is still open counts from the first of them. A plan may have a limit of its own.",
        groups="optica_cobranca.group_seller",
    )
    promise_tolerance_days = fields.Integer(
        string="Tolerance of Promises (Days)",
        default=1,
        help="Days after the promised one on which a payment still keeps the promise and the "
        "ladder rests.",
        groups="optica_cobranca.group_seller",
    )

    _promise_limits_positive = models.Constraint(
        "CHECK(promise_max_days >= 0 AND promise_tolerance_days >= 0)",
        "Limits of promises cannot be negative.",
    )


class CrediarioPlan(models.Model):
    """A plan may grant more or less time for promises than the company does."""

    _inherit = "crediario.plan"

    promise_max_days = fields.Integer(
        string="Promises up to (Days)",
        tracking=True,
        help="How far from today a promise about installments of this plan may be. 0: as the "
        "company allows.",
    )

    _promise_limit_positive = models.Constraint(
        "CHECK(promise_max_days >= 0)", "The limit of promises cannot be negative."
    )

    # ------------------------------------------------------------ business

    def _latest_promise(self, company, first_registered):
        """The last day that may be promised about installments of these plans.

        With sudo: limits apply to who may not edit them.
        """
        usual = company.sudo().promise_max_days
        days = min((plan.promise_max_days or usual for plan in self.sudo()), default=usual)
        return latest_day(first_registered, days)
