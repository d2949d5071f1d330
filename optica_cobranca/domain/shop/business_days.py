"""Business days of the shop, and the holidays of Brazil and its states.

Source: Código Civil art. 132 § 1 and Lei 7.089/1983 (what falls due on a day without business
may be paid on the next one); holidays from the `holidays` library.
"""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays as holiday_library
from dateutil.easter import easter

from .errors import CalendarError, ErrorCode

Days = Container[date] | Callable[[date], bool]

SATURDAY = 5
SUNDAY = 6
_LONGEST_CLOSURE = timedelta(days=366)


def is_one_of(days: Days, day: date) -> bool:
    """True when `day` is in the container, or the function says so."""
    return days(day) if callable(days) else day in days


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Monday to Friday, less `holidays`: a container of dates or a function date -> bool."""

    holidays: Days = frozenset()

    def is_business_day(self, day: date) -> bool:
        """False on Saturdays, Sundays and holidays."""
        return day.weekday() < SATURDAY and not is_one_of(self.holidays, day)

    def next_business_day(self, day: date) -> date:
        """`day` itself if there is business, else the next day with business.

        :raise CalendarError: NO_BUSINESS_DAY when a whole year has none
        """
        rolled = day
        while not self.is_business_day(rolled):
            rolled += timedelta(days=1)
            if rolled - day > _LONGEST_CLOSURE:
                raise CalendarError(ErrorCode.NO_BUSINESS_DAY, day=day)
        return rolled


def brazil_holidays(years: Iterable[int], subdivision: str | None) -> dict[date, str]:
    """The holidays by law, national and of a state, with their names in Portuguese.

    `subdivision` is a state's two letters in any case; None or empty: national ones only.
    Carnival, Corpus Christi and what towns celebrate are not among them: these are the shop's
    closed days (`crediario.closed.day`).

    :raise CalendarError: UNKNOWN_STATE
    """
    state = (subdivision or "").strip().upper()
    named: dict[date, str] = {}
    for year in years:
        named.update(_holidays_of(year, state))
    return named


def bank_holidays(years: Iterable[int], subdivision: str | None) -> set[date]:
    """Days on which banks have no business.

    Those by law, Carnival's Monday and Tuesday, Corpus Christi.

    Source: Resolução CMN 4.880/2020, art. 5. `subdivision` as in :func:`brazil_holidays`.
    Municipal holidays are not known.

    :raise CalendarError: UNKNOWN_STATE
    """
    years = list(years)
    found = set(brazil_holidays(years, subdivision))
    for year in years:
        sunday = easter(year)
        found |= {sunday + timedelta(days=days) for days in (-48, -47, 60)}
    return found


@lru_cache(maxsize=512)
def _holidays_of(year: int, state: str) -> tuple[tuple[date, str], ...]:
    try:
        found = holiday_library.country_holidays(
            "BR", subdiv=state or None, years=year, language="pt_BR", expand=False
        )
    except NotImplementedError as error:
        raise CalendarError(ErrorCode.UNKNOWN_STATE, state=state) from error
    return tuple(sorted(found.items()))
