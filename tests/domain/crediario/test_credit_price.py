from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.crediario.credit_price import (
    PriceMethod,
    effective_annual_cost,
    price_credit,
)
from odoo.addons.optica_cobranca.domain.crediario.schedule import installment_dates
from odoo.addons.optica_cobranca.domain.shop.errors import DomainError, ErrorCode

SALE = date(2026, 1, 1)


def after(days):
    return SALE + timedelta(days=days)


@pytest.mark.parametrize(
    ("principal", "n", "method", "rate", "parts", "charge"),
    [
        # 1.01^10 = 1.104622; 10.00 / (1 - 1/1.104622) = 10.00 / 0.0947130 = 105.582
        ("1000.00", 10, "price", "1", ["105.58"] * 10, "55.80"),
        # two parts at 10 %: 1.1^2 = 1.21; 10 / (1 - 1/1.21) = 10 / 0.1735537 = 57.619
        ("100.00", 2, "price", "10", ["57.62", "57.62"], "15.24"),
        ("100.00", 1, "price", "1.5", ["101.50"], "1.50"),
        # 1000 x (1 + 3 x 2 %) = 1060; 1060 / 3 = 353.33, remainder 0.01 on the last
        ("1000.00", 3, "linear", "2", ["353.33", "353.33", "353.34"], "60.00"),
        # 0.10 x (1 + 1 x 5 %) = 0.105, rounded up
        ("0.10", 1, "linear", "5", ["0.11"], "0.01"),
        ("100.00", 3, "none", "7", ["33.33", "33.33", "33.34"], "0.00"),
        ("100.00", 3, "price", "0", ["33.33", "33.33", "33.34"], "0.00"),
        ("100.00", 3, "linear", "0", ["33.33", "33.33", "33.34"], "0.00"),
        # 0.0001 % on 1.00: each part rounds to 0.33, 0.99 in all: less than was lent
        ("1.00", 3, "price", "0.0001", ["0.33", "0.33", "0.34"], "0.00"),
        ("0.00", 2, "price", "1", ["0.00", "0.00"], "0.00"),
    ],
)
def test_prices_worked_out_by_hand(principal, n, method, rate, parts, charge):
    price = price_credit(Decimal(principal), n, method, Decimal(rate))
    assert [str(part) for part in price.parts] == parts
    assert price.finance_charge == Decimal(charge)
    assert price.total == Decimal(principal) + Decimal(charge)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("100", 0, "none", "0"), ErrorCode.PARTS_BELOW_ONE),
        (("100", 0, "linear", "1"), ErrorCode.PARTS_BELOW_ONE),
        (("100", 0, "price", "1"), ErrorCode.PARTS_BELOW_ONE),
        (("-1", 2, "none", "0"), ErrorCode.NEGATIVE_PRINCIPAL),
        (("100", 2, "price", "-1"), ErrorCode.NEGATIVE_RATE),
        (("100", 2, "sac", "1"), ErrorCode.UNKNOWN_METHOD),
    ],
)
def test_bad_terms_are_refused(arguments, code):
    principal, n, method, rate = arguments
    with pytest.raises(DomainError) as caught:
        price_credit(Decimal(principal), n, method, Decimal(rate))
    assert caught.value.code is code


def test_an_unknown_method_says_which_are_known():
    with pytest.raises(DomainError) as caught:
        price_credit(Decimal(100), 2, "sac", Decimal(1))
    assert caught.value.values == {"method": "sac", "allowed": ("none", "linear", "price")}


@given(
    st.decimals(0, 10**5, places=2),
    st.integers(1, 48),
    st.sampled_from(PriceMethod),
    st.decimals(0, 10, places=4),
)
def test_parts_always_sum_to_the_total(principal, n, method, rate):
    price = price_credit(principal, n, method, rate)
    assert len(price.parts) == n
    assert sum(price.parts) == price.total == principal + price.finance_charge
    assert price.finance_charge >= 0
    assert all(part == price.parts[0] for part in price.parts[:-1])
    if method is PriceMethod.NONE:
        assert price.finance_charge == 0


@given(st.decimals(100, 10**5, places=2), st.integers(1, 36), st.decimals("0.5", 8, places=2))
def test_a_price_credit_is_paid_off_by_its_last_part(principal, n, rate):
    """The balance after n parts is zero, up to half a cent of rounding a part, with interest."""
    part = price_credit(principal, n, "price", rate).parts[0]
    balance = principal
    for _month in range(n):
        balance = balance * (1 + rate / 100) - part
    growth = ((1 + rate / 100) ** n - 1) / (rate / 100)
    assert abs(balance) <= Decimal("0.005") * growth + Decimal("1e-9")


@pytest.mark.parametrize(
    ("principal", "parts", "cet"),
    [
        ("100.00", [(365, "101.00")], "1.00"),
        # 55 / 1.1 + 60.50 / 1.21 = 50 + 50
        ("100.00", [(365, "55.00"), (730, "60.50")], "10.00"),
        # x = 1/(1+c): 60x^2 + 60x = 100, x = (-60 + sqrt(3600 + 24000)) / 120 = 0.884437; 1/x
        ("100.00", [(365, "60.00"), (730, "60.00")], "13.07"),
        # 1.01^(365/30) = e^(12.166667 x 0.00995033) = e^0.1210624 = 1.128695
        ("100.00", [(30, "101.00")], "12.87"),
        # y = (1+c)^(-30/365): 50.75y^2 + 50.75y = 100, y = (-50.75 + sqrt(22875.5625)) / 101.5
        #   = (-50.75 + 151.246694) / 101.5 = 0.990115; c = 0.990115^(-12.166667) - 1
        #   = e^(12.166667 x 0.0099342) - 1 = e^0.1208661 - 1 = 0.128474
        ("100.00", [(30, "50.75"), (60, "50.75")], "12.85"),
        ("100.00", [(30, "50.00"), (60, "50.00")], "0.00"),
        ("0.50", [(0, "0.50")], "0.00"),
        # half is paid at once, the rest is 50 -> 55 in a year
        ("100.00", [(0, "50.00"), (365, "55.00")], "10.00"),
        ("100.00", [(365, "90.00")], "-10.00"),
        # a cent after five years: 0.0000001^(365/1826) = e^(-16.118096 x 0.1998905) = e^-3.221854
        #   = 0.039881
        ("100000.00", [(1826, "0.01")], "-96.01"),
        # 1.01^365 = e^(365 x 0.00995033) = e^3.6318708 = 37.7834
        ("100.00", [(1, "101.00")], "3678.34"),
        ("100.00", [(0, "0.00"), (365, "101.00")], "1.00"),
        ("100.00", [(30, "0.00"), (365, "101.00")], "1.00"),
    ],
)
def test_yearly_cost_worked_out_by_hand(principal, parts, cet):
    dated = [(after(days), Decimal(value)) for days, value in parts]
    assert str(effective_annual_cost(Decimal(principal), dated, SALE)) == cet


@pytest.mark.parametrize(
    ("principal", "parts"),
    [
        ("100.00", []),
        ("0.00", [(30, "10.00")]),
        ("0.00", []),
        ("-5.00", [(30, "10.00")]),
        ("100.00", [(-1, "100.00")]),
        ("100.00", [(30, "-100.00")]),
        ("100.00", [(0, "120.00")]),
        ("100.00", [(0, "100.00"), (30, "10.00")]),
        ("100.00", [(0, "50.00")]),
        ("1.00", [(1, "1000.00")]),  # 1000^365 - 1: a number of more than a thousand digits
    ],
)
def test_no_yearly_cost_without_a_finite_rate(principal, parts):
    dated = [(after(days), Decimal(value)) for days, value in parts]
    with pytest.raises(DomainError) as caught:
        effective_annual_cost(Decimal(principal), dated, SALE)
    assert caught.value.code is ErrorCode.CET_UNDEFINED


@given(
    st.decimals(50, 10**4, places=2),
    st.integers(1, 24),
    st.sampled_from(["linear", "price"]),
    st.decimals(0, 8, places=2),
    st.integers(1, 45),
)
def test_the_yearly_cost_makes_the_parts_worth_the_principal(principal, n, method, rate, wait):
    """Half a step below the rate the parts are worth more than the principal, above it less."""
    price = price_credit(principal, n, method, rate)
    dated = list(zip(installment_dates(after(wait), n), price.parts, strict=True))
    cet = float(effective_annual_cost(principal, dated, SALE))
    assume(cet < 10**6)

    def worth(percent):
        return sum(
            float(part) / (1 + percent / 100) ** ((due - SALE).days / 365) for due, part in dated
        )

    tolerance = 1e-7 * float(principal)
    assert worth(cet - 0.0051) >= float(principal) - tolerance
    assert worth(cet + 0.0051) <= float(principal) + tolerance
