"""The rooms of the addon and the direction of imports between them (docs/architecture.md).

Imports only go downwards: ``domain`` knows nothing of Odoo, ``clients`` nothing of the
ORM, ``tools`` of no model, ``models`` nothing of the screens. Read from the syntax tree, so
nothing is run.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from .paths import ADDON_NAME

# room: the rooms it may import
ROOMS = {
    "domain": {"domain"},
    "clients": {"clients", "domain"},
    "tools": {"tools", "clients", "domain"},
    "models": {"models", "tools", "clients", "domain"},
    "wizards": {"wizards", "models", "tools", "clients", "domain"},
    "report": {"report", "models", "tools", "domain"},
    "controllers": {"controllers", "models", "tools", "clients", "domain"},
}
# rooms without the ORM: the libraries they may import beside the standard one; those of
# ``domain`` only compute (no network, no files), of Odoo ``tools`` has what needs no model
LIBRARIES = {
    "domain": {"dateutil", "holidays", "phonenumbers", "stdnum"},
    "clients": {"requests", "urllib3", "cryptography", "phonenumbers", "dateutil", "PIL"},
    "tools": {"odoo.tools", "odoo.fields", "odoo.service.model", "psycopg2"},
}
PREFIX = ["odoo", "addons", ADDON_NAME]


def check(addon: Path) -> Iterator[str]:
    """One line for every import that goes the wrong way."""
    for room in ROOMS:
        for path in sorted((addon / room).rglob("*.py")):
            yield from check_source(path.read_text(encoding="utf-8"), path.relative_to(addon))


def check_source(source: str, path: Path) -> Iterator[str]:
    """The wrong imports of one file.

    :param path: the file's place below the addon; its first part is its room
    """
    room = path.parts[0]
    for node in ast.walk(ast.parse(source)):
        for target in _targets(node, path):
            if reason := _refusal(room, target):
                yield f"{ADDON_NAME}/{path}:{node.lineno}: {reason}"


def _targets(node: ast.AST, path: Path) -> Iterator[list[str]]:
    """The modules one statement imports, as lists of names; the addon's own start with a dot."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield _normal(alias.name.split("."))
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        for alias in node.names:
            yield _normal([*node.module.split("."), alias.name])
    elif isinstance(node, ast.ImportFrom):
        package = list(path.parts[: len(path.parts) - node.level])
        module = node.module.split(".") if node.module else []
        for alias in node.names:
            yield [".", *package, *module, alias.name]


def _normal(names: list[str]) -> list[str]:
    """The addon's own modules by their place in the addon."""
    return [".", *names[len(PREFIX) :]] if names[: len(PREFIX)] == PREFIX else names


def _refusal(room: str, target: list[str]) -> str | None:
    """Why a room may not import a module, or None when it may."""
    if target[0] == ".":
        other = target[1] if len(target) > 1 else ADDON_NAME
        if other in ROOMS[room]:
            return None
        return f"{room} must not import {other}: imports only go downwards"
    libraries = LIBRARIES.get(room)
    if libraries is None or target[0] in sys.stdlib_module_names:
        return None
    name = ".".join(target)
    if any(f"{name}.".startswith(f"{library}.") for library in libraries):
        return None
    shown = name if target[0] == "odoo" else target[0]
    return f"{room} must not import {shown}: it knows only {', '.join(sorted(libraries))}"
