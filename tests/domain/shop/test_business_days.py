from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.shop.business_days import (
    BusinessCalendar,
    bank_holidays,
    brazil_holidays,
)
from odoo.addons.optica_cobranca.domain.shop.errors import CalendarError, ErrorCode

GOOD_FRIDAY = date(2026, 4, 3)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 4, 2), date(2026, 4, 2)),  # Thursday
        (GOOD_FRIDAY, date(2026, 4, 6)),  # over the weekend
        (date(2026, 4, 4), date(2026, 4, 6)),  # Saturday
        (date(2026, 4, 5), date(2026, 4, 6)),  # Sunday
        (date(2026, 4, 6), date(2026, 4, 6)),  # Monday
    ],
)
@pytest.mark.parametrize("holidays", [{GOOD_FRIDAY}, GOOD_FRIDAY.__eq__, {GOOD_FRIDAY: "Paixão"}])
def test_what_falls_on_no_business_day_rolls(day, expected, holidays):
    calendar = BusinessCalendar(holidays)
    assert calendar.next_business_day(day) == expected
    assert calendar.is_business_day(day) == (day == expected)


def test_a_calendar_without_holidays_still_has_weekends():
    assert BusinessCalendar().next_business_day(GOOD_FRIDAY) == GOOD_FRIDAY
    assert not BusinessCalendar().is_business_day(date(2026, 4, 4))


def test_a_year_without_business_days_is_refused():
    with pytest.raises(CalendarError) as caught:
        BusinessCalendar(lambda day: True).next_business_day(GOOD_FRIDAY)
    assert caught.value.code is ErrorCode.NO_BUSINESS_DAY


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sets(st.integers(0, 20)))
def test_the_next_business_day_is_the_nearest(day, closed):
    calendar = BusinessCalendar({day + timedelta(days=offset) for offset in closed})
    rolled = calendar.next_business_day(day)
    assert calendar.is_business_day(rolled)
    passed = [day + timedelta(days=offset) for offset in range((rolled - day).days)]
    assert not any(calendar.is_business_day(between) for between in passed)


def test_national_holidays_of_2026():
    # Easter is 5 April 2026, so Good Friday is the 3rd.
    assert sorted(day.strftime("%m-%d") for day in brazil_holidays([2026], None)) == [
        "01-01", "04-03", "04-21", "05-01", "09-07", "10-12", "11-02", "11-15", "11-20", "12-25",
    ]  # fmt: skip


def test_a_state_adds_its_own_holidays():
    revolution = date(2026, 7, 9)
    assert brazil_holidays([2026], "SP")[revolution] == "Revolução Constitucionalista"
    assert brazil_holidays([2026], " sp ") == brazil_holidays([2026], "SP")
    assert revolution not in brazil_holidays([2026], "RJ")
    assert revolution not in brazil_holidays([2026], None)
    assert brazil_holidays([2026], "") == brazil_holidays([2026], None)


def test_several_years_are_one_mapping_and_nobody_can_spoil_the_next_one():
    first = brazil_holidays([2025, 2026], "SP")
    assert {date(2025, 12, 25), date(2026, 12, 25)} <= first.keys()
    first.clear()
    assert date(2026, 12, 25) in brazil_holidays([2026], "SP")


def test_an_unknown_state_is_refused():
    with pytest.raises(CalendarError) as caught:
        brazil_holidays([2026], "XX")
    assert caught.value.code is ErrorCode.UNKNOWN_STATE
    assert caught.value.values == {"state": "XX"}


def test_a_shop_may_be_closed_for_a_year_and_a_day():
    monday = date(2026, 4, 6)

    def closed(days):
        return BusinessCalendar(lambda day: day < monday + timedelta(days=days))

    # 366 days later is Wednesday, 7 April 2027
    assert closed(366).next_business_day(monday) == date(2027, 4, 7)
    with pytest.raises(CalendarError):
        closed(367).next_business_day(monday)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        # Easter is 5 April 2026: Carnival 16 and 17 February, Corpus Christi 4 June
        (2026, ["02-16", "02-17", "06-04"]),
        # Easter is 28 March 2027
        (2027, ["02-08", "02-09", "05-27"]),
    ],
)
def test_banks_close_at_carnival_and_corpus_christi_as_well(year, days):
    found = bank_holidays([year], "SP")
    by_law = set(brazil_holidays([year], "SP"))
    assert sorted(f"{day:%m-%d}" for day in found - by_law) == days
    assert by_law < found
    assert bank_holidays([2026, 2027], None) == bank_holidays([2026], None) | bank_holidays(
        [2027], None
    )
