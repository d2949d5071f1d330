"""On which day a birthday is kept."""

from collections.abc import Iterable
from datetime import date

LEAP_BIRTHDAY = 229
"""29 February, which is kept on 28 February in a common year."""


LEAP_YEAR = 2024


def is_day_of_year(month: int, day: int) -> bool:
    """Whether somebody can be born on that day; 29 February is one."""
    try:
        date(LEAP_YEAR, month, day)
    except ValueError:
        return False
    return True


def leap_birthdays(years: Iterable[int]) -> list[date]:
    """Days on which people born on 29 February keep their birthday in the common ``years``."""
    return [date(year, 2, 28) for year in years if not is_leap(year)]


def is_leap(year: int) -> bool:
    """Whether ``year`` has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
