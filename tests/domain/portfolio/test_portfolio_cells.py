from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.portfolio.portfolio_cells import (
    DecimalSign,
    decimal_sign,
    parse_date,
    parse_installment_number,
    parse_money,
    parse_text,
    parse_vat,
    serial_date,
)
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, PortfolioError


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        ("1.234,56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1234.56", "1234.56"),
        ("R$ 1.234,56", "1234.56"),
        ("R$1234,5", "1234.50"),
        ("R$\u00a01.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567,89", "1234567.89"),
        ("1.234", "1234.00"),  # Brazilian thousands
        ("  105 ", "105.00"),
        ("0,05", "0.05"),
        ("-10,00", "-10.00"),
        ("-R$ 10,00", "-10.00"),
        ("R$ -10,00", "-10.00"),
        (105, "105.00"),
        (105.58, "105.58"),
        (33.335, "33.34"),
        (Decimal("1.005"), "1.01"),
    ],
)
def test_amounts(raw, amount):
    assert str(parse_money(raw)) == amount


@pytest.mark.parametrize(
    "raw",
    [
        "", None, "abc", "1,234", "1.23.4", "1.2345", "12,345,6", "1,2,3", "1.234,567", "12.34,5",
        "10 reais", "R$", "--1", "1 234,56", "1e3", "١٢", True, float("nan"), date(2026, 1, 1),
    ],
)  # fmt: skip
def test_what_is_no_amount(raw):
    with pytest.raises(PortfolioError) as caught:
        parse_money(raw)
    assert caught.value.code is ErrorCode.BAD_MONEY
    assert caught.value.values["value"] is raw


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["1.234,56", "100"], "comma"),
        (["12,5"], "comma"),
        (["1.234.567", "100"], "comma"),
        (["1,234", "99.90"], "point"),
        (["0.125"], "point"),
        (["1234.567"], "point"),
        (["1,234,567"], "point"),
        (["R$ 1,234.50"], "point"),
        (["1.234,56", "1,234.56"], "mixed"),
        (["1.234", "1,234", "100", "", None, 12.5], "comma"),  # nothing is said
        ([], "comma"),
    ],
)
def test_the_decimal_sign_is_found_from_all_amounts_of_a_file(cells, sign):
    assert decimal_sign(cells) == sign


@pytest.mark.parametrize(
    ("raw", "comma", "point", "mixed"),
    [
        ("1.234", "1234.00", None, None),
        ("1,234", None, "1234.00", None),
        ("1.234,56", "1234.56", "1234.56", "1234.56"),
        ("1,234.56", "1234.56", "1234.56", "1234.56"),
        ("1234", "1234.00", "1234.00", "1234.00"),
        ("-50", "-50.00", "-50.00", "-50.00"),
        ("0.125", None, None, None),  # an eighth of a real is no amount, and 125 is another one
        ("0,125", None, None, None),
        ("105,5800", "105.58", "105.58", "105.58"),
        ("105.5800", "105.58", "105.58", "105.58"),
        ("1.234.567", "1234567.00", "1234567.00", "1234567.00"),
        ("1,234,567", "1234567.00", "1234567.00", "1234567.00"),
    ],
)
def test_what_can_be_read_in_two_ways_is_read_by_the_sign_of_the_file(raw, comma, point, mixed):
    for sign, amount in zip(("comma", "point", "mixed"), (comma, point, mixed), strict=True):
        if amount is None:
            with pytest.raises(PortfolioError):
                parse_money(raw, DecimalSign(sign))
        else:
            assert str(parse_money(raw, DecimalSign(sign))) == amount, sign


@given(
    st.lists(st.decimals(1, 10**7, places=2), min_size=1),
    st.sampled_from([DecimalSign.COMMA, DecimalSign.POINT]),
    st.booleans(),
)
def test_a_file_written_in_one_way_is_read_in_that_way(amounts, sign, cents_too):
    """Amounts without cents and with thousands are the trap: some amount with cents settles it."""
    turn = str.maketrans(",.", ".,") if sign is DecimalSign.COMMA else {}
    texts = [f"{amount if cents_too else int(amount):,}".translate(turn) for amount in amounts]
    texts.append("0.50".translate(turn))
    found = decimal_sign(texts)
    assert found is sign
    expected = [amount if cents_too else int(amount) for amount in amounts]
    assert [parse_money(text, found) for text in texts[:-1]] == expected


def test_days_of_a_workbook_that_counts_from_1904():
    assert serial_date(44591, since_1904=True) == date(2026, 1, 31)  # 46053 - 1462
    assert serial_date(46053) == date(2026, 1, 31)
    assert serial_date(0) is None


@given(st.decimals(-(10**7), 10**7, places=2))
def test_every_amount_is_read_back_from_both_ways_of_writing(amount):
    american = f"{amount:,.2f}"
    brazilian = american.translate(str.maketrans(",.", ".,"))
    assert parse_money(brazilian) == amount
    assert parse_money(american) == amount
    assert parse_money(f"R$ {brazilian.replace('.', '')}") == amount
    assert parse_money(float(amount)) == amount


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("31/01/2026", date(2026, 1, 31)),
        ("1/2/2026", date(2026, 2, 1)),
        ("01-02-2026", date(2026, 2, 1)),
        ("01.02.2026", date(2026, 2, 1)),
        ("2026-02-01", date(2026, 2, 1)),
        (" 2026-02-01 00:00:00 ", date(2026, 2, 1)),
        ("2026-02-01T00:00:00.000", date(2026, 2, 1)),
        ("01/02/2026 00:00", date(2026, 2, 1)),
        (date(2026, 2, 1), date(2026, 2, 1)),
        (datetime(2026, 2, 1, 13, 5), date(2026, 2, 1)),
        # 36526 is 1 January 2000 in every spreadsheet; 2026-01-31 is 26 x 365 + 7 + 30 days later
        (36526, date(2000, 1, 1)),
        (46053, date(2026, 1, 31)),
        (46053.5, date(2026, 1, 31)),
        ("29/02/2024", date(2024, 2, 29)),
        ("01/01/1900", date(1900, 1, 1)),
        ("31/12/2199", date(2199, 12, 31)),
    ],
)
def test_dates(raw, expected):
    assert parse_date(raw) == expected
    assert type(parse_date(raw)) is date


@pytest.mark.parametrize(
    "raw",
    [
        "", None, "31/02/2026", "02/13/2026", "01/02/26", "2026/02/01", "01/02-2026", "0205-01-01",
        "31/12/1899", "01/01/2200", "46053", 0, -1, 110000, 10**12, float("nan"), True, "today",
        "2026-02-01 13:05", "0/1/2026",
        "٠١/٠٢/٢٠٢٦",
    ],
)  # fmt: skip
def test_what_is_no_date(raw):
    with pytest.raises(PortfolioError) as caught:
        parse_date(raw)
    assert caught.value.code is ErrorCode.BAD_DATE
    assert caught.value.values["value"] is raw


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_date_is_read_back_from_all_ways_of_writing(day):
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day.day:02}/{day.month:02}/{day.year}") == day
    assert parse_date(f"{day.day}.{day.month}.{day.year}") == day


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("123.456.789-09", "12345678909"),
        ("12345678909", "12345678909"),
        (12345678909.0, "12345678909"),
        # check digits of 001.234.567: 1x8+2x7+3x6+4x5+5x4+6x3+7x2 = 112, 112 % 11 = 2 -> 9;
        # 1x9+2x8+3x7+4x6+5x5+6x4+7x3+9x2 = 158, 158 % 11 = 4 -> 7
        ("00123456797", "00123456797"),
        (123456797, "00123456797"),  # a spreadsheet ate two zeros
        ("00.000.000/0001-91", "00000000000191"),
        ("11.222.333/0001-81", "11222333000181"),
        ("12.abc.345/01de-35", "12ABC34501DE35"),  # letters are issued since 2026
    ],
)
def test_registrations(raw, expected):
    assert parse_vat(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "123.456.789-00", "111.111.111-11", "00000000000000", "1234567", "", None, "abc",
        "11.222.333/0001-82", "1234567890912345", "12345678900",
        "12345601",  # 000.123.456-01 is valid, but three lost zeros are too many
    ],
)  # fmt: skip
def test_what_is_no_registration(raw):
    assert parse_vat(raw) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("3", 3), (3, 3), (3.0, 3), ("03", 3), ("3/10", 3), ("3 / 10", 3), ("3 de 10", 3),
        ("120", 120), ("999", 999), ("0", None), ("1000", None), ("-1", None), ("", None),
        ("3.5", None), ("3/", None), ("x", None), (True, None), (None, None),
    ],
)  # fmt: skip
def test_installment_numbers(raw, expected):
    assert parse_installment_number(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  a \n b ", "a b"), (123.0, "123"), (1.5, "1.5"), (None, ""), (7, "7"),
        (float("inf"), "inf"),
    ],
)  # fmt: skip
def test_texts(raw, expected):
    assert parse_text(raw) == expected
