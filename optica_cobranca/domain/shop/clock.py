"""Instants and days: what an instant is on a clock of Brazil, and when a day there begins.

An instant without a zone is UTC, as the database keeps it. Which clock it is, that of the shop or
of a customer, the caller says; nothing here reads the time.
"""

from datetime import date, datetime, time, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import ErrorCode, WindowError

BRASILIA = "America/Sao_Paulo"
UTC = timezone.utc
MIDNIGHT = time()
_TIMEZONES = {
    "America/Araguaina": "TO",
    "America/Bahia": "BA",
    "America/Belem": "AP PA",
    "America/Boa_Vista": "RR",
    "America/Campo_Grande": "MS",
    "America/Cuiaba": "MT",
    "America/Fortaleza": "CE MA PB PI RN",
    "America/Maceio": "AL SE",
    "America/Manaus": "AM",
    "America/Porto_Velho": "RO",
    "America/Recife": "PE",
    "America/Rio_Branco": "AC",
    BRASILIA: "DF ES GO MG PR RJ RS SC SP",
}
STATE_TIMEZONES = {state: zone for zone, states in _TIMEZONES.items() for state in states.split()}


def timezone_for_state(uf: str) -> str:
    """The time zone of (the capital of) a Brazilian state, by its two letters in any case.

    :raise WindowError: UNKNOWN_STATE
    """
    try:
        return STATE_TIMEZONES[uf.strip().upper()]
    except (KeyError, AttributeError) as error:
        raise WindowError(ErrorCode.UNKNOWN_STATE, state=uf) from error


def zone_named(tz: str) -> ZoneInfo:
    """The time zone of that name.

    :raise WindowError: UNKNOWN_TIMEZONE
    """
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, TypeError) as error:
        raise WindowError(ErrorCode.UNKNOWN_TIMEZONE, timezone=tz) from error


def aware(instant: datetime | None) -> datetime | None:
    """A stored instant with its zone, UTC; None stays None."""
    return instant.replace(tzinfo=UTC) if instant else None


def stored(instant: datetime | None) -> datetime | None:
    """An aware instant as the database keeps it: UTC, whole seconds, no zone; None stays None."""
    return instant.astimezone(UTC).replace(tzinfo=None, microsecond=0) if instant else None


def local(instant: datetime, tz: str) -> datetime:
    """An instant, stored or aware, on the clock of ``tz``."""
    known = instant if instant.tzinfo else aware(instant)
    return known.astimezone(zone_named(tz))


def local_day(instant: datetime, tz: str) -> date:
    """The date of an instant, stored or aware, in ``tz``."""
    return local(instant, tz).date()


def at(day: date, hour: time, tz: str) -> datetime:
    """The instant at which clocks in ``tz`` show that day and hour, aware, in ``tz``."""
    return datetime.combine(day, hour, zone_named(tz))


def start_of_day(day: date, tz: str) -> datetime:
    """The instant at which a day of ``tz`` begins, as stored."""
    return stored(at(day, MIDNIGHT, tz))
