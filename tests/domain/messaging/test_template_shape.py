"""What approved templates need, by table; and that no odd component raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.messaging.template_shape import (
    Difference,
    Filling,
    Shape,
    UrlButton,
    differences,
    shape_of,
    url_suffix,
)

BODY = {"type": "BODY", "text": "Olá, {{1}}! Sua parcela {{2}} venceu. {{1}}"}
BUTTONS = {
    "type": "BUTTONS",
    "buttons": [
        {"type": "QUICK_REPLY", "text": "Sair"},
        {"type": "URL", "text": "Ver", "url": "https://loja.example/{{1}}"},
        {"type": "URL", "text": "Site", "url": "https://loja.example/"},
    ],
}


@pytest.mark.parametrize(
    ("components", "named", "shape"),
    [
        ([], False, Shape()),
        ([BODY], False, Shape(body=("1", "2"))),
        ([{"type": "BODY", "text": "{{10}} {{2}} {{1}}"}], False, Shape(body=("1", "2", "10"))),
        (
            [{"type": "body", "text": "{{ name }} e {{amount}}"}],
            True,
            Shape(body=("name", "amount"), named=True),
        ),
        ([{"type": "HEADER", "format": "TEXT", "text": "Ótica"}], False, Shape(header="text")),
        (
            [{"type": "HEADER", "format": "TEXT", "text": "Olá, {{1}}"}, BODY],
            False,
            Shape(body=("1", "2"), header="text", header_variable="1"),
        ),
        ([{"type": "BODY", "text": "{{due}} {{2}} {{1}}"}], False, Shape(body=("due", "2", "1"))),
        ([{"type": "BODY", "text": "{{2}} {{1}}"}], True, Shape(body=("2", "1"), named=True)),
        ([{"type": "HEADER", "format": "DOCUMENT"}], False, Shape(header="document")),
        ([BUTTONS], False, Shape(buttons=(UrlButton(1, "https://loja.example/"),))),
        ([{"type": "FOOTER", "text": "{{1}}"}], False, Shape()),
        ([{"type": "BUTTONS", "buttons": 5}, {"type": None}, {"type": "BODY"}], False, Shape()),
    ],
)
def test_shape_of(components, named, shape):
    assert shape_of(components, "NAMED" if named else "POSITIONAL") == shape


FULL = Shape(("1", "2"), "document", None, (UrlButton(0, "https://x/"),))


@pytest.mark.parametrize(
    ("shape", "filling", "expected"),
    [
        (Shape(), Filling(), ()),
        (Shape(("1", "2")), Filling(2), ()),
        (Shape(("1", "2")), Filling(3), ("body_count",)),
        (Shape(("1", "2")), Filling(), ("body_count",)),
        (Shape(header="text"), Filling(), ()),
        (Shape(header="text", header_variable="1"), Filling(header=True), ()),
        (Shape(header="text", header_variable="1"), Filling(), ("header_missing",)),
        (Shape(header="text"), Filling(header=True), ("header_extra",)),
        (Shape(header="document"), Filling(file="document"), ()),
        (Shape(header="document"), Filling(), ("file_missing",)),
        (Shape(header="document"), Filling(file="image"), ("file_missing",)),
        (Shape(), Filling(file="image"), ("file_extra",)),
        (Shape(header="video"), Filling(), ("unsupported",)),
        (
            Shape(buttons=(UrlButton(0, ""), UrlButton(1, ""))),
            Filling(button=True),
            ("unsupported",),
        ),
        (FULL, Filling(2, file="document", button=True), ()),
        (FULL, Filling(1), ("file_missing", "body_count", "button_missing")),
        (Shape(), Filling(button=True), ("button_extra",)),
    ],
)
def test_differences(shape, filling, expected):
    assert differences(shape, filling) == tuple(Difference(word) for word in expected)


@pytest.mark.parametrize(
    ("value", "prefix", "suffix"),
    [
        ("https://loja.example/my/x?t=1", "https://loja.example/", "my/x?t=1"),
        ("https://loja.example/my/x?t=1", "https://loja.example/my/", "x?t=1"),
        ("https://loja.example/my/x", "", "my/x"),
        ("https://loja.example/my/x", "https://other.example/my/", "x"),
        ("https://loja.example", "", ""),
        ("https://loja.example/x?id=7", "https://loja.example/x?id=", "7"),
        ("https://loja.example/my?to=https://x.example/", "", "my?to=https://x.example/"),
        ("my/x", "https://loja.example/", "my/x"),
        ("/my/x", "", "my/x"),
        ("12345", "", "12345"),
    ],
)
def test_url_suffix(value, prefix, suffix):
    assert url_suffix(value, prefix) == suffix


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "format", "buttons", "url"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)
kinds = st.sampled_from(["BODY", "HEADER", "BUTTONS", "FOOTER"])


@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": kinds}, optional={"text": anything, "format": anything, "buttons": anything}
        ),
        max_size=4,
    ),
    st.booleans(),
)
def test_odd_components_never_raise(components, named):
    shape = shape_of(components, "NAMED" if named else "")
    assert differences(shape, Filling(len(shape.body))) is not None


@given(st.text(alphabet="ab/?=1", max_size=12), st.sampled_from(["", "my/", "a/b/"]))
def test_suffix_behind_the_prefix_is_the_value(path, below):
    prefix = f"https://loja.example/{below}"
    assert prefix + url_suffix(prefix + path, prefix) == prefix + path
