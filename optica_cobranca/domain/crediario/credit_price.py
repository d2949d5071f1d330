"""Price of the credit: equal parts by method and rate, and what the credit costs a year.

Source: docs/money.md, "Price of the credit"; CDC art. 52 (total with and without credit, number and
value of the parts) and 54-B (effective total cost, shown before the sale).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

from ..shop.errors import ErrorCode, PriceError
from ..shop.money import CENT, ZERO, cents, check_parts, split_evenly
from ..shop.vocabulary import Vocabulary

DAYS_OF_YEAR = 365
# Digits for powers and roots; far more than the two decimals shown.
_PRECISION = 50
_CLOSE_ENOUGH = Decimal("1e-25")
_MOST_STEPS = 10_000


class PriceMethod(Vocabulary):
    """How the finance charge arises."""

    NONE = "none"  # no interest: the cash price in equal parts
    LINEAR = "linear"  # simple interest on the whole principal
    PRICE = "price"  # compound interest, equal parts (French system)


@dataclass(frozen=True, slots=True)
class Price:
    """A priced credit, BRL: the parts in order, their sum, and its excess over the principal."""

    parts: tuple[Decimal, ...]
    total: Decimal
    finance_charge: Decimal


def price_credit(principal: Decimal, n: int, method: str, monthly_rate: Decimal) -> Price:
    """Price `principal` (BRL, cash price less down payment) in `n` monthly parts.

    `method` is a `PriceMethod`, `monthly_rate` a percentage a month (1 is 1 %), ignored by
    `none`. `none` and `linear` put the remainder cents on the last part; `price` has n equal
    rounded parts. The finance charge is never negative: where rounding a `price` part eats up
    a minute rate, the principal is split without interest.

    :raise MoneyError: see `check_parts`
    :raise PriceError: NEGATIVE_PRINCIPAL, NEGATIVE_RATE, UNKNOWN_METHOD
    """
    _check(principal, n, method, monthly_rate)
    whole = cents(principal)
    rate = monthly_rate / 100
    if method == PriceMethod.NONE or not rate:
        parts = split_evenly(whole, n)
    elif method == PriceMethod.LINEAR:
        parts = split_evenly(whole * (1 + rate * n), n)
    else:
        parts = _equal_parts(whole, n, rate)
    total = sum(parts, ZERO)
    return Price(tuple(parts), total, total - whole)


def effective_annual_cost(
    principal: Decimal, dated_parts: Sequence[tuple[date, Decimal]], sale_date: date
) -> Decimal:
    """The CET: the yearly rate, in percent with 2 decimals, that makes the parts worth `principal`.

    Solves sum(part / (1 + c) ** (days / 365)) = principal, days counted from `sale_date`.
    `dated_parts` are (due date, BRL) without the down payment. The result is negative when the
    parts sum to less than the principal.

    :raise PriceError: CET_UNDEFINED when no finite rate exists: nothing borrowed, nothing paid
        back, a part before the sale or negative, or more due than that at once
    """
    flows = [((due - sale_date).days, part) for due, part in dated_parts if part]
    at_once = sum((part for days, part in flows if days == 0), ZERO)
    later = [(days, part) for days, part in flows if days != 0]
    if any(days < 0 or part < 0 for days, part in flows) or at_once > principal:
        raise PriceError(ErrorCode.CET_UNDEFINED, principal=principal)
    if at_once == principal and not later and principal > 0:
        return ZERO
    if not later or at_once == principal:
        raise PriceError(ErrorCode.CET_UNDEFINED, principal=principal)
    with localcontext() as context:
        context.prec = _PRECISION
        daily_discount = _discount_factor(principal - at_once, later)
        yearly = (1 / daily_discount) ** DAYS_OF_YEAR - 1
        try:
            return (yearly * 100).quantize(CENT, rounding=ROUND_HALF_UP)
        except InvalidOperation as error:  # a rate of more digits than the precision
            raise PriceError(ErrorCode.CET_UNDEFINED, principal=principal) from error


def _check(principal: Decimal, n: int, method: str, monthly_rate: Decimal) -> None:
    check_parts(n)
    if principal < 0:
        raise PriceError(ErrorCode.NEGATIVE_PRINCIPAL, principal=principal)
    if monthly_rate < 0:
        raise PriceError(ErrorCode.NEGATIVE_RATE, rate=monthly_rate)
    allowed = tuple(str(member) for member in PriceMethod)
    if method not in allowed:
        raise PriceError(ErrorCode.UNKNOWN_METHOD, method=method, allowed=allowed)


def _equal_parts(principal: Decimal, n: int, rate: Decimal) -> list[Decimal]:
    with localcontext() as context:
        context.prec = _PRECISION
        part = cents(principal * rate / (1 - (1 + rate) ** -n))
    if part * n < principal:
        return split_evenly(principal, n)
    return [part] * n


def _discount_factor(value: Decimal, flows: Sequence[tuple[int, Decimal]]) -> Decimal:
    """The daily factor v > 0 with sum(part * v ** days) = value, by Newton from the right.

    The sum is increasing and convex in v, so from any v above the root every step stays above
    it and comes nearer: no bracket is needed.
    """
    factor = Decimal(1)
    while sum(part * factor**days for days, part in flows) < value:
        factor *= 2
    for _step in range(_MOST_STEPS):
        excess = sum(part * factor**days for days, part in flows) - value
        slope = sum(part * days * factor ** (days - 1) for days, part in flows)
        change = excess / slope
        factor -= change
        if abs(change) < _CLOSE_ENOUGH:
            return factor
    raise PriceError(ErrorCode.CET_UNDEFINED, principal=value)
