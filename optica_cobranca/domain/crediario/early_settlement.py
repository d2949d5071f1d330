"""What installments not yet due are worth today, and the reduction for paying them early.

Source: docs/money.md, "Paying early"; CDC art. 52 § 2 (proportional reduction of interest, for the
whole debt or a part of it). The present value at the contract's rate, by days / 30, is the usual
reading of "proportional"; a contract without interest has no legal reduction.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from dateutil.relativedelta import relativedelta

from ..shop.errors import ErrorCode, SettlementError
from ..shop.money import ZERO, cents
from ..shop.shares import round_together
from .credit_price import PriceMethod
from .late_charges import DAYS_OF_MONTH

_PRECISION = 50
_WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class SettlementRule:
    """What the contract grants for paying early, all in percent.

    `method` (a `PriceMethod`) and `monthly_rate` are the contract's: `price` discounts by
    compound interest, `linear` by simple interest. Where the contract bears no interest (`none`,
    or a rate of 0), the shop's policy counts instead: `percent_per_whole_month` for each whole
    month between the payment and the due date, `flat_percent` when everything is settled; where
    both apply, the greater one.

    :raise SettlementError: UNKNOWN_METHOD, NEGATIVE_RATE, BAD_PERCENT (outside 0..100)
    """

    method: str
    monthly_rate: Decimal = ZERO
    percent_per_whole_month: Decimal = ZERO
    flat_percent: Decimal = ZERO

    def __post_init__(self) -> None:
        allowed = tuple(str(member) for member in PriceMethod)
        if self.method not in allowed:
            raise SettlementError(ErrorCode.UNKNOWN_METHOD, method=self.method, allowed=allowed)
        if self.monthly_rate < 0:
            raise SettlementError(ErrorCode.NEGATIVE_RATE, rate=self.monthly_rate)
        for field in ("percent_per_whole_month", "flat_percent"):
            value = getattr(self, field)
            if not 0 <= value <= _WHOLE:
                raise SettlementError(ErrorCode.BAD_PERCENT, field=field, value=value)


@dataclass(frozen=True, slots=True)
class OpenInstallment:
    """An installment to settle: what is still owed of its principal (BRL), and its due date.

    :raise SettlementError: NEGATIVE_VALUE
    """

    key: Hashable
    principal_open: Decimal
    due: date

    def __post_init__(self) -> None:
        if self.principal_open < 0:
            raise SettlementError(
                ErrorCode.NEGATIVE_VALUE, field="principal_open", value=self.principal_open
            )


@dataclass(frozen=True, slots=True)
class Settlement:
    """What settles an installment's principal, BRL: `present_value` + `reduction` = principal."""

    present_value: Decimal
    reduction: Decimal
    key: Hashable = None


def settle(
    installments: Sequence[OpenInstallment],
    on: date,
    rule: SettlementRule,
    *,
    everything: bool = False,
) -> list[Settlement]:
    """What settles each of any set of installments on day `on`, in the order given.

    `everything` says that the set is all that is left of the debt, which earns the policy's flat
    discount. The present value of the set is rounded to cents once and shared out, so each
    installment's differs from its exact value by less than a cent and they sum to the rounded
    whole. What is due on `on` or earlier has no reduction; its late charges are not counted here.
    """
    principals = [cents(installment.principal_open) for installment in installments]
    values = round_together(
        [
            _exact_value(principal, installment.due, on, rule, everything)
            for principal, installment in zip(principals, installments, strict=True)
        ]
    )
    return [
        Settlement(value, principal - value, installment.key)
        for value, principal, installment in zip(values, principals, installments, strict=True)
    ]


def whole_months_between(on: date, due: date) -> int:
    """Whole months from `on` to `due`, 0 when `due` is earlier.

    A month is complete on the same day of the next month, or on its last day if it has no such
    day: from 31 January one month is complete on 28 February.
    """
    if due <= on:
        return 0
    apart = relativedelta(due, on)
    return apart.years * 12 + apart.months


def _exact_value(
    principal: Decimal, due: date, on: date, rule: SettlementRule, everything: bool
) -> Decimal:
    days = (due - on).days
    if days <= 0:
        return principal
    rate = rule.monthly_rate / 100
    with localcontext() as context:
        context.prec = _PRECISION
        months = Decimal(days) / DAYS_OF_MONTH
        if rule.method == PriceMethod.NONE or not rate:
            return principal * (_WHOLE - _policy_percent(due, on, rule, everything)) / _WHOLE
        if rule.method == PriceMethod.LINEAR:
            return principal / (1 + rate * months)
        return principal / (1 + rate) ** months


def _policy_percent(due: date, on: date, rule: SettlementRule, everything: bool) -> Decimal:
    percent = rule.percent_per_whole_month
    monthly = percent and percent * whole_months_between(on, due)
    flat = rule.flat_percent if everything else ZERO
    return min(_WHOLE, max(monthly, flat))
