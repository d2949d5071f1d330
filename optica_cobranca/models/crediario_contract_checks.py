from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount, format_date

from ..domain.money import cents


class CrediarioContractMixin(models.AbstractModel):
    """Which terms a plan allows, said in sentences that name what is allowed."""

    _inherit = "crediario.contract.mixin"

    # --------------------------------------------------------- constraints

    @api.constrains("crediario_plan_id", "installment_count", "first_due_date", "down_payment")
    def _check_crediario_terms(self):
        for contract in self:
            problem = contract._crediario_is_open() and contract._crediario_terms_problem()
            if problem:
                raise ValidationError(problem)

    def _crediario_terms_problem(self):
        """A sentence on what is wrong with number, dates or down payment, and what is allowed."""
        plan = self.crediario_plan_id
        if not plan:
            return False
        if not 1 <= self.installment_count <= plan.max_installments:
            return self.env._(
                "Plan %(plan)s allows from 1 to %(most)s installments; %(count)s were asked for.",
                plan=plan.name,
                most=plan.max_installments,
                count=self.installment_count,
            )
        if self.down_payment < 0:
            return self.env._(
                "The down payment cannot be negative. Leave it at 0 to sell without one."
            )
        return self._crediario_date_problem()

    def _crediario_date_problem(self):
        plan = self.crediario_plan_id
        allowed = plan._first_due_dates(self._crediario_sale_date())
        if not allowed:
            return self.env._(
                "Plan %(plan)s offers no due day between %(least)s and %(most)s days after the "
                "sale. Widen this range or its list of due days.",
                plan=plan.name,
                least=plan.first_due_min_days,
                most=plan.first_due_max_days,
            )
        if self.first_due_date in allowed:
            return False
        shown = [format_date(self.env, day) for day in allowed]
        return self.env._(
            "The first due date must be one that plan %(plan)s allows for this sale: %(dates)s.",
            plan=plan.name,
            dates=", ".join(shown)
            if len(shown) <= 6
            else self.env._("from %(first)s to %(last)s", first=shown[0], last=shown[-1]),
        )

    def _crediario_value_problem(self):
        """A sentence on an amount that the plan does not allow, once there is an amount."""
        plan = self.crediario_plan_id
        total = self._crediario_cash_total()
        if not plan or not total or self.installment_count < 1:
            return False
        principal = total - self._crediario_down_payment()
        if principal <= 0:
            return self.env._(
                "The down payment must be smaller than the total of %(total)s.",
                total=format_amount(self.env, float(total), self.currency_id),
            )
        least = cents(plan.min_installment_value)
        if min(plan._price(principal, self.installment_count).parts) >= least:
            return False
        fitting = (
            count
            for count in range(self.installment_count - 1, 0, -1)
            if min(plan._price(principal, count).parts) >= least
        )
        return self.env._(
            "Plan %(plan)s needs installments of at least %(least)s; this total allows up to "
            "%(most)s installments.",
            plan=plan.name,
            least=format_amount(self.env, plan.min_installment_value, self.currency_id),
            most=next(fitting, 0),
        )

    def _check_crediario_ready(self):
        """Last check before the document binds the customer.

        :raises ValidationError: with a sentence on what is allowed.
        """
        for contract in self.filtered("crediario_plan_id"):
            contract.crediario_plan_id._check_usable()
            problem = contract._crediario_terms_problem() or contract._crediario_value_problem()
            if problem:
                raise ValidationError(problem)
