from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.receiving.cash_day import (
    Drawer,
    check_amount,
    check_out,
    close,
)
from odoo.addons.optica_cobranca.domain.shop.errors import CashDayError, ErrorCode

D = Decimal
# 100.00 + 312.87 + 50.00 - 200.00 - 12.87 = 250.00
USUAL = Drawer(D(100), D("312.87"), D(50), D(200), D("12.87"))

money = st.decimals(0, 100000, places=2)


@pytest.mark.parametrize(
    ("counted", "taken_out", "difference", "left"),
    [
        ("250.00", "0", "0.00", "250.00"),
        ("250.00", "150.00", "0.00", "100.00"),
        ("249.50", "249.50", "-0.50", "0.00"),
        ("255.00", "5.00", "5.00", "250.00"),
        ("0", "0", "-250.00", "0.00"),
    ],
)
def test_closing(counted, taken_out, difference, left):
    found = close(USUAL, D(counted), D(taken_out))
    assert (str(found.difference), str(found.left)) == (difference, left)


@pytest.mark.parametrize(
    ("counted", "taken_out", "code"),
    [
        ("-0.01", "0", ErrorCode.NEGATIVE_CASH),
        ("10", "-0.01", ErrorCode.NEGATIVE_CASH),
        ("10", "10.01", ErrorCode.TAKEN_ABOVE_COUNTED),
    ],
)
def test_what_nobody_counts(counted, taken_out, code):
    with pytest.raises(CashDayError) as caught:
        close(USUAL, D(counted), D(taken_out))
    assert caught.value.code is code


def test_nothing_leaves_that_is_not_there():
    check_out(USUAL, D(250))
    for amount, code in (
        ("250.01", ErrorCode.OUT_ABOVE_EXPECTED),
        ("0", ErrorCode.CASH_NOT_POSITIVE),
        ("-1", ErrorCode.CASH_NOT_POSITIVE),
    ):
        with pytest.raises(CashDayError) as caught:
            check_out(USUAL, D(amount))
        assert caught.value.code is code
    with pytest.raises(CashDayError):
        check_amount(D("0.004"))


def test_a_cent_is_something_and_all_of_it_may_be_taken():
    check_amount(D("0.005"))  # half a cent goes up
    check_out(Drawer(D("0.01")), D("0.01"))
    assert close(Drawer(D("0.01")), D("0.01"), D("0.01")).left == 0


@given(money, money, money, money, money, money)
def test_money_neither_appears_nor_vanishes(opening, received, supplied, withdrawn, counted, out):
    drawer = Drawer(opening, received, supplied, withdrawn)
    taken = min(counted, out)
    found = close(drawer, counted, taken)
    assert found.left + taken == counted
    assert opening + received + supplied - withdrawn + found.difference == counted
