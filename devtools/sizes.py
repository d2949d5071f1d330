"""Files, functions and folders stay small enough to be read at once."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

FILE_LINES = 600
FUNCTION_LINES = 50
FOLDER_FILES = 35


def check(path: Path, name: str) -> Iterator[str]:
    """One line for a file, or a function in it, that has grown too long.

    :param name: what to call the file
    """
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield f"{name}: {lines} lines, at most {FILE_LINES}: split the concept, not the text"
    if path.suffix == ".py":
        yield from _functions(text, name)


def check_folders(names: Iterable[str]) -> Iterator[str]:
    """One line for each folder that holds too many files.

    :param names: paths of files, of all that are counted
    """
    modules = (Path(name) for name in names if not name.endswith("__init__.py"))
    for folder, count in sorted(Counter(str(path.parent) for path in modules).items()):
        if count > FOLDER_FILES:
            yield f"{folder}: {count} files, at most {FOLDER_FILES}: make folders in it"


def _functions(text: str, name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            if length > FUNCTION_LINES:
                where = f"{name}:{node.lineno}: {node.name}"
                yield f"{where} has {length} lines, at most {FUNCTION_LINES}"
