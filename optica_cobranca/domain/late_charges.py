"""Late fine and late interest of one installment, on any day, from its payment history.

Source: design, "Late charges"; CDC art. 52 § 1 (fine of at most 2 %), Decreto 22.626/1933
art. 4 (no interest on interest), Código Civil art. 354 (a payment covers interest first),
Lei 7.089/1983 (no interest when paid on the next business day).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .business_days import BusinessCalendar
from .errors import ChargeError, ErrorCode
from .money import ZERO, cents

MAX_FINE_PERCENT = Decimal("2.00")
USUAL_MONTHLY_INTEREST = Decimal("1.00")
DAYS_OF_MONTH = 30


@dataclass(frozen=True, slots=True)
class ChargeTerms:
    """What the contract charges for lateness.

    `fine_percent` of the principal, once, at most 2.00; `monthly_interest_percent` simple, by
    days / 30; nothing within `grace_days` after the due date. Interest above
    USUAL_MONTHLY_INTEREST is accepted here; who may agree to it is the plan's matter.
    Raises `ChargeError`: FINE_ABOVE_LIMIT, NEGATIVE_VALUE.
    """

    fine_percent: Decimal
    monthly_interest_percent: Decimal
    grace_days: int = 0

    def __post_init__(self) -> None:
        _refuse_negative(self, ("fine_percent", "monthly_interest_percent", "grace_days"))
        if self.fine_percent > MAX_FINE_PERCENT:
            raise ChargeError(
                ErrorCode.FINE_ABOVE_LIMIT, fine_percent=self.fine_percent, limit=MAX_FINE_PERCENT
            )


@dataclass(frozen=True, slots=True)
class Payment:
    """What one payment of day `on` covered of one installment, BRL; waived amounts were forgiven.

    Raises `ChargeError` (NEGATIVE_VALUE); a reversed payment is left out of the history instead.
    """

    on: date
    principal: Decimal
    interest: Decimal = ZERO
    fine: Decimal = ZERO
    waived_interest: Decimal = ZERO
    waived_fine: Decimal = ZERO

    def __post_init__(self) -> None:
        _refuse_negative(self, ("principal", "interest", "fine", "waived_interest", "waived_fine"))


@dataclass(frozen=True, slots=True)
class AmountToday:
    """What is still owed of an installment, BRL.

    `principal` outstanding, `fine` and `interest` not yet paid, `total` their sum.
    `days_late`: days charged, counted from the (rolled) due date; 0 within the grace and once
    the principal is settled.
    """

    principal: Decimal
    fine: Decimal
    interest: Decimal
    days_late: int
    total: Decimal

    @classmethod
    def nothing(cls) -> "AmountToday":
        """The amount of what is settled, or is no installment at all."""
        return cls(ZERO, ZERO, ZERO, 0, ZERO)


@dataclass(frozen=True, slots=True)
class Allocation:
    """How an amount was spread over one installment, BRL; `excess` is what it did not need."""

    interest: Decimal
    fine: Decimal
    principal: Decimal
    excess: Decimal

    def payment(self, on: date) -> Payment:
        """The allocation as a payment of day `on`, ready to join the history."""
        return Payment(on, self.principal, self.interest, self.fine)


def amount_today(
    principal: Decimal,
    due: date,
    terms: ChargeTerms,
    on: date,
    calendar: BusinessCalendar,
    payments: Sequence[Payment] = (),
) -> AmountToday:
    """What is owed at the end of day `on` of an installment of `principal` (BRL) due on `due`.

    A due date without business rolls to the next business day (by `calendar`, where the shop
    is), and whatever is paid until then was paid in time. Past the grace, the fine is taken
    once on the principal that was outstanding at the end of the rolled due date. Interest is
    simple, on the outstanding principal only, and counts from the rolled due date also when a
    grace was granted and lost. Each payment day closes a stretch of interest: the stretch is
    rounded to cents there, stays owed as it was and bears none. Payments after `on` do not
    exist yet. `payments` may be in any order.

    Interest paid in excess of what was owed counts against later interest; interest paid until
    the rolled due date belongs to an earlier due date (an extension) and does not; a waiver
    forgives what was owed that day and no more. A fine paid or waived at any time is never
    charged again.
    Raises `ChargeError` (NEGATIVE_VALUE) for a negative principal.
    """
    if principal < 0:
        raise ChargeError(ErrorCode.NEGATIVE_VALUE, field="principal", value=principal)
    start = calendar.next_business_day(due)
    end_of_grace = start + timedelta(days=terms.grace_days)
    known = sorted((p for p in payments if p.on <= on), key=lambda payment: payment.on)
    outstanding = _outstanding(principal, known, on)
    settled_in_time = not _outstanding(principal, known, min(on, end_of_grace))
    if on <= end_of_grace or settled_in_time:
        return AmountToday(outstanding, ZERO, ZERO, 0, outstanding)
    fine = _fine_owed(_outstanding(principal, known, start), terms, known)
    interest = _interest_owed(principal, terms, start, on, known)
    days_late = (on - start).days if outstanding else 0
    return AmountToday(outstanding, fine, interest, days_late, outstanding + fine + interest)


def fine_of(principal: Decimal, terms: ChargeTerms) -> Decimal:
    """The fine on `principal` (BRL) left unpaid at the due date, once and for all."""
    return cents(principal * terms.fine_percent / 100)


def apply_payment(amount: Decimal, state: AmountToday) -> Allocation:
    """Spread `amount` (BRL) over what is owed: interest, then fine, then principal.

    Source: Código Civil art. 354. Whoever waives charges puts them at zero in `state` first.
    Raises `ChargeError` (NEGATIVE_VALUE) for a negative amount.
    """
    if amount < 0:
        raise ChargeError(ErrorCode.NEGATIVE_VALUE, field="amount", value=amount)
    left = cents(amount)
    interest = min(left, state.interest)
    fine = min(left - interest, state.fine)
    principal = min(left - interest - fine, state.principal)
    return Allocation(interest, fine, principal, left - interest - fine - principal)


def _outstanding(principal: Decimal, payments: Sequence[Payment], day: date) -> Decimal:
    paid = sum((payment.principal for payment in payments if payment.on <= day), ZERO)
    return max(ZERO, cents(principal) - paid)


def _fine_owed(base: Decimal, terms: ChargeTerms, payments: Sequence[Payment]) -> Decimal:
    fine = fine_of(base, terms)
    return max(ZERO, fine - sum((p.fine + p.waived_fine for p in payments), ZERO))


def _interest_owed(
    principal: Decimal, terms: ChargeTerms, start: date, on: date, payments: Sequence[Payment]
) -> Decimal:
    """Interest accrued from `start` to `on` in stretches between payment days, less what was paid.

    `payments` are in order of their days, none after `on`.
    """
    later = [payment for payment in payments if payment.on > start]
    owed, since = ZERO, start
    for day in sorted({payment.on for payment in later}):
        owed += _accrued(_outstanding(principal, payments, since), terms, (day - since).days)
        today = [payment for payment in later if payment.on == day]
        owed -= sum((payment.interest for payment in today), ZERO)
        owed -= min(sum((p.waived_interest for p in today), ZERO), max(owed, ZERO))
        since = day
    owed += _accrued(_outstanding(principal, payments, since), terms, (on - since).days)
    return max(owed, ZERO)


def _accrued(outstanding: Decimal, terms: ChargeTerms, days: int) -> Decimal:
    # Divided last: a daily rate such as 1/3000 is not exact, and half cents must round up.
    percent_days = outstanding * terms.monthly_interest_percent * days
    return cents(percent_days / (100 * DAYS_OF_MONTH))


def _refuse_negative(terms: ChargeTerms | Payment, fields: Sequence[str]) -> None:
    for field in fields:
        value = getattr(terms, field)
        if value < 0:
            raise ChargeError(ErrorCode.NEGATIVE_VALUE, field=field, value=value)
