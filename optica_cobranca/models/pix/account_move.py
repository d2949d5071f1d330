from odoo import models
from odoo.exceptions import UserError

from ...tools.shop.notification import CLOSE, notification


class AccountMove(models.Model):
    """A contract paid by Pix: its code of today, and codes for its whole booklet."""

    _inherit = "account.move"

    # ------------------------------------------------------------- actions

    def action_pix(self):
        """Today's code over what is late or due, else over the next installment."""
        self.ensure_one()
        today = self.company_id._today()
        left = self.installment_ids.filtered(lambda line: line.amount_residual > 0)
        left = left._sorted_for_receiving()
        due = left.filtered(lambda line: line.date_maturity <= today)
        return self.env["pix.show"]._open(due or left[:1])

    def action_pix_booklet(self):
        """Register a code with due date for each open installment, to be printed on the carnê."""
        made = self.env["pix.charge"]
        for company, contracts in self.grouped("company_id").items():
            account = self.env["pix.account"]._usable(company)
            if not account:
                raise UserError(
                    self.env._(
                        "No bank is connected and live: the carnê has static codes, which bring "
                        "no confirmation. Connect one under Configuration, Pix Accounts."
                    )
                )
            today = company._today()
            contracts.check_access("read")
            made |= self.env["pix.charge"]._charges_for_booklet(
                contracts.installment_ids, today, account
            )
        if not made:
            message = self.env._(
                "There is nothing to ask for: the installments have codes, are late, or the "
                "customer has no CPF."
            )
            return notification(message, "warning", then=CLOSE)
        return notification(
            self.env._(
                "Codes asked of the bank: %s. Print the carnê in a minute or two.", len(made)
            ),
            then=CLOSE,
        )

    # --------------------------- Contracts and agreements in draft, or cancelled

    def button_draft(self):
        """Codes of what is not owed are withdrawn."""
        result = super().button_draft()
        installments = self.line_ids.filtered("crediario_plan_id")
        if installments:
            self.env["pix.charge"]._note_withdrawn(installments)
        return result
