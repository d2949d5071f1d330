from odoo import api, models
from odoo.fields import Domain


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
            ``paid_on``.

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
            "days_late": max((on - self.date_maturity).days, 0),
            "paid_on": max(payments.mapped("date"), default=False),
        }

    def _portal_status(self, amount, on):
        """Late only when being late costs something: a due date on a Sunday leaves Monday free."""
        if not amount.total:
            return "paid"
        if amount.days_late:
            return "late"
        return "due" if self.date_maturity <= on else "coming"
