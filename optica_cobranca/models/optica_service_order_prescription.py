from odoo import api, fields, models

GROUP = "optica_cobranca.group_prescription"


class OpticaServiceOrder(models.Model):
    """The prescription the glasses are made by: everybody sees its expiry, few its values."""

    _inherit = "optica.service.order"

    prescription_id = fields.Many2one(
        "optica.prescription",
        compute="_compute_prescription_id",
        store=True,
        readonly=False,
        precompute=True,
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

    # ------------------------------------------------------------- compute

    @api.depends("patient_id")
    def _compute_prescription_id(self):
        """Proposes the patient's prescription of glasses that counts today, while it is to send."""
        drafts = self.filtered(lambda order: order.state == "draft")
        found = drafts._current_prescriptions()
        for order in self:
            is_theirs = order.prescription_id.patient_id == order.patient_id
            if order in drafts and not (order.prescription_id and is_theirs):
                key = order.patient_id._origin.id, order.company_id.id
                order.prescription_id = found.get(key, order.prescription_id.browse())
            else:
                order.prescription_id = order.prescription_id

    # ------------------------------------------------------------ business

    def _current_prescriptions(self):
        """``{(patient id, company id): prescription}`` for the patients of these orders."""
        found = self.env["optica.prescription"].search(
            [
                ("patient_id", "in", self.patient_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("kind", "=", "glasses"),
                ("state", "=", "current"),
            ],
            order="exam_date, id",
        )
        return {(row.patient_id.id, row.company_id.id): row for row in found}

    def _prescription_rows(self):
        """The values as the lab needs them, for those who may see them; the reading is logged."""
        self.ensure_one()
        prescription = self.prescription_id
        if not prescription or not self.env.user.has_group(GROUP):
            return []
        rows = prescription._paper_rows()
        prescription._log_access("printed")
        return rows
