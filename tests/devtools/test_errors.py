"""Known failures of other programs become one sentence."""

import pytest

from devtools import errors


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("Temporary failure resolving 'mirror.example'", "No network"),
        ("NewConnectionError: Failed to establish a new connection", "No network"),
        ("write error: No space left on device", "The disk is full"),
    ],
)
def test_known_causes_are_explained(output, expected):
    sentence = errors.explain(f"line\n{output}\nline", "Odoo 19")

    assert sentence.startswith(expected)
    assert "\n" not in sentence


def test_an_unknown_cause_is_not_guessed():
    assert errors.explain("something else went wrong", "Odoo 19") is None
