from odoo import fields, models


class AccountMove(models.Model):
    """A contract knows the glasses it pays for."""

    _inherit = "account.move"

    service_order_count = fields.Integer(compute="_compute_service_order_count")

    def _compute_service_order_count(self):
        for move in self:
            move.service_order_count = len(move._service_orders())

    def action_view_service_orders(self):
        """Open the service orders of this contract."""
        return self._service_orders()._get_records_action(name=self.env._("Service Orders"))

    def _service_orders(self):
        """Of the sale behind the invoice, or linked by hand; none for those who see none."""
        orders = self.env["optica.service.order"]
        if not self.ids or not orders.has_access("read"):
            return orders
        # With sudo: who sees the contract need not have the right to the sale behind it.
        sales = self.sudo().invoice_line_ids.sale_line_ids.order_id
        return orders.search(["|", ("move_id", "in", self.ids), ("sale_order_id", "in", sales.ids)])

    def _goods_are_delivered(self):
        """Whether the customer signed for everything that was made for this contract.

        With sudo: what a contract says does not depend on who prints it.
        """
        orders = self.sudo()._service_orders().filtered(lambda order: order.state != "cancelled")
        return bool(orders) and all(order.state == "delivered" for order in orders)
