"""The order in which workers take files of tests."""

import pytest

from devtools import shares


def test_the_longest_first_and_pure_ones_as_filler():
    tests = {"tests/domain/test_a.py": 9, "tests/models/test_b.py": 1, "tests/models/test_c.py": 1}
    seconds = {
        "tests/domain/test_a.py": 90.0,
        "tests/models/test_b.py": 2.0,
        "tests/models/test_c.py": 30.0,
    }

    assert shares.order(tests, seconds) == [
        "tests/models/test_c.py",
        "tests/models/test_b.py",
        "tests/domain/test_a.py",
    ]


def test_a_file_never_run_counts_by_its_folder_and_its_number_of_tests(monkeypatch):
    known = {"tests/tours": 20.0, "tests/models": 0.5, "tests/models/test_slow.py": 30.0}
    monkeypatch.setattr(shares, "SECONDS", known)
    monkeypatch.setattr(shares, "OTHER_SECONDS", 1.0)
    tests = {
        "tests/models/test_many.py": 50,
        "tests/models/test_slow.py": 1,
        "tests/tours/test_one.py": 1,
        "tests/x/test_x.py": 21,
    }

    # 1 × 30 = 30, 50 × 0.5 = 25, a folder nobody knows 21 × 1 = 21, 1 × 20 = 20
    assert shares.order(tests, {}) == [
        "tests/models/test_slow.py",
        "tests/models/test_many.py",
        "tests/x/test_x.py",
        "tests/tours/test_one.py",
    ]


def test_seconds_are_remembered_and_a_broken_memory_is_none(monkeypatch, tmp_path):
    monkeypatch.setattr(shares, "MEMORY", tmp_path / "seconds.json")
    assert shares.remembered() == {}

    shares.remember({"tests/a.py": 1.0, "tests/b.py": 2.0})
    shares.remember({"tests/b.py": 3.004})
    assert shares.remembered() == {"tests/a.py": 1.0, "tests/b.py": 3.0}

    shares.MEMORY.write_text('{"tests/a.py"')
    assert shares.remembered() == {}


@pytest.mark.parametrize(
    ("target", "pure"),
    [
        ("tests/domain", True),
        ("tests/domain/shop/test_money.py::test_split", True),
        ("tests/clients/test_whatsapp.py", True),
        ("tests/models", False),
        ("tests/domains", False),
        ("tests", False),
    ],
)
def test_only_rooms_without_orm_are_pure(target, pure):
    assert shares.is_pure(target) is pure
