"""The behaviour rating: points per rule, letters, and when nothing is said."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.rating.rating import (
    Facts,
    Letter,
    LetterLimits,
    Rule,
    letter_of,
    maximum_of,
    measures,
    months_between,
    points_of,
    rate,
    windows,
)

ON = date(2026, 11, 22)

counts = st.integers(0, 200)
amounts = st.decimals(0, 50_000, places=2)


@st.composite
def some_facts(draw):
    due = draw(counts)
    return Facts(
        due_count=due,
        on_time_count=draw(st.integers(0, due)),
        delay_days=draw(st.integers(0, 5000)),
        worst_delay=draw(st.integers(0, 1826)),
        broken_promises=draw(st.integers(0, 20)),
        first_contract=draw(st.none() | st.dates(date(2000, 1, 1), ON)),
        open_amount=draw(amounts),
        repaid_amount=draw(amounts),
    )


@pytest.mark.parametrize(
    ("rule", "value", "points"),
    [
        (Rule.ON_TIME, "100", 35),
        (Rule.ON_TIME, "95", 35),
        (Rule.ON_TIME, "94.9", 28),
        (Rule.ON_TIME, "85", 28),
        (Rule.ON_TIME, "70", 20),
        (Rule.ON_TIME, "50", 10),
        (Rule.ON_TIME, "49.9", 0),
        (Rule.AVERAGE_DELAY, "0", 20),
        (Rule.AVERAGE_DELAY, "1", 20),
        (Rule.AVERAGE_DELAY, "1.1", 15),
        (Rule.AVERAGE_DELAY, "10", 10),
        (Rule.AVERAGE_DELAY, "20", 5),
        (Rule.AVERAGE_DELAY, "20.1", 0),
        (Rule.WORST_DELAY, "5", 20),
        (Rule.WORST_DELAY, "6", 14),
        (Rule.WORST_DELAY, "30", 8),
        (Rule.WORST_DELAY, "60", 3),
        (Rule.WORST_DELAY, "61", 0),
        (Rule.BROKEN_PROMISES, "0", 10),
        (Rule.BROKEN_PROMISES, "1", 5),
        (Rule.BROKEN_PROMISES, "2", 0),
        (Rule.RELATIONSHIP, "24", 10),
        (Rule.RELATIONSHIP, "23", 7),
        (Rule.RELATIONSHIP, "3", 2),
        (Rule.RELATIONSHIP, "2", 0),
        (Rule.EXPOSURE, "0", 5),
        (Rule.EXPOSURE, "100", 5),
        (Rule.EXPOSURE, "300", 3),
        (Rule.EXPOSURE, "300.1", 0),
    ],
)
def test_points(rule, value, points):
    assert points_of(rule, Decimal(value)) == points


def test_nothing_measured_earns_nothing():
    assert all(points_of(rule, None) == 0 for rule in Rule)


def test_the_rules_add_up_to_one_hundred():
    assert sum(maximum_of(rule) for rule in Rule) == 100


@pytest.mark.parametrize(
    ("points", "letter"),
    [(100, "A"), (85, "A"), (84, "B"), (70, "B"), (69, "C"), (50, "C"), (49, "D"), (30, "D")]
    + [(29, "E"), (0, "E")],
)
def test_letters(points, letter):
    assert letter_of(points, LetterLimits()) == letter


def test_a_worked_customer():
    """10 installments, 8 on time, 60 days of delay in all, the worst 25; 14 months; owes half.

    80% → 20; 6.0 days → 10; 25 → 8; one broken promise → 5; 14 months → 7; 50% → 5: 55, a C.
    """
    facts = Facts(
        due_count=10,
        on_time_count=8,
        delay_days=60,
        worst_delay=25,
        broken_promises=1,
        first_contract=date(2025, 9, 20),
        open_amount=Decimal("500"),
        repaid_amount=Decimal("1000"),
    )
    rating = rate(facts, ON)
    assert [(score.rule.value, score.value, score.points) for score in rating.scores] == [
        ("on_time", Decimal("80.0"), 20),
        ("average_delay", Decimal("6.0"), 10),
        ("worst_delay", Decimal("25"), 8),
        ("broken_promises", Decimal("1"), 5),
        ("relationship", Decimal("14"), 7),
        ("exposure", Decimal("50.0"), 5),
    ]
    assert (rating.points, rating.letter) == (55, Letter.C)


def test_the_shop_moves_the_limits():
    facts = Facts(due_count=5, on_time_count=5, repaid_amount=Decimal(1))  # 35+20+20+10+0+5 = 90
    assert rate(facts, ON).letter == "A"
    assert rate(facts, ON, LetterLimits(a=95)).letter == "B"


@pytest.mark.parametrize(
    ("due_count", "worst_delay", "rated"),
    [(0, 0, False), (2, 0, False), (2, 30, False), (1, 31, True), (3, 0, True)],
)
def test_too_little_is_known(due_count, worst_delay, rated):
    facts = Facts(due_count=due_count, on_time_count=0, worst_delay=worst_delay)
    assert (rate(facts, ON) is not None) is rated


def test_open_debt_of_somebody_who_never_paid_earns_nothing():
    facts = Facts(due_count=3, open_amount=Decimal(1))
    assert measures(facts, ON)[Rule.EXPOSURE] is None


@pytest.mark.parametrize(
    ("first", "months"),
    [
        (None, 0),
        (date(2026, 11, 22), 0),
        (date(2026, 12, 1), 0),
        (date(2026, 10, 23), 0),
        (date(2026, 10, 22), 1),
        (date(2024, 11, 22), 24),
    ],
)
def test_months(first, months):
    assert months_between(first, ON) == months


def test_windows():
    found = windows(ON)
    assert found.installments == date(2024, 11, 22)
    assert found.worst_delay == date(2025, 11, 22)
    assert found.oldest == ON - timedelta(days=1826)


@pytest.mark.parametrize(
    ("limits", "fine"),
    [((85, 70, 50, 30), True), ((85, 85, 50, 30), False), ((101, 70, 50, 30), False)]
    + [((85, 70, 50, 0), False), ((30, 50, 70, 85), False)]
    + [((100, 70, 50, 1), True), ((85, 70, 70, 30), False), ((85, 70, 50, 50), False)],
)
def test_limits_in_order(limits, fine):
    assert LetterLimits(*limits).in_order is fine


@given(some_facts())
def test_points_are_explained_to_the_last_one(facts):
    rating = rate(facts, ON)
    if rating:
        assert rating.points == sum(score.points for score in rating.scores)
        assert all(0 <= score.points <= score.maximum for score in rating.scores)
        assert 0 <= rating.points <= 100


@given(some_facts(), st.integers(1, 100), st.integers(1, 100))
def test_worse_behaviour_never_rates_better(facts, days, promises):
    worse = replace(
        facts,
        delay_days=facts.delay_days + days,
        worst_delay=facts.worst_delay + days,
        on_time_count=max(facts.on_time_count - 1, 0),
        broken_promises=facts.broken_promises + promises,
        open_amount=facts.open_amount + 1,
    )
    before, after = rate(facts, ON), rate(worse, ON)
    if before:
        assert after.points <= before.points
        assert after.letter >= before.letter


@given(some_facts())
def test_the_same_facts_give_the_same_rating(facts):
    assert rate(facts, ON) == rate(replace(facts), ON)


def test_three_installments_come_due_and_nothing_else_known():
    assert measures(Facts(due_count=3), ON) == {
        Rule.ON_TIME: Decimal("0.0"),
        Rule.AVERAGE_DELAY: Decimal("0.0"),
        Rule.WORST_DELAY: Decimal(0),
        Rule.BROKEN_PROMISES: Decimal(0),
        Rule.RELATIONSHIP: Decimal(0),
        Rule.EXPOSURE: Decimal(0),
    }
