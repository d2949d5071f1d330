"""A promise to pay: until when it may be given, and whether it was kept.

Source: docs/ladder.md, "Promises": it holds the ladder until its date plus
the tolerance; it is kept when payments since then reach the amount, else broken.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ..shop.business_days import BusinessCalendar
from ..shop.errors import ErrorCode, PromiseError
from ..shop.money import ZERO, cents
from ..shop.vocabulary import Vocabulary

FRIDAY = 4
# Wages are paid until the fifth business day of the month (CLT art. 459 § 1), advances on the 20th.
PAYDAY = 5
ADVANCE_DAY = 20


class PromiseState(Vocabulary):
    """What became of a promise; `MOOT`: the debt went away without its money, nobody broke it."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    MOOT = "moot"


class QuickDate(Vocabulary):
    """The days that customers name most."""

    TOMORROW = "tomorrow"
    FRIDAY = "friday"
    PAYDAY = "payday"
    ADVANCE = "advance"


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised: `amount` (BRL) until `deadline`, the last day that counts as in time.

    `debt` is what the promised installments were worth at first, whoever paid of it since.
    """

    amount: Decimal
    deadline: date
    debt: Decimal


@dataclass(frozen=True, slots=True)
class Credit:
    """One thing that lowered the promised debt on day `on`, BRL.

    `principal` leaves the debt; `money` came from the customer: the principal it paid, plus late
    charges, less reductions; nothing for a credit note. `since` the promise was registered, or
    before. `by_agreement`: an agreement took the debt over.
    """

    on: date
    principal: Decimal
    money: Decimal
    since: bool = True
    by_agreement: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state of a promise on a day, and the money `paid` in time since it was registered."""

    state: PromiseState
    paid: Decimal


def deadline(promised: date, tolerance_days: int) -> date:
    """The last day on which the ladder rests and a payment counts as in time."""
    return promised + timedelta(days=tolerance_days)


def latest_day(first_registered: date, max_days: int) -> date:
    """The last day that may be promised.

    A promise that replaces an open one counts from the day of the first of them: moving the day
    again and again does not stretch the limit.
    """
    return first_registered + timedelta(days=max_days)


def check_promise(
    promised: date, amount: Decimal, *, on: date, latest: date, owed: Decimal
) -> None:
    """Whether on day `on` somebody may promise `amount` (BRL) for the day `promised`.

    `owed` is what settles the installments on the promised day, `latest` the limit of the plan.

    :raise PromiseError: PROMISE_IN_PAST, PROMISE_TOO_LATE, PROMISE_NOT_POSITIVE, PROMISE_ABOVE_OWED
    """
    if promised < on:
        raise PromiseError(ErrorCode.PROMISE_IN_PAST, promised=promised, today=on)
    if promised > latest:
        raise PromiseError(ErrorCode.PROMISE_TOO_LATE, promised=promised, latest=latest)
    if amount <= 0:
        raise PromiseError(ErrorCode.PROMISE_NOT_POSITIVE, amount=amount)
    if amount > owed:
        raise PromiseError(ErrorCode.PROMISE_ABOVE_OWED, amount=amount, owed=owed)


def evaluate(promise: Promise, credits: Iterable[Credit], on: date) -> Outcome:
    """What became of the promise by day `on`.

    Only credits until the deadline count, so a payment that is entered late still counts by its
    own date, and the outcome is the same whether a payment or the night asks first. Kept when the
    money since the registration reaches the amount, late charges that were paid included. Kept
    too when the whole debt is settled in time and some of that money is the customer's: charges
    that the cashier waived, or a reduction for paying early, are not broken promises. A debt
    settled in time with no money at all, or taken over by an agreement, makes the promise moot.
    """
    in_time = [credit for credit in credits if credit.on <= promise.deadline]
    paid = cents(sum((credit.money for credit in in_time if credit.since), ZERO))
    left = cents(promise.debt) - cents(sum((credit.principal for credit in in_time), ZERO))
    if paid >= promise.amount:
        return Outcome(PromiseState.KEPT, paid)
    if left <= 0:
        taken_over = any(credit.by_agreement for credit in in_time)
        kept = paid > 0 and not taken_over
        return Outcome(PromiseState.KEPT if kept else PromiseState.MOOT, paid)
    return Outcome(PromiseState.OPEN if on <= promise.deadline else PromiseState.BROKEN, paid)


def quick_day(pick: str, on: date, calendar: BusinessCalendar) -> date:
    """The next day after `on` that a customer means by `pick` (a `QuickDate`).

    The advance of the 20th, and tomorrow, move to the next business day when the shop is closed.
    """
    tomorrow = on + timedelta(days=1)
    if pick == QuickDate.TOMORROW:
        return calendar.next_business_day(tomorrow)
    if pick == QuickDate.FRIDAY:
        return tomorrow + timedelta(days=(FRIDAY - tomorrow.weekday()) % 7)
    months = (on.replace(day=1), _next_month(on))
    named = _payday if QuickDate(pick) == QuickDate.PAYDAY else _advance
    return next(day for day in (named(month, calendar) for month in months) if day > on)


def _payday(month: date, calendar: BusinessCalendar) -> date:
    day = month - timedelta(days=1)
    for _count in range(PAYDAY):
        day = calendar.next_business_day(day + timedelta(days=1))
    return day


def _advance(month: date, calendar: BusinessCalendar) -> date:
    return calendar.next_business_day(month.replace(day=ADVANCE_DAY))


def _next_month(on: date) -> date:
    return (on.replace(day=1) + timedelta(days=31)).replace(day=1)
