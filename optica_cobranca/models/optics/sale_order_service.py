from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """A sale of glasses leads to its service orders."""

    _inherit = "sale.order"

    service_order_ids = fields.One2many(
        "optica.service.order", "sale_order_id", groups="optica_cobranca.group_seller"
    )
    service_order_count = fields.Integer(
        compute="_compute_service_order_count", groups="optica_cobranca.group_seller"
    )

    @api.depends("service_order_ids")
    def _compute_service_order_count(self):
        for sale in self:
            sale.service_order_count = len(sale.service_order_ids)

    # ------------------------------------------------------------- actions

    def action_service_order(self):
        """A new service order over the frame, lenses and the rest that have none yet.

        Where nothing is left, those that there are. A quotation's order waits at the counter.

        :raise UserError: for a cancelled sale
        """
        self.ensure_one()
        if self.state == "cancel":
            raise UserError(
                self.env._("This sale was cancelled: set it back to a quotation first.")
            )
        taken = self.service_order_ids.filtered(lambda order: order.state != "cancelled")
        left = self.order_line._service_lines() - taken.line_ids.sale_line_id
        if taken and not left:
            return self.action_view_service_orders()
        orders = self.env["optica.service.order"]
        return orders.create(orders._from_sale(self, left))._get_records_action()

    def action_view_service_orders(self):
        """Open the sale's service orders."""
        return self.service_order_ids._get_records_action(name=self.env._("Service Orders"))

    # --------------------------------------------------------------- hooks

    def _action_confirm(self):
        """With sudo here and below: whoever sells need not have the right to service orders."""
        result = super()._action_confirm()
        self.sudo().service_order_ids._on_sale_confirmed()
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        self.sudo().service_order_ids._on_sale_cancelled()
        return result


class SaleOrderLine(models.Model):
    """Until they go to the lab, glasses are what their quotation says.

    With sudo: whoever sells need not have the right to service orders.
    """

    _inherit = "sale.order.line"

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """What is added to a confirmed order is made, too."""
        lines = super().create(vals_list)
        lines._join_service_order()
        return lines

    def write(self, vals):
        """What is changed in an order is changed where it is made."""
        result = super().write(vals)
        if vals.keys() & {"product_id", "product_uom_qty"}:
            for line in self._lines_to_send():
                line.write(line.sale_line_id._service_line_vals(vals))
        return result

    def unlink(self):
        """What is taken out of an order is not made."""
        followers = self._lines_to_send()
        result = super().unlink()
        followers.unlink()
        return result

    # ------------------------------------------------------------- helpers

    def _service_lines(self):
        """Those that something is made or handed over for."""
        return self.filtered(
            lambda line: not line.display_type and not line.is_finance_charge and line.product_id
        )

    def _service_line_vals(self, changed=None):
        """What stands on a service order for this line.

        :param changed: names of the fields that changed; else everything
        """
        self.ensure_one()
        product = {"product_id": self.product_id.id, "name": self.name}
        quantity = {"quantity": self.product_uom_qty}
        if changed is None:
            return {**product, **quantity, "sale_line_id": self.id}
        return {
            **(product if "product_id" in changed else {}),
            **(quantity if "product_uom_qty" in changed else {}),
        }

    def _lines_to_send(self):
        """The lines of service orders that still wait at the counter with these."""
        lines = self.env["optica.service.order.line"].sudo()
        return lines.search([("sale_line_id", "in", self.ids), ("order_id.state", "=", "draft")])

    def _join_service_order(self):
        """New lines of a quotation go to its service order, where it is clear to which."""
        for line in self._service_lines():
            if line.order_id.state not in ("draft", "sent"):
                continue
            orders = line.order_id.sudo().service_order_ids.filtered(
                lambda order: order.state == "draft"
            )
            if len(orders) == 1:
                orders.line_ids = [Command.create(line._service_line_vals())]
