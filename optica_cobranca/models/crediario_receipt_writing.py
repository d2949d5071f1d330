from odoo import api, models
from odoo.fields import Command


class CrediarioReceipt(models.Model):
    """What was booked, written down for good."""

    _inherit = "crediario.receipt"

    # ------------------------------------------------------------- booking

    @api.model
    def _write_receipts(self, jobs):
        """Receipts with their lines, in the order of the jobs.

        With sudo: nobody has the right to create receipts, this method is the one way.

        :param jobs: rows (installments, order, amounts by line id, allocation, pairs of a payment
            and its allocation lines)
        """
        values = [self._receipt_vals(*job) for job in jobs]
        companies = self.env["res.company"].browse({vals["company_id"] for vals in values})
        sequences = {company.id: self._sequence(company) for company in companies}
        for vals in values:
            vals["name"] = sequences[vals["company_id"]].next_by_id()
        return self.sudo().create(values).sudo(False)

    @api.model
    def _receipt_vals(self, installments, order, amounts, allocation, payments):
        payment_of = {id(line): payment for payment, lines in payments for line in lines}
        outcomes = {outcome.key: outcome for outcome in allocation.installments}
        return {
            "company_id": installments.company_id.id,
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
