from odoo import Command, api, fields, models

from ..domain.money import cents


class SaleOrder(models.Model):
    """The quotation shows the installments before the customer agrees to them."""

    _name = "sale.order"
    _inherit = ["sale.order", "crediario.contract.mixin"]

    # --------------------------------------------------------------- hooks

    def _crediario_sale_date(self):
        if self.date_order and self.state == "sale":
            return fields.Datetime.context_timestamp(self, self.date_order).date()
        return fields.Date.context_today(self)

    def _crediario_cash_total(self):
        lines = self.order_line.filtered(
            lambda line: not line.display_type and not line.is_finance_charge
        )
        return cents(sum(lines.mapped("price_total")))

    def _crediario_is_open(self):
        return self.state in ("draft", "sent")

    # ------------------------------------------------------------- compute

    @api.depends(
        "crediario_plan_id",
        "installment_count",
        "first_due_date",
        "due_day",
        "down_payment",
        "date_order",
        "currency_id",
        "order_line.price_total",
        "order_line.is_finance_charge",
    )
    def _compute_crediario_price(self):
        return super()._compute_crediario_price()

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._sync_finance_charge()
        return orders

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {
            "crediario_plan_id",
            "installment_count",
            "down_payment",
            "order_line",
        }:
            self._sync_finance_charge()
        return result

    # ------------------------------------------------------------- actions

    def action_confirm(self):
        """The terms bind from here: they are checked whole."""
        self._check_crediario_ready()
        return super().action_confirm()

    def action_view_installments(self):
        """Open the installments of this order's invoices."""
        return self.invoice_ids.action_view_installments()

    # ------------------------------------------------------------ business

    def _sync_finance_charge(self):
        """Keep the order's line with the price of the credit equal to what the plan says."""
        for order in self.filtered(lambda order: order.state != "cancel" and not order.locked):
            lines = order.order_line.filtered("is_finance_charge")
            if lines.invoice_lines.filtered(lambda line: line.parent_state == "posted"):
                continue
            charge = order._crediario_finance_charge()
            if not charge:
                if order.state == "sale":
                    lines.write({"price_unit": 0.0})
                else:
                    lines.unlink()
            elif not lines:
                self.env["sale.order.line"].create(order._finance_charge_line_vals(charge))
            elif cents(lines[0].price_unit) != charge:
                lines[0].price_unit = float(charge)

    def _finance_charge_line_vals(self, charge):
        product = self.crediario_plan_id.finance_charge_product_id
        return {
            "order_id": self.id,
            "product_id": product.id,
            "is_finance_charge": True,
            "product_uom_qty": 1.0,
            "price_unit": float(charge),
            "tax_ids": [Command.clear()],
            "sequence": 9000,
        }

    def _prepare_invoice(self):
        """Carry the agreed terms; the down payment belongs to the first invoice alone."""
        values = super()._prepare_invoice()
        if not self.crediario_plan_id:
            return values
        earlier = self.invoice_ids.filtered(lambda move: move.state != "cancel")
        values.update(
            crediario_plan_id=self.crediario_plan_id.id,
            installment_count=self.installment_count,
            down_payment=0.0 if earlier else self.down_payment,
        )
        if self.first_due_date in self.crediario_plan_id._first_due_dates(
            fields.Date.context_today(self)
        ):
            values.update(first_due_date=self.first_due_date, due_day=self.due_day)
        return values

    def _get_invoice_grouping_keys(self):
        """Orders with different terms never share an invoice."""
        return super()._get_invoice_grouping_keys() + [
            "crediario_plan_id",
            "installment_count",
            "first_due_date",
        ]
