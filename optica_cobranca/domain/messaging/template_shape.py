"""What an approved WhatsApp template needs filled in, and whether a message fills in just that.

Source: Meta's template components (header, body, footer, buttons) as its API lists them; variables
are ``{{1}}`` (positional) or ``{{name}}`` (named). A template that is sent with one value too many
or too few is refused (error 132000), so it is found when the text is saved.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..shop.vocabulary import Vocabulary

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# Headers whose file this addon can fill in.
FILES = frozenset({"document", "image"})


@dataclass(frozen=True, slots=True)
class UrlButton:
    """A button that opens an address ending in a variable.

    `index`: its place among the buttons, from 0; `prefix`: the address before the variable.
    """

    index: int
    prefix: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What has to be filled in.

    `body`: the variables' names in the order in which values are given (numbers, or names when
    `named`). `header`: empty, ``text``, ``document``, ``image``, ``video`` or ``location``;
    `header_variable`: the one of a text header. `buttons`: those with a variable.
    """

    body: tuple[str, ...] = ()
    header: str = ""
    header_variable: str | None = None
    buttons: tuple[UrlButton, ...] = ()
    named: bool = False


@dataclass(frozen=True, slots=True)
class Filling:
    """What a message fills in.

    The number of values of the body, and whether there is one for each other place; `file` is
    empty, ``document`` or ``image``.
    """

    body: int = 0
    header: bool = False
    file: str = ""
    button: bool = False


class Difference(Vocabulary):
    """How filling and shape disagree."""

    BODY_COUNT = "body_count"
    HEADER_MISSING = "header_missing"
    HEADER_EXTRA = "header_extra"
    FILE_MISSING = "file_missing"
    FILE_EXTRA = "file_extra"
    BUTTON_MISSING = "button_missing"
    BUTTON_EXTRA = "button_extra"
    UNSUPPORTED = "unsupported"


def shape_of(components: Iterable[Mapping[str, Any]], parameter_format: str = "") -> Shape:
    """Read the components of a template, with tolerance: what has no known form needs nothing.

    `parameter_format`: ``NAMED`` or ``POSITIONAL``.
    """
    named = parameter_format.upper() == "NAMED"
    found: dict[str, Any] = {"named": named}
    for component in components:
        kind = str(component.get("type", "")).upper()
        if kind == "BODY":
            found["body"] = _variables(component.get("text"), named)
        elif kind == "HEADER":
            found["header"] = str(component.get("format") or "TEXT").lower()
            variables = _variables(component.get("text"), named)
            found["header_variable"] = variables[0] if variables else None
        elif kind == "BUTTONS":
            buttons = component.get("buttons")
            found["buttons"] = tuple(_url_buttons(buttons if isinstance(buttons, list) else []))
    return Shape(**found)


def differences(shape: Shape, filling: Filling) -> tuple[Difference, ...]:
    """Where `filling` would be refused, in the order of the template."""
    if shape.header not in ("", "text", *FILES) or len(shape.buttons) > 1:
        return (Difference.UNSUPPORTED,)
    wanted_file = shape.header if shape.header in FILES else ""
    checks = (
        (bool(shape.header_variable) and not filling.header, Difference.HEADER_MISSING),
        (filling.header and not shape.header_variable, Difference.HEADER_EXTRA),
        (bool(wanted_file) and filling.file != wanted_file, Difference.FILE_MISSING),
        (bool(filling.file) and not wanted_file, Difference.FILE_EXTRA),
        (len(shape.body) != filling.body, Difference.BODY_COUNT),
        (bool(shape.buttons) and not filling.button, Difference.BUTTON_MISSING),
        (filling.button and not shape.buttons, Difference.BUTTON_EXTRA),
    )
    return tuple(difference for applies, difference in checks if applies)


def url_suffix(value: str, prefix: str = "") -> str:
    """What has to stand behind a button's address so that it opens `value`.

    `value`: a whole address or an ending; `prefix`: the button's own address, empty if unknown,
    when the path without its first slash is taken.
    """
    if prefix and value.startswith(prefix):
        return value[len(prefix) :]
    parts = urlsplit(value)
    if not parts.scheme:
        return value.lstrip("/")
    path = value.split("://", 1)[1].partition("/")[2]
    base = urlsplit(prefix).path.lstrip("/") if prefix else ""
    return path[len(base) :] if base and path.startswith(base) else path


def _variables(text: Any, named: bool) -> tuple[str, ...]:
    names = list(dict.fromkeys(_VARIABLE.findall(text if isinstance(text, str) else "")))
    if not named and all(name.isdecimal() for name in names):
        names.sort(key=int)
    return tuple(names)


def _url_buttons(buttons: list[Any]) -> Iterable[UrlButton]:
    for index, button in enumerate(buttons):
        url = button.get("url") if isinstance(button, Mapping) else None
        match = _VARIABLE.search(url) if isinstance(url, str) else None
        if match:
            yield UrlButton(index, url[: match.start()])
