"""Which price of the table a message has."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.messaging.message_price import (
    Price,
    as_of,
    is_charged,
    is_free,
    months_free,
    price_for,
    units,
)

DAY = date(2026, 11, 21)
GENERAL = Price("whatsapp", Decimal("0.04"), date(2026, 1, 1))
MARKETING = replace(GENERAL, category="marketing", amount=Decimal("0.35"))
ZENVIA = replace(GENERAL, provider="zenvia", amount=Decimal("0.06"))
RISEN = replace(GENERAL, valid_from=date(2026, 10, 1), amount=Decimal("0.05"))
COMING = replace(GENERAL, valid_from=date(2026, 11, 22), amount=Decimal("0.09"))
FROM_TODAY = replace(GENERAL, valid_from=DAY, amount=Decimal("0.07"))
OURS = replace(GENERAL, company=7, amount=Decimal("0.03"))
SMS = Price("sms", Decimal("0.10"), date(2026, 1, 1))


def ask(prices, **wanted):
    facts = {"channel": "whatsapp", "provider": "whatsapp_cloud", "category": "utility"}
    found = price_for(prices, DAY, **{**facts, "company": 1, **wanted})
    return found and str(found.amount)


@pytest.mark.parametrize(
    ("prices", "wanted", "expected"),
    [
        ([], {}, None),
        ([SMS], {}, None),
        ([GENERAL, SMS], {}, "0.04"),
        ([MARKETING, GENERAL], {}, "0.04"),
        ([MARKETING, GENERAL], {"category": "marketing"}, "0.35"),
        ([ZENVIA, GENERAL, MARKETING], {"provider": "zenvia", "category": "marketing"}, "0.06"),
        ([GENERAL, RISEN, COMING], {}, "0.05"),
        ([COMING], {}, None),
        ([GENERAL, FROM_TODAY], {}, "0.07"),
        ([OURS, ZENVIA, RISEN], {"company": 7, "provider": "zenvia"}, "0.03"),
        ([OURS, RISEN], {"company": 8}, "0.05"),
        ([GENERAL], {"category": None, "provider": None}, "0.04"),
    ],
)
def test_the_line_that_holds(prices, wanted, expected):
    assert ask(prices, **wanted) == expected


@given(st.permutations([GENERAL, MARKETING, ZENVIA, RISEN, COMING, OURS, SMS]))
def test_the_order_of_the_table_does_not_matter(prices):
    assert ask(prices, category="marketing") == "0.35"
    assert ask(prices, company=7) == "0.03"


@pytest.mark.parametrize(
    ("channel", "text", "expected"),
    [
        ("sms", "a" * 160, 1),
        ("sms", "a" * 161, 2),
        ("sms", "", 1),
        ("whatsapp", "a" * 161, 1),
        ("voice", "a" * 900, 1),
    ],
)
def test_how_often_it_is_charged(channel, text, expected):
    assert units(channel, text) == expected


@pytest.mark.parametrize(
    ("charge", "expected"),
    [
        ("regular", False),
        ("free_customer_service", True),
        ("free_entry_point", True),
        ("free", True),
        (None, False),
        ("", False),
    ],
)
def test_what_the_provider_calls_free(charge, expected):
    assert is_free(charge) is expected


@pytest.mark.parametrize(
    ("state", "channel", "expected"),
    [
        ("sent", "whatsapp", True),
        ("delivered", "whatsapp", True),
        ("read", "whatsapp", True),
        ("failed", "whatsapp", False),
        ("paced", "whatsapp", False),
        ("uncertain", "whatsapp", False),
        ("failed", "voice", False),
        # The network is paid for the try.
        ("failed", "sms", True),
    ],
)
def test_what_is_charged(state, channel, expected):
    assert is_charged(state, channel) is expected


def moments(*keys):
    return [(datetime(2026, 10, 1, 12, key % 60), key) for key in keys]


@pytest.mark.parametrize(
    ("already", "new", "free_a_month", "expected"),
    [
        ((), (1, 2, 3), 2, {1, 2}),
        ((1, 2), (3,), 2, set()),
        ((1,), (2, 3), 2, {2}),
        # Told late of one that was sent early: it was among the first all the same.
        ((2, 3), (1,), 2, {1}),
        ((), (1,), 0, set()),
        ((), (), 5, set()),
    ],
)
def test_the_first_of_a_month(already, new, free_a_month, expected):
    assert months_free(moments(*already), moments(*new), free_a_month) == expected


@given(st.sets(st.integers(0, 59)), st.sets(st.integers(0, 59)), st.integers(0, 80))
def test_never_more_than_the_months_free(already, new, free_a_month):
    fresh = new - already
    free = months_free(moments(*already), moments(*fresh), free_a_month)
    assert free <= fresh
    assert len(free) <= free_a_month
    if len(already) + len(fresh) <= free_a_month:
        assert free == fresh


def test_a_changed_line_is_as_it_was_for_what_was_sent_before():
    """0.03 until 10:00, 0.04 until 12:00, 0.05 since; another line never changed."""
    ten, noon = datetime(2026, 2, 11, 10), datetime(2026, 2, 11, 12)
    day = date(2026, 1, 1)
    table = [
        Price("whatsapp", Decimal("0.05"), day, line=1),
        Price("whatsapp", Decimal("0.04"), day, line=1, until=noon),
        Price("whatsapp", Decimal("0.03"), day, line=1, until=ten),
        Price("sms", Decimal("0.12"), day, line=2),
    ]
    for instant, amount in (
        (datetime(2026, 2, 11, 9, 59), "0.03"),
        (ten, "0.04"),
        (datetime(2026, 2, 11, 11, 59), "0.04"),
        (noon, "0.05"),
        (datetime(2026, 2, 12), "0.05"),
    ):
        for order in (table, table[::-1]):
            found = {price.channel: price.amount for price in as_of(order, instant)}
            assert found == {"whatsapp": Decimal(amount), "sms": Decimal("0.12")}, instant


def test_a_line_that_was_deleted_still_tells_the_price_of_before():
    noon = datetime(2026, 2, 11, 12)
    gone = Price("sms", Decimal("0.12"), date(2026, 1, 1), line=2, until=noon)
    assert as_of([gone], datetime(2026, 2, 11, 11)) == [gone]
    assert as_of([gone], noon) == []


def test_a_line_holds_for_all_and_gives_nothing_away_unless_it_says_so():
    assert (GENERAL.company, GENERAL.provider, GENERAL.category) == (None, None, None)
    assert (GENERAL.is_estimate, GENERAL.free_a_month) == (False, 0)
