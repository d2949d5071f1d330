"""Late fine and late interest of one installment, on any day, from its payment history.

Source: docs/money.md, "Late charges"; CDC art. 52 § 1 (fine of at most 2 %), Decreto 22.626/1933
art. 4 (no interest on interest), Código Civil art. 354 (a payment covers interest first),
Lei 7.089/1983 (no interest when paid on the next business day).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ..shop.business_days import BusinessCalendar
from ..shop.errors import ChargeError, ErrorCode
from ..shop.money import ZERO, cents

MAX_FINE_PERCENT = Decimal("2.00")
USUAL_MONTHLY_INTEREST = Decimal("1.00")
DAYS_OF_MONTH = 30
# A debt is claimed for five years (Código Civil art. 206 § 5 I), which have 1826 or 1827 days; the
# shorter never contacts anyone too late.
STOP_AFTER_DAYS = 1826


@dataclass(frozen=True, slots=True)
class ChargeTerms:
    """What the contract charges for lateness.

    `fine_percent` of the principal, once, at most 2.00; `monthly_interest_percent` simple, by
    days / 30; nothing within `grace_days` after the due date. Interest above
    USUAL_MONTHLY_INTEREST is accepted here; who may agree to it is the plan's matter.

    :raise ChargeError: FINE_ABOVE_LIMIT, NEGATIVE_VALUE
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

    `on` is the day the money counts for, whenever it was booked. `interest` and `fine` below zero
    gave back what earlier payments had paid too much of them. With `spread` it is money that the
    law spreads over what was owed that day: its parts are only how it was booked, and spread anew
    once something earlier turns up. Without, the parts stay as they are (a credit note).

    :raise ChargeError: NEGATIVE_VALUE; a reversed payment is left out of the history instead
    """

    on: date
    principal: Decimal
    interest: Decimal = ZERO
    fine: Decimal = ZERO
    waived_interest: Decimal = ZERO
    waived_fine: Decimal = ZERO
    spread: bool = False

    def __post_init__(self) -> None:
        _refuse_negative(self, ("principal", "waived_interest", "waived_fine"))

    @property
    def money(self) -> Decimal:
        """What it pays in all, BRL."""
        return self.principal + self.interest + self.fine


@dataclass(frozen=True, slots=True)
class DueMove:
    """A due date that an extension of day `on` moved to `due`."""

    on: date
    due: date


@dataclass(frozen=True, slots=True)
class AmountToday:
    """What is still owed of an installment, BRL.

    `principal` outstanding, `fine` and `interest` not yet paid. Fine or interest below zero was
    paid too much, as turned out since: whoever pays gets it back.
    `days_charged` counted from the (rolled) due date; 0 within the grace and once the principal
    is settled. How late it is, people count from the due date itself.
    """

    principal: Decimal
    fine: Decimal
    interest: Decimal
    days_charged: int = 0

    @property
    def total(self) -> Decimal:
        """All that is owed, BRL."""
        return self.principal + self.fine + self.interest

    @classmethod
    def nothing(cls) -> "AmountToday":
        """The amount of what is settled, or is no installment at all."""
        return cls(ZERO, ZERO, ZERO)

    def without_credit(self) -> "AmountToday":
        """The same with charges of at least zero, for whoever takes the debt over as a new one.

        What is owed back of one charge lowers the other first.
        """
        charges = max(ZERO, self.fine + self.interest)
        fine = min(charges, max(ZERO, self.fine))
        return AmountToday(self.principal, fine, charges - fine, self.days_charged)


@dataclass(frozen=True, slots=True)
class Allocation:
    """How an amount was spread over one installment, BRL; `excess` is what it did not need."""

    interest: Decimal
    fine: Decimal
    principal: Decimal
    excess: Decimal

    def payment(self, on: date) -> Payment:
        """The allocation as a payment of day `on`, ready to join the history."""
        return Payment(on, self.principal, self.interest, self.fine, spread=True)


def amount_today(
    principal: Decimal,
    due: date,
    terms: ChargeTerms,
    on: date,
    calendar: BusinessCalendar,
    payments: Sequence[Payment] = (),
    moves: Sequence[DueMove] = (),
) -> AmountToday:
    """What is owed at the end of day `on` of an installment of `principal` (BRL) due on `due`.

    A due date without business rolls to the next business day of `calendar`, the shop's; what is
    paid until then was paid in time. Past the grace, the fine is taken once on the principal that
    was outstanding at the end of the rolled due date. Interest is simple, on the outstanding
    principal only, and counts from the rolled due date also when a grace was granted and lost.
    Each payment day closes a stretch of interest: it is rounded to cents there and bears none.

    `moves` are the extensions in the order made, `due` the date before the first of them. From
    the day of an extension to the new date nothing accrues; what was owed by the former date
    stays owed. The fine is charged once in an installment's life: the greatest of its dates.

    `payments` may be in any order, and may have become known in any: the figure is that of the
    days they count for. A fine paid or waived at any time, also after `on`, is not asked again;
    interest of earlier days neither. What was booked as fine or interest and turned out not to be
    owed is owed back (below zero). A waiver forgives what was owed until its day and no more.

    :raise ChargeError: NEGATIVE_VALUE for a negative principal
    """
    if principal < 0:
        raise ChargeError(ErrorCode.NEGATIVE_VALUE, field="principal", value=principal)
    life = _Life(cents(principal), due, terms, on, calendar, payments, moves)
    life.live()
    if life.unused:
        # They forgave what was thought to be owed then: also what is charged on earlier days now.
        life = _Life(cents(principal), due, terms, on, calendar, payments, moves, life.unused)
        life.live()
    known = [payment for payment in payments if payment.on <= on]
    later = [payment for payment in payments if payment.on > on]
    booked = cents(principal) - _sum(known, "principal")
    outstanding = max(ZERO, booked)
    fine = life.fine_due() - _sum(known, "fine")
    interest = life.total() - booked - fine
    fine = _less_what_comes_later(fine, later, ("fine",))
    interest = _less_what_comes_later(interest, later, ("interest", "waived_interest"))
    if outstanding + fine + interest < 0:
        # No more is given back than the debt itself.
        fine = max(fine, -outstanding)
        interest = -outstanding - fine
    days_charged = life.days_charged() if outstanding else 0
    return AmountToday(outstanding, fine, interest, days_charged)


def fine_of(principal: Decimal, terms: ChargeTerms) -> Decimal:
    """The fine on `principal` (BRL) left unpaid at the due date, once and for all."""
    return cents(principal * terms.fine_percent / 100)


def apply_payment(amount: Decimal, state: AmountToday) -> Allocation:
    """Spread `amount` (BRL) over what is owed: interest, then fine, then principal.

    Source: Código Civil art. 354. Whoever waives charges puts them at zero in `state` first.

    :raise ChargeError: NEGATIVE_VALUE for a negative amount
    """
    if amount < 0:
        raise ChargeError(ErrorCode.NEGATIVE_VALUE, field="amount", value=amount)
    left = cents(amount)
    if not left:
        return Allocation(ZERO, ZERO, ZERO, ZERO)
    interest = min(left, state.interest)
    fine = min(left - interest, state.fine)
    principal = min(left - interest - fine, state.principal)
    return Allocation(interest, fine, principal, left - interest - fine - principal)


class _Life:
    """An installment from its first due date to the end of day `on`, day by day of its events.

    `outstanding` is the principal as the law would have it, all money spread in the order of its
    days; `interest` what is owed of it; below zero where parts that stay as booked paid too much.
    `early` is the part of waivers (BRL by day) that forgives interest of days before theirs.
    """

    def __init__(self, principal, due, terms, on, calendar, payments, moves, early=None) -> None:
        self.terms = terms
        self.on = on
        self.calendar = calendar
        self.outstanding = principal
        self.interest = ZERO
        self.fine = ZERO
        self.fine_covered = ZERO
        self.waived_fine = _sum(payments, "waived_fine")
        fixed = [payment for payment in payments if not payment.spread]
        self.fixed_fine = _sum(fixed, "fine")
        self.fixed_fine_known = _sum([p for p in fixed if p.on <= on], "fine")
        self.days: dict[date, list[Payment]] = {}
        for payment in payments:
            if payment.on <= on:
                self.days.setdefault(payment.on, []).append(payment)
        known_moves = [move for move in moves if move.on <= on]
        self.dues = [due, *(move.due for move in known_moves)]
        self.ends = [*(move.on for move in known_moves), on]
        self.reserved: dict[date, Decimal] = early or {}
        self.early = dict(self.reserved)
        # What waivers of interest waive beyond what was owed on their day.
        self.unused: dict[date, Decimal] = {}
        self.charged_from: date | None = None

    # ------------------------------------------------------------ answers

    def fine_due(self) -> Decimal:
        """The fine of all its life, less what was ever waived of it."""
        return max(ZERO, self.fine - self.waived_fine)

    def total(self) -> Decimal:
        """All that is owed."""
        fine = self.fine_due() - self.fixed_fine_known - self.fine_covered
        return self.outstanding + self.interest + fine

    def days_charged(self) -> int:
        """Days for which the latest due date is charged."""
        return (self.on - self.charged_from).days if self.charged_from else 0

    # -------------------------------------------------------------- phases

    def live(self) -> None:
        """One due date after the other, each until it was moved."""
        left = sorted(self.days)
        for due, end in zip(self.dues, self.ends, strict=True):
            days = [day for day in left if day <= end]
            left = left[len(days) :]
            self._by_due_date(due, days, end)

    def _by_due_date(self, due: date, days: Sequence[date], end: date) -> None:
        start = since = self.calendar.next_business_day(due)
        end_of_grace = start + timedelta(days=self.terms.grace_days)
        accrued, open_at_start, charged = ZERO, None, None
        for day in [*days, *([] if days and days[-1] == end else [end])]:
            if day > start:
                if open_at_start is None:
                    open_at_start = max(self.outstanding, ZERO)
                accrued += _accrued(max(self.outstanding, ZERO), self.terms, (day - since).days)
                since = day
            if day > end_of_grace:
                if charged is None:
                    charged = self.outstanding > 0
                if charged:
                    self.fine = max(self.fine, fine_of(open_at_start, self.terms))
                    self.interest += accrued
                accrued = ZERO
            self._pay(day)
        self.charged_from = start if charged else None

    # ---------------------------------------------------------------- days

    def _pay(self, day: date) -> None:
        payments = self.days.pop(day, [])
        self._forgive(day, _sum(payments, "waived_interest"))
        fixed = [payment for payment in payments if not payment.spread]
        self.interest -= _sum(fixed, "interest")
        self.outstanding = max(ZERO, self.outstanding - _sum(fixed, "principal"))
        money = sum((payment.money for payment in payments if payment.spread), ZERO)
        interest = min(money, max(self.interest, ZERO))
        fine_owed = max(ZERO, self.fine_due() - self.fixed_fine - self.fine_covered)
        fine = min(money - interest, fine_owed)
        self.interest -= interest
        self.fine_covered += fine
        self.outstanding -= money - interest - fine

    def _forgive(self, day: date, waived: Decimal) -> None:
        for last in sorted(self.early):
            if last >= day:
                self.early[last] -= self._forgive_interest(self.early[last])
        left = waived - self.reserved.get(day, ZERO)
        left -= self._forgive_interest(left)
        if left:
            self.unused[day] = left

    def _forgive_interest(self, most: Decimal) -> Decimal:
        forgiven = min(most, max(self.interest, ZERO))
        self.interest -= forgiven
        return forgiven


def _less_what_comes_later(
    owed: Decimal, later: Sequence[Payment], fields: Sequence[str]
) -> Decimal:
    """`owed` without what later payments covered of it already."""
    if owed <= 0:
        return owed
    covered = sum((max(ZERO, getattr(p, field)) for p in later for field in fields), ZERO)
    return max(ZERO, owed - covered)


def _sum(payments: Sequence[Payment], field: str) -> Decimal:
    return sum((getattr(payment, field) for payment in payments), ZERO)


def _accrued(outstanding: Decimal, terms: ChargeTerms, days: int) -> Decimal:
    # Divided last: a daily rate such as 1/3000 is not exact, and half cents must round up.
    percent_days = outstanding * terms.monthly_interest_percent * days
    return cents(percent_days / (100 * DAYS_OF_MONTH))


def _refuse_negative(terms: ChargeTerms | Payment, fields: Sequence[str]) -> None:
    for field in fields:
        value = getattr(terms, field)
        if value < 0:
            raise ChargeError(ErrorCode.NEGATIVE_VALUE, field=field, value=value)
