from odoo import models

from ..domain.errors import DomainError
from ..domain.money import exact
from ..domain.simulation import Offer, make_offer


class CrediarioContractMixin(models.AbstractModel):
    """The agreed terms as the law wants them told: price, number, dates, rates, cost."""

    _inherit = "crediario.contract.mixin"

    # ------------------------------------------------------------- actions

    def action_simulate(self):
        """Open the table of what this sale costs in 1, 2, … N installments."""
        self.ensure_one()
        return self.env["crediario.simulation"]._open_for(self)

    # ------------------------------------------------------------ business

    def _crediario_offer(self) -> Offer | None:
        """What this document's terms come to; None while they are incomplete or impossible."""
        self.ensure_one()
        plan = self.crediario_plan_id
        down = self._crediario_down_payment()
        principal = self._crediario_cash_total() - down
        if not plan or principal <= 0 or self.installment_count < 1 or not self.first_due_date:
            return None
        try:
            return make_offer(
                principal,
                down,
                plan.method,
                exact(plan.monthly_rate),
                self._crediario_sale_date(),
                self._crediario_dates(),
            )
        except DomainError:
            return None
