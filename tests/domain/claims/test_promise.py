"""Promises: limits, what became of them by table, and by property whatever the order."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.claims.promise import (
    Credit,
    Promise,
    PromiseState,
    check_promise,
    deadline,
    evaluate,
    latest_day,
    quick_day,
)
from odoo.addons.optica_cobranca.domain.shop.business_days import BusinessCalendar, brazil_holidays
from odoo.addons.optica_cobranca.domain.shop.errors import PromiseError

# 102.30 of 100.00 and charges, promised for 27 March, one day of tolerance.
PROMISE = Promise(Decimal("102.30"), date(2026, 3, 28), Decimal("100.00"))
BRAZIL = BusinessCalendar(brazil_holidays((2026, 2027), "SP"))


def credit(day, principal="0", money=None, **values):
    return Credit(
        date(2026, 3, day),
        Decimal(principal),
        Decimal(principal if money is None else money),
        **values,
    )


@pytest.mark.parametrize(
    "credits, on, state, paid",
    [
        # nothing paid: open to the last day of the tolerance, broken the day after
        ([], 28, "open", "0.00"),
        ([], 29, "broken", "0.00"),
        # paid in full with charges, on the last day, seen later
        ([credit(28, "100.00"), credit(28, money="2.30")], 31, "kept", "102.30"),
        # a day late: the promise stays broken although all is paid
        ([credit(29, "100.00"), credit(29, money="2.30")], 31, "broken", "0.00"),
        # one cent short, and something is left to pay
        ([credit(27, "99.99"), credit(27, money="2.30")], 29, "broken", "102.29"),
        ([credit(27, "99.99"), credit(27, money="2.30")], 28, "open", "102.29"),
        # charges waived, or a reduction for paying early: the debt is settled with his money
        ([credit(26, "100.00")], 27, "kept", "100.00"),
        ([credit(26, "100.00"), credit(26, money="-5.00")], 27, "kept", "95.00"),
        # money from before the promise lowers the debt but keeps nothing
        ([credit(20, "60.00", since=False)], 29, "broken", "0.00"),
        ([credit(20, "60.00", since=False), credit(27, "40.00")], 29, "kept", "40.00"),
        # the glasses came back: nothing is owed, nobody broke his word
        ([credit(27, "100.00", money="0")], 29, "moot", "0.00"),
        ([credit(27, "10.00", money="0"), credit(27, "90.00")], 29, "kept", "90.00"),
        ([credit(29, "100.00", money="0")], 29, "broken", "0.00"),
        # an agreement took the debt over, with or without something paid before
        ([credit(27, "100.00", money="0", by_agreement=True)], 29, "moot", "0.00"),
        (
            [credit(26, "30.00"), credit(27, "70.00", money="0", by_agreement=True)],
            29,
            "moot",
            "30.00",
        ),
    ],
)
def test_what_became_of_it(credits, on, state, paid):
    outcome = evaluate(PROMISE, credits, date(2026, 3, on))
    assert (str(outcome.state), str(outcome.paid)) == (state, paid)


CREDITS = st.lists(
    st.builds(
        credit,
        st.integers(20, 31),
        st.decimals(0, 60, places=2).map(str),
        since=st.booleans(),
        by_agreement=st.booleans(),
    ),
    max_size=5,
)


@given(CREDITS, st.randoms(), st.integers(29, 31))
def test_neither_order_nor_hour_matters(credits, random, on):
    """Payment first or night first, in any order, on any day after the deadline: one outcome."""
    shuffled = list(credits)
    random.shuffle(shuffled)
    day = date(2026, 3, on)
    assert evaluate(PROMISE, shuffled, day) == evaluate(PROMISE, credits, date(2026, 4, 30))


@given(CREDITS, st.integers(20, 28), st.decimals("0.01", 60, places=2))
def test_more_money_in_time_never_breaks_a_promise(credits, day, money):
    before = evaluate(PROMISE, credits, date(2026, 3, 29))
    more = [*credits, credit(day, str(money))]
    after = evaluate(PROMISE, more, date(2026, 3, 29))
    assert after.paid == before.paid + money
    if before.state == PromiseState.KEPT:
        assert after.state == PromiseState.KEPT


@given(CREDITS)
def test_late_credits_change_nothing(credits):
    late = [credit(29, "100.00"), credit(30, "50.00", by_agreement=True)]
    on = date(2026, 4, 1)
    assert evaluate(PROMISE, credits + late, on) == evaluate(
        PROMISE, [one for one in credits if one.on <= PROMISE.deadline], on
    )


@given(CREDITS)
def test_broken_only_after_the_deadline(credits):
    assert evaluate(PROMISE, credits, PROMISE.deadline).state != PromiseState.BROKEN
    assert evaluate(PROMISE, credits, date(2026, 3, 29)).state != PromiseState.OPEN


@pytest.mark.parametrize(
    "promised, amount, code",
    [
        (date(2026, 3, 19), "10.00", "promise_in_past"),
        (date(2026, 4, 5), "10.00", "promise_too_late"),
        (date(2026, 4, 4), "0.00", "promise_not_positive"),
        (date(2026, 4, 4), "102.31", "promise_above_owed"),
    ],
)
def test_refused(promised, amount, code):
    with pytest.raises(PromiseError) as refused:
        check_promise(
            promised,
            Decimal(amount),
            on=date(2026, 3, 20),
            latest=latest_day(date(2026, 3, 20), 15),
            owed=Decimal("102.30"),
        )
    assert refused.value.code == code


@pytest.mark.parametrize("promised", [date(2026, 3, 20), date(2026, 4, 4)])
def test_both_ends_are_allowed(promised):
    check_promise(
        promised,
        Decimal("102.30"),
        on=date(2026, 3, 20),
        latest=latest_day(date(2026, 3, 20), 15),
        owed=Decimal("102.30"),
    )


def test_tolerance():
    assert deadline(date(2026, 2, 28), 1) == date(2026, 3, 1)
    assert deadline(date(2026, 2, 28), 0) == date(2026, 2, 28)


@pytest.mark.parametrize(
    "pick, on, day",
    [
        ("tomorrow", date(2026, 3, 17), date(2026, 3, 18)),
        # Friday before the weekend, Thursday before Good Friday (3 April 2026)
        ("tomorrow", date(2026, 3, 20), date(2026, 3, 23)),
        ("tomorrow", date(2026, 4, 2), date(2026, 4, 6)),
        ("friday", date(2026, 3, 17), date(2026, 3, 20)),
        ("friday", date(2026, 3, 20), date(2026, 3, 27)),
        ("friday", date(2026, 3, 21), date(2026, 3, 27)),
        # April 2026: 1, 2, (3 Good Friday), 6, 7, 8 → the fifth business day is the 8th
        ("payday", date(2026, 3, 17), date(2026, 4, 8)),
        ("payday", date(2026, 4, 7), date(2026, 4, 8)),
        ("payday", date(2026, 4, 8), date(2026, 5, 8)),
        # 20 June 2026 is a Saturday
        ("advance", date(2026, 6, 1), date(2026, 6, 22)),
        ("advance", date(2026, 6, 21), date(2026, 6, 22)),
        ("advance", date(2026, 6, 22), date(2026, 7, 20)),
        ("advance", date(2026, 12, 31), date(2027, 1, 20)),
    ],
)
def test_quick_days(pick, on, day):
    assert quick_day(pick, on, BRAZIL) == day


@given(
    st.sampled_from(["tomorrow", "friday", "payday", "advance"]),
    st.dates(date(2026, 1, 1), date(2026, 11, 30)),
)
def test_quick_days_are_soon_and_never_today(pick, on):
    assert on < quick_day(pick, on, BRAZIL) <= on + timedelta(days=45)
