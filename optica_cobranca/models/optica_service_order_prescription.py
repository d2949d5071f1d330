from odoo import fields, models

GROUP = "optica_cobranca.group_prescription"


class OpticaServiceOrder(models.Model):
    """The prescription the glasses are made by: everybody sees its expiry, few its values."""

    _inherit = "optica.service.order"

    prescription_id = fields.Many2one(
        "optica.prescription",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('patient_id', '=', patient_id)]",
    )
    prescription_expiry_date = fields.Date(
        related="prescription_id.expiry_date", string="Prescription Expires On"
    )
    prescription_state = fields.Selection(
        related="prescription_id.state", string="State of the Prescription"
    )

    def _prescription_rows(self):
        """The values as the lab needs them, for those who may see them; the reading is logged."""
        self.ensure_one()
        prescription = self.prescription_id
        if not prescription or not self.env.user.has_group(GROUP):
            return []
        rows = prescription._paper_rows()
        prescription._log_access("printed")
        return rows
