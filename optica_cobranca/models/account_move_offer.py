from odoo import models

from ..domain.errors import DomainError
from ..domain.money import ZERO, cents, exact
from ..domain.simulation import Offer, offer_of


class AccountMove(models.Model):
    """The terms of a contract, told from its entry once that is posted."""

    _inherit = "account.move"

    def _crediario_offer(self) -> Offer | None:
        """As agreed: what the plan says today no longer counts; nothing is known of an import."""
        self.ensure_one()
        if self.move_type != "out_invoice":
            return None
        if self.state != "posted":
            return super()._crediario_offer()
        lines = self.installment_ids.filtered("installment_number").sorted("installment_number")
        parts = [cents(line.balance) for line in lines]
        down = self._crediario_down_payment()
        principal = sum(parts, ZERO) - self._crediario_charge_booked()
        dates = self._crediario_dates() if self.installment_count > 0 else []
        if not parts or principal <= 0 or len(dates) != len(parts):
            return None
        rate = exact(self.sudo().crediario_plan_id.monthly_rate)
        try:
            return offer_of(
                principal,
                down,
                rate if self._crediario_charge_booked() else ZERO,
                self._crediario_sale_date(),
                dates,
                parts,
            )
        except DomainError:
            return None

    def _crediario_charge_booked(self):
        """The price of the credit on the invoice, company currency (Decimal)."""
        return -cents(sum(self.line_ids.filtered("is_finance_charge").mapped("balance")))

    def _crediario_debt(self):
        """What the customer owed by this contract when it began, the down payment not counted."""
        return sum(self.installment_ids.filtered("installment_number").mapped("balance"))
