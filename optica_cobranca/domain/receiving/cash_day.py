"""The cash of one person's day: what should be in the drawer, what is, what stays in it.

Source: docs/counter.md; the usual book of a Brazilian shop (abertura, suprimento,
sangria, fechamento). All amounts are BRL.
"""

from dataclasses import dataclass
from decimal import Decimal

from ..shop.errors import CashDayError, ErrorCode
from ..shop.money import ZERO, cents


@dataclass(frozen=True, slots=True)
class Drawer:
    """What went in and out since the opening, each of them zero or more but `received`.

    `received`: cash of customers less what was paid out to them by payments; negative when more
    went out. `given_back`: receipts of days already closed that were undone in this one.
    """

    opening: Decimal
    received: Decimal = ZERO
    supplied: Decimal = ZERO
    withdrawn: Decimal = ZERO
    given_back: Decimal = ZERO

    @property
    def expected(self) -> Decimal:
        """What counting should find."""
        return cents(
            self.opening + self.received + self.supplied - self.withdrawn - self.given_back
        )


@dataclass(frozen=True, slots=True)
class Closing:
    """`difference`: counted less expected; negative is missing. `left`: for the next opening."""

    difference: Decimal
    left: Decimal


def close(drawer: Drawer, counted: Decimal, taken_out: Decimal = ZERO) -> Closing:
    """Count at the end of the day and take some of it to the safe.

    :raise CashDayError: NEGATIVE_CASH (counted or taken_out), TAKEN_ABOVE_COUNTED
    """
    for field, value in (("counted", counted), ("taken_out", taken_out)):
        if value < 0:
            raise CashDayError(ErrorCode.NEGATIVE_CASH, field=field, value=value)
    if taken_out > counted:
        raise CashDayError(ErrorCode.TAKEN_ABOVE_COUNTED, counted=counted, taken_out=taken_out)
    return Closing(cents(counted) - drawer.expected, cents(counted) - cents(taken_out))


def check_out(drawer: Drawer, amount: Decimal) -> None:
    """Nobody takes out more than is in the drawer.

    :raise CashDayError: CASH_NOT_POSITIVE, OUT_ABOVE_EXPECTED
    """
    check_amount(amount)
    if cents(amount) > drawer.expected:
        raise CashDayError(ErrorCode.OUT_ABOVE_EXPECTED, amount=amount, expected=drawer.expected)


def check_amount(amount: Decimal) -> None:
    """What is put in or taken out is more than nothing.

    :raise CashDayError: CASH_NOT_POSITIVE
    """
    if cents(amount) <= 0:
        raise CashDayError(ErrorCode.CASH_NOT_POSITIVE, amount=amount)
