from datetime import date, timedelta
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.crediario.credit_price import PriceMethod, price_credit
from odoo.addons.optica_cobranca.domain.crediario.schedule import installment_dates
from odoo.addons.optica_cobranca.domain.crediario.simulation import effective_monthly_rate, simulate
from odoo.addons.optica_cobranca.domain.shop.errors import DomainError, ErrorCode

D = Decimal
SALE = date(2026, 1, 10)
FIRST = date(2026, 2, 10)


def offers(cash, down, method, rate, most, *, least="0", first=FIRST, **options):
    return simulate(D(cash), D(down), method, D(rate), most, D(least), SALE, first, **options)


def test_a_table_without_interest_is_the_cash_price_split():
    # 1200 - 200 = 1000; 1000 / 3 = 333.33 and the cent left over on the last
    rows = offers("1200.00", "200.00", "none", "7", 3)
    assert [(row.n, str(row.part), str(row.last_part)) for row in rows] == [
        (1, "1000.00", "1000.00"),
        (2, "500.00", "500.00"),
        (3, "333.33", "333.34"),
    ]
    for row in rows:
        assert (str(row.total), str(row.finance_charge)) == ("1200.00", "0.00")
        assert (row.monthly_rate, row.effective_monthly_rate, row.cet) == (0, 0, 0)
        assert str(row.down_payment) == "200.00"


def test_a_table_with_simple_interest():
    # 1000 x (1 + 2 % x n): 1020, 1040, 1060; plus 200 of down payment
    rows = offers("1200.00", "200.00", "linear", "2", 3)
    assert [
        (row.n, str(row.part), str(row.last_part), str(row.finance_charge), str(row.total))
        for row in rows
    ] == [
        (1, "1020.00", "1020.00", "20.00", "1220.00"),
        (2, "520.00", "520.00", "40.00", "1240.00"),
        (3, "353.33", "353.34", "60.00", "1260.00"),
    ]
    assert {row.monthly_rate for row in rows} == {D(2)}
    # 31 days: 1.02^(365/31) = e^(11.774194 x 0.0198026) = e^0.2331601 = 1.262584
    assert str(rows[0].cet) == "26.26"
    # 520v^2 + 520v = 1000: v = (-520 + sqrt(2350400)) / 1040 = 0.974136; 1/v = 1.026551
    assert [str(row.effective_monthly_rate) for row in rows[:2]] == ["2.00", "2.66"]


def test_the_tenth_row_of_compound_interest():
    row = offers("1000.00", "0.00", "price", "1", 10)[-1]
    assert row.parts == (D("105.58"),) * 10
    assert (str(row.total), str(row.finance_charge)) == ("1055.80", "55.80")
    assert row.dates == tuple(date(2026, month, 10) for month in range(2, 12))
    assert row.effective_monthly_rate == row.monthly_rate == 1
    # 1.01^12 is 12.68 % a year, but all dates except the first (31, 59, 90, 120, 151, 181, 212,
    # 243, 273, 304 days) come sooner than k twelfths of a year (30.4, 60.8, 91.2, ...).
    days = [(due - SALE).days for due in row.dates]
    assert sum(105.58 / 1.12755 ** (day / 365) for day in days) < 1000
    assert sum(105.58 / 1.12745 ** (day / 365) for day in days) > 1000
    assert str(row.cet) == "12.75"


def test_a_year_at_ten_percent():
    # 1000 -> 1100 after 365 days; one installment is one month to the monthly rate
    row = offers("1000.00", "0", "linear", "10", 1, first=SALE + timedelta(days=365))[0]
    assert (str(row.cet), str(row.effective_monthly_rate)) == ("10.00", "10.00")


@pytest.mark.parametrize(
    ("method", "rate", "least", "counts"),
    [
        ("none", "0", "30.00", [1, 2, 3]),  # 100 / 4 = 25
        ("none", "0", "25.00", [1, 2, 3, 4]),  # 100 / 5 = 20
        # 100 x 1.20 / 4 = 30: what the customer pays counts; 100 x 1.25 / 5 = 25
        ("linear", "5", "30.00", [1, 2, 3, 4]),
        ("none", "0", "100.00", [1]),
        ("none", "0", "100.01", []),
    ],
)
def test_rows_below_the_least_installment_are_left_out(method, rate, least, counts):
    rows = offers("100.00", "0", method, rate, 5, least=least)
    assert [row.n for row in rows] == counts


def test_dates_stay_with_the_anchor():
    rows = offers("90.00", "0", "none", "0", 3, first=date(2026, 2, 28), anchor_day=31)
    assert rows[2].dates == (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30))


def test_an_installment_on_the_day_of_the_sale():
    assert str(offers("90.00", "0", "none", "0", 1, first=SALE)[0].cet) == "0.00"
    charged = offers("90.00", "0", "linear", "1", 2, first=SALE)
    assert charged[0].cet is None
    assert str(charged[0].effective_monthly_rate) == "1.00"
    # half of 91.80 at once, 45.90 for the other 44.10 after 31 days
    # 1.0408163^11.774194 = e^(11.774194 x 0.0400053) = e^0.4710303 = 1.601643
    assert str(charged[1].cet) == "60.16"


@pytest.mark.parametrize(
    ("arguments", "options", "code"),
    [
        (("100", "100", "none", "0", 2), {}, ErrorCode.DOWN_PAYMENT_TOO_HIGH),
        (("100", "100.01", "none", "0", 2), {}, ErrorCode.DOWN_PAYMENT_TOO_HIGH),
        (("0", "0", "none", "0", 2), {}, ErrorCode.DOWN_PAYMENT_TOO_HIGH),
        (("100", "-1", "none", "0", 2), {}, ErrorCode.NEGATIVE_VALUE),
        (("100", "0", "none", "0", 0), {}, ErrorCode.PARTS_BELOW_ONE),
        (("100", "0", "sac", "0", 2), {}, ErrorCode.UNKNOWN_METHOD),
        (("100", "0", "price", "-1", 2), {}, ErrorCode.NEGATIVE_RATE),
        (
            ("100", "0", "none", "0", 2),
            {"first": SALE - timedelta(days=1)},
            ErrorCode.FIRST_DUE_TOO_EARLY,
        ),
        (("100", "0", "none", "0", 2), {"anchor_day": 11}, ErrorCode.ANCHOR_MISMATCH),
    ],
)
def test_terms_that_make_no_sale_are_refused(arguments, options, code):
    with pytest.raises(DomainError) as caught:
        offers(*arguments, **options)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("principal", "parts", "monthly"),
    [
        ("1000.00", ["105.58"] * 10, "1.00"),
        ("100.00", ["101.50"], "1.50"),
        # 55 / 1.1 + 60.50 / 1.21 = 50 + 50
        ("100.00", ["55.00", "60.50"], "10.00"),
        ("100.00", ["33.33", "33.33", "33.34"], "0.00"),
    ],
)
def test_the_monthly_rate_of_parts(principal, parts, monthly):
    assert str(effective_monthly_rate(D(principal), [D(part) for part in parts])) == monthly


@given(
    st.decimals(1, 10**5, places=2),
    st.decimals(0, 1, places=2),
    st.sampled_from([str(method) for method in PriceMethod]),
    st.decimals(0, 8, places=2),
    st.integers(1, 24),
    st.decimals(0, 500, places=2),
    st.integers(0, 45),
)
def test_every_row_is_exact_and_none_is_missing(cash, share, method, rate, most, least, wait):
    down = (cash * share).quantize(D("0.01")) if share < 1 else D(0)
    if down >= cash:
        down = D(0)
    first = SALE + timedelta(days=wait)
    rows = simulate(cash, down, method, rate, most, least, SALE, first)
    prices = {n: price_credit(cash - down, n, method, rate) for n in range(1, most + 1)}
    assert [row.n for row in rows] == [n for n in prices if min(prices[n].parts) >= least]
    for row in rows:
        assert row.parts == prices[row.n].parts
        assert (row.part, row.last_part) == (row.parts[0], row.parts[-1])
        assert row.total == down + sum(row.parts) == cash + row.finance_charge
        assert list(row.dates) == installment_dates(first, row.n)
        assert row.cet is None or row.cet >= 0
    totals = [row.total for row in rows]
    assert method == "price" or totals == sorted(totals)


@pytest.mark.parametrize("rate", ["0.01", "1", "15"])
def test_twenty_four_rows_are_quick(rate):
    def seconds():
        start = process_time()
        assert len(offers("3000.00", "0", "price", rate, 24)) == 24
        return process_time() - start

    assert min(seconds() for _run in range(5)) < 0.1
