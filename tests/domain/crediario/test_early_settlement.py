from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.crediario.credit_price import PriceMethod, price_credit
from odoo.addons.optica_cobranca.domain.crediario.early_settlement import (
    OpenInstallment,
    SettlementRule,
    settle,
    whole_months_between,
)
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, SettlementError

D = Decimal
TODAY = date(2026, 3, 10)


def after(days):
    return TODAY + timedelta(days=days)


def settle_one(principal, days, method, rate):
    (value,) = settle(
        [OpenInstallment(None, principal, after(days))], TODAY, SettlementRule(method, rate)
    )
    return value


def worth(principal, days, method, rate):
    value = settle_one(D(principal), days, method, D(rate))
    return str(value.present_value), str(value.reduction)


@pytest.mark.parametrize(
    ("principal", "days", "method", "rate", "expected"),
    [
        # 105.58 / 1.01 = 104.534653
        ("105.58", 30, "price", "1", ("104.53", "1.05")),
        # 100 / 1.01^0.5 = 100 / 1.00498756 = 99.503719
        ("100.00", 15, "price", "1", ("99.50", "0.50")),
        # 100 / 1.1^2 = 82.644628
        ("100.00", 60, "price", "10", ("82.64", "17.36")),
        # 100 / (1 + 2 % x 45/30) = 100 / 1.03 = 97.087379
        ("100.00", 45, "linear", "2", ("97.09", "2.91")),
        # 100 / (1 + 10 % x 2) = 83.3333
        ("100.00", 60, "linear", "10", ("83.33", "16.67")),
        ("100.00", 0, "price", "1", ("100.00", "0.00")),
        ("100.00", -40, "price", "1", ("100.00", "0.00")),
        ("100.00", -40, "linear", "1", ("100.00", "0.00")),
        # what bears no interest has no legal reduction
        ("100.00", 300, "none", "1", ("100.00", "0.00")),
        ("100.00", 300, "price", "0", ("100.00", "0.00")),
        ("0.00", 300, "price", "1", ("0.00", "0.00")),
    ],
)
def test_values_worked_out_by_hand(principal, days, method, rate, expected):
    assert worth(principal, days, method, rate) == expected


def test_the_last_six_of_a_price_credit_after_four_paid_on_time():
    """105.58 x (1 - 1.01^-6) / 1 % = 105.58 x 5.79547647 = 611.8864."""
    installments = [OpenInstallment(k, D("105.58"), after(30 * k)) for k in range(1, 7)]
    values = settle(installments, TODAY, SettlementRule("price", D(1)), everything=True)
    # Exact: 104.5347 103.4997 102.4749 101.4603 100.4557 99.4611. Cut to cents they are 611.86:
    # three cents go to the remainders .97, .57 and .49 of a cent.
    assert [str(value.present_value) for value in values] == [
        "104.53",
        "103.50",
        "102.48",
        "101.46",
        "100.46",
        "99.46",
    ]
    assert sum(value.present_value for value in values) == D("611.89")
    assert sum(value.reduction for value in values) == 6 * D("105.58") - D("611.89")
    assert [value.key for value in values] == [1, 2, 3, 4, 5, 6]


def test_only_what_is_still_owed_is_discounted():
    # 40.00 of 105.58 was paid: 65.58 / 1.01 = 64.930693
    assert worth("65.58", 30, "price", "1") == ("64.93", "0.65")


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (SettlementRule("linear", D(25)), 30),  # 100 / 1.25 = 80
        (SettlementRule("none", percent_per_whole_month=D(20)), 31),  # 10 March to 10 April
        (SettlementRule("none", flat_percent=D(20)), 1),
    ],
)
def test_late_ones_among_the_chosen_have_no_reduction(rule, days):
    installments = [
        OpenInstallment("future", D("100.00"), after(days)),
        OpenInstallment("late", D("100.00"), after(-days)),
        OpenInstallment("today", D("100.00"), TODAY),
    ]
    values = settle(installments, TODAY, rule, everything=True)
    assert [(value.key, str(value.reduction)) for value in values] == [
        ("future", "20.00"),
        ("late", "0.00"),
        ("today", "0.00"),
    ]


@pytest.mark.parametrize(
    ("monthly", "flat", "everything", "reductions"),
    [
        # due in 1, 2 and 3 whole months
        ("1.5", "0", False, ["1.50", "3.00", "4.50"]),
        ("0", "5", False, ["0.00", "0.00", "0.00"]),
        ("0", "5", True, ["5.00", "5.00", "5.00"]),
        # the greater of the two counts
        ("2", "5", True, ["5.00", "5.00", "6.00"]),
        ("2", "5", False, ["2.00", "4.00", "6.00"]),
        # never more than the whole
        ("40", "0", False, ["40.00", "80.00", "100.00"]),
        ("100", "0", False, ["100.00", "100.00", "100.00"]),
        ("0", "100", True, ["100.00", "100.00", "100.00"]),
    ],
)
def test_a_contract_without_interest_has_the_discount_of_the_shop(
    monthly, flat, everything, reductions
):
    rule = SettlementRule("none", D(0), D(monthly), D(flat))
    installments = [OpenInstallment(k, D("100.00"), date(2026, 3 + k, 10)) for k in (1, 2, 3)]
    values = settle(installments, TODAY, rule, everything=everything)
    assert [str(value.reduction) for value in values] == reductions
    # A method with a rate of 0 bears no interest either.
    for method in ("linear", "price"):
        assert (
            settle(installments, TODAY, replace(rule, method=method), everything=everything)
            == values
        )


def test_some_installments_are_not_everything_unless_it_is_said():
    rule = SettlementRule("none", flat_percent=D(5))
    installments = [OpenInstallment(1, D("100.00"), after(31))]
    assert settle(installments, TODAY, rule)[0].reduction == 0
    assert settle(installments, TODAY, rule, everything=True)[0].reduction == 5


def test_a_contract_with_interest_has_no_discount_of_the_shop():
    rule = SettlementRule("linear", D(25), D(50), D(50))
    value = settle([OpenInstallment(1, D(100), after(30))], TODAY, rule, everything=True)[0]
    assert str(value.present_value) == "80.00"


@pytest.mark.parametrize(
    ("on", "due", "months"),
    [
        (date(2026, 3, 10), date(2026, 4, 9), 0),
        (date(2026, 3, 10), date(2026, 4, 10), 1),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2026, 1, 31), date(2026, 2, 27), 0),
        (date(2026, 3, 10), date(2027, 5, 20), 14),
        (date(2026, 3, 10), date(2026, 3, 10), 0),
        (date(2026, 3, 10), date(2025, 1, 10), 0),
    ],
)
def test_whole_months(on, due, months):
    assert whole_months_between(on, due) == months


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: SettlementRule("sac"), ErrorCode.UNKNOWN_METHOD),
        (lambda: SettlementRule("price", D(-1)), ErrorCode.NEGATIVE_RATE),
        (lambda: SettlementRule("none", D(0), D("100.01")), ErrorCode.BAD_PERCENT),
        (lambda: SettlementRule("none", D(0), D(0), D("-0.01")), ErrorCode.BAD_PERCENT),
        (lambda: OpenInstallment(1, D("-0.01"), TODAY), ErrorCode.NEGATIVE_VALUE),
    ],
)
def test_rules_that_make_no_sense_are_refused(make, code):
    with pytest.raises(SettlementError) as caught:
        make()
    assert caught.value.code is code


amounts = st.decimals(0, 10**5, places=2)
rates = st.decimals(0, 10, places=2)
methods = st.sampled_from([str(method) for method in PriceMethod])


@given(
    st.lists(st.tuples(amounts, st.integers(-400, 900)), max_size=24),
    methods,
    rates,
    st.decimals(0, 100, places=2),
    st.decimals(0, 100, places=2),
    st.booleans(),
)
def test_value_and_reduction_make_the_principal(debts, method, rate, monthly, flat, everything):
    installments = [
        OpenInstallment(k, principal, after(days)) for k, (principal, days) in enumerate(debts)
    ]
    rule = SettlementRule(method, rate, monthly, flat)
    values = settle(installments, TODAY, rule, everything=everything)
    assert [value.key for value in values] == list(range(len(debts)))
    for value, (principal, days) in zip(values, debts, strict=True):
        assert value.present_value + value.reduction == principal
        assert value.present_value >= 0
        assert value.reduction >= 0
        assert days > 0 or value.reduction == 0


@given(amounts, st.integers(1, 900), st.sampled_from(["linear", "price"]), rates)
def test_paying_earlier_or_at_a_higher_rate_never_costs_more(principal, days, method, rate):
    value = settle_one(principal, days, method, rate).present_value
    sooner = settle_one(principal, days + 1, method, rate).present_value
    dearer = settle_one(principal, days, method, rate + 1).present_value
    assert sooner <= value
    assert dearer <= value


@given(st.decimals(10, 10**5, places=2), st.integers(1, 48), st.decimals("0.1", 8, places=2))
def test_settled_on_the_day_of_the_sale_a_price_credit_is_worth_its_principal(principal, n, rate):
    """In months of 30 days, up to the half cent by which each part was rounded."""
    parts = price_credit(principal, n, "price", rate).parts
    installments = [
        OpenInstallment(k, part, after(30 * k)) for k, part in enumerate(parts, start=1)
    ]
    values = settle(installments, TODAY, SettlementRule("price", rate))
    total = sum(value.present_value for value in values)
    assert abs(total - principal) <= D("0.005") * (n + 1)
