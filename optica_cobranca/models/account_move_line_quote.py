from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo import models

from ..domain.money import ZERO, cents

AMOUNTS = ("principal", "fine", "interest", "reduction", "to_pay")


@dataclass(frozen=True)
class QuotedInstallment:
    """What one installment costs when it is paid now, BRL; ``reduction`` is of the principal."""

    line: models.Model
    principal: Decimal
    fine: Decimal
    interest: Decimal
    reduction: Decimal

    @property
    def to_pay(self):
        """The money that settles it."""
        return self.principal + self.fine + self.interest - self.reduction


class AccountMoveLine(models.Model):
    """What a customer pays for any choice of installments on one day."""

    _inherit = "account.move.line"

    def _payment_quote(self, on: date, amounts=None, *, alone=False) -> list[QuotedInstallment]:
        """The open ones of these installments with what settles each on ``on``, oldest first.

        Late ones with fine and interest, those not due yet with the reduction that paying early
        earns (CDC art. 52 § 2, also for a part of the debt). The cashier asks the same functions.

        :param amounts: their ``_amounts_today(on)``, if known already
        :param alone: for choosing from: the discount for settling a whole contract is left out
        """
        lines = self.filtered(lambda line: cents(line.amount_residual) > ZERO)
        amounts = lines._amounts_today(on) if amounts is None else amounts
        settlements = lines._settlements(on, amounts, alone=alone)
        return [
            QuotedInstallment(
                line,
                amounts[line.id].principal,
                amounts[line.id].fine,
                amounts[line.id].interest,
                settlements[line.id].reduction,
            )
            for line in lines._sorted_for_receiving()
        ]


def quote_rows(quote):
    """:class:`QuotedInstallment` for a page: dicts of ``line`` and of floats by AMOUNTS."""
    return [
        {"line": part.line, **{name: float(getattr(part, name)) for name in AMOUNTS}}
        for part in quote
    ]


def quote_totals(quote):
    """Sums for a page: floats by AMOUNTS, and ``count``."""
    sums = {name: sum((getattr(part, name) for part in quote), ZERO) for name in AMOUNTS}
    return {"count": len(quote), **{name: float(amount) for name, amount in sums.items()}}
