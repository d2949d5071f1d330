"""The rooms of the addon: which there are, and what one may do with another (docs/architecture.md).

A room is a folder of the same name below ``models``, ``domain``, ``tools``, ``wizards``,
``report``, ``views`` and ``data``. Rooms stand on each other: a room uses those before it in
``ROOMS`` and never those after it, neither by an import nor by the name of a model or of its table.
What a room after it adds to one of its methods goes through a door: a method that the head of its
package names. Read from the syntax trees, so nothing is run.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .paths import ADDON_NAME

# the lowest first
ROOMS = (
    "shop",
    "crediario",
    "portfolio",
    "receiving",
    "ladder",
    "messaging",
    "agreement",
    "claims",
    "rating",
    "recovery",
    "pix",
    "optics",
    "worklist",
    "inbox",
    "calendar",
    "portal",
    "desk",
)
LAYERS = ("models", "domain", "tools", "wizards", "report", "views", "data")
# Two files extend one model in one room only when one file would be longer than this.
LONGEST_FILE = 600
TABLES = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+([a-z_]+)")


@dataclass(frozen=True)
class Part:
    """What one class says of a model."""

    model: str
    is_new: bool
    is_stored: bool
    node: ast.ClassDef

    @property
    def methods(self) -> Iterator[tuple[str, bool]]:
        """Its methods, each with whether it goes on to what was there before it."""
        for node in self.node.body:
            if isinstance(node, ast.FunctionDef):
                yield node.name, any(_is_super(part) for part in ast.walk(node))


@dataclass(frozen=True)
class File:
    """A Python file of a room; ``path`` is below the addon."""

    path: Path
    source: str

    @property
    def layer(self) -> str:
        return self.path.parts[0]

    @property
    def room(self) -> str:
        return self.path.parts[1]

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def parts(self) -> list[Part]:
        classes = (node for node in self.tree.body if isinstance(node, ast.ClassDef))
        return [part for node in classes if (part := _part(node))]

    def at(self, line: int) -> str:
        return f"{ADDON_NAME}/{self.path}:{line}"


def read(addon: Path) -> list[File]:
    """Every Python file that stands in a room."""
    return [
        File(path.relative_to(addon), path.read_text(encoding="utf-8"))
        for layer in LAYERS
        for path in sorted((addon / layer).glob("*/**/*.py"))
    ]


def check(addon: Path) -> Iterator[str]:
    """One line for everything that stands in no room, or reaches where it must not."""
    yield from _outside(addon)
    yield from check_files(read(addon))


def check_files(files: list[File]) -> Iterator[str]:
    """The same for files that were read."""
    known = owners(files)
    for file in files:
        yield from _upward_imports(file)
        yield from _upward_names(file, known)
        if file.layer == "wizards":
            yield from _kept_by_dialogs(file)
        if file.layer == "models":
            yield from _without_a_model(file)
    yield from _scattered(files)
    yield from _back_doors(files)


def _outside(addon: Path) -> Iterator[str]:
    for layer in LAYERS:
        for path in sorted((addon / layer).iterdir()):
            if path.is_dir() and path.name not in {*ROOMS, "__pycache__"}:
                yield f"{ADDON_NAME}/{layer}/{path.name}: no room; they are {', '.join(ROOMS)}"
            elif path.is_file() and path.name != "__init__.py":
                yield f"{ADDON_NAME}/{layer}/{path.name}: put it into the room it belongs to"


def _rank(room: str) -> int:
    return ROOMS.index(room)


def imported_rooms(file: File, node: ast.ImportFrom) -> set[str]:
    """The rooms out of which a relative import takes something."""
    package = file.path.parts[: len(file.path.parts) - node.level]
    target = [*package, *(node.module.split(".") if node.module else [])]
    places = ([*target, alias.name][:2] for alias in node.names)
    return {place[1] for place in places if place[0] in LAYERS and place[1:] and place[1] in ROOMS}


def _upward_imports(file: File) -> Iterator[str]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            for room in sorted(imported_rooms(file, node)):
                if _rank(room) > _rank(file.room):
                    yield f"{file.at(node.lineno)}: {_refusal(file.room, room)}"


def named_models(node: ast.AST) -> Iterator[str]:
    """What a string names: a model, or the tables that a statement reads and writes."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
        yield from (table.replace("_", ".") for table in TABLES.findall(node.value))


def _upward_names(file: File, known: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(file.tree):
        for name in named_models(node):
            room = known.get(name)
            if room and _rank(room) > _rank(file.room):
                refusal = _refusal(file.room, room)
                yield f"{file.at(node.lineno)}: “{name}” is {room}'s; {refusal}"


def _refusal(room: str, other: str) -> str:
    return (
        f"{room} must not use {other}, which stands on it: "
        f"let {other} plug into a method of {room} that its head names"
    )


def _kept_by_dialogs(file: File) -> Iterator[str]:
    for part in file.parts:
        if part.is_new and part.is_stored:
            yield f"{file.at(part.node.lineno)}: {part.model} is kept: it belongs in models"


def _without_a_model(file: File) -> Iterator[str]:
    if not file.parts and file.path.name != "__init__.py":
        yield (
            f"{ADDON_NAME}/{file.path}: no model is in it; a rule belongs in domain/{file.room}, "
            f"what speaks with outside services in clients, what models share in tools/{file.room}"
        )


def _scattered(files: list[File]) -> Iterator[str]:
    places = defaultdict(list)
    for file in files:
        if file.layer == "models":
            for model in {part.model for part in file.parts}:
                places[file.room, model].append(file)
    for (room, model), found in sorted(places.items()):
        lines = sum(file.source.count("\n") for file in found)
        if len(found) > 1 and lines <= LONGEST_FILE:
            names = ", ".join(file.path.name for file in found)
            yield f"{ADDON_NAME}/models/{room}: {model} is in {names}; one file holds it"


def _back_doors(files: list[File]) -> Iterator[str]:
    doors = {room: door_names(files, room) for room in ROOMS}
    methods = defaultdict(list)
    for file in files:
        for part in file.parts:
            for name, goes_on in part.methods:
                methods[part.model, name].append((file, part, goes_on))
    for (model, name), found in sorted(methods.items(), key=lambda item: item[0]):
        beginnings = [file.room for file, _, goes_on in found if not goes_on]
        if not beginnings:
            continue  # Odoo's own method
        home = min(beginnings, key=_rank)
        for file, part, _ in found:
            if file.room != home and f"{model}.{name}" not in doors[home]:
                yield (
                    f"{file.at(part.node.lineno)}: {model}.{name} is {home}'s and no door; "
                    f"name it in {ADDON_NAME}/models/{home}/__init__.py, or don't change it"
                )


def door_names(files: list[File], room: str) -> set[str]:
    """The doors that the head of a room's package names, as ``model.method``."""
    heads = [file for file in files if file.path == Path("models", room, "__init__.py")]
    words = " ".join((ast.get_docstring(file.tree) or "") for file in heads).split()
    return {word.strip("`:") for word in words if word.startswith("``") and "." in word}


def owners(files: list[File]) -> dict[str, str]:
    """The room of every model that is the addon's own."""
    return {
        part.model: file.room
        for file in files
        if file.layer == "models"
        for part in file.parts
        if part.is_new
    }


def _part(node: ast.ClassDef) -> Part | None:
    values = {"_name": None, "_inherit": []}
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            if name in values:
                values[name] = ast.literal_eval(statement.value)
    parents = values["_inherit"]
    parents = [parents] if isinstance(parents, str) else list(parents)
    model = values["_name"] or (parents[0] if parents else None)
    if model is None:
        return None
    kinds = {base.attr for base in node.bases if isinstance(base, ast.Attribute)}
    return Part(model, bool(values["_name"]) and model not in parents, "Model" in kinds, node)


def _is_super(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "super"
