from collections import defaultdict

from odoo import api, models


class CashDayReport(models.AbstractModel):
    """The cash of days on paper: by person and method, then each day with its receipts."""

    _name = "report.optica_cobranca.report_cash_day"
    _description = "Cash Report"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        days = self.env["crediario.cash.day"].browse(docids)
        days.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": "crediario.cash.day",
            "shop": self._shop(days.company_id[:1]),
            "currency": days.currency_id[:1],
            "summary": self._summary(days) if len(days) > 1 else None,
            "papers": [self._paper(day) for day in days.sorted(lambda day: (day.date, day.id))],
        }

    def _paper(self, day):
        receipts = day._receipts()
        return {
            "day": day,
            # With sudo: which method a payment had is on the report, whoever prints it.
            "receipts": [
                (receipt, self._methods(receipt.sudo().payment_ids, day)) for receipt in receipts
            ],
        }

    def _methods(self, payments, day):
        own = payments.filtered(lambda payment: payment.crediario_cash_day_id == day)
        labels = (payment.payment_method_line_id._counter_label() for payment in own)
        return ", ".join(dict.fromkeys(filter(None, labels)))

    def _summary(self, days):
        """Persons down, methods across, with the sums of both."""
        amounts = defaultdict(float)
        for row in days.method_ids:
            for person in (row.user_id, None):
                for method in (row.name, None):
                    amounts[person, method] += row.amount
        return {
            "methods": sorted(set(days.method_ids.mapped("name"))),
            "people": days.user_id.sorted("name"),
            "amounts": amounts,
            "first": min(days.mapped("date")),
            "last": max(days.mapped("date")),
        }
