from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.shop.business_days import BusinessCalendar, brazil_holidays
from odoo.addons.optica_cobranca.domain.worklist.priority import (
    RATING_WEIGHTS,
    CallWarning,
    call_warnings,
    priority,
    promise_days,
)

AMOUNTS = st.decimals("0.01", "99999.99", places=2)
DAYS = st.integers(1, 1826)
LETTERS = st.sampled_from([*RATING_WEIGHTS, None])
SAO_PAULO = BusinessCalendar(brazil_holidays(range(2026, 2028), "SP"))


@pytest.mark.parametrize(
    ("amount", "rating", "days", "points"),
    [
        ("100.00", "C", 10, 1000),
        ("100.00", None, 10, 1000),
        ("100.00", "A", 10, 600),
        ("100.00", "B", 10, 800),
        ("100.00", "D", 10, 1300),
        ("100.00", "E", 10, 1600),
        ("324.87", "D", 17, 7180),  # 324.87 × 1.3 × 17 = 7179.627
        ("0.50", "C", 1, 1),  # half a point goes up
        ("0.49", "C", 1, 0),
        ("105.58", "?", 3, 317),  # 316.74: an unknown letter counts as not rated
    ],
)
def test_points_worked_out_by_hand(amount, rating, days, points):
    found = priority(Decimal(amount), rating, days)
    assert found.points == points
    assert found.amount == Decimal(amount)


@given(AMOUNTS, DAYS)
def test_a_worse_rating_never_comes_later(amount, days):
    points = [priority(amount, letter, days).points for letter in "ABCDE"]
    assert points == sorted(points)


@given(AMOUNTS, LETTERS, DAYS)
def test_more_money_or_more_days_never_lower_the_points(amount, letter, days):
    points = priority(amount, letter, days).points
    assert priority(amount + Decimal("0.01"), letter, days).points >= points
    assert priority(amount, letter, days + 1).points >= points


@pytest.mark.parametrize(
    ("today", "level", "week", "warnings"),
    [
        (0, 0, 0, []),
        (0, 2, 2, []),
        (1, 0, 0, [CallWarning.CALLED_TODAY]),
        (0, 3, 0, [CallWarning.CALLS_AT_LEVEL]),
        (0, 0, 3, [CallWarning.CONTACTS_OF_WEEK]),
        (
            2,
            4,
            5,
            [CallWarning.CALLED_TODAY, CallWarning.CALLS_AT_LEVEL, CallWarning.CONTACTS_OF_WEEK],
        ),
    ],
)
def test_caps_of_calls(today, level, week, warnings):
    assert call_warnings(today, level, week) == warnings


@pytest.mark.parametrize(
    ("today", "days"),
    [
        # A Wednesday: Thursday, Friday, a week later (carnival is no holiday by law), the 20th,
        # and the fifth business day of March: 2, 3, 4, 5, 6.
        ("2026-02-11", ["2026-02-12", "2026-02-13", "2026-02-18", "2026-02-20", "2026-03-06"]),
        # A Friday: Monday, Tuesday, the next Friday, the 20th the same day.
        ("2026-03-13", ["2026-03-16", "2026-03-17", "2026-03-20", "2026-04-08"]),
        # Before pay day: 1, 2 April, not Good Friday the 3rd, 6, 7, 8: the 8th. The 20th: a Monday.
        ("2026-04-01", ["2026-04-02", "2026-04-06", "2026-04-08", "2026-04-20"]),
        # Pay day itself: the next one is in May: 4, 5, 6, 7, 8 (the 1st is a holiday).
        ("2026-04-08", ["2026-04-09", "2026-04-10", "2026-04-15", "2026-04-20", "2026-05-08"]),
        # The 20th itself, a Wednesday: the next one is Saturday, 20 June, so Monday. Pay day of
        # June: 1, 2, 3, 4 (Corpus Christi is no holiday by law), 5.
        ("2026-05-20", ["2026-05-21", "2026-05-22", "2026-05-27", "2026-06-05", "2026-06-22"]),
    ],
)
def test_days_on_which_people_pay(today, days):
    found = promise_days(date.fromisoformat(today), SAO_PAULO)
    assert [str(day) for day in found] == days


def test_no_day_beyond_the_limit():
    found = promise_days(date(2026, 2, 11), SAO_PAULO, limit=date(2026, 2, 18))
    assert [day.day for day in found] == [12, 13, 18]


@given(st.dates(date(2026, 1, 1), date(2027, 10, 31)))
def test_every_day_offered_is_a_business_day_to_come(today):
    found = promise_days(today, SAO_PAULO)
    assert found == sorted(set(found))
    assert all(day > today and SAO_PAULO.is_business_day(day) for day in found)
    assert found[0] - today <= timedelta(days=6)
