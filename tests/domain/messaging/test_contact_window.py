from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.messaging.contact_window import (
    Window,
    next_permitted,
)
from odoo.addons.optica_cobranca.domain.shop.clock import STATE_TIMEZONES, timezone_for_state
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, WindowError

SP = "America/Sao_Paulo"
HOLIDAYS = frozenset({date(2026, 4, 3), date(2026, 12, 25), date(2027, 1, 1)})
SHOP = Window(saturday=(time(9), time(13)))

# Hours behind UTC, by state, since Brazil gave up daylight saving in 2019.
UTC_OFFSETS = {
    3: "AL AP BA CE DF ES GO MA MG PA PB PE PI PR RJ RN RS SC SE SP TO",
    4: "AM MS MT RO RR",
    5: "AC",
}
HOURS_BEHIND = {state: behind for behind, row in UTC_OFFSETS.items() for state in row.split()}


def sao_paulo(text):
    """An instant by São Paulo's clock (UTC - 3)."""
    return datetime.fromisoformat(text + "-03:00")


def asked(now, window=SHOP, **options):
    found = next_permitted(sao_paulo(now), SP, window, HOLIDAYS, **options)
    assert found.tzinfo is timezone.utc
    return (found - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%S")


# 2026-03-10 is a Tuesday, the 13th a Friday, the 14th a Saturday, the 16th a Monday.
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-10T10:30:15", "2026-03-10T10:30:15"),
        ("2026-03-10T09:00:00", "2026-03-10T09:00:00"),
        ("2026-03-10T08:59:59", "2026-03-10T09:00:00"),
        ("2026-03-10T17:59:59", "2026-03-10T17:59:59"),
        ("2026-03-10T18:00:00", "2026-03-11T09:00:00"),
        ("2026-03-10T23:30:00", "2026-03-11T09:00:00"),
        ("2026-03-13T18:00:00", "2026-03-14T09:00:00"),  # Saturday
        ("2026-03-14T13:00:00", "2026-03-16T09:00:00"),  # over Sunday
        ("2026-03-15T10:00:00", "2026-03-16T09:00:00"),
        ("2026-04-02T19:00:00", "2026-04-04T09:00:00"),  # over Good Friday
        ("2026-04-03T10:00:00", "2026-04-04T09:00:00"),
    ],
)
def test_next_permitted_instant(now, expected):
    assert asked(now) == expected


def test_saturday_is_silent_unless_the_shop_opens_it():
    assert asked("2026-03-13T18:00:00", Window()) == "2026-03-16T09:00:00"
    assert asked("2026-03-14T10:00:00", Window()) == "2026-03-16T09:00:00"


@pytest.mark.parametrize(
    ("now", "hour", "expected"),
    [
        ("2026-03-10T10:00:00", 15, "2026-03-10T15:00:00"),
        ("2026-03-10T15:00:00", 15, "2026-03-10T15:00:00"),
        ("2026-03-10T16:20:00", 15, "2026-03-10T16:20:00"),  # the hour is reached: now
        ("2026-03-10T18:00:00", 15, "2026-03-11T15:00:00"),
        ("2026-03-10T10:00:00", 19, "2026-03-10T10:00:00"),  # outside the hours: ignored
        ("2026-03-10T10:00:00", 18, "2026-03-10T10:00:00"),  # the end is not inside
        ("2026-03-10T08:00:00", 9, "2026-03-10T09:00:00"),
        ("2026-03-10T10:00:00", 0, "2026-03-10T10:00:00"),
        ("2026-03-10T10:00:00", 24, "2026-03-10T10:00:00"),
        ("2026-03-13T18:00:00", 15, "2026-03-14T09:00:00"),  # Saturday closes before 15 h
    ],
)
def test_the_preferred_hour_counts_where_it_lies_inside(now, hour, expected):
    assert asked(now, preferred_hour=hour) == expected


@pytest.mark.parametrize(
    ("now", "birthday", "expected"),
    [
        ("2026-03-10T10:00:00", (3, 10), "2026-03-11T09:00:00"),
        ("2026-03-10T10:00:00", (3, 11), "2026-03-10T10:00:00"),
        ("2024-02-28T10:00:00", (2, 29), "2024-02-28T10:00:00"),  # leap year: the 29th itself
        ("2024-02-29T10:00:00", (2, 29), "2024-03-01T09:00:00"),
        ("2025-02-28T10:00:00", (2, 29), "2025-03-01T09:00:00"),  # common year: the 28th
        ("2026-03-31T10:00:00", (4, 30), "2026-03-31T10:00:00"),
    ],
)
def test_no_contact_on_the_birthday(now, birthday, expected):
    assert asked(now, birthday=birthday) == expected


def test_no_contact_on_dates_the_shop_blocks():
    blocked = {date(2026, 3, 10), date(2026, 3, 11)}
    assert asked("2026-03-10T10:00:00", blocked_dates=blocked) == "2026-03-12T09:00:00"
    mothers_day_week = date(2026, 3, 11).__ge__
    assert asked("2026-03-10T10:00:00", blocked_dates=mothers_day_week) == "2026-03-12T09:00:00"


def test_the_day_is_the_customers_day():
    """23:30 in São Paulo on Monday is 21:30 in Acre, 02:30 on Tuesday by UTC."""
    now = datetime(2026, 3, 10, 2, 30, tzinfo=timezone.utc)
    acre = next_permitted(now, "America/Rio_Branco", SHOP, HOLIDAYS, birthday=(3, 9))
    assert acre == datetime(2026, 3, 10, 14, tzinfo=timezone.utc)  # 9 h at UTC - 5


def test_an_instant_of_another_zone_is_the_same_instant():
    here = sao_paulo("2026-03-10T10:30:00")
    there = here.astimezone(ZoneInfo("Asia/Tokyo"))
    assert next_permitted(there, SP, SHOP, HOLIDAYS) == here


@pytest.mark.parametrize(
    ("hours", "day", "allowed"),
    [
        ({"weekday": (time(7, 59), time(18))}, "weekday", (time(8), time(20))),
        ({"weekday": (time(9), time(20, 0, 1))}, "weekday", (time(8), time(20))),
        ({"weekday": (time(18), time(9))}, "weekday", (time(8), time(20))),
        ({"weekday": (time(9), time(9))}, "weekday", (time(8), time(20))),
        ({"saturday": (time(7), time(12))}, "saturday", (time(8), time(14))),
        ({"saturday": (time(9), time(14, 1))}, "saturday", (time(8), time(14))),
    ],
)
def test_no_window_is_wider_than_the_law(hours, day, allowed):
    with pytest.raises(WindowError) as caught:
        Window(**hours)
    values = caught.value.values
    assert caught.value.code is ErrorCode.HOURS_NOT_ALLOWED
    assert (values["allowed_from"], values["allowed_to"]) == allowed
    assert values["day"] == day
    assert (values["start"], values["end"]) == hours[day]


def test_the_widest_window_is_allowed():
    widest = Window((time(8), time(20)), (time(8), time(14)))
    assert asked("2026-03-10T19:59:59", widest) == "2026-03-10T19:59:59"
    assert asked("2026-03-14T13:59:00", widest) == "2026-03-14T13:59:00"


def test_default_hours_are_nine_to_eighteen_on_weekdays():
    assert Window() == Window((time(9), time(18)), None)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (
            lambda: next_permitted(datetime(2026, 3, 10), SP, SHOP, ()),
            ErrorCode.NAIVE_INSTANT,
        ),
        (
            lambda: next_permitted(sao_paulo("2026-03-10T10:00:00"), "Mars/Base", SHOP, ()),
            ErrorCode.UNKNOWN_TIMEZONE,
        ),
        (
            lambda: next_permitted(sao_paulo("2026-03-10T10:00:00"), SP, SHOP, lambda day: True),
            ErrorCode.NO_PERMITTED_TIME,
        ),
        (lambda: timezone_for_state("XX"), ErrorCode.UNKNOWN_STATE),
        (lambda: timezone_for_state(""), ErrorCode.UNKNOWN_STATE),
        (lambda: timezone_for_state(None), ErrorCode.UNKNOWN_STATE),
    ],
)
def test_nonsense_is_refused(call, code):
    with pytest.raises(WindowError) as caught:
        call()
    assert caught.value.code is code


@pytest.mark.parametrize("state", sorted(HOURS_BEHIND))
@pytest.mark.parametrize("month", [1, 7])
def test_every_state_has_its_time(state, month):
    local = datetime(2026, month, 15, 12, tzinfo=ZoneInfo(timezone_for_state(state)))
    assert local.utcoffset() == timedelta(hours=-HOURS_BEHIND[state])


def test_all_27_states_are_known():
    assert len(HOURS_BEHIND) == 27
    assert STATE_TIMEZONES.keys() == HOURS_BEHIND.keys()
    assert timezone_for_state(" sp ") == SP


def hours_within(first, last):
    quarters = st.integers(first * 4, last * 4 - 1)
    pairs = st.tuples(quarters, quarters).filter(lambda pair: pair[0] < pair[1])
    return pairs.map(lambda pair: tuple(time(q // 4, q % 4 * 15) for q in pair))


WINDOWS = st.builds(Window, hours_within(8, 20), st.none() | hours_within(8, 14))
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(timezone.utc))
SITUATIONS = st.fixed_dictionaries(
    {
        "window": WINDOWS,
        "birthday": st.none() | st.tuples(st.integers(1, 12), st.integers(1, 28)),
        "blocked_dates": st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=30),
        "preferred_hour": st.none() | st.integers(0, 23),
    }
)


def is_permitted(instant, behind, situation):
    """The rule said anew, without time zones or search."""
    local = (instant - timedelta(hours=behind)).replace(tzinfo=None)
    window, hour = situation["window"], situation["preferred_hour"]
    hours = {5: window.saturday, 6: None}.get(local.weekday(), window.weekday)
    if hours is None or local.date() in HOLIDAYS | situation["blocked_dates"]:
        return False
    if (local.month, local.day) == situation["birthday"]:
        return False
    prefers = hour is not None and hours[0] <= time(hour) < hours[1]
    return (time(hour) if prefers else hours[0]) <= local.time() < hours[1]


@given(INSTANTS, st.sampled_from(sorted(HOURS_BEHIND)), SITUATIONS, st.floats(0, 1))
def test_the_next_permitted_instant_is_permitted_and_the_first(now, state, situation, fraction):
    tz, behind = timezone_for_state(state), HOURS_BEHIND[state]
    found = next_permitted(now, tz, holidays=HOLIDAYS, **situation)
    assert found >= now
    assert is_permitted(found, behind, situation)
    local = (found - timedelta(hours=behind)).replace(tzinfo=None)
    latest = time(14) if local.weekday() == 5 else time(20)
    assert local.weekday() != 6
    assert time(8) <= local.time() < latest
    assert next_permitted(found, tz, holidays=HOLIDAYS, **situation) == found
    between = now + (found - now) * fraction
    assume(between < found)
    assert not is_permitted(between, behind, situation)


@pytest.mark.parametrize("hour", range(24))
def test_daylight_saving_of_the_past_moves_the_hours_with_the_clock(hour):
    """In January 2018 São Paulo was at UTC - 2: 9 to 18 h there is 11 to 20 h UTC."""
    now = datetime(2018, 1, 10, hour, tzinfo=timezone.utc)
    found = next_permitted(now, SP, Window(), frozenset())
    if 11 <= hour < 20:
        assert found == now
    else:
        assert found.hour == 11
