"""Days by rule, against calendars of the years."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.shop.commemorative import (
    LAST,
    from_easter,
    nth_weekday,
    same_day,
)


@pytest.mark.parametrize(
    ("year", "month", "weekday", "nth", "expected"),
    [
        (2025, 5, 6, 2, date(2025, 5, 11)),  # Mothers' Day
        (2026, 5, 6, 2, date(2026, 5, 10)),
        (2027, 5, 6, 2, date(2027, 5, 9)),
        (2026, 8, 6, 2, date(2026, 8, 9)),  # Fathers' Day
        (2027, 8, 6, 2, date(2027, 8, 8)),
        (2026, 11, 4, LAST, date(2026, 11, 27)),
        (2026, 2, 6, 5, None),
        (2026, 3, 6, 5, date(2026, 3, 29)),
    ],
)
def test_weekdays_of_a_month(year, month, weekday, nth, expected):
    assert nth_weekday(year, month, weekday, nth) == expected


@pytest.mark.parametrize(
    ("year", "days", "expected"),
    [
        (2026, 0, date(2026, 4, 5)),
        (2026, -47, date(2026, 2, 17)),  # Carnival
        (2026, -46, date(2026, 2, 18)),
        (2027, -47, date(2027, 2, 9)),
        (2026, -2, date(2026, 4, 3)),
        (2026, 60, date(2026, 6, 4)),
    ],
)
def test_distance_from_easter(year, days, expected):
    assert from_easter(year, days) == expected


def test_leap_day():
    assert same_day(date(2024, 2, 29), 2028) == date(2028, 2, 29)
    assert same_day(date(2024, 2, 29), 2026) is None


@given(st.integers(1990, 2090), st.integers(1, 12), st.integers(0, 6), st.integers(1, 4))
def test_it_is_that_weekday_and_the_nth(year, month, weekday, nth):
    day = nth_weekday(year, month, weekday, nth)
    assert (day.year, day.month, day.weekday()) == (year, month, weekday)
    assert (day.day - 1) // 7 + 1 == nth
