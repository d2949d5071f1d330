"""When the message about an occurrence leaves, and until when it makes sense."""

from datetime import date, datetime, timedelta, timezone

import pytest

from odoo.addons.optica_cobranca.domain.calendar.campaign import TIMINGS, end_of_day, morning_of

DAY = date(2026, 3, 17)


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        # Nobody is congratulated days later because the server stood still.
        ("birthday", date(2026, 3, 17), date(2026, 3, 17)),
        ("delivery_promised", date(2026, 3, 17), date(2026, 3, 17)),
        # Late since the day after the promised one; three days later still an apology.
        ("delivery_late", date(2026, 3, 13), date(2026, 3, 16)),
        ("delivery_unfetched", date(2026, 3, 12), date(2026, 3, 17)),
        ("survey", date(2026, 3, 12), date(2026, 3, 17)),
        ("prescription_expiring", date(2026, 3, 3), date(2026, 3, 17)),
        ("prescription_expired", date(2026, 2, 14), date(2026, 3, 16)),
    ],
)
def test_which_occurrences_are_written_about_today(kind, first, last):
    assert TIMINGS[kind].span(DAY) == (first, last)


@pytest.mark.parametrize("kind", TIMINGS)
def test_each_day_has_its_own_ones(kind):
    """Without catching up no occurrence belongs to two days, and none to no day."""
    timing = TIMINGS[kind]
    days = [timing.span(DAY + timedelta(days=n), caught_up=False) for n in range(5)]
    assert all(first == last for first, last in days)
    assert len({first for first, _last in days}) == 5


@pytest.mark.parametrize("kind", TIMINGS)
def test_what_is_caught_up_is_not_over(kind):
    first, last = TIMINGS[kind].span(DAY)
    assert TIMINGS[kind].last_day(first) == DAY
    assert TIMINGS[kind].last_day(first - timedelta(days=1)) < DAY
    assert TIMINGS[kind].last_day(last) >= DAY


def test_days_end_and_begin_where_the_shop_is():
    utc = timezone.utc
    assert end_of_day(DAY, "America/Sao_Paulo") == datetime(2026, 3, 18, 2, 59, 59, tzinfo=utc)
    assert end_of_day(DAY, "America/Rio_Branco") == datetime(2026, 3, 18, 4, 59, 59, tzinfo=utc)
    assert morning_of(DAY, "America/Sao_Paulo") == datetime(2026, 3, 17, 11, 0, tzinfo=utc)
