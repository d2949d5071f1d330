import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, PixError
from odoo.addons.optica_cobranca.domain.shop.pix_reference import Reference, read_txid, txid_for

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_CONTRACTS, MOST_NUMBERS, MOST_ORIGINS = 36**13 - 1, 36**3 - 1, 36**5 - 1


def test_a_reference_worked_out_by_hand():
    """Contract 1, installment 2: two columns of check after them.

    The body CR 00000 0000000000001 002 is (12 x 36 + 27) x 36^21 + 36^3 + 2 = 459 x 36^21 +
    46658. Modulo 1291: 36^2 = 5, 36^4 = 25, 36^8 = 625, 36^16 = 390625 = 743; 36^21 =
    743 x 25 x 36 = 668700 = 1253 = -38; 459 x -38 = -17442 = 632; 46658 = 182;
    632 + 182 = 814 = 22 x 36 + 22, and digit 22 is M.
    """
    assert txid_for(1, 2) == "CR" + "00000" + "0000000000001" + "002" + "MM"


def test_a_reference_has_the_layout_of_its_parts():
    # 35 is Z, 36 is 10, 37 is 11
    text = txid_for(37, 36, origin=35)
    assert text[:-2] == "CR" + "0000Z" + "0000000000011" + "010"
    assert read_txid(text) == Reference(37, 36, 35)


def test_a_reference_as_people_type_it():
    text = txid_for(123456, 10)
    typed = f" {text[:7].lower()}-{text[7:12]} {text[12:].lower()}\n"
    assert read_txid(typed) == Reference(123456, 10)


@pytest.mark.parametrize("text", ["", "***", "NFeTEST0001", "CR", "CR" + "0" * 23])
def test_other_references_are_not_ours(text):
    assert read_txid(text) is None


@pytest.mark.parametrize(
    ("contract_id", "number", "origin", "field"),
    [
        (-1, 1, 0, "contract_id"),
        (MOST_CONTRACTS + 1, 1, 0, "contract_id"),
        (1, -1, 0, "installment_number"),
        (1, MOST_NUMBERS + 1, 0, "installment_number"),
        (1, 1, MOST_ORIGINS + 1, "origin"),
    ],
)
def test_numbers_beyond_their_columns_are_refused(contract_id, number, origin, field):
    with pytest.raises(PixError) as caught:
        txid_for(contract_id, number, origin=origin)
    assert caught.value.code is ErrorCode.PIX_FIELD_INVALID
    assert caught.value.values["field"] == field


references = st.builds(
    Reference,
    st.integers(0, MOST_CONTRACTS),
    st.integers(0, MOST_NUMBERS),
    st.integers(0, MOST_ORIGINS),
)


def write(reference):
    return txid_for(reference.contract_id, reference.installment_number, origin=reference.origin)


@given(references)
def test_what_is_written_is_read_back(reference):
    """Reading back is exact, therefore no two installments share a reference."""
    text = write(reference)
    assert re.fullmatch(r"[A-Z0-9]{25}", text)
    assert read_txid(text) == reference


@given(references, st.integers(0, 24), st.sampled_from(DIGITS))
def test_one_wrong_character_is_noticed(reference, position, other):
    text = write(reference)
    assume(text[position] != other)
    assert read_txid(text[:position] + other + text[position + 1 :]) is None


@given(references, st.integers(0, 23))
def test_two_swapped_neighbours_are_noticed(reference, position):
    text = write(reference)
    first, second = text[position : position + 2]
    assume(first != second)
    assert read_txid(text[:position] + second + first + text[position + 2 :]) is None
