"""CPF and CNPJ as people read them."""

import pytest

from odoo.addons.optica_cobranca.domain.shop.tax_number import formatted, is_valid, labelled, plain


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("12345678909", "CPF 123.456.789-09"),
        ("123.456.789-09", "CPF 123.456.789-09"),
        ("11222333000181", "CNPJ 11.222.333/0001-81"),
        ("11.222.333/0001-81", "CNPJ 11.222.333/0001-81"),
        ("12abc34501de35", "CNPJ 12.ABC.345/01DE-35"),
        ("PT 501964843", "PT 501964843"),
        ("5299822472", "5299822472"),
        ("abcdefghijk", "abcdefghijk"),  # as long as a CPF
        ("abcdefghijklmn", "abcdefghijklmn"),  # as long as a CNPJ
        ("", ""),
    ],
)
def test_labelled(number, text):
    assert labelled(number) == text


@pytest.mark.parametrize(
    ("number", "valid", "text"),
    [
        ("52998224725", True, "529.982.247-25"),
        ("529.982.247-25", True, "529.982.247-25"),
        ("529 982 247 25", True, "529.982.247-25"),
        ("52998224726", False, "529.982.247-26"),
        ("11111111111", False, "111.111.111-11"),
        ("11222333000181", True, "11.222.333/0001-81"),
        ("12abc34501de35", True, "12.ABC.345/01DE-35"),
        ("11222333000182", False, "11.222.333/0001-82"),
        ("5299822472", False, "5299822472"),
        ("", False, ""),
    ],
)
def test_checked_and_formatted(number, valid, text):
    assert is_valid(number) is valid
    assert formatted(number) == text
    assert plain(formatted(number)) == plain(number)
