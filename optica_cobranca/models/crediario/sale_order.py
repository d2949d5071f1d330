from contextlib import contextmanager

from odoo import Command, api, fields, models

from ...domain.shop.money import cents


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
        "partner_id.commercial_partner_id",
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
        """The line of the finance charge follows the order's plan."""
        orders = super().create(vals_list)
        orders._sync_finance_charge()
        return orders

    def write(self, vals):
        """The line of the finance charge follows what it is worked out from."""
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
            if not charge and order.state != "sale":
                lines._unlink_charge()
            elif charge and not lines:
                self.env["sale.order.line"].create(order._finance_charge_line_vals(charge))
            else:
                lines[:1]._keep_charge(charge)
                lines[1:]._keep_charge(cents(0))

    @contextmanager
    def _without_finance_charge(self):
        """For the length of a block the price of the credit is worth nothing on these sales.

        What is worked out on a whole sale, such as a discount or a share that is paid before, is
        then worked out on its goods alone. Afterwards the price is what the plan says of what is
        left; of locked sales, too, since it follows from what was agreed.
        """
        locked = self.filtered("locked")
        locked.locked = False
        lines = self.order_line.filtered("is_finance_charge")
        prices = {line: cents(line.price_unit) for line in lines}
        for line in lines:
            line._keep_charge(cents(0))
        yield
        for line in lines.exists():
            line._keep_charge(prices[line])
        self._sync_finance_charge()
        locked.locked = True

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
        """Carry the agreed terms, and what is left of the down payment."""
        values = super()._prepare_invoice()
        if not self.crediario_plan_id:
            return values
        values.update(
            crediario_plan_id=self.crediario_plan_id.id,
            installment_count=self.installment_count,
            down_payment=self._down_payment_left(),
        )
        if self.first_due_date in self.crediario_plan_id._first_due_dates(
            fields.Date.context_today(self)
        ):
            values.update(first_due_date=self.first_due_date, due_day=self.due_day)
        return values

    def _get_invoiceable_lines(self, final=False):
        """The price of the credit is invoiced with what is sold on credit, never alone."""
        lines = super()._get_invoiceable_lines(final)
        sold = lines.filtered(
            lambda line: not (line.display_type or line.is_downpayment or line.is_finance_charge)
        )
        return lines if sold else lines.filtered(lambda line: not line.is_finance_charge)

    def _get_update_prices_lines(self):
        """No price list knows the price of the credit."""
        return super()._get_update_prices_lines().filtered(lambda line: not line.is_finance_charge)

    def _down_payment_invoiced(self):
        """What invoices of their own ask for before the sale is invoiced (sale's currency).

        With sudo: a seller need not have the right to a colleague's invoices.
        """
        lines = self.sudo().order_line.filtered("is_downpayment").invoice_lines
        return sum(
            line.price_total if line.move_type == "out_invoice" else -line.price_total
            for line in lines
            if line.parent_state != "cancel" and line.move_id._is_downpayment()
        )

    def _down_payment_left(self):
        """The part of the down payment that no invoice asks for yet (sale's currency)."""
        contracts = self.sudo().invoice_ids.filtered(
            lambda move: move.state != "cancel" and move.move_type == "out_invoice"
        )
        asked = sum(contracts.mapped("down_payment")) + self._down_payment_invoiced()
        return max(self.currency_id.round(self.down_payment - asked), 0.0)

    def _get_invoice_grouping_keys(self):
        """Orders with different terms never share an invoice."""
        return super()._get_invoice_grouping_keys() + [
            "crediario_plan_id",
            "installment_count",
            "first_due_date",
        ]
