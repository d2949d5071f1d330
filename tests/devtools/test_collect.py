"""``./dev collect``: dates as people write them, and the table."""

import datetime

import pytest

from devtools import collect

SUMMARY = {
    "date": "2026-12-01",
    "notices": [["5 days before", 3], ["Due today", 12]],
    "messages": [["whatsapp", "sent", 15]],
    "refusals": [],
    "seconds": 1.234,
}


@pytest.mark.parametrize("text", ["2026-12-01", "01/12/2026", "1/12/2026"])
def test_dates_are_read_both_ways(text):
    assert collect.read_date(text) == datetime.date(2026, 12, 1)


def test_the_table_names_levels_states_and_totals():
    text = collect.table(SUMMARY, "optica_demo", dry_run=False)

    assert text.splitlines()[0] == "Done on 2026-12-01 in optica_demo"
    assert "  Due today           12" in text
    assert "  total               15" in text
    assert "  whatsapp, sent       15" in text
    assert "Refusals by reason\n  none" in text
    assert text.endswith("1.23 seconds")


def test_the_table_says_when_waiting_messages_may_leave() -> None:
    waiting = SUMMARY | {"next_message": "2026-11-23T09:00:00-03:00"}
    assert "may leave on 2026-11-23 at 09:00" in collect.table(waiting, "shop", dry_run=False)
    assert "may leave" not in collect.table(SUMMARY, "shop", dry_run=False)


def test_a_dry_run_says_so():
    assert collect.table(SUMMARY, "x", dry_run=True).startswith("Would be done on 2026-12-01")
