import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, PhoneError
from odoo.addons.optica_cobranca.domain.shop.phone import (
    is_mobile,
    keys_of_sender,
    match_key,
    match_keys,
    replaced,
    spellings,
    to_e164,
    wa_me_link,
)

MOBILE = "+5511996123456"


@pytest.mark.parametrize(
    "raw",
    [
        "+5511996123456",
        "5511996123456",
        "11996123456",
        "(11) 99612-3456",
        "11.99612.3456",
        "(11) 9612-3456",  # before the ninth digit
        "+55 11 9612-3456",
        "551196123456",
        "011 99612-3456",
        "0 15 11 99612-3456",  # with a carrier's code
        "(0xx11) 9612-3456",
        "+55 (0XX11) 99612-3456",
        "0055 11 99612-3456",
        "Maria (11) 99612-3456",
        "11 99612-3456 / 11 3333-4444",
        "(11)\u00a099612\u20133456",
        "tel:+55-11-99612-3456",
    ],
)
def test_a_mobile_however_written(raw):
    assert to_e164(raw) == MOBILE


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("(11) 3333-4444", "+551133334444"),
        ("1139612345", "+551139612345"),
        ("(11) 5555-1234", "+551155551234"),
        ("(55) 3222-1234", "+555532221234"),  # DDD 55 is not the country
        ("55 99612-3456", "+5555996123456"),
        ("55 9612-3456", "+5555996123456"),
        ("+55 55 9612-3456", "+5555996123456"),
        ("555596123456", "+5555996123456"),
        ("(31) 6612-3456", "+5531966123456"),
        ("(31) 7612-3456", "+5531976123456"),
        ("0800 723 4567", "+558007234567"),
        ("(11) 93612-3456", "+5511936123456"),
    ],
)
def test_landlines_area_codes_and_ninth_digits(raw, expected):
    assert to_e164(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("99612-3456", "+5511996123456"),
        ("9612-3456", "+5511996123456"),
        ("3333-4444", "+551133334444"),
        ("9612-3456 ramal 12", "+5511996123456"),
        ("(21) 99612-3456", "+5521996123456"),  # its own area code counts
    ],
)
def test_the_shops_area_code_completes_a_number(raw, expected):
    assert to_e164(raw, "11") == expected
    assert to_e164(raw, 11) == expected
    assert to_e164(raw, "011") == expected


@pytest.mark.parametrize("raw", ["99612-3456", "9612-3456", "3333-4444"])
def test_a_number_without_area_code_is_none_of_ours(raw):
    assert to_e164(raw) is None
    assert to_e164(raw, "") is None
    assert to_e164(raw, False) is None


@pytest.mark.parametrize(
    "raw",
    [
        None, "", "   ", "no phone", "190", "+5511", "20 99999-9999", "11 1234", "+55 11 0800",
        "00 15 1 202 555 0143", "123456789012345678", "+1 202", "00000000000",
    ],
)  # fmt: skip
def test_what_is_no_telephone_number(raw):
    assert to_e164(raw) is None


@pytest.mark.parametrize("raw", ["+55 11 0800", "+1 202 555", "00 15 1202"])
def test_a_number_with_a_country_is_never_completed(raw):
    assert to_e164(raw, "11") is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("+1 202 555 0143", "+12025550143"),
        ("+351 912 345 678", "+351912345678"),
        ("+598 94 123 456", "+59894123456"),
    ],
)
def test_foreign_numbers_are_kept(raw, expected):
    assert to_e164(raw) == expected
    assert to_e164(raw, "11") == expected


@pytest.mark.parametrize("area_code", ["1", "10", "110", "ab", 0.5])
def test_an_area_code_has_two_digits(area_code):
    with pytest.raises(PhoneError) as caught:
        to_e164("99612-3456", area_code)
    assert caught.value.code is ErrorCode.BAD_AREA_CODE
    assert caught.value.values == {"area_code": area_code}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (MOBILE, True),
        ("+551133334444", False),
        ("+558007234567", False),
        ("+12025550143", True),  # the country does not tell them apart
        ("5511996123456", False),  # no country: no E.164
        ("", False),
    ],
)
def test_mobiles_are_told_from_landlines(number, expected):
    assert is_mobile(number) is expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+5511996123456", "+551196123456"),
        ("+5531988887777", "553188887777"),  # a wa_id
        ("+5511966123456", "551166123456"),
        ("+5511976123456", "551176123456"),
    ],
)
def test_a_number_matches_with_and_without_its_ninth_digit(one, other):
    assert match_key(one) == match_key(other) == "55" + one[3:5] + one[-8:]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+5511936123456", "+551136123456"),  # without the 9 it is somebody's landline
        ("+5511996123456", "+5521996123456"),
        ("+5511996123456", "+5511996123457"),
        ("+12025550143", "+1202555014"),
        ("+59894123456", "+5989412345"),
    ],
)
def test_other_numbers_never_match(one, other):
    assert match_key(one) != match_key(other)


@given(st.sampled_from(["11", "31", "55", "85"]), st.integers(60000000, 99999999))
def test_ninth_digits_are_added_once_and_never_change_the_match(ddd, number):
    full = to_e164(f"{ddd}{number}")
    assert full == f"+55{ddd}9{number}"
    assert to_e164(full) == full
    assert match_key(full) == match_key(f"+55{ddd}{number}")


@given(st.text(max_size=30) | st.from_regex(r"[+(0-9) \-/.]{0,25}", fullmatch=True))
def test_any_text_gives_a_stable_number_or_none(raw):
    number = to_e164(raw, "11")
    assert number is None or (number[0] == "+" and number[1:].isdigit())
    assert number is None or to_e164(number) == number


def test_the_link_opens_a_chat_with_the_text():
    assert wa_me_link(MOBILE) == "https://wa.me/5511996123456"
    assert wa_me_link(MOBILE, "Olá & até\n50% + já/você?") == (
        "https://wa.me/5511996123456?text=Ol%C3%A1%20%26%20at%C3%A9%0A50%25%20%2B%20j%C3%A1"
        "%2Fvoc%C3%AA%3F"
    )


@pytest.mark.parametrize(
    ("raw", "keys"),
    [
        ("(11) 99999-0000 / (11) 3333-0000", ["551199990000", "551133330000"]),
        ("(11) 99999-0000 / 3333-0000", ["551199990000", "551133330000"]),
        ("(11) 99999-0000 ou 98888-0000", ["551199990000", "551188880000"]),
        ("99999-0000", ["-99990000"]),
        ("9999-0000", ["-99990000"]),
        ("3333-0000", ["-33330000"]),
        ("3333-0000 / (21) 99999-0000", ["-33330000", "552199990000"]),
        ("+54 9 11 2345-6789", ["541123456789"]),
        ("+54 11 2345-6789", ["541123456789"]),
        ("+52 1 55 1234 5678", ["525512345678"]),
        ("+52 55 1234 5678", ["525512345678"]),
        ("(11) 99999-0000, (11) 99999-0000", ["551199990000"]),
        ("recado com a vizinha", []),
        (None, []),
    ],
)
def test_all_numbers_of_what_was_typed(raw, keys):
    assert match_keys(raw) == keys


@pytest.mark.parametrize(
    ("digits", "area_code", "keys"),
    [
        ("5511999990000", "11", ["551199990000", "-99990000"]),
        ("551199990000", "11", ["551199990000", "-99990000"]),
        ("5511999990000", "21", ["551199990000"]),
        ("5511999990000", None, ["551199990000"]),
        ("551133330000", "11", ["551133330000", "-33330000"]),
        ("5491123456789", "11", ["541123456789"]),
        ("5215512345678", None, ["525512345678"]),
        (None, "11", []),
    ],
)
def test_keys_of_somebody_who_writes(digits, area_code, keys):
    assert keys_of_sender(digits, area_code) == keys


def test_spellings_of_one_number():
    assert spellings("551199990000") == ["+551199990000", "+5511999990000"]
    assert spellings("5511999990000") == ["+551199990000", "+5511999990000"]
    assert spellings("551133330000") == ["+551133330000"]
    assert spellings("5491123456789") == ["+541123456789", "+5491123456789"]
    assert spellings("5215512345678") == ["+525512345678", "+5215512345678"]
    assert spellings(None) == []


def test_a_mexican_number_is_written_as_it_is_dialled_today():
    assert to_e164("+52 1 55 1234 5678") == "+525512345678"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("(11) 99999-0000", "+5521988880000"),
        ("(11) 99999-0000 / (11) 3333-0000", "+5521988880000 / (11) 3333-0000"),
        ("(11) 3333-0000 / (11) 9999-0000", "(11) 3333-0000 / +5521988880000"),
        ("(11) 3333-0000", "+5521988880000"),
        (None, "+5521988880000"),
    ],
)
def test_one_of_several_numbers_is_replaced(raw, text):
    assert replaced(raw, "551199990000", "+5521988880000") == text
