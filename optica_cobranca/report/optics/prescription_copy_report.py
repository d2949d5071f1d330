from odoo import api, fields, models


class PrescriptionCopyReport(models.AbstractModel):
    """One prescription as the patient takes it along."""

    _name = "report.optica_cobranca.report_prescription_copy"
    _description = "Copy of a Prescription"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        prescriptions = self.env["optica.prescription"].browse(docids)
        prescriptions.check_access("read")
        prescriptions._log_access("printed")
        return {
            "doc_ids": docids,
            "doc_model": prescriptions._name,
            "papers": [
                {
                    "lang": self._language(prescription.patient_id),
                    "shop": self._shop(prescription.company_id),
                    "record": prescription,
                    "today": fields.Date.context_today(self),
                    "entry": {"record": prescription, "rows": prescription._paper_rows()},
                }
                for prescription in prescriptions
            ],
        }
