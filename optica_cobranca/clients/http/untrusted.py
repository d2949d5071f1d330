"""Reading JSON that anybody may have written: no shape is assumed and nothing raises.

What passes through :func:`cleaned` can be stored in PostgreSQL as text and as JSON: no NUL, no
lone surrogates, no NaN, no bottomless nesting.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

MAX_DEPTH = 40


def read_json(raw: bytes | str | None) -> Any:
    """The decoded and cleaned document; None when there is none or it is not JSON."""
    try:
        return cleaned(json.loads(raw)) if raw else None
    except (ValueError, RecursionError):
        return None


def cleaned(value: Any, depth: int = 0) -> Any:
    """A copy made of plain JSON types only; what lies deeper than `MAX_DEPTH` becomes None."""
    if isinstance(value, str):
        return _clean_text(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth >= MAX_DEPTH:
        return None
    if isinstance(value, Mapping):
        return {_clean_text(str(key)): cleaned(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item, depth + 1) for item in value]
    return _clean_text(str(value))


def _clean_text(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def text_within(text: str, longest: int) -> str:
    """The beginning of a text, as PostgreSQL can store it."""
    return _clean_text(text[:longest])


def key_within(text: str | None, longest: int) -> str | None:
    """An identifier that fits into an index: one that is too long gives way to its fingerprint.

    The same for every repetition, so that what came twice is still known to have come.
    """
    if not text or len(text) <= longest:
        return text
    return f"{text[: longest - 65]}:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"


def text_of(data: Any, *path: str) -> str:
    """The string found by following the names, or an empty one."""
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data if isinstance(data, str) else ""


def mapping_of(data: Any, name: str) -> Mapping[str, Any]:
    """The object of that name, or an empty one."""
    value = data.get(name) if isinstance(data, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def first_of(data: Any, name: str) -> Mapping[str, Any]:
    """The first item of the list of that name when it is an object, or an empty object."""
    items = data.get(name) if isinstance(data, Mapping) else None
    item = items[0] if isinstance(items, list) and items else None
    return item if isinstance(item, Mapping) else {}


def digits_of(value: Any) -> str | None:
    """A phone number's digits; None when the value is no phone number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if 0 < value < 10**15 else ""
    if not isinstance(value, str):
        return None
    number = value.strip().removeprefix("+")
    return number if number.isascii() and number.isdigit() and 6 <= len(number) <= 15 else None


def instant_of(value: Any) -> datetime | None:
    """Seconds since 1970, as number or text, to aware UTC; None when unreadable."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return datetime.fromtimestamp(int(value), tz=timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None


def digest_of(value: Any) -> str:
    """The same for every repetition of the same document."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
