from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, MoneyError
from odoo.addons.optica_cobranca.domain.shop.money import CENT, cents
from odoo.addons.optica_cobranca.domain.shop.shares import round_together, spread

D = Decimal


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        # 0.0133 in all rounds to one cent: the greatest remainder has it
        (["0.004", "0.0051", "0.0042"], ["0.00", "0.01", "0.00"]),
        # alone each would round up, together they are 0.015 -> two cents: the earlier two
        (["0.005", "0.005", "0.005"], ["0.01", "0.01", "0.00"]),
        (["1.00", "0.9999"], ["1.00", "1.00"]),
        (["1.00", "0.0049"], ["1.00", "0.00"]),
        ([], []),
    ],
)
def test_a_set_is_rounded_as_one(values, parts):
    assert round_together([D(value) for value in values]) == [D(part) for part in parts]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        # 3.333… each: the cent left over goes to the first
        ("10.00", ["1", "1", "1"], ["3.34", "3.33", "3.33"]),
        # 10 x 5/7 = 7.142857, 10 x 2/7 = 2.857142
        ("10.00", ["5.00", "2.00"], ["7.14", "2.86"]),
        ("10.00", ["0.00", "2.00"], ["0.00", "10.00"]),
        ("0.00", ["0.00", "0.00"], ["0.00", "0.00"]),
    ],
)
def test_a_total_is_spread_by_weight(total, weights, parts):
    assert spread(D(total), [D(weight) for weight in weights]) == [D(part) for part in parts]


def test_nothing_to_spread_over_is_refused():
    with pytest.raises(MoneyError) as caught:
        spread(D(1), [D(0)])
    assert caught.value.code is ErrorCode.NO_WEIGHTS


@given(st.lists(st.decimals(0, 10**6, places=7), max_size=30))
def test_parts_sum_to_the_rounded_whole_each_within_a_cent(values):
    parts = round_together(values)
    assert sum(parts) == cents(sum(values, D(0)))
    for part, value in zip(parts, values, strict=True):
        assert value.quantize(CENT, ROUND_FLOOR) <= part <= value.quantize(CENT, ROUND_CEILING)


@given(st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=30), st.data())
def test_no_share_exceeds_its_weight(weights, data):
    total = data.draw(st.decimals(0, sum(weights), places=2))
    parts = spread(total, weights)
    assert sum(parts) == total
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
