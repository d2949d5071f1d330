from odoo import fields, models
from odoo.exceptions import UserError

from ...domain.shop.money import cents


class CrediarioCashDay(models.Model):
    """Entries of the drawer: money put in, taken out, found and missing."""

    _inherit = "crediario.cash.day"

    # ------------------------------------------------------------- booking

    def _counterpart(self, kind):
        """Expenses wait for the accountant; what goes to and from the safe or bank is on its way.

        :raise UserError: the company or the journal has no such account
        """
        if kind == "expense":
            account = self.journal_id.suspense_account_id
        else:
            account = self.company_id.transfer_account_id
        if not account:
            raise UserError(
                self.env._(
                    "Accounting misses an account: set the suspense account of journal "
                    "%(journal)s and the company's account of liquidity transfers.",
                    journal=self.journal_id.name,
                )
            )
        return account

    def _book_difference(self, difference, label):
        """Found money is income, missing money expense, by the accounts of the journal."""
        journal = self.journal_id
        account = journal.profit_account_id if difference > 0 else journal.loss_account_id
        if not account:
            raise UserError(
                self.env._(
                    "Set the accounts for profit and loss of journal %(journal)s first: cash "
                    "differences are booked there.",
                    journal=journal.name,
                )
            )
        return self._book(difference, account, label)

    def _book(self, value, counterpart, label):
        """A posted entry: ``value`` (BRL, negative: out) into the cash account."""
        entry = (
            self.env["account.move"]
            .with_company(self.company_id)
            .create(
                {
                    "move_type": "entry",
                    "company_id": self.company_id.id,
                    "journal_id": self.journal_id.id,
                    "date": fields.Date.context_today(self),
                    "ref": f"{self.name}: {label}",
                    "crediario_cash_day_id": self.id,
                    "line_ids": [
                        fields.Command.create(
                            {
                                "account_id": account.id,
                                "name": label,
                                "balance": float(balance),
                                "tax_ids": [],
                            }
                        )
                        for account, balance in (
                            (self.journal_id.default_account_id, value),
                            (counterpart, -value),
                        )
                    ],
                }
            )
        )
        entry._post(soft=False)
        return entry

    def _take_to_safe(self, amount):
        """What leaves the drawer after the counting, with its movement."""
        reason = self.env._("Taken to the safe at the closing")
        movement = self.movement_ids.create(
            {
                "day_id": self.id,
                "kind": "withdrawal",
                "amount": amount,
                "reason": reason,
                "user_id": self.env.uid,
                "at_closing": True,
            }
        )
        movement.move_id = self._book(-cents(amount), self._counterpart("withdrawal"), reason)
