from odoo import api, models
from odoo.fields import Command


class CrediarioReceipt(models.Model):
    """What was booked, written down for good."""

    _inherit = "crediario.receipt"

    # ------------------------------------------------------------- booking

    @api.model
    def _write_receipt(self, installments, order, amounts, allocation, payments):
        """The receipt and its lines.

        With sudo: nobody has the right to create receipts, this method is the one way.
        """
        company = installments.company_id
        payment_of = {id(line): payment for payment, lines in payments for line in lines}
        outcomes = {outcome.key: outcome for outcome in allocation.installments}
        receipt = self.sudo().create(
            {
                "name": self._next_name(company),
                "company_id": company.id,
                "partner_id": installments.partner_id.commercial_partner_id.id,
                "date": order.on,
                "user_id": self.env.uid,
                "waiver_reason": order.waiver_reason.strip() or False,
                "settlement_rule": order.rule or False,
                "amount_change": float(allocation.change),
                "payment_ids": [Command.link(payment.id) for payment, _lines in payments],
                "line_ids": [
                    Command.create(
                        self._receipt_line_vals(
                            installments.browse(line.key),
                            amounts[line.key],
                            line,
                            payment_of[id(line)],
                            # What was forgiven goes with the first line of its installment.
                            outcomes.pop(line.key, None),
                        )
                    )
                    for line in allocation.lines
                ],
            }
        )
        return receipt.sudo(False)

    @api.model
    def _receipt_line_vals(self, installment, amount, line, payment, outcome):
        return {
            "move_line_id": installment.id,
            "contract": installment.contract_reference,
            "label": installment.installment_label,
            "due_date": installment.date_maturity,
            "days_late": amount.days_late,
            "payment_id": payment.id,
            "principal": float(line.principal),
            "fine": float(line.fine),
            "interest": float(line.interest),
            "discount": float(line.discount),
            "waived_fine": float(outcome.waived_fine) if outcome else 0.0,
            "waived_interest": float(outcome.waived_interest) if outcome else 0.0,
        }
