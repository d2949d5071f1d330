from odoo import api, models


class AgreementReport(models.AbstractModel):
    """The agreement on paper: debt acknowledged, new schedule, signatures."""

    _name = "report.optica_cobranca.report_agreement"
    _description = "Agreement on Paper"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        agreements = self.env["crediario.agreement"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": "crediario.agreement",
            "papers": [
                {
                    "agreement": agreement,
                    "lang": self._language(agreement.partner_id),
                    "shop": self._shop(agreement.company_id),
                    "customer": self._person(agreement.partner_id),
                    "rows": (agreement.installment_preview or {}).get("rows", []),
                }
                for agreement in agreements
            ],
        }
