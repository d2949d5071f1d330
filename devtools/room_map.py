"""``./dev map``: the rooms of the addon, drawn from its code into ``docs/architecture.md``."""

import ast
import re
from collections.abc import Sequence

from . import rooms
from .console import say
from .paths import ADDON, ROOT

PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- rooms: drawn by ./dev map -->"
END = "<!-- /rooms -->"


def main(arguments: Sequence[str]) -> int:
    """Draw the rooms anew."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(redrawn(page, rooms.read(ADDON)), encoding="utf-8")
    say(f"{PAGE.relative_to(ROOT)} shows the rooms as they are.")
    return 0


def redrawn(page: str, files: list[rooms.File]) -> str:
    """The page with the rooms as these files have them."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{drawing(files)}{END}{after}"


def without_sizes(page: str) -> str:
    """The page without how long the rooms are, which changes with every day's work."""
    return re.sub(r"<br/>.*?\"", '"', page)


def drawing(files: list[rooms.File]) -> str:
    """A Mermaid chart: an arrow for each room that another one stands on directly."""
    uses = uses_of(files)
    lines = ["```mermaid", "flowchart BT"]
    for room in rooms.ROOMS:
        own = [file for file in files if file.room == room and file.layer == "models"]
        length = sum(file.source.count("\n") for file in own)
        lines.append(f'    {room}["{room}<br/>{len(own) - 1} files, {length} lines"]')
    for room in rooms.ROOMS:
        lines += [f"    {room} --> {other}" for other in _direct(room, uses)]
    return "\n".join([*lines, "```", ""])


def uses_of(files: list[rooms.File]) -> dict[str, set[str]]:
    """The rooms that each room names: by an import, or by the name of a model or table."""
    owners = rooms.owners(files)
    uses = {room: set() for room in rooms.ROOMS}
    for file in files:
        for node in ast.walk(file.tree):
            for name in rooms.named_models(node):
                uses[file.room].add(owners.get(name, file.room))
            if isinstance(node, ast.ImportFrom) and node.level:
                uses[file.room].update(rooms.imported_rooms(file, node))
    return {room: found - {room} for room, found in uses.items()}


def _direct(room: str, uses: dict[str, set[str]]) -> list[str]:
    """Without those that another one of them stands on anyway."""
    found = uses[room]
    return [other for other in rooms.ROOMS if other in found and not _reached(other, found, uses)]


def _reached(other: str, found: set[str], uses: dict[str, set[str]]) -> bool:
    return any(other in uses[between] for between in found)
