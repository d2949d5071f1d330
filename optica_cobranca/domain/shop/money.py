"""Amounts in BRL cents: exact conversion, rounding, division without loss."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation

from .errors import ErrorCode, MoneyError

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
# Thirty years of months: no contract has more installments.
MOST_PARTS = 360


def exact(value: Decimal | int | float | str) -> Decimal:
    """The number as a `Decimal`, unrounded: the one door for floats that come from the ORM.

    A float counts as the shortest text that denotes it (1.005 is 1.005, not 1.00499...), which
    is what was typed.

    :raise MoneyError: NOT_AN_AMOUNT for text that is no number, for infinities and NaN
    """
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise MoneyError(ErrorCode.NOT_AN_AMOUNT, value=value) from error
    if not number.is_finite():
        raise MoneyError(ErrorCode.NOT_AN_AMOUNT, value=value)
    return number


def cents(value: Decimal | int | float | str) -> Decimal:
    """The amount rounded to cents, ROUND_HALF_UP (half a cent goes away from zero).

    :raise MoneyError: NOT_AN_AMOUNT as `exact` does, and for amounts too long for cents
    """
    number = exact(value)
    try:
        return number.quantize(CENT, rounding=ROUND_HALF_UP)
    except InvalidOperation as error:
        raise MoneyError(ErrorCode.NOT_AN_AMOUNT, value=value) from error


def check_parts(n: int) -> None:
    """Raise unless `n` is a number of parts that a debt is ever divided into.

    :raise MoneyError: PARTS_BELOW_ONE, PARTS_ABOVE_MOST (more than `MOST_PARTS`)
    """
    if n < 1:
        raise MoneyError(ErrorCode.PARTS_BELOW_ONE, count=n)
    if n > MOST_PARTS:
        raise MoneyError(ErrorCode.PARTS_ABOVE_MOST, count=n, most=MOST_PARTS)


def split_evenly(total: Decimal, n: int) -> list[Decimal]:
    """`total` in `n` equal parts of whole cents, the remainder cents on the last one.

    The parts sum to `cents(total)` and the last differs from the others by less than n cents.

    :raise MoneyError: PARTS_BELOW_ONE when n < 1
    """
    if n < 1:
        raise MoneyError(ErrorCode.PARTS_BELOW_ONE, count=n)
    whole = cents(total)
    part = (whole / n).quantize(CENT, rounding=ROUND_DOWN)
    return [part] * (n - 1) + [whole - part * (n - 1)]
