"""Builders of the tests of the cashier: methods, orders, what the books say."""

from datetime import date
from decimal import Decimal

from odoo.addons.optica_cobranca.tools.receiving.receiving_order import (
    Method,
    ReceivingOrder,
    Waiver,
)

from ..common import CollectionCommon, clock_on


class ReceivingCommon(CollectionCommon):
    """A shop with a cash journal, and a bank journal that takes cards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._create_counter_methods()
        cls.cash = cls.company._usual_cash_journal()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.accounts = cls.company._receiving_accounts()

    def receive(
        self, lines, *methods, on, waive=None, reason="", reduce=False, entered=None, **values
    ):
        """Receive by ``("cash", "100.00")`` pairs; ``waive``: {line: (fine, interest)}.

        ``entered``: the day on which it is entered, the day of the payment unless given.
        """
        day = date.fromisoformat(on)
        reductions = {}
        if reduce:
            reductions = {key: found.reduction for key, found in lines._settlements(day).items()}
        order = ReceivingOrder(
            on=day,
            methods=tuple(
                Method(getattr(self, journal), Decimal(amount)) for journal, amount in methods
            ),
            waivers={
                line.id: Waiver(Decimal(fine), Decimal(interest))
                for line, (fine, interest) in (waive or {}).items()
            },
            waiver_reason=reason,
            reductions=reductions,
            **values,
        )
        with clock_on(date.fromisoformat(entered or on)):
            return self.env["crediario.receipt"]._receive(lines, order)

    def amounts(self, line, on):
        """(principal, fine, interest, total) as text on a day."""
        amount = line._amounts_today(date.fromisoformat(on))[line.id]
        return tuple(
            f"{value:.2f}"
            for value in (amount.principal, amount.fine, amount.interest, amount.total)
        )

    def totals(self, receipt):
        """(principal, fine, interest, discount, waived, received) as text."""
        names = ("principal", "fine", "interest", "discount", "waived", "received")
        return tuple(f"{receipt['amount_' + name]:.2f}" for name in names)

    def balance(self, kind):
        """Balance of the account of 'fine', 'interest' or 'discount' in posted entries, as text."""
        [(balance,)] = self.env["account.move.line"]._read_group(
            [("account_id", "=", self.accounts[kind].id), ("parent_state", "=", "posted")],
            [],
            ["balance:sum"],
        )
        return f"{balance or 0.0:.2f}"

    def residuals(self, lines):
        """Open principal of each line, as text."""
        return [f"{line.amount_residual:.2f}" for line in lines]
