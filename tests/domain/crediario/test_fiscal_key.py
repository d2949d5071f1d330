"""Keys of NF-e and NFC-e: what they say, and what is none.

The first key is the example of the published manual; the others were worked out by hand.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.crediario.fiscal_key import check_digit, parse
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, FiscalKeyError

EXAMPLE = "35080599999090910270550010000000015180051273"


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE,
        "3508 0599 9990 9091 0270 5500 1000 0000 0151 8005 1273",
        "NFe35080599999090910270550010000000015180051273",
        "  35080599999090910270550010000000015180051273\n",
    ],
)
def test_read(text):
    key = parse(text)
    assert key.key == EXAMPLE
    assert (key.kind, key.series, key.number) == ("NF-e", 1, 1)
    assert key.issuer == "99999090910270"
    assert key.groups == "3508 0599 9990 9091 0270 5500 1000 0000 0151 8005 1273"


def test_of_the_counter():
    """Model 65, series 2, number 345: an NFC-e."""
    places = "35261111222333000181" + "65" + "002" + "000000345" + "1" + "00000345"
    key = parse(places + check_digit(places))
    assert (key.kind, key.series, key.number) == ("NFC-e", 2, 345)


def test_issuer_with_letters():
    places = "352611" + "12ABC34501DE35" + "55" + "001" + "000000007" + "1" + "00000007"
    assert parse((places + check_digit(places)).lower()).issuer == "12ABC34501DE35"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", ErrorCode.FISCAL_KEY_SHAPE),
        ("123", ErrorCode.FISCAL_KEY_SHAPE),
        (EXAMPLE[:-1], ErrorCode.FISCAL_KEY_SHAPE),
        (EXAMPLE + "1", ErrorCode.FISCAL_KEY_SHAPE),
        (EXAMPLE[:20] + "99" + EXAMPLE[22:], ErrorCode.FISCAL_KEY_SHAPE),
        (EXAMPLE[:-1] + "4", ErrorCode.FISCAL_KEY_DIGIT),
        (EXAMPLE.replace("0910270", "0910720"), ErrorCode.FISCAL_KEY_DIGIT),
    ],
)
def test_refused(text, code):
    with pytest.raises(FiscalKeyError) as caught:
        parse(text)
    assert caught.value.code == code


@given(st.integers(0, 42), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(place, more):
    """Any single digit mistyped outside of the model's is refused."""
    wrong = str((int(EXAMPLE[place]) + more) % 10)
    mistyped = EXAMPLE[:place] + wrong + EXAMPLE[place + 1 :]
    with pytest.raises(FiscalKeyError):
        parse(mistyped)


@pytest.mark.parametrize(
    ("places", "digit"),
    [
        ("0" * 43, "0"),  # rest 0
        ("6", "0"),  # 6 x 2 = 12: rest 1
        ("1", "9"),  # 1 x 2: rest 2
        ("5", "1"),  # 5 x 2: rest 10
        # weights from the right: 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9, and 2 again = 46: rest 2
        ("1" * 9, "9"),
        ("A0", "4"),  # 65 - 48 = 17; 17 x 3 = 51: rest 7
    ],
)
def test_the_check_digit_by_hand(places, digit):
    assert check_digit(places) == digit
