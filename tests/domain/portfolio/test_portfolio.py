from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.portfolio.portfolio import (
    ALIASES,
    Column,
    PortfolioRow,
    RowError,
    check_rows,
    column_for,
    parse_money,
    read_header,
    read_row,
)
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, PortfolioError

ROW = {
    "Cliente": "José  da Silva",
    "CPF/CNPJ": "123.456.789-09",
    "Telefone": "(11) 9612-3456",
    "E-mail": "jose@example.com",
    "Nascimento": "29/02/1980",
    "Contrato": "C-17",
    "Parcela": "3/10",
    "Vencimento": "10/03/2026",
    "Valor": "R$ 1.105,58",
    "Valor pago": "5,58",
}


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Nome", "name"), ("CLIENTE", "name"), ("customer_name", "name"), ("CPF/CNPJ", "vat"),
        ("C.P.F.", None), ("Telefone / Celular", "phone"), ("E-mail", "email"),
        ("Data de Nascimento", "birthdate"), ("Nº do Contrato", None), ("Nº Contrato", "contract"),
        ("N° Parcela", "number"), ("parcela", "number"), ("Installment", "number"),
        ("Vencimento", "due_date"), ("Due date", "due_date"), ("due_date", "due_date"),
        ("Valor da Parcela", "value"), ("Valor Pago", "paid"), ("RECEBIDO", "paid"),
        ("Observação", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_headers(header, column):
    assert column_for(header) == column


def test_every_canonical_name_is_a_header_and_no_alias_means_two_columns():
    assert [column_for(str(column)) for column in Column] == list(Column)
    names = [name for aliases in ALIASES.values() for name in aliases.split("|")]
    assert len(names) == len(set(names))


def test_a_header_is_read_whatever_its_order():
    assert read_header(["Valor", "Obs", "nome", "Contrato", "Parcela", "Vencimento", ""]) == {
        "Valor": "value",
        "nome": "name",
        "Contrato": "contract",
        "Parcela": "number",
        "Vencimento": "due_date",
    }


def test_missing_columns_are_all_named():
    with pytest.raises(PortfolioError) as caught:
        read_header(["Nome", "Valor", "Telefone"])
    assert caught.value.code is ErrorCode.MISSING_COLUMN
    assert caught.value.values == {"columns": ("contract", "number", "due_date")}


@pytest.mark.parametrize("again", ["Customer", "Cliente"])
def test_a_column_given_twice_is_refused(again):
    with pytest.raises(PortfolioError) as caught:
        read_header(["Cliente", "Valor", again])
    assert caught.value.code is ErrorCode.REPEATED_COLUMN
    assert caught.value.values["column"] == "name"
    assert caught.value.values["headers"] == ("Cliente", again)


def test_a_good_row():
    assert read_row(ROW, 7) == PortfolioRow(
        line=7,
        name="José da Silva",
        contract="C-17",
        number=3,
        due_date=date(2026, 3, 10),
        value=Decimal("1105.58"),
        paid=Decimal("5.58"),
        vat="12345678909",
        phone="+5511996123456",
        email="jose@example.com",
        birthdate=date(1980, 2, 29),
    )


def test_optional_cells_may_be_empty_or_absent():
    required = ("Cliente", "Contrato", "Parcela", "Vencimento", "Valor")
    bare = {header: ROW[header] for header in required}
    empty = {**dict.fromkeys(ROW, ""), **bare}
    expected = PortfolioRow(
        2, "José da Silva", "C-17", 3, date(2026, 3, 10), Decimal("1105.58"), Decimal("0.00")
    )
    assert read_row(bare, 2) == read_row(empty, 2) == expected


def test_a_spreadsheets_own_types():
    row = read_row(
        {**ROW, "Contrato": 123.0, "Parcela": 3.0, "Vencimento": datetime(2026, 3, 10),
         "Valor": 105.58, "Valor pago": 0, "Telefone": 11996123456.0, "Obs": object()}, 2
    )  # fmt: skip
    assert (row.contract, row.number, row.value) == ("123", 3, Decimal("105.58"))
    assert (row.due_date, row.paid) == (date(2026, 3, 10), Decimal("0.00"))
    assert row.phone == "+5511996123456"


def test_the_shops_area_code_completes_telephones():
    assert read_row({**ROW, "Telefone": "99612-3456"}, 2, "11").phone == "+5511996123456"


@pytest.mark.parametrize(
    ("header", "raw", "column", "code"),
    [
        ("Cliente", "  ", "name", "missing"),
        ("Contrato", None, "contract", "missing"),
        ("Parcela", "", "number", "missing"),
        ("Vencimento", "", "due_date", "missing"),
        ("Valor", "", "value", "missing"),
        ("CPF/CNPJ", "123.456.789-00", "vat", "bad_vat"),
        ("Telefone", "99612-3456", "phone", "bad_phone"),
        ("E-mail", "jose@example", "email", "bad_email"),
        ("E-mail", "jose example.com", "email", "bad_email"),
        ("E-mail", "a@b.co, c@d.co", "email", "bad_email"),
        ("Nascimento", "31/02/1980", "birthdate", "bad_date"),
        ("Nascimento", "10/03/2026", "birthdate", "born_after_due"),
        ("Parcela", "0", "number", "bad_number"),
        ("Vencimento", "2026-13-01", "due_date", "bad_date"),
        ("Valor", "1,234", "value", "bad_money"),
        ("Valor", "0,00", "value", "not_positive"),
        ("Valor", "-1,00", "value", "not_positive"),
        ("Valor pago", "x", "paid", "bad_money"),
        ("Valor pago", "-0,01", "paid", "negative"),
        ("Valor pago", "1105,59", "paid", "paid_above_value"),
    ],
)
def test_a_bad_cell_says_where_and_why(header, raw, column, code):
    value = " ".join((raw or "").split())
    assert read_row({**ROW, header: raw}, 9) == [RowError(9, column, code, value)]


@pytest.mark.parametrize("value", ["1105,58", "1,00", "0,01"])
def test_a_fully_paid_installment_is_good(value):
    row = read_row({**ROW, "Valor": value, "Valor pago": value}, 2)
    assert row.paid == row.value == parse_money(value)


def test_less_than_one_real_may_be_paid_too_much_as_well():
    errors = read_row({**ROW, "Valor": "0,50", "Valor pago": "0,51"}, 2)
    assert [error.code for error in errors] == ["paid_above_value"]


def test_all_bad_cells_of_a_row_are_reported():
    bad = {**ROW, "Cliente": "", "Valor": "-1", "Vencimento": "tomorrow", "E-mail": "@"}
    found = {(error.column, error.code) for error in read_row(bad, 2)}
    assert found == {
        ("name", "missing"),
        ("email", "bad_email"),
        ("due_date", "bad_date"),
        ("value", "not_positive"),
    }


def row(line, contract="C-1", number=1, name="Ana", vat=None):
    return PortfolioRow(line, name, contract, number, date(2026, 3, 10), Decimal(10), vat=vat)


def test_rows_that_agree():
    rows = [row(2), row(3, number=2), row(4, contract="C-2"), row(5, number=3, name="ANA")]
    assert check_rows(rows) == []


def test_a_repeated_installment_is_reported_on_the_later_line():
    assert check_rows([row(2), row(3, number=2), row(4), row(5)]) == [
        RowError(4, "number", "repeated", "1"),
        RowError(5, "number", "repeated", "1"),
    ]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"name": "Ana"}, {"name": "Bia"}, False),
        ({"name": "Ána  B"}, {"name": "ana b"}, True),
        ({"vat": "12345678909"}, {"vat": "00123456797"}, False),
        ({"vat": "12345678909"}, {"vat": "12345678909", "name": "Ana Maria"}, True),
        ({"vat": "12345678909"}, {}, True),
        ({"vat": "12345678909"}, {"name": "Ana Maria"}, False),  # only the name can tell
    ],
)
def test_a_contract_has_one_customer(first, second, same):
    errors = check_rows([row(2, **first), row(3, number=2, **second)])
    name = second.get("name", "Ana")
    assert errors == ([] if same else [RowError(3, "name", "other_customer", name)])


@pytest.mark.parametrize(
    ("names", "refused"),
    [
        (("Ana Souza", "Ana Lima"), []),  # married
        (("Ana Souza", "ÁNA SOUZA"), []),
        (("Ana Souza", "Bruno Lima"), ["other_name"]),
        (("Ana Souza", "Bruno Lima", "Bruno Lima"), ["other_name", "other_name"]),
    ],
)
def test_one_cpf_has_one_first_name_in_all_contracts_of_a_file(names, refused):
    rows = [
        row(line, contract=f"C-{line}", name=name, vat="12345678909")
        for line, name in enumerate(names, start=2)
    ]
    assert [error.code for error in check_rows(rows)] == refused


@given(
    st.dictionaries(st.sampled_from(sorted(ROW)), st.text(max_size=20) | st.none() | st.floats())
)
def test_any_row_is_read_or_refused_with_its_line(cells):
    answer = read_row({**ROW, **cells}, 5)
    if isinstance(answer, PortfolioRow):
        assert answer.line == 5
        assert Decimal(0) <= answer.paid <= answer.value > 0
    else:
        assert answer
        assert all(error.line == 5 for error in answer)
