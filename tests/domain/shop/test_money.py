from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, MoneyError
from odoo.addons.optica_cobranca.domain.shop.money import cents, check_parts, exact, split_evenly

AMOUNTS = st.decimals(0, 10**7, places=2)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (Decimal("2.115"), "2.12"),
        (Decimal("2.125"), "2.13"),  # half to even would give 2.12
        (Decimal("2.1149"), "2.11"),
        (Decimal("-2.125"), "-2.13"),
        (1.005, "1.01"),  # as typed; the float itself is below the half
        (0.1 + 0.2, "0.30"),
        ("7", "7.00"),
        (7, "7.00"),
    ],
)
def test_cents_rounds_half_up(value, rounded):
    assert str(cents(value)) == rounded


@pytest.mark.parametrize("value", ["ten", "", None, float("nan"), float("inf"), Decimal("1E+40")])
def test_cents_refuses_what_is_no_amount(value):
    with pytest.raises(MoneyError) as caught:
        cents(value)
    assert caught.value.code is ErrorCode.NOT_AN_AMOUNT
    assert caught.value.values["value"] is value


def test_exact_keeps_every_digit_that_was_typed():
    assert exact(1.99) == Decimal("1.99")
    assert exact("0.0333") == Decimal("0.0333")


@pytest.mark.parametrize(
    ("total", "n", "parts"),
    [
        ("100.00", 3, ["33.33", "33.33", "33.34"]),
        ("100.00", 1, ["100.00"]),
        ("0.05", 10, ["0.00"] * 9 + ["0.05"]),
        ("1000.00", 6, ["166.66"] * 5 + ["166.70"]),  # 5 x 166.66 = 833.30
        ("-10.00", 3, ["-3.33", "-3.33", "-3.34"]),
    ],
)
def test_split_puts_the_remainder_on_the_last_part(total, n, parts):
    assert split_evenly(Decimal(total), n) == [Decimal(part) for part in parts]


@pytest.mark.parametrize("n", [0, -1])
def test_split_needs_a_part(n):
    with pytest.raises(MoneyError) as caught:
        split_evenly(Decimal("10.00"), n)
    assert caught.value.code is ErrorCode.PARTS_BELOW_ONE
    assert caught.value.values == {"count": n}


@given(AMOUNTS, st.integers(1, 120))
def test_split_loses_nothing_and_is_even(total, n):
    parts = split_evenly(total, n)
    assert len(parts) == n
    assert sum(parts) == total
    assert len(set(parts[:-1])) <= 1
    assert Decimal(0) <= parts[-1] - parts[0] < n * Decimal("0.01")


def test_a_debt_is_divided_into_one_to_360_parts():
    for n in (1, 2, 359, 360):
        check_parts(n)
    for n, code, values in (
        (0, ErrorCode.PARTS_BELOW_ONE, {"count": 0}),
        (361, ErrorCode.PARTS_ABOVE_MOST, {"count": 361, "most": 360}),
    ):
        with pytest.raises(MoneyError) as caught:
            check_parts(n)
        assert (caught.value.code, caught.value.values) == (code, values)
