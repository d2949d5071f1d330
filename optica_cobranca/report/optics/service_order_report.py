from odoo import api, models


class ServiceOrderReport(models.AbstractModel):
    """The O.S. on one A4 page cut in three: customer, shop, lab."""

    _name = "report.optica_cobranca.report_service_order"
    _description = "Service Order on Paper"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        orders = self.env["optica.service.order"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": "optica.service.order",
            "papers": [self._paper(order) for order in orders],
        }

    def _paper(self, order):
        return {
            "order": order,
            "lang": self._language(order.partner_id),
            "shop": self._shop(order.company_id),
            "customer": self._person(order.partner_id),
            "barcode": self._bars(order.name),
            "eyes": order._prescription_rows(),
        }
