"""``./dev test``: which words are paths, and which tests need a database."""

import pytest

from devtools import testing
from devtools.errors import DevError


def test_values_of_options_are_no_paths(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()

    paths, options = testing.split(["-x", "a::B::c", "-k", "a", "--durations", "5"])

    assert paths == ["a::B::c"]
    assert options == ["-x", "-k", "a", "--durations", "5"]


def test_a_path_that_does_not_exist_is_refused():
    with pytest.raises(DevError, match="no test file or folder"):
        testing.split(["tests/nowhere.py"])


@pytest.mark.parametrize(
    ("target", "pure"),
    [
        ("tests/domain", True),
        ("tests/domain/test_money.py::test_split", True),
        ("tests/clients/test_whatsapp.py", True),
        ("tests/models", False),
        ("tests/domains", False),
        ("tests", False),
    ],
)
def test_only_rooms_without_orm_are_pure(target, pure):
    assert testing.is_pure(target) is pure
