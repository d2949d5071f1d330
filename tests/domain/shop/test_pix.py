from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.shop.errors import DomainError, ErrorCode, PixError
from odoo.addons.optica_cobranca.domain.shop.pix import (
    Field,
    build,
    build_dynamic,
    crc16,
    parse,
    render,
)

D = Decimal
KEY = "71d6c6e1-64ea-4a11-9560-a10870c40ca2"

# Published: Odoo 19, l10n_br; python-brcode's, pypix-static's and PixPayloadGen's own pages.
WITH_REFERENCE = (
    "00020101021226580014br.gov.bcb.pix013671d6c6e1-64ea-4a11-9560-a10870c40ca2"
    "520400005303986540512.305802BR5914COMPANY_1_DATA62150511NFeTEST000163044CCF"
)
WITHOUT_REFERENCE = (
    "00020101021226580014br.gov.bcb.pix013671d6c6e1-64ea-4a11-9560-a10870c40ca2"
    "520400005303986540512.305802BR5914COMPANY_1_DATA62070503***6304B27F"
)
WITH_DESCRIPTION = (
    "00020126720014br.gov.bcb.pix0122vpaivatorres@gmail.com0224Biblioteca python-brcode"
    "520400005303986540510.005802BR5913Victor Torres6005Natal62070503***6304C1FA"
)
CAPITAL_GUI = (
    "00020126330014BR.GOV.BCB.PIX011112345678900520400005303986540512.345802BR"
    "5924Hypothetical Receiv Name6013CITY RECEIVER62070503***6304EA64"
)
WITH_SHOP_REFERENCE = (
    "00020126330014BR.GOV.BCB.PIX011197212482404520400005303986540530.005802BR"
    "5918Victor Julio Rocha6006RECIFE62110507VIPSURF630425A1"
)
PUBLISHED = [
    WITH_REFERENCE,
    WITHOUT_REFERENCE,
    WITH_DESCRIPTION,
    CAPITAL_GUI,
    WITH_SHOP_REFERENCE,
]


@pytest.mark.parametrize(
    ("data", "check"),
    [
        (b"123456789", "29B1"),  # the check value in catalogues of CRCs
        (b"", "FFFF"),
        (b"A", "B915"),
    ],
)
def test_the_check(data, check):
    assert crc16(data) == check


@pytest.mark.parametrize("payload", PUBLISHED, ids=lambda payload: payload[-4:])
def test_published_codes_are_read_and_written_back(payload):
    assert render(parse(payload).fields) == payload


def test_what_a_published_code_says():
    code = parse(WITH_REFERENCE)
    assert (code.key, code.amount, code.txid, code.description) == (
        KEY,
        D("12.30"),
        "NFeTEST0001",
        None,
    )
    assert code.find("01") == "12"
    assert code.find("26", "00") == "br.gov.bcb.pix"
    assert code.find("60") is code.find("26", "07") is code.find("60", "01") is None
    assert parse(WITHOUT_REFERENCE).txid == "***"
    assert parse(WITH_DESCRIPTION).description == "Biblioteca python-brcode"
    assert code.fields[2] == Field(
        "26",
        f"0014br.gov.bcb.pix0136{KEY}",
        (Field("00", "br.gov.bcb.pix"), Field("01", KEY)),
    )


def test_a_code_is_built_as_published():
    built = build(
        "vpaivatorres@gmail.com",
        "Victor Torres",
        "Natal",
        D("10"),
        description="Biblioteca python-brcode",
    )
    assert built == WITH_DESCRIPTION


def test_a_code_without_amount_lets_the_payer_choose():
    code = parse(build(KEY, "Loja", "Recife", None))
    assert code.amount is code.find("54") is None
    assert (code.txid, code.find("01")) == ("***", None)


def test_all_fields_of_a_code():
    built = build(
        "+5511987654321",
        "Ótica São José",
        "São Paulo",
        D("1234.5"),
        "CR0000A1",
        "Parcela 3/10 — óculos",
        "01310-100",
    )
    # 26: 18 of the GUI + 4 + 14 of the key + 4 + 19 of the description = 59
    assert built[:-4] == (
        "000201"
        "2659"
        "0014br.gov.bcb.pix"
        "0114+5511987654321"
        "0219Parcela 3/10 oculos"
        "52040000"
        "5303986"
        "54071234.50"
        "5802BR"
        "5914Otica Sao Jose"
        "6009Sao Paulo"
        "610801310100"
        "62120508CR0000A1"
        "6304"
    )
    assert built[-4:] == crc16(built[:-4].encode())


@pytest.mark.parametrize(
    ("text", "limit_25", "limit_15"),
    [
        ("Ótica e Relojoaria Boa Visa da Serra", "Otica e Relojoaria Boa Vi", "Otica e Relojoa"),
        ("São José do Rio Preto", "Sao Jose do Rio Preto", "Sao Jose do Rio"),
        ("  Óticas\t&\nCia.  ", "Oticas & Cia.", "Oticas & Cia."),
        ("Coração ❤ Óculos", "Coracao Oculos", "Coracao Oculos"),
        ("Feira de Santana", "Feira de Santana", "Feira de Santan"),
        ("Campos do Norte Oeste", "Campos do Norte Oeste", "Campos do Norte"),
        ("Vila Bela Alta  Azul", "Vila Bela Alta Azul", "Vila Bela Alta"),  # no space at the end
    ],
)
def test_names_become_plain_and_short(text, limit_25, limit_15):
    code = parse(build(KEY, text, text, D(1)))
    assert (code.find("59"), code.find("60")) == (limit_25, limit_15)


def test_the_description_has_what_the_key_leaves():
    # 99 - 18 of the GUI - 4 - 36 of the key - 4 = 37
    code = parse(build(KEY, "Loja", "Recife", D(1), description="x" * 80))
    assert code.description == "x" * 37
    # a key of 11: 62 would be left
    assert len(parse(build("12345678901", "L", "R", D(1), description="x" * 80)).description) == 62
    # 77 of a key leave -4
    longest = "a" * 65 + "@example.com"
    code = parse(build(longest, "Loja", "Recife", D(1), description="x"))
    assert (code.key, code.description) == (longest, None)
    assert len(code.find("26")) == 99


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"key": " "}, ErrorCode.PIX_FIELD_EMPTY, "key"),
        ({"key": "a" * 78}, ErrorCode.PIX_FIELD_INVALID, "key"),
        ({"key": "é@example.com"}, ErrorCode.PIX_FIELD_INVALID, "key"),
        ({"key": "a b@example.com"}, ErrorCode.PIX_FIELD_INVALID, "key"),
        ({"key": "a\nb"}, ErrorCode.PIX_FIELD_INVALID, "key"),
        ({"name": "❤"}, ErrorCode.PIX_FIELD_EMPTY, "name"),
        ({"city": ""}, ErrorCode.PIX_FIELD_EMPTY, "city"),
        ({"amount": D("0")}, ErrorCode.PIX_FIELD_INVALID, "amount"),
        ({"amount": D("0.004")}, ErrorCode.PIX_FIELD_INVALID, "amount"),
        ({"amount": D("-1")}, ErrorCode.PIX_FIELD_INVALID, "amount"),
        ({"amount": D("10000000000.00")}, ErrorCode.PIX_FIELD_INVALID, "amount"),
        ({"txid": ""}, ErrorCode.PIX_FIELD_INVALID, "txid"),
        ({"txid": "**"}, ErrorCode.PIX_FIELD_INVALID, "txid"),
        ({"txid": "A-1"}, ErrorCode.PIX_FIELD_INVALID, "txid"),
        ({"txid": "a" * 26}, ErrorCode.PIX_FIELD_INVALID, "txid"),
        ({"txid": "A1\n"}, ErrorCode.PIX_FIELD_INVALID, "txid"),
        ({"postal_code": "0131010"}, ErrorCode.PIX_FIELD_INVALID, "postal_code"),
    ],
)
def test_fields_outside_the_limits_are_refused(changes, code, field):
    good = {"key": KEY, "name": "Loja", "city": "Recife", "amount": D(1), "txid": "A1"}
    with pytest.raises(PixError) as caught:
        build(**{**good, **changes})
    assert (caught.value.code, caught.value.values["field"]) == (code, field)


def test_the_greatest_amount():
    assert parse(build(KEY, "Loja", "Recife", D("9999999999.99"))).amount == D("9999999999.99")


def checked(text):
    return f"{text}6304{crc16(f'{text}6304'.encode())}"


@pytest.mark.parametrize(
    ("payload", "position"),
    [
        ("", 0),
        ("hello", 0),
        ("000201520", 6),  # half a header
        ("0002015210000", 6),  # longer than what follows
        (checked("0002010002015204" + "0000"), 6),  # twice the same tag
        (checked("0002015200"), 6),  # empty
        (checked("000202"), 0),  # another format
        (checked("52040000"), 0),  # format not first
        ("00020152040000", 14),  # no check at the end
        (checked("0002012606" + "001abc"), 10),  # nested: tag 00, length 1a
        (checked("0002012608" + "0002" + "ab" + "01"), 16),  # nested: half a header
    ],
)
def test_what_is_no_code_says_where(payload, position):
    with pytest.raises(PixError) as caught:
        parse(payload)
    assert (caught.value.code, caught.value.values) == (
        ErrorCode.PIX_MALFORMED,
        {"position": position},
    )


@pytest.mark.parametrize("check", ["4CCE", "0000"])
def test_a_wrong_check_is_noticed(check):
    with pytest.raises(PixError) as caught:
        parse(WITH_REFERENCE[:-4] + check)
    assert caught.value.code is ErrorCode.PIX_BAD_CHECK
    assert caught.value.values == {"expected": "4CCF", "found": check}


def test_a_check_in_small_letters_is_right():
    assert parse(WITH_REFERENCE[:-4] + "4ccf").key == KEY


def test_a_check_of_another_length_is_wrong():
    with pytest.raises(PixError) as caught:
        parse("0002016302FF")
    assert caught.value.code is ErrorCode.PIX_BAD_CHECK


def test_text_that_is_no_unicode_is_wrong_too():
    with pytest.raises(PixError) as caught:
        parse("0002015901\ud80063040000")
    assert caught.value.code is ErrorCode.PIX_BAD_CHECK


def test_a_code_is_at_most_512_characters():
    text = "000201" + "".join(f"{tag}95" + "x" * 95 for tag in range(53, 58))  # 6 + 5 x 99 = 501
    longest = checked(text[:-3].replace("5795", "5792"))  # 498 + 8 = 506
    assert len(longest) == 506
    assert len(parse(longest).fields) == 7
    with pytest.raises(PixError) as caught:
        parse(checked(text + "580100" + "59020"))
    assert (caught.value.code, caught.value.values["field"]) == (
        ErrorCode.PIX_FIELD_INVALID,
        "payload",
    )


txids = st.from_regex(r"[A-Za-z0-9]{1,25}", fullmatch=True)
letters = st.text("Aéã ç'-.&9—❤", max_size=60).map("Loja".__add__)


@given(
    st.text("abc@.+-0123456789", min_size=1, max_size=77),
    letters,
    letters,
    st.none() | st.decimals("0.01", 10**7, places=2),
    txids | st.just("***"),
    st.none() | letters,
    st.none() | st.from_regex(r"[0-9]{5}-?[0-9]{3}", fullmatch=True),
)
def test_what_is_built_is_read_back(key, name, city, amount, txid, description, postal_code):
    payload = build(key, name, city, amount, txid, description, postal_code)
    assert payload.isascii()
    assert len(payload) <= 512
    code = parse(payload)
    assert (code.key, code.amount, code.txid) == (key, amount, txid)
    assert 0 < len(code.find("59")) <= 25
    assert 0 < len(code.find("60")) <= 15
    assert len(code.find("26")) <= 99
    assert code.find("61") == (postal_code and postal_code.replace("-", ""))
    assert [field.tag for field in code.fields] == sorted(field.tag for field in code.fields)
    assert render(code.fields) == payload


@given(st.sampled_from(PUBLISHED), st.data())
def test_one_changed_character_is_always_noticed(payload, data):
    position = data.draw(st.integers(0, len(payload) - 1))
    other = data.draw(st.characters(min_codepoint=32, max_codepoint=126))
    assume(other.upper() != payload[position].upper())
    with pytest.raises(PixError):
        parse(payload[:position] + other + payload[position + 1 :])


@given(st.text(max_size=600) | st.text("0123456789", max_size=600))
def test_no_text_makes_the_parser_fail_otherwise(text):
    try:
        code = parse(text)
    except DomainError as error:
        assert isinstance(error, PixError)
    else:
        assert code.find("00") == "01"


def test_a_dynamic_code_names_where_its_charge_is_read():
    # 26: 18 of the GUI + 4 + 26 of the location = 48
    built = build_dynamic(" https://pix.example.com/qr/v2/1a2b ", "Ótica São José", "São Paulo")
    assert built[:-4] == (
        "000201"
        "010212"
        "2648"
        "0014br.gov.bcb.pix"
        "2526pix.example.com/qr/v2/1a2b"
        "52040000"
        "5303986"
        "5802BR"
        "5914Otica Sao Jose"
        "6009Sao Paulo"
        "62070503***"
        "6304"
    )
    code = parse(built)
    assert code.location == "pix.example.com/qr/v2/1a2b"
    assert code.key is code.amount is None


def test_a_location_of_77_characters_fits():
    longest = "pix.example.com/" + "a" * 61
    assert parse(build_dynamic(longest, "Loja", "Recife")).location == longest


@pytest.mark.parametrize(
    "location",
    [
        "",
        "  ",
        "https://",
        "pix.example.com/é",
        "pix.example.com/\n1",
        "pix.example.com/" + "a" * 62,
    ],
)
def test_a_location_outside_the_limits_is_refused(location):
    with pytest.raises(PixError) as caught:
        build_dynamic(location, "Loja", "Recife")
    assert caught.value.code is ErrorCode.PIX_FIELD_INVALID
    assert caught.value.values == {"field": "location", "value": location, "limit": 77}


def test_what_is_nested_once_is_not_read_as_nested_again():
    # tag 80 nests at the top; within 26 its five letters are a value
    code = parse(checked("000201" + "2609" + "8005hello"))
    assert code.find("26", "80") == "hello"
    assert code.find("26", "80", "he") is None
