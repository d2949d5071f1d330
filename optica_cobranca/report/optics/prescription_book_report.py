from odoo import api, fields, models


class PrescriptionBookReport(models.AbstractModel):
    """The record book of prescriptions: numbered, by day of entry, with the values."""

    _name = "report.optica_cobranca.report_prescription_book"
    _description = "Record Book of Prescriptions"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        books = self.env["optica.prescription.book"].browse(docids)
        books.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": books._name,
            "papers": [self._paper(book) for book in books],
        }

    def _paper(self, book):
        prescriptions = book._prescriptions()
        prescriptions._log_access("printed")
        return {
            "lang": self.env.lang,
            "shop": self._shop(book.company_id),
            "date_from": book.date_from,
            "date_to": book.date_to,
            "today": fields.Date.context_today(self),
            "entries": [
                {"record": prescription, "rows": prescription._paper_rows()}
                for prescription in prescriptions
            ],
        }
