"""Permitted hours of contact, in the customer's local time.

Source: CDC art. 42 and 71 (no interference with work, rest or leisure); Lei SP 17.832/2023
(Mon-Fri 8-20 h, Sat 8-14 h, none on holidays), taken as the limit for every state and channel.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from ..shop.business_days import SATURDAY, SUNDAY, Days, is_one_of
from ..shop.clock import UTC, at, local_day
from ..shop.errors import ErrorCode, WindowError

Hours = tuple[time, time]

OUTER_WEEKDAY: Hours = (time(8), time(20))
OUTER_SATURDAY: Hours = (time(8), time(14))
_LONGEST_SEARCH_DAYS = 400


@dataclass(frozen=True, slots=True)
class Window:
    """The shop's hours of contact, local; each is (start, end), the end not included.

    `saturday` None: no contact on Saturdays. Sundays have no hours at all.

    :raise WindowError: HOURS_NOT_ALLOWED, with the allowed hours, for hours outside of the limits
        or an end that is not after its start
    """

    weekday: Hours = (time(9), time(18))
    saturday: Hours | None = None

    def __post_init__(self) -> None:
        _check_hours("weekday", self.weekday, OUTER_WEEKDAY)
        if self.saturday is not None:
            _check_hours("saturday", self.saturday, OUTER_SATURDAY)

    def hours_on(self, day: date) -> Hours | None:
        """The hours on that day of the week, None if there are none (holidays not considered)."""
        if day.weekday() == SUNDAY:
            return None
        return self.saturday if day.weekday() == SATURDAY else self.weekday


def next_permitted(
    now_utc: datetime,
    tz: str,
    window: Window,
    holidays: Days,
    birthday: tuple[int, int] | None = None,
    blocked_dates: Days = frozenset(),
    preferred_hour: int | None = None,
) -> datetime:
    """The first instant from `now_utc` on at which the customer may be contacted, aware UTC.

    `now_utc` itself when it is permitted. `tz` is the customer's time zone, `holidays` and
    `blocked_dates` are local dates (container or function), `birthday` is (month, day); one of
    29 February is kept on the 28th in common years. A greeting on the day passes no birthday.
    `preferred_hour` (0..23, local) postpones the opening of each day to that hour where it lies
    inside the day's hours, and is ignored where it does not.

    :raise WindowError: NAIVE_INSTANT, UNKNOWN_TIMEZONE, NO_PERMITTED_TIME (none in 400 days)
    """
    if now_utc.tzinfo is None:
        raise WindowError(ErrorCode.NAIVE_INSTANT, value=now_utc)
    now = now_utc.astimezone(UTC)
    for day in _days_from(local_day(now, tz)):
        hours = window.hours_on(day)
        if hours is None or _is_silent(day, holidays, birthday, blocked_dates):
            continue
        opening = at(day, _opening(hours, preferred_hour), tz)
        closing = at(day, hours[1], tz)
        if now < closing:
            return max(now, opening.astimezone(UTC))
    raise WindowError(ErrorCode.NO_PERMITTED_TIME, after=now)


def _check_hours(day: str, hours: Hours, outer: Hours) -> None:
    start, end = hours
    if not outer[0] <= start < end <= outer[1]:
        raise WindowError(
            ErrorCode.HOURS_NOT_ALLOWED,
            day=day,
            start=start,
            end=end,
            allowed_from=outer[0],
            allowed_to=outer[1],
        )


def _days_from(day: date) -> Iterator[date]:
    return (day + timedelta(days=k) for k in range(_LONGEST_SEARCH_DAYS))


def _opening(hours: Hours, preferred_hour: int | None) -> time:
    start, end = hours
    preferred = time(preferred_hour) if preferred_hour in range(24) else start
    return max(start, preferred) if preferred < end else start


def _is_silent(
    day: date, holidays: Days, birthday: tuple[int, int] | None, blocked_dates: Days
) -> bool:
    if is_one_of(holidays, day) or is_one_of(blocked_dates, day):
        return True
    # relativedelta clamps 29 February to the 28th in common years.
    return birthday is not None and day == day + relativedelta(month=birthday[0], day=birthday[1])
