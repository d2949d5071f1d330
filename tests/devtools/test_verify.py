"""``./dev verify``: what is said and what is given back."""

import pytest

from devtools import verify
from devtools.errors import DevError

WHOLE = "VERIFIED Ótica: 12 records, none changed and none missing"
BROKEN = "BROKEN Filial: broken at No. 3 (contact.consent 7): the link was changed."


def test_whole_chains_end_well(capsys):
    assert verify.report(["a warning", WHOLE], "shop") == 0
    assert "Ótica: 12 records" in capsys.readouterr().out


def test_the_first_broken_link_is_named_and_fails(capsys):
    assert verify.report([WHOLE, BROKEN], "shop") == 1
    said = capsys.readouterr().out
    assert "broken at No. 3 (contact.consent 7)" in said
    assert "VERIFIED" not in said


def test_no_answer_is_no_good_answer():
    with pytest.raises(DevError, match="shop"):
        verify.report(["a warning"], "shop")
