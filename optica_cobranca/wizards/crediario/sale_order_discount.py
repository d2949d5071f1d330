from odoo import models


class SaleOrderDiscount(models.TransientModel):
    """Discounts on a whole sale are discounts on what is sold, not on the price of its credit."""

    _inherit = "sale.order.discount"

    def _create_discount_lines(self):
        with self.sale_order_id._without_finance_charge():
            return super()._create_discount_lines()
