"""``./dev test``: which words are paths, and how many processes are wanted."""

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
    ("words", "number", "rest"),
    [
        (["--workers", "3", "-k", "money"], 3, ["-k", "money"]),
        (["-v", "--workers=1"], 1, ["-v"]),
        (["-v"], None, ["-v"]),
    ],
)
def test_the_number_of_workers_is_not_for_pytest(words, number, rest):
    assert testing.workers_wanted(words) == (number, rest)


@pytest.mark.parametrize("words", [["--workers"], ["--workers", "0"], ["--workers=two"]])
def test_a_number_of_workers_that_is_none(words):
    with pytest.raises(DevError, match="a number from 1 up"):
        testing.workers_wanted(words)
