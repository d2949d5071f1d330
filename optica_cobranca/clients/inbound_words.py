"""What people send besides text (a place, a card, a form), in words that a person can read."""

from collections.abc import Mapping, Sequence
from typing import Any

from .http.untrusted import mapping_of, read_json, text_of

# Keys of a form that are the program's own.
_OURS = ("flow_token",)
MAX_WORDS = 2000


def place(name: str, address: str, latitude: Any, longitude: Any) -> str:
    """``Casa, Rua A, 1 (-23.5, -46.6)``; parts that are missing are left out."""
    where = ", ".join(part.strip() for part in (name, address) if part.strip())
    numbers = [
        value
        for value in (latitude, longitude)
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    point = f"({numbers[0]}, {numbers[1]})" if len(numbers) == 2 else ""
    return " ".join(filter(None, (where, point)))[:MAX_WORDS]


def cards(contacts: Any) -> str:
    """``Maria: +55 11 96000-0001``, a line for each card in Meta's shape."""
    lines = []
    for card in contacts if isinstance(contacts, list) else ():
        phones = card.get("phones") if isinstance(card, Mapping) else None
        numbers = [text_of(phone, "phone") for phone in phones or () if isinstance(phone, Mapping)]
        lines.append(card_line(text_of(mapping_of(card, "name"), "formatted_name"), numbers))
    return "\n".join(filter(None, lines))[:MAX_WORDS]


def card_line(name: str, numbers: Sequence[str]) -> str:
    """One card; a name or a number may be missing."""
    return ": ".join(filter(None, (name, ", ".join(filter(None, numbers)))))


def vcard_line(name: str, vcard: str) -> str:
    """One card in the form of a vCard, of which only the telephones are read."""
    numbers = [
        line.partition(":")[2].strip()
        for line in vcard.splitlines()
        if line.upper().lstrip().split(":")[0].rpartition(".")[2].startswith("TEL")
    ]
    return card_line(name, numbers)[:MAX_WORDS]


def form(response_json: str) -> str:
    """What was filled into a form: ``data: 2026-02-13``, a line for each field."""
    data = read_json(response_json)
    if not isinstance(data, Mapping):
        return ""
    lines = [
        f"{name}: {value if isinstance(value, str | int | float) else _flat(value)}"
        for name, value in data.items()
        if name not in _OURS and value not in (None, "", [], {})
    ]
    return "\n".join(lines)[:MAX_WORDS]


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)
