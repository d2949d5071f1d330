"""CPF and CNPJ as people read them."""

import pytest

from odoo.addons.optica_cobranca.domain.tax_number import labelled


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("12345678909", "CPF 123.456.789-09"),
        ("123.456.789-09", "CPF 123.456.789-09"),
        ("11222333000181", "CNPJ 11.222.333/0001-81"),
        ("11.222.333/0001-81", "CNPJ 11.222.333/0001-81"),
        ("12abc34501de35", "CNPJ 12.ABC.345/01DE-35"),
        ("PT 501964843", "PT 501964843"),
        ("", ""),
    ],
)
def test_labelled(number, text):
    assert labelled(number) == text
