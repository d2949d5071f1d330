from datetime import date, datetime, time, timezone
from time import tzset

import pytest

from odoo.addons.optica_cobranca.domain.shop import clock
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, WindowError

ACRE, SP, NEW_YORK = "America/Rio_Branco", "America/Sao_Paulo", "America/New_York"


@pytest.mark.parametrize(
    ("instant", "tz", "day"),
    [
        (datetime(2026, 3, 10, 2, 59, 59), SP, date(2026, 3, 9)),  # three hours behind
        (datetime(2026, 3, 10, 3), SP, date(2026, 3, 10)),
        (datetime(2026, 3, 10, 4, 59), ACRE, date(2026, 3, 9)),  # five
        (datetime(2026, 3, 10, 5), ACRE, date(2026, 3, 10)),
        (datetime(2026, 3, 10, 2, tzinfo=timezone.utc), SP, date(2026, 3, 9)),
    ],
)
def test_the_day_is_that_of_the_clock_on_the_wall(instant, tz, day):
    assert clock.local_day(instant, tz) == day


def test_a_stored_instant_is_utc_wherever_the_server_stands(monkeypatch):
    with monkeypatch.context() as server:
        server.setenv("TZ", "Asia/Tokyo")
        tzset()
        shown = clock.local(datetime(2026, 3, 10, 3), SP)
    tzset()
    assert shown.replace(tzinfo=None) == datetime(2026, 3, 10)


def test_an_aware_instant_is_not_taken_for_utc():
    here = datetime(2026, 3, 10, 23, tzinfo=clock.zone_named(SP))
    assert clock.local(here, ACRE).hour == 21


@pytest.mark.parametrize(
    ("day", "tz", "begins"),
    [
        (date(2026, 3, 10), SP, datetime(2026, 3, 10, 3)),
        (date(2026, 3, 10), ACRE, datetime(2026, 3, 10, 5)),
        (date(2026, 1, 10), NEW_YORK, datetime(2026, 1, 10, 5)),
        (date(2026, 7, 10), NEW_YORK, datetime(2026, 7, 10, 4)),  # summer time
    ],
)
def test_a_day_begins_at_its_midnight(day, tz, begins):
    assert clock.start_of_day(day, tz) == begins


def test_what_is_stored_is_utc_in_whole_seconds():
    at = clock.at(date(2026, 3, 10), time(9, 30, 5, 999), SP)
    assert clock.stored(at) == datetime(2026, 3, 10, 12, 30, 5)
    assert clock.aware(datetime(2026, 3, 10)) == datetime(2026, 3, 10, tzinfo=timezone.utc)


def test_nothing_stays_nothing():
    assert clock.stored(None) is None
    assert clock.aware(None) is None


def test_an_unknown_zone_is_refused():
    with pytest.raises(WindowError) as caught:
        clock.zone_named("America/Atlantis")
    assert caught.value.code is ErrorCode.UNKNOWN_TIMEZONE
