from odoo import fields, models


class AccountMove(models.Model):
    """A contract on the pages of Odoo's own portal: late by its late installments only."""

    _inherit = "account.move"

    def _get_invoice_portal_extra_values(self, custom_amount=None):
        """What Odoo's pages say of the next payment, by the rules of the contract.

        Late is what has charges to pay: fine and interest are part of the amount, a due date on a
        Sunday leaves Monday free. Only what is shown; what a provider charges is not from here.
        """
        values = super()._get_invoice_portal_extra_values(custom_amount=custom_amount)
        lines = self.sudo().installment_ids.filtered(lambda line: line.amount_residual > 0)
        if not self.crediario_plan_id or not lines or custom_amount is not None:
            return values
        rows = lines._sorted_for_receiving()._portal_values(fields.Date.context_today(self))
        late = [row for row in rows if row["status"] == "late"]
        shown = late or rows[:1]
        return {
            **values,
            "installment_state": "overdue" if late else "next",
            "next_amount_to_pay": sum(row["total"] for row in shown),
            "next_due_date": shown[0]["line"].date_maturity,
            "amount_due": sum(row["total"] for row in rows),
        }
