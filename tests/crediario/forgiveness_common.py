"""Users and acts of the tests of what is forgiven.

The usual debt: 70.90 due Tue 10 March 2026, on 25 April 46 days late: fine 1.42, interest 1.09.
"""

from contextlib import contextmanager
from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user

from ..receiving.receiving_common import ReceivingCommon

DUE = "2026-03-10"
TODAY = "2026-04-25"
NOON = f"{TODAY} 15:00:00"


class ForgivenessCommon(ReceivingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(
            cls.env,
            "forgiveness.clerk",
            groups="optica_cobranca.group_collector,account.group_account_invoice",
            company_id=cls.company.id,
        )
        cls.manager = new_test_user(
            cls.env,
            "forgiveness.manager",
            groups="optica_cobranca.group_manager",
            company_id=cls.company.id,
        )
        cls.collector = new_test_user(
            cls.env,
            "forgiveness.collector",
            groups="optica_cobranca.group_collector",
            company_id=cls.company.id,
        )
        cls.expense = cls.company_data["default_account_expense"]
        cls.line = cls.make_installments((DUE, "70.90"))

    @contextmanager
    def refused(self, sentence):
        """With this sentence, and nothing of it stays."""
        with self.assertRaisesRegex(UserError, sentence), self.cr.savepoint():
            yield

    def trace(self, contract=None):
        """(how, principal, charges, whose limits, why) of all that was forgiven of a contract."""
        found = self.env["crediario.forgiveness"].search(
            [("contract_ids", "in", (contract or self.line.move_id).ids)], order="id"
        )
        return [
            (one.door, f"{one.principal:.2f}", f"{one.charges:.2f}", one.role, one.reason)
            for one in found
        ]

    def register(self, user, amount, on=TODAY, lines=None, write_off=True, together=False):
        """Core's *Register Payment*, the difference written off."""
        lines = (lines or self.line).with_user(user)
        wizard = Form(
            lines.env["account.payment.register"].with_context(
                active_model="account.move.line", active_ids=lines.ids
            )
        )
        wizard.payment_date = date.fromisoformat(on)
        if together:
            wizard.group_payment = True
        wizard.amount = amount
        if write_off:
            wizard.payment_difference_handling = "reconcile"
            wizard.writeoff_account_id = self.expense.with_user(user)
        return wizard.save()._create_payments()

    def entry(self, user, items, **values):
        """A posted entry of these (account, balance) items of the customer."""
        journal = self.company_data["default_journal_misc"]
        move = (
            self.env["account.move"]
            .with_user(user)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": journal.id,
                    "date": TODAY,
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": self.customer.id,
                                "balance": balance,
                            }
                        )
                        for account, balance in items
                    ],
                    **values,
                }
            )
        )
        move.action_post()
        return move

    def match(self, user, move, line=None):
        line = line or self.line
        credit = move.line_ids.filtered(lambda item: item.account_id == line.account_id)
        (line + credit).with_user(user).reconcile()
