"""The seller's table: the same sale in 1, 2, … N installments, with what each costs.

Source: docs/money.md, "Price of the credit"; CDC art. 52 (price, rate, charges, number and
dates of the installments, total with and without credit) and 54-B (effective monthly rate and
CET), shown before the customer agrees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ..shop.errors import ErrorCode, PriceError, ScheduleError
from ..shop.money import ZERO, cents
from .credit_price import DAYS_OF_YEAR, PriceMethod, effective_annual_cost, price_credit
from .schedule import installment_dates


@dataclass(frozen=True, slots=True)
class Offer:
    """A sale in `n` installments, BRL and percentages.

    `part` is the first installment and `last_part` the last one, which carries the remainder
    cents; `parts` and `dates` are all of them in order, without the down payment. `total` is
    everything the customer pays, down payment included; the price without credit is
    `total - finance_charge`. `monthly_rate` is the nominal one, as agreed (0 where the method
    charges nothing), `effective_monthly_rate` what it comes to by compound interest in equal
    months, `cet` the effective cost a year by the true dates, both with 2 decimals. `cet` is None
    where no finite one exists, such as a charge on what falls due on the day of the sale.
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
    effective_monthly_rate: Decimal
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

    :raise PriceError: NEGATIVE_VALUE, DOWN_PAYMENT_TOO_HIGH
    :raise ScheduleError: FIRST_DUE_TOO_EARLY
    :raise DomainError: what `price_credit` and `installment_dates` raise
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

    :raise ScheduleError: FIRST_DUE_TOO_EARLY for a due date before `sale_date`
    :raise DomainError: what `price_credit` raises
    """
    price = price_credit(principal, len(dates), method, monthly_rate)
    if dates[0] < sale_date:
        raise ScheduleError(ErrorCode.FIRST_DUE_TOO_EARLY, first_due=dates[0], earliest=sale_date)
    rate = Decimal(0) if method == PriceMethod.NONE else monthly_rate
    return offer_of(principal, down_payment, rate, sale_date, dates, price.parts)


def offer_of(
    principal: Decimal,
    down_payment: Decimal,
    monthly_rate: Decimal,
    sale_date: date,
    dates: Sequence[date],
    parts: Sequence[Decimal],
) -> Offer:
    """What known installments come to: `parts` (BRL) due on `dates`, at the rate agreed.

    :raise PriceError: CET_UNDEFINED where not even equal months give a rate
    """
    total = sum(parts, ZERO)
    return Offer(
        n=len(dates),
        part=parts[0],
        last_part=parts[-1],
        parts=tuple(parts),
        dates=tuple(dates),
        down_payment=cents(down_payment),
        total=total + cents(down_payment),
        finance_charge=total - cents(principal),
        monthly_rate=monthly_rate,
        effective_monthly_rate=effective_monthly_rate(principal, parts),
        cet=_cet(principal, list(zip(dates, parts, strict=True)), sale_date),
    )


def effective_monthly_rate(principal: Decimal, parts: Sequence[Decimal]) -> Decimal:
    """The rate a month, percent with 2 decimals, at which the parts are worth `principal`.

    Solves sum(part_k / (1 + m) ** k) = principal for equal months, k = 1..n: a `price` credit
    gives the rate agreed, `linear` more than it. What the true dates cost is the CET's matter.

    :raise PriceError: CET_UNDEFINED as `effective_annual_cost` does
    """
    # The same equation as the CET's, with a year in the place of each month.
    start = date.min
    yearly = [
        (start + timedelta(days=DAYS_OF_YEAR * k), part) for k, part in enumerate(parts, start=1)
    ]
    return effective_annual_cost(principal, yearly, start)


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
