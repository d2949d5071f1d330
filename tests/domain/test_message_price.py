"""Which price of the table a message has."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.message_price import Price, price_for, units

DAY = date(2026, 11, 21)
GENERAL = Price("whatsapp", Decimal("0.04"), date(2026, 1, 1))
MARKETING = replace(GENERAL, category="marketing", amount=Decimal("0.35"))
ZENVIA = replace(GENERAL, provider="zenvia", amount=Decimal("0.06"))
RISEN = replace(GENERAL, valid_from=date(2026, 10, 1), amount=Decimal("0.05"))
COMING = replace(GENERAL, valid_from=date(2026, 11, 22), amount=Decimal("0.09"))
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
