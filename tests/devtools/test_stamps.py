"""A step is done once per set of inputs, and a half-finished one is done again."""

import pytest

from devtools import stamps


@pytest.fixture(autouse=True)
def _own_stamps(tmp_path, monkeypatch):
    monkeypatch.setattr(stamps, "STAMPS", tmp_path / "stamps")


def test_a_finished_step_is_done_until_its_inputs_change():
    stamps.mark("step", "one")

    assert stamps.is_done("step", "one")
    assert not stamps.is_done("step", "two")


def test_a_step_that_was_begun_again_is_not_done():
    stamps.mark("step", "one")
    stamps.clear("step")

    assert not stamps.is_done("step", "one")


def test_the_fingerprint_tells_name_from_content(tmp_path):
    first, second = tmp_path / "a" / "xy", tmp_path / "b" / "x"
    for path, content in ((first, "z"), (second, "yz")):
        path.parent.mkdir()
        path.write_text(content)

    one = stamps.fingerprint_files([first.parent], first.parent)
    two = stamps.fingerprint_files([second.parent], second.parent)

    assert one != two


def test_compiled_files_do_not_count(tmp_path):
    (tmp_path / "a.py").write_text("a = 1\n")
    before = stamps.fingerprint_files([tmp_path], tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"1")

    assert stamps.fingerprint_files([tmp_path], tmp_path) == before


def test_a_changed_file_counts(tmp_path):
    (tmp_path / "a.py").write_text("a = 1\n")
    before = stamps.fingerprint_files([tmp_path], tmp_path)
    (tmp_path / "a.py").write_text("a = 2\n")

    assert stamps.fingerprint_files([tmp_path], tmp_path) != before
