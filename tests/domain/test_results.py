from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.results import (
    Span,
    best,
    percent,
    price_of_a_real,
    span_of,
    sure_share,
)


@pytest.mark.parametrize(
    ("period", "first", "before"),
    [
        ("week", date(2026, 2, 5), Span(date(2026, 1, 29), date(2026, 2, 4))),
        ("month", date(2026, 1, 13), Span(date(2025, 12, 14), date(2026, 1, 12))),
        ("year", date(2025, 2, 12), Span(date(2024, 2, 13), date(2025, 2, 11))),
    ],
)
def test_spans(period, first, before):
    span = span_of(period, date(2026, 2, 11))
    assert span == Span(first, date(2026, 2, 11))
    assert span.before() == before


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(1, 3, "33.3"), (2, 3, "66.7"), (1, 16, "6.3"), (0, 5, "0.0"), (5, 5, "100.0")],
)
def test_percent(part, whole, expected):
    assert percent(part, whole) == Decimal(expected)


def test_shares_of_nothing():
    assert percent(0, 0) is None
    assert price_of_a_real(3, 0) is None
    assert best([]) is None
    assert best([("10", 0, 50)]) is None


def test_price_of_a_real():
    # 12.50 spent for 4,000.00 received: 0.003125
    assert price_of_a_real(12.5, 4000) == Decimal("0.0031")


def test_few_messages_prove_little():
    assert best([("lucky", 3, 4), ("steady", 60, 100)]) == "steady"
    assert best([("10", 30, 100), ("17", 45, 100)]) == "17"
    assert best([("only", 1, 2), ("none", 0, 900)]) == "only"
    # Wilson's lower end at 95%, one-sided, worked out by hand for 60 of 100: 0.5178
    assert round(sure_share(60, 100), 4) == 0.5178


@given(st.integers(0, 500), st.integers(1, 500))
def test_sure_share_is_below_the_share_and_grows_with_hits(hits, misses):
    tries = hits + misses
    assert 0 <= sure_share(hits, tries) <= hits / tries + 1e-12
    assert sure_share(hits + 1, tries) >= sure_share(hits, tries)
