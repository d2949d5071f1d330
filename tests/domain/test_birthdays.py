from datetime import date

import pytest

from odoo.addons.optica_cobranca.domain.birthdays import (
    LEAP_BIRTHDAY,
    is_leap,
    leap_birthdays,
    month_day,
)


@pytest.mark.parametrize(
    ("day", "number"),
    [(date(1980, 3, 5), 305), (date(2001, 12, 31), 1231), (date(2024, 2, 29), LEAP_BIRTHDAY)],
)
def test_month_and_day_as_a_number(day, number):
    assert month_day(day) == number


@pytest.mark.parametrize(
    ("year", "leap"), [(2024, True), (2025, False), (2000, True), (1900, False), (2100, False)]
)
def test_leap_years(year, leap):
    assert is_leap(year) is leap


def test_the_29th_of_february_is_kept_on_the_28th_in_common_years():
    assert leap_birthdays(range(2023, 2027)) == [
        date(2023, 2, 28),
        date(2025, 2, 28),
        date(2026, 2, 28),
    ]
