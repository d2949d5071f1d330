"""Whom to call first, and what a person who calls is warned of and offered.

Source: docs/ladder.md, "The work list"; CDC art. 42 (nobody is harassed: calls have a cap).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from ..messaging.gate import MAX_CALLS_A_DAY, MAX_CALLS_AT_LEVEL, MAX_IN_SEVEN_DAYS
from ..shop.business_days import BusinessCalendar
from ..shop.money import cents
from ..shop.vocabulary import Vocabulary

# Good payers mostly pay by themselves; the worse the rating, the more a call is worth.
RATING_WEIGHTS: Mapping[str, Decimal] = MappingProxyType(
    {
        "A": Decimal("0.6"),
        "B": Decimal("0.8"),
        "C": Decimal("1.0"),
        "D": Decimal("1.3"),
        "E": Decimal("1.6"),
    }
)
UNRATED_WEIGHT = Decimal("1.0")
# Brazilian wages are paid until the fifth business day of the month.
PAY_DAY = 5
FRIDAY = 4
SALARY_ADVANCE_DAY = 20


class CallWarning(Vocabulary):
    """Why a call should rather not be made now; the person decides."""

    CALLED_TODAY = "called_today"
    CALLS_AT_LEVEL = "calls_at_level"
    CONTACTS_OF_WEEK = "contacts_of_week"


@dataclass(frozen=True, slots=True)
class Priority:
    """A customer's place in the work list: `points` = `amount` × `weight` × `days`, rounded."""

    amount: Decimal
    weight: Decimal
    days: int
    points: int


def priority(amount: Decimal | float, rating: str | None, days_late: int) -> Priority:
    """The points of a customer.

    `amount`: late principal in BRL. `rating`: the letter A to E; None, or any other: not rated.
    `days_late`: of the oldest late installment.
    """
    owed = cents(amount)
    weight = RATING_WEIGHTS.get(rating or "", UNRATED_WEIGHT)
    points = (owed * weight * days_late).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Priority(owed, weight, days_late, int(points))


def call_warnings(
    calls_today: int, calls_at_level: int, contacts_of_week: int
) -> list[CallWarning]:
    """Which caps another call would break.

    One call a day, three at a level, three contacts in seven days over all channels.
    """
    reached = {
        CallWarning.CALLED_TODAY: calls_today >= MAX_CALLS_A_DAY,
        CallWarning.CALLS_AT_LEVEL: calls_at_level >= MAX_CALLS_AT_LEVEL,
        CallWarning.CONTACTS_OF_WEEK: contacts_of_week >= MAX_IN_SEVEN_DAYS,
    }
    return [warning for warning, broken in reached.items() if broken]


def promise_days(today: date, calendar: BusinessCalendar, limit: date | None = None) -> list[date]:
    """Days on which customers usually can pay, soonest first: each a business day after `today`.

    The next business day, the one after it, the end of the week, a week from now, the day of the
    salary's advance (20th) and pay day (the fifth business day of the month); none after `limit`.
    """
    soon = calendar.next_business_day(today + timedelta(days=1))
    days = {
        soon,
        calendar.next_business_day(soon + timedelta(days=1)),
        calendar.next_business_day(today + timedelta(days=(FRIDAY - today.weekday()) % 7 or 7)),
        calendar.next_business_day(today + timedelta(days=7)),
        calendar.next_business_day(_next_day_of_month(today, SALARY_ADVANCE_DAY)),
        _next_pay_day(today, calendar),
    }
    return sorted(day for day in days if limit is None or day <= limit)


def _next_day_of_month(today: date, day: int) -> date:
    this_month = today.replace(day=day)
    return this_month if this_month > today else _first_of_next_month(today).replace(day=day)


def _next_pay_day(today: date, calendar: BusinessCalendar) -> date:
    this_month = _pay_day(today.replace(day=1), calendar)
    return this_month if this_month > today else _pay_day(_first_of_next_month(today), calendar)


def _pay_day(first: date, calendar: BusinessCalendar) -> date:
    day = calendar.next_business_day(first)
    for _each in range(PAY_DAY - 1):
        day = calendar.next_business_day(day + timedelta(days=1))
    return day


def _first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
