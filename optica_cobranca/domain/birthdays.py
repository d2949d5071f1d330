"""On which day a birthday is kept."""

from collections.abc import Iterable
from datetime import date

LEAP_BIRTHDAY = 229
"""29 February, which is kept on 28 February in a common year."""


def month_day(day: date) -> int:
    """The day within any year as month × 100 + day: 5 March is 305."""
    return day.month * 100 + day.day


def leap_birthdays(years: Iterable[int]) -> list[date]:
    """Days on which people born on 29 February keep their birthday in the common ``years``."""
    return [date(year, 2, 28) for year in years if not is_leap(year)]


def is_leap(year: int) -> bool:
    """Whether ``year`` has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
