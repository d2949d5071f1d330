import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.messaging.message_text import (
    PartOfDay,
    Problem,
    check,
    fill_variable,
    forbidden_in,
    part_of_day,
    placeholders,
    render,
    sms_ascii,
    sms_parts,
    speaking_seconds,
)
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, TemplateError
from odoo.addons.optica_cobranca.domain.shop.plain_text import without_accents, words

TEXT = "Olá {{customer_first_name}}, {{ amount_today }} até {{due}}. {{customer_first_name}}!"
VALUES = {"customer_first_name": "Ana", "amount_today": "R$ 108,29", "due": "10/03"}


def test_placeholders_in_order_each_once():
    assert placeholders(TEXT) == ["customer_first_name", "amount_today", "due"]
    assert placeholders("none {{ }} {{Ana}} {{1}} {x}") == []


def test_values_take_their_places():
    assert render(TEXT, VALUES) == "Olá Ana, R$ 108,29 até 10/03. Ana!"
    assert render("no places, {one} brace", {}) == "no places, {one} brace"


@pytest.mark.parametrize("value", ["{{due}}", "{{unknown}}", "{{", r"\1 \g<0> %s {0}", ""])
def test_values_are_taken_literally(value):
    assert render("<{{due}}>", {"due": value}) == f"<{value}>"


@pytest.mark.parametrize(
    ("text", "values", "code", "detail"),
    [
        ("{{nobody}}", VALUES, ErrorCode.UNKNOWN_PLACEHOLDER, {"name": "nobody"}),
        ("{{due}}", {"due": None}, ErrorCode.MISSING_VALUE, {"name": "due"}),
        ("{{due}}", {"due": False}, ErrorCode.MISSING_VALUE, {"name": "due"}),
        ("a {{ }} b", VALUES, ErrorCode.MALFORMED_PLACEHOLDER, {"text": "{{ }}"}),
        ("{{Due}}", VALUES, ErrorCode.MALFORMED_PLACEHOLDER, {"text": "{{Due}}"}),
        ("{{due", VALUES, ErrorCode.MALFORMED_PLACEHOLDER, {"text": "{{"}),
        ("due}}", VALUES, ErrorCode.MALFORMED_PLACEHOLDER, {"text": "}}"}),
        ("{{due.year}}", VALUES, ErrorCode.MALFORMED_PLACEHOLDER, {"text": "{{due.year}}"}),
    ],
)
def test_what_cannot_be_rendered(text, values, code, detail):
    with pytest.raises(TemplateError) as caught:
        render(text, values)
    assert caught.value.code is code
    assert caught.value.values == detail


def test_check_reports_every_problem():
    assert check(TEXT, VALUES.keys()) == []
    assert check("{{due}} {{foo}} {{Bar}} {{foo}} {{bar}} }}", {"due"}) == [
        Problem("malformed_placeholder", "{{Bar}}"),
        Problem("malformed_placeholder", "}}"),
        Problem("unknown_placeholder", "foo"),
        Problem("unknown_placeholder", "bar"),
    ]


NAMES = st.sampled_from(["a", "b_2", "due"])


@given(
    st.lists(st.text(st.characters(exclude_characters="{}"), max_size=8), min_size=1),
    NAMES,
    st.text(max_size=12),
)
def test_render_puts_the_value_between_the_texts(texts, name, value):
    template = ("{{" + name + "}}").join(texts)
    assert render(template, {name: value}) == value.join(texts)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sua dívida vai para o SPC.", ["spc"]),
        ("VAMOS PROTESTAR!", ["protestar"]),
        ("Seu nome   sujo, amanhã", ["nome sujo"]),
        ("protestarei", []),  # whole words
        ("um nome não sujo", []),
        ("SPC e protestar", ["spc", "protestar"]),
        ("", []),
    ],
)
def test_forbidden_expressions(text, found):
    assert forbidden_in(text, ["spc", "protestar", "nome sujo", "  "]) == found
    assert forbidden_in("ameaça", ["AMEACA", "ameaça"]) == ["AMEACA", "ameaça"]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Óculos à mão: você já pagou? Não!", "Oculos a mao: voce ja pagou? Nao!"),
        ("“Olá” — 1º lugar… R$ 5 • ‘já’", "\"Ola\" - 1o lugar... R$ 5 - 'ja'"),
        ("Oi 😀 Ana", "Oi  Ana"),
        ("100 €", "100 EUR"),
        ("a\u00a0b\nc", "a b\nc"),
    ],
)
def test_sms_in_ascii(text, plain):
    assert sms_ascii(text) == plain


@given(st.text())
def test_sms_ascii_is_ascii_and_leaves_ascii_alone(text):
    plain = sms_ascii(text)
    assert plain.isascii()
    assert sms_ascii(plain) == plain
    if text.isascii() and "`" not in text:
        assert plain == text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),  # 2 x 153
        ("a" * 307, 3),
        ("é" * 160, 1),  # in the GSM alphabet
        ("€" * 80, 1),  # two places each
        ("€" * 81, 2),
        ("[" * 152, 2),  # 76 in a part, one place left over in each
        ("[" * 153, 3),
        ("ã" * 70, 1),  # not in it: UCS-2
        ("ã" * 71, 2),
        ("ã" * 134, 2),  # 2 x 67
        ("ã" * 135, 3),
        ("a" * 70 + "ç", 2),  # one small c with cedilla makes all of it UCS-2
        ("😀" * 35, 1),  # two units each
        ("😀" * 36, 2),
        ("😀" * 66, 2),  # 33 in a part, one unit left over in each
        ("😀" * 67, 3),
        ("`" * 71, 2),  # ASCII, yet not GSM
    ],
)
def test_sms_parts(text, parts):
    assert sms_parts(text) == parts


@given(st.text(max_size=400), st.text(max_size=20))
def test_a_longer_sms_never_costs_less(text, more):
    assert sms_parts(text) <= sms_parts(text + more)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Ação e Óculos", "Acao e Oculos"), ("ÇÃÉü", "CAEu"), ("1º €", "1º €"), ("ñ", "n")],
)
def test_without_accents(text, plain):
    assert without_accents(text) == plain


def test_words():
    assert words("  Não, QUERO-mais:\n receber 2! ") == "nao quero mais receber 2"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (range(5, 12), PartOfDay.MORNING),
        (range(12, 18), PartOfDay.AFTERNOON),
        ([18, 23, 0, 4], PartOfDay.EVENING),
    ],
)
def test_part_of_day(hours, expected):
    assert {part_of_day(hour) for hour in hours} == {expected}


@pytest.mark.parametrize(
    ("text", "seconds"),
    # 14 characters a second, whole seconds, the last one begun counts
    [("", 0), ("  ", 0), ("a", 1), ("a" * 14, 1), ("a" * 15, 2), (" " + "a" * 28 + "\n", 2)],
)
def test_how_long_a_text_is_read_out(text, seconds):
    assert speaking_seconds(text) == seconds


@pytest.mark.parametrize("value", ["Ana", r"\1", "{{1}}"])
def test_the_one_variable_of_an_approved_text(value):
    assert fill_variable("Olá, {{1}}!", value) == f"Olá, {value}!"
    assert fill_variable("Olá, {{ name }}!", value) == f"Olá, {value}!"
