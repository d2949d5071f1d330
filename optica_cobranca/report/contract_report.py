from odoo import api, fields, models


class ContractReport(models.AbstractModel):
    """The contract: what was sold, what the credit costs, when it is paid, who signs."""

    _name = "report.optica_cobranca.report_contract"
    _description = "Contract of Store Credit"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        contracts = self.env["account.move"].browse(docids).filtered("crediario_plan_id")
        return {
            "doc_ids": docids,
            "doc_model": "account.move",
            "papers": [self._paper(contract) for contract in contracts],
        }

    def _paper(self, contract):
        offer = contract._crediario_offer()
        lang = self._language(contract.partner_id)
        goods = contract.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and not line.is_finance_charge
        )
        return {
            "contract": contract,
            "lang": lang,
            "shop": self._shop(contract.company_id),
            "customer": self._person(contract.partner_id),
            "plan": contract.sudo().crediario_plan_id.with_context(lang=lang),
            "goods": goods if contract.move_type == "out_invoice" else goods.browse(),
            "offer": offer,
            "cash": float(offer.total - offer.finance_charge) if offer else 0.0,
            "rows": self._rows(contract, offer),
            "debt": float(sum(offer.parts)) if offer else contract._crediario_debt(),
            "date": contract.invoice_date or contract.date or fields.Date.context_today(self),
        }

    def _rows(self, contract, offer):
        """Number, due date and value of each installment, as agreed."""
        if offer:
            pairs = zip(offer.dates, map(float, offer.parts), strict=True)
            return [(number, *pair) for number, pair in enumerate(pairs, start=1)]
        lines = contract.installment_ids.filtered("installment_number")
        return [
            (line.installment_number, line.date_maturity, line.balance)
            for line in lines.sorted("installment_number")
        ]
