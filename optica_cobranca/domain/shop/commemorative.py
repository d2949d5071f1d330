"""Days of the calendar by rule: fixed, by weekday of a month, by distance from Easter.

Source: Brazilian custom: Mothers' Day is the second Sunday of May, Fathers' Day the second of
August; Carnival Tuesday is 47 days before Easter, Corpus Christi 60 days after.
"""

import calendar
from datetime import date, timedelta

from dateutil.easter import easter

LAST = -1


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth (1..5; -1: last) Monday (0) .. Sunday (6) of a month; None when there is none."""
    length = calendar.monthrange(year, month)[1]
    first = 1 + (weekday - date(year, month, 1).weekday()) % 7
    days = range(first, length + 1, 7)
    if nth == LAST:
        return date(year, month, days[-1])
    return date(year, month, days[nth - 1]) if 1 <= nth <= len(days) else None


def from_easter(year: int, days: int) -> date:
    """So many days after Easter Sunday; before it when negative."""
    return easter(year) + timedelta(days=days)


def same_day(day: date, year: int) -> date | None:
    """The day and month of `day` in another year; None for 29 February in a common year."""
    try:
        return day.replace(year=year)
    except ValueError:
        return None
