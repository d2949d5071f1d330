"""The addon runs on the oldest Python that Odoo 19 runs on, 3.10, and so does ``./dev``.

Here newer ones are at hand, so the sources are read: grammar of 3.10, and no name of the standard
library that came later. ``newer-than-3.10.json`` holds those names by module and by class ("*":
all of it), from what ``dir()`` tells in CPython 3.10.13 and in 3.12.1 and 3.13.0.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
OLDEST = (3, 10)
NEWER = json.loads(
    (ROOT / "tests" / "fixtures" / "python" / "newer-than-3.10.json").read_text(encoding="utf-8")
)
FILES = [
    *sorted((ROOT / "optica_cobranca").rglob("*.py")),
    *sorted((ROOT / "devtools").rglob("*.py")),
    ROOT / "setup.py",
]


def newer_names(source: str) -> list[str]:
    """What a source takes from Python that 3.10 lacks: ``module.name``, or a piece of grammar.

    :raise SyntaxError: the grammar is not that of 3.10
    """
    tree = ast.parse(source, feature_version=OLDEST)
    modules: dict[str, str] = {}
    found = list(newer_imports(tree, modules))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = modules.get(ast.unparse(node.value))
            if owner and is_newer(owner, node.attr):
                found.append(f"{owner}.{node.attr}")
        elif isinstance(node, ast.TryStar):
            found.append("except*")
        elif isinstance(node, ast.Subscript) and has_star(node.slice):
            found.append("[*…]")
    return found


def newer_imports(tree: ast.AST, modules: dict[str, str]) -> Iterator[str]:
    """Newer names among the imports, which are noted in ``modules``: what a name stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                modules[name.asname or name.name] = name.name
                if is_newer(name.name, "*"):
                    yield name.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for name in node.names:
                modules[name.asname or name.name] = f"{node.module}.{name.name}"
                if is_newer(node.module, name.name):
                    yield f"{node.module}.{name.name}"


def has_star(index: ast.expr) -> bool:
    """Whether an index is unpacked, as in ``a[*b]``."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return any(isinstance(part, ast.Starred) for part in parts)


def is_newer(owner: str, name: str) -> bool:
    newer = NEWER.get(owner, ())
    return "*" in newer or name in newer


def test_every_file_of_the_addon_is_read():
    assert len(FILES) > 300
    assert ROOT / "optica_cobranca" / "__manifest__.py" in FILES


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from datetime import UTC", ["datetime.UTC"]),
        ("import datetime\nx = datetime.UTC", ["datetime.UTC"]),
        ("import datetime as dt\nx = dt.UTC", ["datetime.UTC"]),
        ("from enum import StrEnum", ["enum.StrEnum"]),
        ("import tomllib", ["tomllib"]),
        ("from tomllib import loads", ["tomllib.loads"]),
        ("from pathlib import Path\nx = Path.walk", ["pathlib.Path.walk"]),
        ("from datetime import timezone\nx = timezone.utc", []),
        ("from odoo import UTC", []),
        ("from .datetime import UTC", []),
    ],
)
def test_newer_names_are_found(source, found):
    assert newer_names(source) == found


@pytest.mark.parametrize(
    "source",
    ["try:\n    pass\nexcept* OSError:\n    pass", "x = a[*b]", "type X = int", "def f[T](x): ..."],
)
def test_newer_grammar_is_found(source):
    try:
        found = newer_names(source)
    except SyntaxError:
        found = ["grammar"]
    assert found


def test_nothing_is_newer_than_python_3_10():
    found = {}
    for file in FILES:
        names = newer_names(file.read_text(encoding="utf-8"))
        if names:
            found[str(file.relative_to(ROOT))] = names
    assert found == {}
