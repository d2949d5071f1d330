import pytest

from odoo.addons.optica_cobranca.domain.crediario.contract_number import is_number, names, pattern


@pytest.mark.parametrize(
    "text", ["BV-1022", "bv-1022", "BV1022", "bv 1022", "BV/1022", "BV-01022", "1022", "01022"]
)
def test_spellings_of_one_number(text):
    assert is_number(text)
    assert names(text, "BV-1022")
    assert names("1022", "S01022")


@pytest.mark.parametrize(
    "text", ["022", "10221", "BX-1022", "1022-BV", "BV", "BV-102", "DIVER/2026/1022"]
)
def test_other_numbers(text):
    assert not names(text, "BV-1022")


def test_a_number_with_a_year():
    assert names("diver 2026 10 0023", "DIVER/2026/10/0023")
    assert names("23", "DIVER/2026/10/0023")
    assert not names("2026", "DIVER/2026/10/0023")


@pytest.mark.parametrize("text", ["102", "BV-102", "B1V0A2"])
def test_three_digits_are_enough(text):
    assert is_number(text)


def test_nothing_but_zeros_is_a_zero():
    assert names("000", "BV-0")
    assert not names("000", "BV-10")
    assert pattern("bv-000") == "%BV%0%"


@pytest.mark.parametrize("text", ["", "-", "Maria", "12", "A1", "Rua 15", "José 1022", "1022a"])
def test_what_is_no_number(text):
    assert not is_number(text)


def test_the_database_looks_wider():
    assert pattern("bv01022") == "%BV%1022%"
