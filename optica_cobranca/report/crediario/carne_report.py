from odoo import api, models

from ...domain.crediario.late_charges import fine_of
from ...domain.shop.money import cents

SLIPS_PER_PAGE = 3
# Characters of the code on one line of its column.
PIX_COLUMN = 36


class CarneReport(models.AbstractModel):
    """The booklet of slips, one contract after the other, three slips on a page."""

    _name = "report.optica_cobranca.report_carne"
    _description = "Carnê of Chosen Installments"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        lines = self.env["account.move.line"].browse(docids)
        lines = lines.filtered(lambda line: line.crediario_plan_id)
        return {"doc_ids": docids, "doc_model": "account.move.line", **self._booklets(lines)}

    @api.model
    def _booklets(self, lines):
        """The slips of these installments by contract, for the template."""
        codes = lines._pix_codes()
        lines = lines.sorted(lambda line: (line.partner_id.name or "", line.move_id.id, _key(line)))
        return {
            "booklets": [
                self._booklet(contract, of_contract, codes)
                for contract, of_contract in lines.grouped("move_id").items()
            ]
        }

    def _booklet(self, contract, lines, codes):
        slips = [self._slip(line, codes.get(line.id)) for line in lines]
        return {
            "contract": contract,
            "lang": self._language(contract.partner_id),
            "shop": self._shop(contract.company_id),
            "customer": self._person(contract.partner_id),
            "pages": [
                slips[start : start + SLIPS_PER_PAGE]
                for start in range(0, len(slips), SLIPS_PER_PAGE)
            ],
        }

    def _slip(self, line, code):
        """What one slip shows; a settled installment shows what it was, not what it costs."""
        is_paid = line.installment_state == "paid"
        value = cents(line.balance if is_paid else line.amount_residual)
        plan = line.sudo()._crediario_rules()
        return {
            "line": line,
            "label": line.installment_label,
            "is_paid": is_paid,
            "value": float(value),
            "plan": plan,
            "fine": float(fine_of(value, plan._charge_terms())),
            "reference": line._pix_reference(),
            "pix_lines": self._printed_lines(code, PIX_COLUMN) if code else [],
            "qr": self._qr_image(code) if code else False,
        }


class ContractCarneReport(models.AbstractModel):
    """The booklet of whole contracts: what is still open of them."""

    _name = "report.optica_cobranca.report_carne_open"
    _description = "Carnê of Open Installments"
    _inherit = "report.optica_cobranca.report_carne"

    @api.model
    def _get_report_values(self, docids, data=None):
        contracts = self.env["account.move"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": "account.move",
            **self._booklets(self._installments(contracts)),
        }

    def _installments(self, contracts):
        return contracts.installment_ids.filtered(lambda line: line.installment_state != "paid")


class WholeCarneReport(models.AbstractModel):
    """The booklet of whole contracts with the slips that were paid."""

    _name = "report.optica_cobranca.report_carne_all"
    _description = "Carnê of All Installments"
    _inherit = "report.optica_cobranca.report_carne_open"

    def _installments(self, contracts):
        return contracts.installment_ids


class CustomerCarneReport(models.AbstractModel):
    """The booklet of customers: what is open of all their contracts."""

    _name = "report.optica_cobranca.report_carne_customer"
    _description = "Carnê of a Customer"
    _inherit = "report.optica_cobranca.report_carne"

    @api.model
    def _get_report_values(self, docids, data=None):
        partners = self.env["res.partner"].browse(docids)
        partners.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": "res.partner",
            **self._booklets(partners._open_installments()),
        }


def _key(line):
    return (line.date_maturity, line.installment_number)
