from odoo import models
from odoo.exceptions import ValidationError

# What a contract has and the invoice of a down payment has not.
TERMS = ("crediario_plan_id", "installment_count", "first_due_date", "due_day", "down_payment")


class SaleAdvancePaymentInv(models.TransientModel):
    """The down payment of a sale on credit, invoiced before: paid at once and never financed."""

    _inherit = "sale.advance.payment.inv"

    # ------------------------------------------------------------- actions

    def create_invoices(self):
        """The person who asks for too much before the sale is told so here.

        :raise ValidationError: with a sentence on what is allowed
        """
        result = super().create_invoices()
        for order in self._orders_paid_before():
            if problem := order._crediario_value_problem():
                raise ValidationError(problem)
        return result

    # ------------------------------------------------------------ business

    def _create_invoices(self, sale_orders):
        """A share of the cash price; what is paid before takes its part of the credit away."""
        orders = self._orders_paid_before()
        if not orders:
            return super()._create_invoices(sale_orders)
        with orders._without_finance_charge():
            invoices = super()._create_invoices(sale_orders)
            for order in orders:
                order.down_payment = max(order.down_payment, order._down_payment_invoiced())
        return invoices

    def _orders_paid_before(self):
        """The sales on credit of which this window invoices a down payment."""
        if self.advance_payment_method == "delivered":
            return self.env["sale.order"]
        return self.sale_order_ids.filtered("crediario_plan_id")

    def _prepare_down_payment_invoice_values(self, order, so_lines):
        values = super()._prepare_down_payment_invoice_values(order, so_lines)
        if not order.crediario_plan_id:
            return values
        plain = {name: value for name, value in values.items() if name not in TERMS}
        return {**plain, "invoice_payment_term_id": False}
