"""XML files of the addon: well-formed, declared, four spaces per level, nothing at line ends."""

import re
from pathlib import Path
from xml.parsers import expat

INDENT = "    "
DECLARATION = re.compile(r'^<\?xml version="1\.0" encoding="utf-8" ?\?>$')
WANTED_DECLARATION = '<?xml version="1.0" encoding="utf-8" ?>'
VERBATIM = frozenset(["pre", "script", "style"])


class NotWellFormed(ValueError):
    """The file is not XML; the message says where and why."""


def depths(text: str) -> dict[int, int | None]:
    """How deep the tag stands that begins a line: line number (from 1) to depth.

    Depth None marks a line whose spaces carry meaning.

    :raise NotWellFormed: when the text is not XML
    """
    lines = text.splitlines()
    found: dict[int, int | None] = {}
    parser = expat.ParserCreate()
    open_tags: list[str] = []

    def begins_line() -> bool:
        line = lines[parser.CurrentLineNumber - 1].encode()
        return not line[: parser.CurrentColumnNumber].strip()

    def note() -> None:
        if begins_line():
            verbatim = VERBATIM.intersection(open_tags)
            found.setdefault(parser.CurrentLineNumber, None if verbatim else len(open_tags))

    def start(name: str, attributes: dict[str, str]) -> None:
        note()
        open_tags.append(name)

    def end(name: str) -> None:
        open_tags.pop()
        note()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CommentHandler = lambda data: note()
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise NotWellFormed(str(error)) from error
    return found


def formatted(text: str) -> str:
    """The text as it should stand; lines that continue a tag move along with its first line.

    :raise NotWellFormed: when the text is not XML
    """
    known = depths(text)
    shift = 0
    result = []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.lstrip(" \t")
        width = len(line[: len(line) - len(bare)].expandtabs(len(INDENT)))
        depth = known.get(number)
        if number in known and depth is not None:
            shift = len(INDENT) * depth - width
        elif number in known:
            shift = 0
        result.append((" " * max(0, width + shift) + bare).rstrip())
    if result and result[0].startswith("<?xml"):
        result[0] = result[0] if DECLARATION.match(result[0]) else WANTED_DECLARATION
    else:
        result.insert(0, WANTED_DECLARATION)
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
