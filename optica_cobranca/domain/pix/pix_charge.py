"""What a Pix charge asks for: the amounts of each installment on one day, and their sum.

Source: docs/money.md, "Late charges" and "Paying early"; Banco Central do Brasil, API Pix (a `cob`
asks for one exact amount, a `cobv` lets the bank count fine, interest and discount by day).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..shop.money import ZERO, cents


@dataclass(frozen=True, slots=True)
class Part:
    """What one installment costs on the charge's day, BRL; `reduction` is part of the principal.

    `total` is the money that settles it.
    """

    key: Hashable
    principal: Decimal
    fine: Decimal = ZERO
    interest: Decimal = ZERO
    reduction: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """BRL."""
        return self.principal + self.fine + self.interest - self.reduction


@dataclass(frozen=True, slots=True)
class Sum:
    """The parts of a charge together, BRL."""

    principal: Decimal
    fine: Decimal
    interest: Decimal
    reduction: Decimal

    @property
    def total(self) -> Decimal:
        """BRL."""
        return self.principal + self.fine + self.interest - self.reduction


def sum_of(parts: Sequence[Part]) -> Sum:
    """The parts added up, in cents."""
    return Sum(
        *(
            cents(sum((getattr(part, name) for part in parts), ZERO))
            for name in ("principal", "fine", "interest", "reduction")
        )
    )
