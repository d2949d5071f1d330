"""When the message about an occurrence leaves, and until when it makes sense."""

from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from odoo.addons.optica_cobranca.domain.calendar.campaign import (
    BELATED_DAYS,
    EFFECT_DAYS,
    TIMINGS,
    Anchor,
    Timing,
    end_of_day,
    morning_of,
)

PAGE = (Path(__file__).parents[3] / "docs" / "campaigns.md").read_text(encoding="utf-8")

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


@pytest.mark.parametrize(
    ("kind", "row", "still", "once", "quiet"),
    [
        ("birthday", "Birthday", "that day only", False, None),
        ("delivery_promised", "Delivery promised", "that day", False, None),
        ("delivery_late", "Delivery late (apology)", "3 days", False, None),
        ("delivery_unfetched", "Glasses not fetched", "5 days", False, 7),
        ("survey", "Satisfaction survey", "5 days", True, 90),
        ("prescription_expiring", "Prescription expiring", "14 days", True, 30),
        ("prescription_expired", "Prescription expired", "30 days", True, 30),
    ],
)
def test_the_page_says_how_often_and_how_late(kind, row, still, once, quiet):
    """The columns "Still makes sense" and "Again about the same" of docs/campaigns.md."""
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {row} |")]
    *_, makes_sense, again, _end = (cell.strip() for cell in line.split("|"))
    assert makes_sense.startswith(still)
    assert again.startswith("never") is once
    assert again.endswith(f"one person, once in {quiet} days") is (quiet is not None)
    timing = TIMINGS[kind]
    assert timing.catch_up == (int(still.split()[0]) if still.endswith("days") else 0)
    assert (timing.once, timing.quiet_days) == (once, quiet or 0)


def test_the_page_says_how_long_something_is_belated_or_an_effect():
    assert f"up to {BELATED_DAYS} days later, in other words" in PAGE
    assert f"a prescription within {EFFECT_DAYS} days" in PAGE.replace("\n", " ")


def test_a_kind_that_says_nothing_more_leaves_on_its_day_as_often_as_it_happens():
    timing = Timing(Anchor.EVENT)
    assert timing.span(DAY) == (DAY, DAY)
    assert timing.last_day(DAY) == DAY
    assert (timing.once, timing.quiet_days) == (False, 0)
