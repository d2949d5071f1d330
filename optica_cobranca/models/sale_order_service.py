from odoo import api, fields, models
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

    def action_service_order(self):
        """A new service order over the frame, lenses and the rest that have none yet."""
        self.ensure_one()
        if self.state != "sale":
            raise UserError(self.env._("Confirm the sale first."))
        orders = self.env["optica.service.order"]
        return orders.create(orders._from_sale(self))._get_records_action()

    def action_view_service_orders(self):
        """Open the sale's service orders."""
        return self.service_order_ids._get_records_action(name=self.env._("Service Orders"))
