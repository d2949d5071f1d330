"""Values of a prescription as typed, as kept, and as written on paper."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.optics.prescription import ProblemCode
from odoo.addons.optica_cobranca.domain.optics.prescription_text import (
    Refusal,
    canonical,
    parse,
    written,
)

D = Decimal
quarters = st.integers(-48, 48).map(lambda n: D(n) / 4)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("-1,25", "sphere", "-1.25"),
        ("+0.5", "sphere", "0.50"),
        ("0,5", "sphere", "0.50"),
        ("−2,00", "cylinder", "-2.00"),
        (".75", "sphere", "0.75"),
        ("pl", "sphere", "0.00"),
        ("Plano", "sphere", "0.00"),
        ("0", "sphere", "0.00"),
        ("150", "axis", "150"),
        ("150°", "axis", "150"),
        ("90º", "axis", "90"),  # the ordinal sign of a Brazilian keyboard
        # without the comma: what the field cannot hold otherwise
        ("125", "sphere", "1.25"),
        ("-125", "sphere", "-1.25"),
        ("+075", "near_sphere", "0.75"),
        ("-1200", "sphere", "-12.00"),
        ("50", "sphere", "0.50"),
        ("-25", "cylinder", "-0.25"),
        ("+125", "cylinder", "1.25"),
        ("200", "addition", "2.00"),
        ("150", "prism", "1.50"),
        ("315", "dnp", "31.5"),
        ("635", "pd", "63.5"),
        ("86", "base_curve", "8.6"),
        # what the field can hold is read as it stands
        ("12", "sphere", "12"),
        ("-2", "cylinder", "-2"),
        ("3", "addition", "3"),
        ("32", "dnp", "32"),
        ("0", "sphere", "0"),
        ("125", "axis", "125"),
        # what makes no sense either way is not guessed at
        ("9999", "sphere", "9999"),
        ("200", "axis", "200"),  # degrees have no decimals that could be missing
        ("12345678", "axis", "12345678"),
        ("31", "sphere", "31"),
        ("1250", "dnp", "1250"),
        ("31,5", "dnp", "31.5"),
        ("31,5mm", "dnp", "31.5"),
        ("1,50", "prism", "1.50"),
        ("", "sphere", None),
        ("  ", "axis", None),
        (None, "axis", None),
    ],
)
def test_typed_texts(text, field, value):
    assert parse(text, field) == (None if value is None else D(value))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("abc", "sphere"),
        ("1-2", "sphere"),
        ("--1", "sphere"),
        ("1,2,3", "sphere"),
        ("+", "sphere"),
        (".", "sphere"),
        ("pl", "axis"),
        ("1e3", "sphere"),
        ("½", "sphere"),
        ("²", "sphere"),
        ("nan", "sphere"),
        ("123456789", "axis"),
    ],
)
def test_texts_that_are_no_value(text, field):
    with pytest.raises(Refusal) as caught:
        parse(text, field)
    assert caught.value.problem.code == ProblemCode.NOT_A_NUMBER


@pytest.mark.parametrize(
    ("value", "field", "kept", "paper"),
    [
        ("-1.25", "sphere", "-1.25", "−1,25"),
        ("0.5", "sphere", "0.50", "+0,50"),
        ("0", "sphere", "0.00", "pl"),
        ("-0.00", "sphere", "0.00", "pl"),
        ("-1.3", "sphere", "-1.30", "−1,30"),
        ("-1.255", "sphere", "-1.255", "−1,255"),
        ("10", "axis", "10", "10°"),
        ("180", "axis", "180", "180°"),
        ("31.5", "dnp", "31.5", "31,5"),
        ("62", "pd", "62.0", "62,0"),
        ("8.6", "base_curve", "8.6", "8,6"),
        ("1.5", "prism", "1.50", "1,50"),
        (None, "sphere", "", ""),
    ],
)
def test_kept_and_written(value, field, kept, paper):
    value = None if value is None else D(value)
    assert canonical(value, field) == kept
    assert written(value, field) == paper


@given(quarters, st.sampled_from(["sphere", "cylinder", "near_sphere"]))
def test_what_is_written_is_read_back(value, field):
    assert parse(canonical(value, field), field) == value
    assert parse(written(value, field), field) == value
    assert parse(written(value, field, "."), field) == value


@given(st.text(max_size=6))
def test_any_text_is_a_value_or_refused(text):
    try:
        value = parse(text, "sphere")
    except Refusal:
        return
    assert value is None or value.is_finite()
