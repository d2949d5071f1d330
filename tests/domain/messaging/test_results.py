from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.messaging.results import (
    FEWEST,
    Best,
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
        # 90 days: February from the 11th back 11, January 31, December 31, November 17 of 30
        ("quarter", date(2025, 11, 14), Span(date(2025, 8, 16), date(2025, 11, 13))),
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
    for received in (0, None, False, -1, -0.01):
        assert price_of_a_real(3, received) is None
    assert price_of_a_real(3, 0.01) == 300
    assert sure_share(0, 0) == 0
    assert best([]) is None
    assert best([("10", 0, 50)]) is None


def test_price_of_a_real():
    # 12.50 spent for 4,000.00 received: 0.003125
    assert price_of_a_real(12.5, 4000) == Decimal("0.0031")


def test_few_messages_prove_little():
    # Wilson's lower end at 95%, one-sided, worked out by hand for 60 of 100: 0.5178
    assert round(sure_share(60, 100), 4) == 0.5178
    # 60 of 100 surely reach 51.78%, more than the 40% of the others
    assert best([("steady", 60, 100), ("other", 40, 100)]) == Best("steady")
    assert best([("10", 30, 100), ("17", 45, 100)]) == Best("17")
    assert best([("only", 9, 10)]) is None, "nothing to compare with"
    assert best([("only", 9, 10), ("new", 0, 0)]) is None, "nothing to compare with yet"
    assert best([("10", 50, 100), ("17", 50, 100)]) is None, "nobody leads"
    # a ten-thousandth ahead: 1.645² · 0.25 / 0.0001² = 67 million messages would have to tell
    assert best([("10", 5001, 10_000), ("17", 5000, 10_000)]) is None, "nobody waits for that"


def test_it_says_how_many_more_are_missing():
    # 3 of 5 against 1 of 5: nothing is named before both sides have 30
    assert best([("lucky", 3, 5), ("other", 1, 5)]) == Best("lucky", missing=25)
    # 20 of 40 (50%) against 16 of 40 (40%). Surely above 40% from n on where Wilson's lower end of
    # one half passes 0.4: with z² = 2.706, 1/2 - 1/2·sqrt(z²/(n + z²)) > 0.4, so
    # n + 2.706 > 25 · 2.706 = 67.65, n = 65: 25 more
    assert best([("half", 20, 40), ("less", 16, 40)]) == Best("half", missing=25)
    # enough of the one, too few of the others
    assert best([("sure", 90, 100), ("few", 2, 12)]) == Best("sure", missing=18)


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=2, max_size=6),
)
def test_what_is_named_is_surely_better_than_the_rest(pairs):
    candidates = [(key, hits, hits + misses) for key, (hits, misses) in enumerate(pairs)]
    found = best(candidates)
    if found is None or not found.is_sure:
        return
    rest = [one for one in candidates if one[0] != found.key]
    _key, hits, tries = candidates[found.key]
    assert tries >= FEWEST and sum(one[2] for one in rest) >= FEWEST
    assert sure_share(hits, tries) > sum(one[1] for one in rest) / sum(one[2] for one in rest)


@given(st.integers(0, 500), st.integers(1, 500))
def test_sure_share_is_below_the_share_and_grows_with_hits(hits, misses):
    tries = hits + misses
    assert 0 <= sure_share(hits, tries) <= hits / tries + 1e-12
    assert sure_share(hits + 1, tries) >= sure_share(hits, tries)
