from datetime import date

import pytest

from odoo.addons.optica_cobranca.domain.crediario.birthdays import (
    is_day_of_year,
    is_leap,
    leap_birthdays,
)


@pytest.mark.parametrize(
    ("month", "day", "possible"),
    [(2, 29, True), (2, 30, False), (12, 31, True), (4, 31, False), (13, 1, False), (1, 0, False)],
)
def test_days_on_which_somebody_can_be_born(month, day, possible):
    assert is_day_of_year(month, day) is possible


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
