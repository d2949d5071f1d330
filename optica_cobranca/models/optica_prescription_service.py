from odoo import api, fields, models


class OpticaPrescription(models.Model):
    """From the paper straight to the glasses."""

    _inherit = "optica.prescription"

    service_order_ids = fields.One2many("optica.service.order", "prescription_id")
    service_order_count = fields.Integer(compute="_compute_service_order_count")

    @api.depends("service_order_ids")
    def _compute_service_order_count(self):
        for prescription in self:
            prescription.service_order_count = len(prescription.service_order_ids)

    def action_new_service_order(self):
        """A new service order for the patient, by this prescription, paid by who pays."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Service Order"),
            "res_model": "optica.service.order",
            "views": [(False, "form")],
            "context": {
                "default_partner_id": self.payer_id.id,
                "default_patient_id": self.patient_id.id,
                "default_prescription_id": self.id,
                "default_company_id": self.company_id.id,
            },
        }

    def action_view_service_orders(self):
        """Open the glasses that were made by this prescription."""
        return self.service_order_ids._get_records_action(name=self.env._("Service Orders"))
