from odoo import api, fields, models
from odoo.exceptions import UserError


class ContractReport(models.AbstractModel):
    """The contract: what was sold, what the credit costs, when it is paid, who signs."""

    _name = "report.optica_cobranca.report_contract"
    _description = "Contract of Store Credit"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        contracts = self.env["account.move"].browse(docids).filtered("crediario_plan_id")
        for contract in contracts.filtered(lambda move: move._crediario_is_open()):
            if problem := contract._crediario_buyer_problem():
                raise UserError(problem)
        return {
            "doc_ids": docids,
            "doc_model": "account.move",
            "papers": [self._paper(contract) for contract in contracts],
        }

    def _paper(self, contract):
        offer = contract._crediario_offer()
        lang = self._language(contract.partner_id)
        lines = contract.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and not line.is_finance_charge
        )
        paid_before = lines.filtered(lambda line: line.is_downpayment and line.price_total < 0)
        goods = lines - paid_before if contract.move_type == "out_invoice" else lines.browse()
        before = -sum(paid_before.mapped("price_total"))
        return {
            "contract": contract,
            "lang": lang,
            "shop": self._shop(contract.company_id),
            "customer": self._person(contract.partner_id),
            "plan": contract.sudo()._crediario_rules().with_context(lang=lang),
            "goods": goods,
            "offer": offer,
            "cash": before + float(offer.total - offer.finance_charge) if offer else 0.0,
            "down": before + float(offer.down_payment) if offer else 0.0,
            "total": before + float(offer.total) if offer else 0.0,
            "schedule": self._schedule(contract, paid_before),
            "count": offer.n if offer else contract.installment_count,
            "debt": float(sum(offer.parts)) if offer else contract._crediario_debt(),
            "delivered": contract._goods_are_delivered(),
            "fiscal_note": contract.with_context(lang=lang)._fiscal_note(),
            "date": contract.invoice_date or contract.date or fields.Date.context_today(self),
        }

    def _schedule(self, contract, paid_before):
        """The one schedule: what was paid before, the down payment, the installments as agreed.

        :return: list of ``(number, date, amount, state)``; number 0 is a down payment, state is
            ``"paid"``, ``"open"``, or None of an installment
        """
        rows = [
            (0, move.invoice_date or move.date, move.amount_total, _state(move.amount_residual))
            for move in paid_before.sale_line_ids.sudo().invoice_lines.move_id.filtered(
                lambda move: move._is_downpayment() and move.state == "posted"
            )
        ]
        down = contract.installment_ids.filtered(lambda line: not line.installment_number)
        rows += [
            (0, line.date_maturity, line.balance, _state(line.amount_residual)) for line in down
        ]
        if not down and contract._crediario_down_payment() and contract.state != "posted":
            day, amount = contract._crediario_sale_date(), contract.down_payment
            rows.append((0, day, amount, "open"))
        return rows + [(*row, None) for row in self._rows(contract, contract._crediario_offer())]

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


def _state(left):
    return "open" if left else "paid"
