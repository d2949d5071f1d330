from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.ladder.ladder import (
    STOP_AFTER_DAYS,
    Decision,
    HoldReason,
    InstallmentSnapshot,
    Level,
    LevelRange,
    NoAdvance,
    decide,
    decide_customer,
    is_listed,
    level_ranges,
    merge,
)
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, LadderError

DEFAULT_OFFSETS = (-5, -1, 1, 5, 10, 15, 25, 30)
DEFAULT = [Level(f"L{offset}", offset) for offset in DEFAULT_OFFSETS]

OFFSETS = st.sets(st.integers(-30, 90), min_size=1, max_size=8)


def levels_of(offsets):
    return [Level(offset, offset) for offset in offsets]


def fired(levels, run_days):
    """Offsets of the levels that fire when the ladder runs on these offsets, in order."""
    reached, history = None, []
    for offset in run_days:
        decision = decide(InstallmentSnapshot(offset, reached), levels)
        if decision.level_offset is not None:
            reached = decision.level_offset
            history.append((offset, reached))
    return history


def test_ranges_of_the_default_ladder():
    assert level_ranges(reversed(DEFAULT)) == [
        LevelRange("L-5", -5, -2),
        LevelRange("L-1", -1, -1),
        LevelRange("L1", 1, 4),
        LevelRange("L5", 5, 9),
        LevelRange("L10", 10, 14),
        LevelRange("L15", 15, 24),
        LevelRange("L25", 25, 29),
        LevelRange("L30", 30, 1826),
    ]


def test_the_last_level_before_the_due_date_ends_before_it():
    assert level_ranges(levels_of([-5])) == [LevelRange(-5, -5, -1)]
    assert level_ranges(levels_of([-5, 0])) == [LevelRange(-5, -5, -1), LevelRange(0, 0, 1826)]
    assert level_ranges([]) == []
    assert level_ranges(levels_of([1826])) == [LevelRange(1826, 1826, 1826)]


@pytest.mark.parametrize(
    ("offsets", "code", "values"),
    [
        ([1, 5, 5], ErrorCode.DUPLICATE_LEVEL, {"offset_days": 5}),
        ([-3, -3], ErrorCode.DUPLICATE_LEVEL, {"offset_days": -3}),
        ([1, 1827], ErrorCode.LEVEL_AFTER_STOP, {"offset_days": 1827, "limit": 1826}),
    ],
)
def test_a_ladder_that_contradicts_itself_is_refused(offsets, code, values):
    with pytest.raises(LadderError) as caught:
        level_ranges(levels_of(offsets))
    assert caught.value.code is code
    assert caught.value.values == values


def level_for(levels, offset):
    """The key of the one range that covers `offset`."""
    found = [
        each.key for each in level_ranges(levels) if each.first_offset <= offset <= each.last_offset
    ]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("offset", "key"),
    [
        (-6, None),
        (-5, "L-5"),
        (-2, "L-5"),
        (-1, "L-1"),
        (0, None),  # the levels before the due date are over, the first after it is tomorrow
        (1, "L1"),
        (4, "L1"),
        (5, "L5"),
        (29, "L25"),
        (30, "L30"),
        (1826, "L30"),
        (1827, None),
    ],
)
def test_candidate_by_offset(offset, key):
    assert level_for(DEFAULT, offset) == key


@given(OFFSETS, st.integers(-40, 2000))
def test_the_candidate_is_the_highest_level_of_its_side(offsets, offset):
    side = [level for level in offsets if level <= offset and (level < 0) == (offset < 0)]
    expected = max(side, default=None) if offset <= STOP_AFTER_DAYS else None
    assert level_for(levels_of(offsets), offset) == expected


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (InstallmentSnapshot(5), Decision("L5", None, 5)),
        (InstallmentSnapshot(7, reached_offset=1), Decision("L5", None, 5)),
        (InstallmentSnapshot(-3), Decision("L-5", None, -5)),
        (InstallmentSnapshot(5, reached_offset=5), Decision(None, "already_reached")),
        (InstallmentSnapshot(5, reached_offset=10), Decision(None, "already_reached")),
        (InstallmentSnapshot(6, reached_offset=7), Decision(None, "already_reached")),
        (InstallmentSnapshot(0), Decision(None, "no_level")),
        (InstallmentSnapshot(-9), Decision(None, "no_level")),
        (InstallmentSnapshot(1826), Decision("L30", None, 30)),
        (InstallmentSnapshot(1827), Decision(None, "time_barred")),
        (InstallmentSnapshot(1827, reached_offset=30), Decision(None, "time_barred")),
        (InstallmentSnapshot(5, hold="promise"), Decision(None, "promise")),
        (InstallmentSnapshot(1827, hold="dispute"), Decision(None, "dispute")),
        (InstallmentSnapshot(0, hold="settled"), Decision(None, "settled")),
    ],
)
def test_decisions(snapshot, expected):
    assert decide(snapshot, DEFAULT) == expected


@pytest.mark.parametrize("hold", list(HoldReason))
def test_every_hold_silences_and_is_reported(hold):
    decision = decide(InstallmentSnapshot(5, hold=str(hold)), DEFAULT)
    assert decision == Decision(None, hold)
    assert decision.is_held


@pytest.mark.parametrize("reason", list(NoAdvance))
def test_what_merely_does_not_advance_is_not_held(reason):
    assert not Decision(None, reason).is_held
    assert not Decision("L5", None, 5).is_held


def test_an_unknown_hold_is_a_mistake():
    with pytest.raises(ValueError, match="coffee"):
        decide(InstallmentSnapshot(5, hold="coffee"), DEFAULT)


def test_daily_runs_climb_the_default_ladder_once():
    assert fired(DEFAULT, range(-10, 2000)) == [(offset, offset) for offset in DEFAULT_OFFSETS]


def test_after_a_stop_only_the_highest_missed_level_fires():
    assert fired(DEFAULT, [-5, 12, 13, 15]) == [(-5, -5), (12, 10), (15, 15)]


def test_a_level_put_in_below_the_reached_one_never_fires():
    assert decide(InstallmentSnapshot(12, reached_offset=10), levels_of([1, 5])).key is None
    assert decide(InstallmentSnapshot(12, reached_offset=10), levels_of([1, 11])).key == 11


@given(OFFSETS, st.lists(st.integers(-40, 120), max_size=30))
def test_levels_fire_once_and_only_upwards(offsets, run_days):
    history = [level for _day, level in fired(levels_of(offsets), sorted(run_days))]
    assert history == sorted(set(history))


@given(OFFSETS, st.integers(-40, 120))
def test_a_second_run_of_the_day_changes_nothing(offsets, offset):
    levels = levels_of(offsets)
    first = decide(InstallmentSnapshot(offset), levels)
    second = decide(InstallmentSnapshot(offset, first.level_offset), levels)
    assert second.key is None


def test_a_notice_has_the_highest_level_of_its_installments():
    low, high, silent = Decision("a", None, 1), Decision("b", None, 10), Decision(None, "promise")
    assert merge([low, high, silent]) == high
    assert merge([high, low]) == high
    assert merge([silent, Decision(None, "already_reached")]) is None
    assert merge([]) is None


def test_on_a_tie_the_first_installment_names_the_level():
    first, second = Decision("one policy", None, 5), Decision("another", None, 5)
    assert merge([first, second]) == first
    assert merge([second, first]) == second


@pytest.mark.parametrize(
    ("snapshot", "listed"),
    [
        (InstallmentSnapshot(5), True),  # advances
        (InstallmentSnapshot(-5), True),  # advances, not due yet
        (InstallmentSnapshot(6, reached_offset=5), True),  # overdue
        (InstallmentSnapshot(1, reached_offset=1), True),
        (InstallmentSnapshot(0), False),  # due today, nothing happens
        (InstallmentSnapshot(-2, reached_offset=-5), False),  # not due, was reminded
        (InstallmentSnapshot(-9), False),
        (InstallmentSnapshot(6, hold="paused_installment"), False),
        (InstallmentSnapshot(1900), False),  # time-barred
    ],
)
def test_what_a_notice_lists(snapshot, listed):
    assert is_listed(snapshot, decide(snapshot, DEFAULT)) is listed


def overdue(offset, residual, **more):
    return InstallmentSnapshot(offset, residual=Decimal(residual), **more)


MINIMUM = [
    Level("first", 1),
    Level("big", 10, min_amount=Decimal("100.00")),
    Level("huge", 20, min_amount=Decimal("500.00")),
]


@pytest.mark.parametrize(
    ("snapshots", "keys"),
    [
        # 99.99 is below 100.00: the level waits, and the lower one does not come back.
        ([overdue(12, "99.99", reached_offset=1)], [None]),
        ([overdue(12, "99.99")], [None]),
        ([overdue(12, "100.00", reached_offset=1)], ["big"]),
        # The total counts whatever the notice would list: another late one, due or reached.
        ([overdue(12, "60.00"), overdue(3, "40.00", reached_offset=1)], ["big", None]),
        ([overdue(12, "60.00"), overdue(3, "40.00")], ["big", "first"]),
        # Not the one that is not late yet, nor the one that is held.
        ([overdue(12, "60.00"), overdue(0, "40.00")], [None, None]),
        ([overdue(12, "60.00"), overdue(3, "40.00", hold="dispute")], [None, None]),
        # Each level has its own minimum.
        (
            [overdue(25, "200.00"), overdue(12, "200.00"), overdue(2, "1.00")],
            [None, "big", "first"],
        ),
        ([overdue(25, "300.00"), overdue(12, "200.00")], ["huge", "big"]),
    ],
)
def test_a_level_waits_for_its_minimum(snapshots, keys):
    decisions = decide_customer([(snapshot, MINIMUM) for snapshot in snapshots])
    assert [decision.key for decision in decisions] == keys


def test_what_is_below_the_minimum_is_listed_with_others_and_not_held():
    small, other = overdue(12, "10.00"), overdue(2, "5.00")
    waits, fires = decide_customer([(small, MINIMUM), (other, MINIMUM)])
    assert waits == Decision(None, "below_minimum")
    assert not waits.is_held
    assert fires.key == "first"
    assert is_listed(small, waits)


def test_a_reminder_before_the_due_date_below_its_minimum_is_not_listed():
    soon = overdue(-2, "10.00")
    (decision,) = decide_customer([(soon, [Level("soon", -5, min_amount=Decimal(11))])])
    assert decision.key is None
    assert not is_listed(soon, decision)


@given(
    st.lists(
        st.tuples(st.integers(-10, 40), st.integers(1, 500), st.booleans()), min_size=1, max_size=6
    ),
    st.integers(0, 1500),
)
def test_without_minimums_each_installment_is_decided_alone(rows, minimum):
    """A minimum only ever silences, and all installments at its level alike."""
    snapshots = [
        overdue(offset, str(residual), hold="dispute" if held else None)
        for offset, residual, held in rows
    ]
    alone = [decide(snapshot, DEFAULT) for snapshot in snapshots]
    assert decide_customer([(snapshot, DEFAULT) for snapshot in snapshots]) == alone
    asking = [Level(level.key, level.offset_days, Decimal(minimum)) for level in DEFAULT]
    together = decide_customer([(snapshot, asking) for snapshot in snapshots])
    total = sum(s.residual for s, d in zip(snapshots, alone, strict=True) if is_listed(s, d))
    for before, after in zip(alone, together, strict=True):
        assert after.key == (before.key if total >= minimum else None)


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (overdue(5, "1.00", undelivered=True), Decision(None, "delivery")),
        (overdue(5, "1.00"), Decision("glasses", None, 5)),
        # The level before asks for nothing; one reached before the option was set is silent, too.
        (overdue(4, "1.00", undelivered=True), Decision("first", None, 1)),
        (overdue(6, "1.00", undelivered=True, reached_offset=5), Decision(None, "delivery")),
        (overdue(5, "1.00", undelivered=True, hold="promise"), Decision(None, "promise")),
    ],
)
def test_a_level_waits_for_the_delivery(snapshot, expected):
    levels = [Level("first", 1), Level("glasses", 5, only_delivered=True)]
    assert decide(snapshot, levels) == expected
