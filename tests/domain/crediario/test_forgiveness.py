from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.crediario.forgiveness import (
    Debt,
    ForgivenessLimits,
    check_forgiveness,
    forgiven_by_date,
    split,
    without_money,
)
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, ForgivenessError
from odoo.addons.optica_cobranca.domain.shop.money import cents

D = Decimal
COLLECTOR = ForgivenessLimits(D(50), D(0), 3)
MANAGER = ForgivenessLimits(D(100), D(100), 30)
OWED = Debt(D("70.90"), D("2.51"))
TODAY = date(2026, 3, 27)
MONEY = st.decimals(0, 10_000, places=2)
SHARE = st.decimals(0, 100, places=2)


def refused(forgiven, limits, reason="Agreed", owed=OWED):
    try:
        check_forgiveness(forgiven, owed, limits, reason)
    except ForgivenessError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("principal", "charges", "limits", "reason", "code"),
    [
        ("0", "0", COLLECTOR, "", None),
        ("0", "1.26", COLLECTOR, "Agreed", None),  # half of 2.51, rounded half up
        ("0", "1.27", COLLECTOR, "Agreed", ErrorCode.FORGIVEN_ABOVE_LIMIT),
        ("0", "1.26", COLLECTOR, " ", ErrorCode.REASON_MISSING),
        ("0.01", "0", COLLECTOR, "Agreed", ErrorCode.FORGIVEN_ABOVE_LIMIT),
        ("70.90", "2.51", MANAGER, "Agreed", None),
        ("70.90", "2.51", MANAGER, "", ErrorCode.REASON_MISSING),
        ("70.91", "0", MANAGER, "Agreed", ErrorCode.FORGIVEN_ABOVE_LIMIT),
    ],
)
def test_limits_of_roles(principal, charges, limits, reason, code):
    assert refused(Debt(D(principal), D(charges)), limits, reason) == code


def test_a_refusal_tells_the_most():
    with pytest.raises(ForgivenessError) as refusal:
        check_forgiveness(Debt(D("69.90"), D("2.51")), OWED, COLLECTOR, "Agreed")
    assert refusal.value.values == {"charges": D("1.26"), "principal": D("0.00")}


@pytest.mark.parametrize(
    ("days", "lowered", "limits", "waived"),
    [
        (0, "0", COLLECTOR, "0"),
        (3, "6.82", COLLECTOR, "0"),  # half of 13.64
        (3, "6.83", COLLECTOR, "6.83"),
        (4, "0.01", COLLECTOR, "0.01"),
        (4, "0", COLLECTOR, "0"),
        (30, "13.64", MANAGER, "0"),
        (31, "13.64", MANAGER, "13.64"),
    ],
)
def test_an_earlier_day_is_a_waiver_beyond_the_window_or_the_limit(days, lowered, limits, waived):
    charges = D("13.64")
    on = TODAY - timedelta(days)
    assert forgiven_by_date(on, TODAY, charges - D(lowered), charges, limits) == D(waived)


def test_a_day_to_come_is_refused():
    with pytest.raises(ForgivenessError) as refusal:
        forgiven_by_date(TODAY + timedelta(1), TODAY, D(0), D(0), MANAGER)
    assert refusal.value.code == ErrorCode.DATE_IN_FUTURE


@pytest.mark.parametrize(
    ("credited", "charges", "money", "part"),
    [
        ("70.90", "2.51", "73.41", "0"),  # paid with its charges
        ("70.90", "0", "70.90", "0"),
        ("70.90", "0", "0", "1"),  # a credit note, an entry without money
        ("100.00", "0", "40.00", "0.6"),
        ("50.00", "0", "60.00", "0"),
        ("0", "0", "0", "0"),
    ],
)
def test_part_without_money(credited, charges, money, part):
    assert without_money(D(credited), D(charges), D(money)) == D(part)


def test_a_write_off_counts_the_charges_it_closes():
    """1.00 of 73.41 in money: 72.41 are forgiven, more than the 70.90 of the installment."""
    part = without_money(D("70.90"), D("2.51"), D("1.00"))
    assert cents(part * D("70.90")) == D("72.41")
    assert split(D("72.41"), OWED) == Debt(D("69.90"), D("2.51"))


@given(MONEY, MONEY, MONEY)
def test_the_parts_of_a_lump_sum_to_it(amount, principal, charges):
    parts = split(amount, Debt(principal, charges))
    assert parts.total == amount
    assert parts.charges <= charges


@given(MONEY, MONEY, SHARE, SHARE, MONEY, MONEY)
def test_what_is_refused_stays_refused_for_more(principal, charges, first, second, one, other):
    """Neither does forgiving more get through where less does not, nor a lower limit help."""
    owed = Debt(principal, charges)
    low, high = sorted((first, second))
    less, more = sorted((one, other))
    small = ForgivenessLimits(low, low)
    great = ForgivenessLimits(high, high)
    if refused(Debt(less, less), great, owed=owed):
        assert refused(Debt(more, more), small, owed=owed)


@given(MONEY, MONEY, st.integers(0, 400), SHARE, st.integers(0, 60))
def test_a_date_never_waives_more_than_it_lowers(on, known, days, percent, window):
    limits = ForgivenessLimits(percent, D(0), window)
    waived = forgiven_by_date(TODAY - timedelta(days), TODAY, on, known, limits)
    assert waived in (D(0), max(known - on, D(0)))


def test_debts_add_up_and_have_a_total():
    both = OWED + Debt(D("29.10"), D("0.49"))
    assert both == Debt(D("100.00"), D("3.00"))
    assert both.total == D("103.00")
    assert Debt().total == 0


def test_who_has_no_window_waives_by_yesterday_already():
    """2.51 were charged and 0.51 of them yesterday: 2.00 are waived, though all may be waived."""
    limits = ForgivenessLimits(charges_percent=D(100))
    yesterday = TODAY - timedelta(days=1)
    charges = (D("0.51"), D("2.51"))
    assert forgiven_by_date(yesterday, TODAY, *charges, limits) == D("2.00")
    assert forgiven_by_date(TODAY, TODAY, *charges, limits) == 0


def test_a_role_that_says_nothing_forgives_nothing():
    assert ForgivenessLimits().within(OWED) == Debt()
    assert refused(Debt(charges=D("0.01")), ForgivenessLimits()) == ErrorCode.FORGIVEN_ABOVE_LIMIT
    assert refused(Debt(), ForgivenessLimits(), reason="") is None
