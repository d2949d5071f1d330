from odoo import models


class SaleOrder(models.Model):
    """Promotions, coupons, gift cards and wallets know nothing of the price of the credit."""

    _inherit = "sale.order"

    def _get_no_effect_on_threshold_lines(self):
        """Neither discounted nor counted when a promotion asks for a least amount."""
        lines = super()._get_no_effect_on_threshold_lines()
        return lines | self.order_line.filtered("is_finance_charge")

    def _discountable_order(self, reward):
        """A gift card pays goods; what it pays is not financed, so that no charge is left of it.

        Core lets payment programs pay every line, those without effect on thresholds, too.
        """
        discountable, per_tax = super()._discountable_order(reward)
        if not reward.program_id.is_payment_program:
            return discountable, per_tax
        charge = sum(self.order_line.filtered("is_finance_charge").mapped("price_total"))
        without_tax = self.env["account.tax"]
        if charge and without_tax in per_tax:
            per_tax[without_tax] -= charge
        return discountable - charge, per_tax

    def _get_not_rewarded_order_lines(self):
        """No points for the price of the credit."""
        return (
            super()
            ._get_not_rewarded_order_lines()
            .filtered(lambda line: not line.is_finance_charge)
        )
