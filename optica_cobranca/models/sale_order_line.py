from odoo import api, fields, models


class SaleOrderLine(models.Model):
    """A line that changes the price changes the price of the credit too."""

    _inherit = "sale.order.line"

    is_finance_charge = fields.Boolean(
        copy=False, help="This line carries the price of the credit."
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._touch_finance_charge()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {
            "price_unit",
            "product_uom_qty",
            "discount",
            "tax_ids",
            "product_id",
        }:
            self._touch_finance_charge()
        return result

    def unlink(self):
        orders = self.filtered(lambda line: not line.is_finance_charge).order_id
        result = super().unlink()
        orders.filtered("crediario_plan_id")._sync_finance_charge()
        return result

    def _touch_finance_charge(self):
        goods = self.filtered(lambda line: not line.is_finance_charge)
        goods.order_id.filtered("crediario_plan_id")._sync_finance_charge()

    def _prepare_invoice_line(self, **optional_values):
        values = super()._prepare_invoice_line(**optional_values)
        if self.is_finance_charge:
            values.update(is_finance_charge=True, **self.company_id._finance_charge_account_vals())
        return values
