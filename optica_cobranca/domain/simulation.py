"""The seller's table: the same sale in 1, 2, … N installments, with what each costs.

Source: design, "Price of the credit"; CDC art. 52 (price, rate, charges, number and dates of the
installments, total with and without credit) and 54-B (effective monthly rate and CET), shown
before the customer agrees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from .credit_price import PriceMethod, effective_annual_cost, price_credit
from .errors import ErrorCode, PriceError, ScheduleError
from .money import CENT, ZERO, cents
from .schedule import installment_dates

_PRECISION = 60  # more digits than any CET that `effective_annual_cost` gives


@dataclass(frozen=True, slots=True)
class Offer:
    """A sale in `n` installments, BRL and percentages.

    `part` is the first installment and `last_part` the last one, which carries the remainder
    cents; `parts` and `dates` are all of them in order, without the down payment. `total` is
    everything the customer pays, down payment included; the price without credit is
    `total - finance_charge`. `monthly_rate` is the nominal one, as agreed (0 where the method
    charges nothing); `cet` the effective cost a year and `effective_monthly_rate` the same as a
    compound rate a month, both with 2 decimals. Both are None where no finite rate exists, such
    as a charge on an installment that falls due on the day of the sale.
    """

    n: int
    part: Decimal
    last_part: Decimal
    parts: tuple[Decimal, ...]
    dates: tuple[date, ...]
    down_payment: Decimal
    total: Decimal
    finance_charge: Decimal
    monthly_rate: Decimal
    effective_monthly_rate: Decimal | None
    cet: Decimal | None


def simulate(
    cash_price: Decimal,
    down_payment: Decimal,
    method: str,
    monthly_rate: Decimal,
    max_installments: int,
    min_part: Decimal,
    sale_date: date,
    first_due: date,
    *,
    anchor_day: int | None = None,
) -> list[Offer]:
    """Every offer from 1 to `max_installments`, in order, whose installments reach `min_part`.

    Amounts in BRL, `monthly_rate` in percent a month; `method` is a `PriceMethod`. The minimum
    counts against the installment the customer pays, finance charge included; the list is empty
    when not even one installment reaches it. `anchor_day`: see `installment_dates`.
    Raises what `price_credit` and `installment_dates` raise, and `PriceError` (NEGATIVE_VALUE,
    DOWN_PAYMENT_TOO_HIGH), `ScheduleError` (FIRST_DUE_TOO_EARLY).
    """
    principal = _principal(cash_price, down_payment)
    dates = installment_dates(first_due, max_installments, anchor_day=anchor_day)
    offers = (
        make_offer(principal, down_payment, method, monthly_rate, sale_date, dates[:n])
        for n in range(1, max_installments + 1)
    )
    return [offer for offer in offers if min(offer.parts) >= min_part]


def make_offer(
    principal: Decimal,
    down_payment: Decimal,
    method: str,
    monthly_rate: Decimal,
    sale_date: date,
    dates: Sequence[date],
) -> Offer:
    """The offer of `principal` (BRL, down payment already taken off) on the given due dates.

    Raises what `price_credit` raises, and `ScheduleError` (FIRST_DUE_TOO_EARLY) for a due date
    before `sale_date`.
    """
    price = price_credit(principal, len(dates), method, monthly_rate)
    if dates[0] < sale_date:
        raise ScheduleError(ErrorCode.FIRST_DUE_TOO_EARLY, first_due=dates[0], earliest=sale_date)
    cet = _cet(principal, list(zip(dates, price.parts, strict=True)), sale_date)
    return Offer(
        n=len(dates),
        part=price.parts[0],
        last_part=price.parts[-1],
        parts=price.parts,
        dates=tuple(dates),
        down_payment=cents(down_payment),
        total=price.total + cents(down_payment),
        finance_charge=price.finance_charge,
        monthly_rate=Decimal(0) if method == PriceMethod.NONE else monthly_rate,
        effective_monthly_rate=None if cet is None else equivalent_monthly_rate(cet),
        cet=cet,
    )


def equivalent_monthly_rate(yearly_rate: Decimal) -> Decimal:
    """The compound monthly rate, percent with 2 decimals, of a yearly one above -100 %.

    A twelfth of a year whatever the month: (1 + c) ** (1/12) - 1.
    """
    with localcontext() as context:
        context.prec = _PRECISION
        monthly = (1 + yearly_rate / 100) ** (Decimal(1) / 12) - 1
        return (monthly * 100).quantize(CENT, rounding=ROUND_HALF_UP)


def _principal(cash_price: Decimal, down_payment: Decimal) -> Decimal:
    if down_payment < 0:
        raise PriceError(ErrorCode.NEGATIVE_VALUE, field="down_payment", value=down_payment)
    principal = cents(cash_price) - cents(down_payment)
    if principal <= ZERO:
        raise PriceError(
            ErrorCode.DOWN_PAYMENT_TOO_HIGH, down_payment=down_payment, limit=cash_price
        )
    return principal


def _cet(
    principal: Decimal, dated_parts: Sequence[tuple[date, Decimal]], sale_date: date
) -> Decimal | None:
    try:
        return effective_annual_cost(principal, dated_parts, sale_date)
    except PriceError as error:
        if error.code != ErrorCode.CET_UNDEFINED:
            raise
        return None
