from num2words import num2words

from odoo import api, models

from ...domain.shop.money import cents

# Installments that fit on half a page: the shop keeps the other half.
LINES_OF_HALF_A_PAGE = 7


class ReceiptReport(models.AbstractModel):
    """What the customer takes home from the cashier."""

    _name = "report.optica_cobranca.report_receipt"
    _description = "Receipt of Installments"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        receipts = self.env["crediario.receipt"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": "crediario.receipt",
            "papers": [self._paper(receipt) for receipt in receipts],
        }

    def _paper(self, receipt):
        lang = self._language(receipt.partner_id)
        return {
            "receipt": receipt,
            "lang": lang,
            "shop": self._shop(receipt.company_id),
            "customer": self._person(receipt.partner_id),
            "in_words": self._in_words(receipt.amount_received, receipt.currency_id, lang),
            "copies": 2 if len(receipt.line_ids) <= LINES_OF_HALF_A_PAGE else 1,
            # With sudo: the customer's copy names the methods, whoever prints it.
            "methods": [
                (
                    payment.payment_method_line_id.with_context(lang=lang)._counter_label()
                    or payment.journal_id.with_context(lang=lang).name,
                    payment.amount,
                )
                for payment in receipt.sudo().payment_ids
            ],
        }

    def _in_words(self, amount, currency, lang):
        """An amount in reais as Brazilians say it; empty for any other currency or language.

        Not by the currency's own method, which says "dois real".
        """
        if (currency.name, lang) != ("BRL", "pt_BR"):
            return ""
        return num2words(cents(amount), to="currency", lang=lang)
