"""XML files of the addon: well-formed, declared, four spaces per level, nothing at line ends."""

import dataclasses
from pathlib import Path
from xml.parsers import expat

INDENT = "    "
DECLARATION = '<?xml version="1.0" encoding="UTF-8" ?>'
VERBATIM = frozenset(["pre", "script", "style"])


class NotWellFormed(ValueError):
    """The file is not XML; the message says where and why."""


@dataclasses.dataclass
class Layout:
    """What stands at the beginning of lines; lines count from 1."""

    depths: dict[int, int] = dataclasses.field(default_factory=dict)  # line: depth of its first tag
    verbatim: set[int] = dataclasses.field(default_factory=set)  # lines whose spaces carry meaning


def read_layout(text: str) -> Layout:
    """How deep the tags stand that begin a line, and which lines are to be left alone.

    :raise NotWellFormed: when the text is not XML
    """
    lines = [line.encode() for line in text.splitlines()]
    layout = Layout()
    parser = expat.ParserCreate()
    open_tags: list[tuple[str, int]] = []

    def note() -> None:
        line = lines[parser.CurrentLineNumber - 1]
        if not line[: parser.CurrentColumnNumber].strip():
            layout.depths.setdefault(parser.CurrentLineNumber, len(open_tags))

    def start(name: str, attributes: dict[str, str]) -> None:
        note()
        open_tags.append((name, parser.CurrentLineNumber))

    def end(name: str) -> None:
        _, first = open_tags.pop()
        if name in VERBATIM:
            layout.verbatim.update(range(first + 1, parser.CurrentLineNumber + 1))
        note()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CommentHandler = lambda data: note()
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise NotWellFormed(str(error)) from error
    return layout


def formatted(text: str) -> str:
    """The text as it should stand; lines that continue a tag move along with its first line.

    :raise NotWellFormed: when the text is not XML
    """
    layout = read_layout(text)
    shift = 0
    result = []
    for number, line in enumerate(text.splitlines(), start=1):
        if number in layout.verbatim:
            result.append(line)
            continue
        bare = line.lstrip(" \t")
        width = len(line[: len(line) - len(bare)].expandtabs(len(INDENT)))
        if number in layout.depths:
            shift = len(INDENT) * layout.depths[number] - width
        result.append((" " * max(0, width + shift) + bare).rstrip())
    if result and result[0].startswith("<?xml"):
        result[0] = DECLARATION
    else:
        result.insert(0, DECLARATION)
    return "\n".join(result).strip("\n") + "\n"


def check(path: Path) -> str | None:
    """What is wrong with a file, in one line, or None."""
    text = path.read_text(encoding="utf-8")
    try:
        wanted = formatted(text)
    except NotWellFormed as error:
        return f"{path.name} is not XML: {error}"
    if text == wanted:
        return None
    pairs = zip(text.splitlines(), wanted.splitlines(), strict=False)
    first = next((number for number, (a, b) in enumerate(pairs, start=1) if a != b), None)
    where = f"line {first}" if first else "the end"
    return f"{path.name} is not formatted from {where} on: `./dev lint --fix` does it"


def fix(path: Path) -> bool:
    """Format a file in place; say whether that changed it."""
    text = path.read_text(encoding="utf-8")
    wanted = formatted(text)
    if text != wanted:
        path.write_text(wanted, encoding="utf-8")
    return text != wanted
