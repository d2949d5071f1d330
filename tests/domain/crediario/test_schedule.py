import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.crediario.schedule import (
    allowed_first_due,
    first_due_date,
    installment_dates,
)
from odoo.addons.optica_cobranca.domain.shop.errors import (
    DomainError,
    ErrorCode,
    MoneyError,
    ScheduleError,
)

DATES = st.dates(date(2000, 1, 1), date(2080, 12, 31))


@pytest.mark.parametrize(
    ("first", "n", "expected"),
    [
        ("2026-01-31", 4, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2024-01-30", 3, ["2024-01-30", "2024-02-29", "2024-03-30"]),
        ("2026-11-15", 3, ["2026-11-15", "2026-12-15", "2027-01-15"]),
        ("2026-02-28", 2, ["2026-02-28", "2026-03-28"]),
        ("2026-05-09", 1, ["2026-05-09"]),
    ],
)
def test_dates_are_anchored_and_clamped(first, n, expected):
    dates = installment_dates(date.fromisoformat(first), n)
    assert [day.isoformat() for day in dates] == expected


def test_a_clamped_first_date_returns_to_its_anchor():
    dates = installment_dates(date(2026, 2, 28), 4, anchor_day=31)
    assert dates == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: installment_dates(date(2026, 1, 5), 0), ErrorCode.PARTS_BELOW_ONE),
        (
            lambda: installment_dates(date(2026, 1, 5), 2, anchor_day=6),
            ErrorCode.ANCHOR_MISMATCH,
        ),
        (lambda: installment_dates(date(2026, 1, 5), 2, anchor_day=32), ErrorCode.BAD_DUE_DAY),
        (lambda: allowed_first_due(date(2026, 1, 5), 10, 9, None), ErrorCode.BAD_RANGE),
        (lambda: allowed_first_due(date(2026, 1, 5), -1, 9, None), ErrorCode.BAD_RANGE),
        (lambda: allowed_first_due(date(2026, 1, 5), 1, 9, [0]), ErrorCode.BAD_DUE_DAY),
        (lambda: allowed_first_due(date(2026, 1, 5), 1, 9, [5, 32]), ErrorCode.BAD_DUE_DAY),
    ],
)
def test_nonsense_is_refused(call, code):
    with pytest.raises(DomainError) as caught:
        call()
    assert caught.value.code is code


@given(DATES, st.integers(1, 60))
def test_dates_never_drift(first, n):
    dates = installment_dates(first, n)
    months = [day.year * 12 + day.month for day in dates]
    assert months == list(range(months[0], months[0] + n))
    for day in dates:
        assert day.day == min(first.day, calendar.monthrange(day.year, day.month)[1])


@pytest.mark.parametrize(
    ("sale", "min_days", "max_days", "days", "expected"),
    [
        # 20 Jan + 1 = 21 Jan .. 20 Jan + 45 = 6 Mar
        ("2026-01-20", 1, 45, [5, 15], ["2026-02-05", "2026-02-15", "2026-03-05"]),
        ("2026-01-04", 1, 11, [5, 15], ["2026-01-05", "2026-01-15"]),  # both ends included
        ("2026-01-20", 0, 2, None, ["2026-01-20", "2026-01-21", "2026-01-22"]),
        ("2026-01-20", 0, 0, [], ["2026-01-20"]),
        ("2026-02-10", 1, 20, [30], ["2026-02-28"]),  # a day the month lacks is its last day
        ("2026-02-10", 1, 20, [5, 30], ["2026-02-28"]),
        ("2026-03-10", 1, 30, [30], ["2026-03-30"]),  # and not the 31st, when it has that day
        ("2026-01-20", 1, 5, [5, 15], []),
    ],
)
def test_allowed_first_dates(sale, min_days, max_days, days, expected):
    allowed = allowed_first_due(date.fromisoformat(sale), min_days, max_days, days)
    assert [day.isoformat() for day in allowed] == expected


def test_the_first_due_date_is_the_earliest_allowed():
    assert first_due_date(date(2026, 1, 20), 20, 45, [15, 5]) == date(2026, 2, 15)


def test_no_first_due_date_says_what_is_allowed():
    with pytest.raises(DomainError) as caught:
        first_due_date(date(2026, 1, 20), 1, 5, [15, 5])
    assert caught.value.code is ErrorCode.NO_ALLOWED_FIRST_DUE
    assert caught.value.values == {
        "earliest": date(2026, 1, 21),
        "latest": date(2026, 1, 25),
        "allowed_days": (5, 15),
    }


@given(DATES, st.integers(0, 10), st.integers(0, 60), st.sets(st.integers(1, 28)))
def test_allowed_dates_are_exactly_those_of_the_range(sale, min_days, span, days):
    allowed = allowed_first_due(sale, min_days, min_days + span, sorted(days))
    for offset in range(-2, min_days + span + 3):
        day = sale + timedelta(days=offset)
        inside = min_days <= offset <= min_days + span
        assert (day in allowed) == (inside and (not days or day.day in days))
    assert allowed == sorted(allowed)


@pytest.mark.parametrize("n", [361, 99_999, 999_999])
def test_more_parts_than_any_contract_has(n):
    with pytest.raises(MoneyError) as refusal:
        installment_dates(date(2026, 1, 31), n)
    assert refusal.value.code == ErrorCode.PARTS_ABOVE_MOST
    assert refusal.value.values["most"] == 360


def test_thirty_years_of_installments_end_in_a_year_that_calendars_have():
    assert installment_dates(date(2199, 12, 31), 360)[-1] == date(2229, 11, 30)
    with pytest.raises(ScheduleError) as refusal:
        installment_dates(date(9999, 12, 31), 2)
    assert refusal.value.code == ErrorCode.YEAR_TOO_FAR
