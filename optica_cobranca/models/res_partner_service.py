from odoo import fields, models


class ResPartner(models.Model):
    """The customer's service orders, as payer or as patient."""

    _inherit = "res.partner"

    service_order_count = fields.Integer(
        compute="_compute_service_order_count", groups="optica_cobranca.group_seller"
    )

    def _compute_service_order_count(self):
        for partner in self:
            partner.service_order_count = self.env["optica.service.order"].search_count(
                partner._service_order_domain()
            )

    def action_view_service_orders(self):
        """Open what was made for this person, or paid by them."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_optica_service_order"
        )
        return {
            **action,
            "domain": self._service_order_domain(),
            "context": {"default_partner_id": self.id},
        }

    def _service_order_domain(self):
        return ["|", ("partner_id", "child_of", self.ids), ("patient_id", "in", self.ids)]
