import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from odoo.addons.optica_cobranca.clients.bureau import COLUMNS, BureauDebt, adapter

DEBT = BureauDebt(
    case="NEG000007",
    creditor_tax_number="11.222.333/0001-81",
    tax_number="123.456.789-09",
    name='=cmd|" /C calc"!A0',
    street="Rua das Flores, 10",
    district="Centro",
    city="São Paulo",
    state="SP",
    zip="01310-100",
    contract="INV/2026/0001",
    installment="2/6",
    due=date(2026, 1, 10),
    amount=Decimal("105.58"),
    reason="Pago",
)


def rows(file):
    text = file.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_file_of_what_to_register():
    file = adapter("file").register([DEBT], date(2026, 3, 13))
    assert file.name == "negativacao-20260313.csv"
    [row] = rows(file)
    assert tuple(row) == COLUMNS
    assert row == {
        "operacao": "I",
        "caso": "NEG000007",
        "cnpj_credor": "11222333000181",
        "cpf_cnpj": "12345678909",
        "nome": '\'=cmd|" /C calc"!A0',
        "logradouro": "Rua das Flores, 10",
        "bairro": "Centro",
        "cidade": "São Paulo",
        "uf": "SP",
        "cep": "01310100",
        "contrato": "INV/2026/0001",
        "parcela": "2/6",
        "vencimento": "2026-01-10",
        "valor": "105.58",
        "motivo_baixa": "",
    }


def test_the_file_of_what_to_remove_tells_why():
    file = adapter("file").remove([DEBT], date(2026, 3, 13))
    assert file.name == "baixa-negativacao-20260313.csv"
    [row] = rows(file)
    assert (row["operacao"], row["motivo_baixa"]) == ("E", "Pago")


def test_unknown_adapter():
    with pytest.raises(KeyError):
        adapter("telepathy")
