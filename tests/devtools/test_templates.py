"""Copies of templates: what makes a template stale, and what is left over from a killed run."""

import os

import pytest

from devtools import templates


@pytest.fixture
def addon(tmp_path, monkeypatch):
    """An addon of two rooms."""
    folder = tmp_path / "optica_cobranca"
    for name in ("models/plan.py", "domain/money.py", "views/plan.xml"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("1")
    monkeypatch.setattr(templates, "ADDON", folder)
    monkeypatch.setattr(templates, "ROOT", tmp_path)
    return folder


@pytest.mark.parametrize(
    ("name", "stale"),
    [("models/plan.py", True), ("views/plan.xml", True), ("domain/money.py", False)],
)
def test_only_what_ends_up_in_the_database_makes_a_template_stale(addon, name, stale):
    before = templates.addon_fingerprint()
    (addon / name).write_text("2")

    assert (templates.addon_fingerprint() != before) is stale


def test_copies_of_dead_commands_are_dropped_and_those_of_living_ones_kept(monkeypatch):
    dead, mine = 2**30, os.getpid()  # no process has so high a number
    names = [f"optica_test_{dead}", f"optica_test_{dead}_workers", f"optica_test_{mine}"]
    names.append("optica_test_template")
    dropped: list[str] = []
    monkeypatch.setattr(templates.database, "psql", lambda sql: names)
    monkeypatch.setattr(templates.database, "drop", dropped.append)

    templates.drop_abandoned("test")

    assert dropped == names[:2]


def test_a_command_drops_its_own_copies_and_not_those_of_a_longer_number(monkeypatch):
    mine = f"optica_test_{os.getpid()}_w1"
    other = f"optica_test_{os.getpid()}_w10"
    names = [mine, f"{mine}_workers", other, "optica_test_template"]
    dropped: list[str] = []
    monkeypatch.setattr(templates.database, "psql", lambda sql: names)
    monkeypatch.setattr(templates.database, "clone", lambda template, name: None)
    monkeypatch.setattr(templates.database, "drop", dropped.append)

    with templates.scratch("test", "optica_test_template", "w1") as name:
        assert name == mine

    assert dropped == [mine, f"{mine}_workers"]
