"""What every room needs is there once; a second one would say something else one day."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "optica_cobranca"
SOURCES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in sorted(ROOT.rglob("*.py"))
}
# What is built in one place, by name: where, and what others call.
HOMES = {
    "ZoneInfo": (
        {"domain/shop/clock.py"},
        "res.company._today, _local, _local_day; domain/shop/clock",
    ),
}


def called(source: str):
    """(name, line) of whatever is called, without what it is called on."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            yield name, node.lineno


@pytest.mark.parametrize("name", HOMES)
def test_it_is_built_at_home_only(name):
    homes, instead = HOMES[name]
    found = [
        (path, line)
        for path, source in SOURCES.items()
        if name in source
        for what, line in called(source)
        if what == name
    ]
    assert {path for path, _line in found} >= homes, "the home itself is empty"
    away = [f"{path}:{line}" for path, line in found if path not in homes]
    assert away == [], f"use {instead}"
