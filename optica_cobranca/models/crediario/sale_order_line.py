from odoo import Command, api, fields, models

from ...domain.shop.money import cents


class SaleOrderLine(models.Model):
    """A line that changes the price changes the price of the credit too."""

    _inherit = "sale.order.line"

    is_finance_charge = fields.Boolean(help="This line carries the price of the credit.")

    @api.model_create_multi
    def create(self, vals_list):
        """What is sold on credit changes the finance charge."""
        lines = super().create(vals_list)
        lines._touch_finance_charge()
        return lines

    def write(self, vals):
        """What is sold on credit changes the finance charge."""
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
        """What is sold on credit changes the finance charge."""
        orders = self.order_id
        result = super().unlink()
        orders.exists().filtered("crediario_plan_id")._sync_finance_charge()
        return result

    # ------------------------------------------------------------ business

    def _touch_finance_charge(self):
        """Goods changed: so does the price of their credit. It changed itself: it goes back."""
        self.order_id.filtered("crediario_plan_id")._sync_finance_charge()

    def _keep_charge(self, charge):  # pylint: disable=missing-return; overrides nothing
        """Make this line the price of the credit, whoever wrote what to it.

        Past :meth:`write`, which watches over these lines.

        :param charge: sale's currency (Decimal)
        """
        wanted = {"price_unit": float(charge), "product_uom_qty": 1.0, "discount": 0.0}
        for line in self:
            is_kept = (cents(line.price_unit), line.product_uom_qty, line.discount) == (
                charge,
                1,
                0,
            )
            vals = {
                **({} if is_kept else wanted),
                **({"tax_ids": [Command.clear()]} if line.tax_ids else {}),
            }
            if vals:
                # pylint: disable=super-method-mismatch; the watch is on write
                super(SaleOrderLine, line).write(vals)

    def _unlink_charge(self):
        """Without credit there is no price of it; past :meth:`unlink`, which would look again."""
        return super().unlink()  # pylint: disable=super-method-mismatch; the watch is on unlink

    def _can_be_invoiced_alone(self):
        return super()._can_be_invoiced_alone() and not self.is_finance_charge

    def _prepare_invoice_line(self, **optional_values):
        values = super()._prepare_invoice_line(**optional_values)
        if self.is_finance_charge:
            values.update(is_finance_charge=True, **self.company_id._finance_charge_account_vals())
        return values
