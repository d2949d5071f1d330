from odoo import api, fields, models
from odoo.fields import Domain


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


class AccountMoveLine(models.Model):
    """An installment as its customer sees it."""

    _inherit = "account.move.line"

    @api.model
    def _portal_installments_domain(self, partner, companies=None):
        """Posted installments of the customer behind ``partner``, in the companies at hand.

        With sudo: who the contacts of a company are is not for them to read. They are a part of
        the query for the lines, not one of their own.
        """
        family = (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            ._search([("commercial_partner_id", "=", partner.commercial_partner_id.id)])
        )
        return Domain(
            [
                ("company_id", "in", (companies or self.env.companies).ids),
                ("partner_id", "in", family),
                ("crediario_plan_id", "!=", False),
                ("parent_state", "=", "posted"),
            ]
        )

    def _portal_values(self, on, amounts=None):
        """Everything the portal shows of these installments on the day ``on``, a dict for each.

        :param amounts: their ``_amounts_today(on)``, if known already
        :return: keys ``line``, ``status`` (late, due, coming or paid), ``label``, ``contract``,
            ``principal``, ``fine``, ``interest``, ``total``, ``days_late`` (since the due date),
            ``charges_from`` (where that is another day than the due date), ``paid_on``.

        With sudo and only here: payments, plans and entries are closed to portal users, who get
        figures of lines that their own rights found.
        """
        if not self:
            return []
        self.check_access("read")
        lines = self.sudo()
        amounts = lines._amounts_today(on) if amounts is None else amounts
        return [line._portal_value(amounts[line.id], on) for line in lines]

    def _portal_value(self, amount, on):
        move = self.move_id
        payments = self.matched_credit_ids.credit_move_id
        return {
            "line": self,
            "status": self._portal_status(amount, on),
            "label": self.installment_label,
            "contract": self.contract_reference or move.name,
            "principal": float(amount.principal),
            "fine": float(amount.fine),
            "interest": float(amount.interest),
            "total": float(amount.total),
            "days_late": self._days_late(on),
            "charges_from": self._charges_from(on),
            "paid_on": max((payment._counts_on() for payment in payments), default=False),
        }

    def _portal_status(self, amount, on):
        """Late only when being late costs something: a due date on a Sunday leaves Monday free."""
        if not amount.total:
            return "paid"
        if amount.days_charged:
            return "late"
        return "due" if self.date_maturity <= on else "coming"
