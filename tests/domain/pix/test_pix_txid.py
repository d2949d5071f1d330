"""txids of dynamic charges: ours, unique, readable, and nothing else taken for one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.pix.pix_txid import CHARGES, dynamic_txid, read_any
from odoo.addons.optica_cobranca.domain.shop.errors import PixError
from odoo.addons.optica_cobranca.domain.shop.pix_reference import Reference, txid_for

CONTRACTS = st.integers(0, 36**13 - 1)
NUMBERS = st.integers(0, 36**3 - 1)
COUNTS = st.integers(0, CHARGES - 1)


def test_as_it_looks():
    assert dynamic_txid(77, 3, 36, origin=5)[:-2] == "CR00005000000000002500300000" + "10"


@given(CONTRACTS, NUMBERS, COUNTS)
def test_as_banco_central_allows_and_read_back(contract, number, charge):
    txid = dynamic_txid(contract, number, charge)
    assert re.fullmatch(r"[a-zA-Z0-9]{26,35}", txid)
    assert read_any(txid) == read_any(txid.lower()) == Reference(contract, number)


@given(CONTRACTS, NUMBERS, st.lists(COUNTS, min_size=2, max_size=2, unique=True))
def test_no_two_charges_share_one(contract, number, charges):
    first, second = (dynamic_txid(contract, number, charge) for charge in charges)
    assert first != second


@given(CONTRACTS, NUMBERS, COUNTS, st.integers(2, 31), st.sampled_from("0123456789ABCXYZ"))
def test_one_wrong_character_is_noticed(contract, number, charge, position, letter):
    txid = dynamic_txid(contract, number, charge)
    wrong = txid[:position] + letter + txid[position + 1 :]
    assert wrong == txid or read_any(wrong) is None


def test_static_references_are_read_too():
    assert read_any(txid_for(77, 3)) == Reference(77, 3)


@pytest.mark.parametrize("text", ["", "***", "CR", "x" * 32, "0" * 32, "7f0e" * 8])
def test_what_is_not_ours(text):
    assert read_any(text) is None


def test_too_many_charges():
    with pytest.raises(PixError):
        dynamic_txid(1, 1, CHARGES)


def test_the_last_charge_of_an_installment():
    """Seven columns of 36 digits: 36^7 = 78,364,164,096 numbers, from 0000000 to ZZZZZZZ."""
    assert dynamic_txid(1, 1, 78_364_164_095)[-9:-2] == "Z" * 7
    assert dynamic_txid(1, 1, 0)[-9:-2] == "0" * 7
    for charge in (78_364_164_096, -1):
        with pytest.raises(PixError) as caught:
            dynamic_txid(1, 1, charge)
        assert caught.value.values == {
            "field": "charge",
            "value": charge,
            "limit": 78_364_164_095,
        }
