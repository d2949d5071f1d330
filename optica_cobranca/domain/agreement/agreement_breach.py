"""The end of an agreement that is not kept: what was paid is credited to the original debts.

The originals come back with what was paid credited, oldest first, to the cent.

Source: docs/money.md, "Agreements"; Código Civil art. 352-355 (which debt, and which part of it,
a payment covers).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ..crediario.late_charges import AmountToday, apply_payment
from ..shop.business_days import BusinessCalendar
from ..shop.errors import AgreementError, ErrorCode
from ..shop.money import ZERO, cents
from .agreement import Debt


@dataclass(frozen=True, slots=True)
class AgreementPart:
    """The down payment or an installment of an agreement, and what was paid of it, BRL.

    Late charges that were paid on it are no part of `paid`: they were earned by its own delay.

    :raise AgreementError: NEGATIVE_VALUE, PAID_ABOVE_AMOUNT
    """

    key: Hashable
    due: date
    amount: Decimal
    paid: Decimal = ZERO

    def __post_init__(self) -> None:
        for field in ("amount", "paid"):
            value = getattr(self, field)
            if value < 0:
                raise AgreementError(ErrorCode.NEGATIVE_VALUE, field=field, value=value)
        if self.paid > self.amount:
            raise AgreementError(
                ErrorCode.PAID_ABOVE_AMOUNT, key=self.key, paid=self.paid, amount=self.amount
            )


@dataclass(frozen=True, slots=True)
class Credit:
    """What an original debt gets of what was paid, BRL, in the order of Código Civil art. 354."""

    key: Hashable
    interest: Decimal
    fine: Decimal
    principal: Decimal

    @property
    def total(self) -> Decimal:
        """All that is credited, BRL."""
        return self.interest + self.fine + self.principal


@dataclass(frozen=True, slots=True)
class Breach:
    """The credits, one for each original in the order given, and what none of them needed, BRL.

    The sum of the credits and of `surplus` is `paid`; the surplus belongs to the customer.
    """

    paid: Decimal
    credits: tuple[Credit, ...]
    surplus: Decimal


def is_breached(
    parts: Sequence[AgreementPart], on: date, tolerance_days: int, calendar: BusinessCalendar
) -> bool:
    """Whether some part is unpaid more than `tolerance_days` after its due date on day `on`.

    A due date without business counts as the next business day, as for late charges.
    """
    return any(
        part.paid < part.amount
        and on > calendar.next_business_day(part.due) + timedelta(days=tolerance_days)
        for part in parts
    )


def breach(parts: Sequence[AgreementPart], originals: Sequence[Debt]) -> Breach:
    """Credit what was paid of an agreement's parts to the originals, the oldest due date first.

    `originals` are the debts as the agreement took them in, without its discount. Within one,
    interest is covered first, then the fine, then the principal; none gets more than was owed.
    Originals of the same due date are credited in the order given.
    """
    paid = left = sum((cents(part.paid) for part in parts), ZERO)
    found: dict[int, Credit] = {}
    for position in sorted(range(len(originals)), key=lambda k: originals[k].due):
        original = originals[position]
        share = apply_payment(left, _owed(original))
        found[position] = Credit(original.key, share.interest, share.fine, share.principal)
        left = share.excess
    return Breach(paid, tuple(found[position] for position in range(len(originals))), left)


def _owed(debt: Debt) -> AmountToday:
    return AmountToday(cents(debt.principal), cents(debt.fine), cents(debt.interest))
