"""Due dates: the first one within the plan's range, the others anchored to it month by month.

Source: docs/money.md, "Due dates"; CDC art. 52 IV (number and dates of the installments are shown
before the sale).
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from ..shop.errors import ErrorCode, ScheduleError
from ..shop.money import check_parts

# Nobody agrees on a date after it; a calendar has no day after the year 9999.
LAST_YEAR = 2199


def installment_dates(first_due: date, n: int, *, anchor_day: int | None = None) -> list[date]:
    """The n due dates: `first_due` + k months, clamped to the month's end, never drifting.

    31 January goes on as 28 February, 31 March, 30 April. `anchor_day` (1..31) is for a first
    date that was itself clamped: 28 February with anchor 31 goes on as 31 March; by default the
    anchor is the day of `first_due`. Weekends and holidays are left as they are.

    :raise MoneyError: see `check_parts`
    :raise ScheduleError: BAD_DUE_DAY and ANCHOR_MISMATCH for an anchor that cannot have led to
        `first_due`, YEAR_TOO_FAR for a date after `LAST_YEAR`
    """
    check_parts(n)
    if first_due.year > LAST_YEAR:
        raise ScheduleError(ErrorCode.YEAR_TOO_FAR, first_due=first_due, last_year=LAST_YEAR)
    day = first_due.day if anchor_day is None else anchor_day
    _check_days([day])
    # relativedelta(day=...) replaces the day after the month was added, and clamps it.
    dates = [first_due + relativedelta(months=k, day=day) for k in range(n)]
    if dates[0] != first_due:
        raise ScheduleError(ErrorCode.ANCHOR_MISMATCH, first_due=first_due, anchor_day=anchor_day)
    return dates


def allowed_first_due(
    sale_date: date, min_days: int, max_days: int, allowed_days: Sequence[int] | None
) -> list[date]:
    """Every first due date the plan allows, in order; possibly none.

    Days from `sale_date + min_days` to `sale_date + max_days`, both included, whose day of the
    month is in `allowed_days` (None or empty: any day). A listed day that a month lacks means
    that month's last day.

    :raise ScheduleError: BAD_RANGE, BAD_DUE_DAY
    """
    if not 0 <= min_days <= max_days:
        raise ScheduleError(ErrorCode.BAD_RANGE, min_days=min_days, max_days=max_days)
    _check_days(allowed_days or ())
    days = (sale_date + timedelta(days=k) for k in range(min_days, max_days + 1))
    if not allowed_days:
        return list(days)
    return [day for day in days if _is_due_day(day, allowed_days)]


def first_due_date(
    sale_date: date, min_days: int, max_days: int, allowed_days: Sequence[int] | None
) -> date:
    """The earliest first due date that the plan allows (see `allowed_first_due`).

    :raise ScheduleError: NO_ALLOWED_FIRST_DUE with the range and the listed days when no listed day
        lies in the range
    """
    allowed = allowed_first_due(sale_date, min_days, max_days, allowed_days)
    if not allowed:
        raise ScheduleError(
            ErrorCode.NO_ALLOWED_FIRST_DUE,
            **_what_is_allowed(sale_date, min_days, max_days, allowed_days),
        )
    return allowed[0]


def _is_due_day(day: date, allowed_days: Sequence[int]) -> bool:
    _weekday, last_of_month = monthrange(day.year, day.month)
    return day.day in {min(allowed, last_of_month) for allowed in allowed_days}


def _check_days(days: Sequence[int]) -> None:
    for day in days:
        if not 1 <= day <= 31:
            raise ScheduleError(ErrorCode.BAD_DUE_DAY, day=day)


def _what_is_allowed(
    sale_date: date, min_days: int, max_days: int, allowed_days: Sequence[int] | None
) -> dict[str, object]:
    return {
        "earliest": sale_date + timedelta(days=min_days),
        "latest": sale_date + timedelta(days=max_days),
        "allowed_days": tuple(sorted(allowed_days or ())),
    }
