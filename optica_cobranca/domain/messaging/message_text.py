"""Texts of messages: `{{placeholders}}`, forbidden expressions, SMS alphabet and length.

Source: 3GPP TS 23.038 (GSM 7-bit alphabet; 160 characters in one SMS, 153 in each of several;
UCS-2: 70 and 67).
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ..shop.errors import ErrorCode, TemplateError
from ..shop.plain_text import without_accents, words
from ..shop.vocabulary import Vocabulary

# A little slower than people read aloud: about 150 words a minute.
_SPOKEN_A_SECOND = 14
# Without braces inside, so that each place of the text is looked at once, whatever it is.
_BRACES = re.compile(r"(?<!\{)\{\{([^{}]*)\}\}(?!\})")
_NAME = re.compile(r"[a-z][a-z0-9_]*")

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Characters that take two places: an escape and themselves.
_GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
_ASCII_FOR = str.maketrans(
    {
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "`": "'", "´": "'",
        "–": "-", "—": "-", "−": "-", "‑": "-", "…": "...", "•": "-", "·": "-", "×": "x",
        "º": "o", "ª": "a", "°": "o", "€": "EUR", "№": "No", "\u00a0": " ", "\u202f": " ",
        "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "¹": "1", "²": "2", "³": "3",
    }
)  # fmt: skip


class PartOfDay(Vocabulary):
    """As people greet each other in Brazil, by the hour on the customer's clock."""

    MORNING = "morning"  # bom dia: 5 to 11
    AFTERNOON = "afternoon"  # boa tarde: 12 to 17
    EVENING = "evening"  # boa noite


def part_of_day(hour: int) -> PartOfDay:
    """What the greeting is at an hour (0 to 23) of local time."""
    if 5 <= hour < 12:
        return PartOfDay.MORNING
    return PartOfDay.AFTERNOON if 12 <= hour < 18 else PartOfDay.EVENING


class TextProblem(Vocabulary):
    """What is wrong with a text before anything is put into it."""

    UNKNOWN_PLACEHOLDER = "unknown_placeholder"
    MALFORMED_PLACEHOLDER = "malformed_placeholder"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem and the piece of text it is about."""

    code: TextProblem
    value: str


def placeholders(text: str) -> list[str]:
    """Names of the well-formed placeholders, each once, in the order of first appearance."""
    names = (found.strip() for found in _BRACES.findall(text))
    return list(dict.fromkeys(name for name in names if _NAME.fullmatch(name)))


def check(text: str, allowed: Collection[str]) -> list[Problem]:
    """All problems of a text whose placeholders must be among `allowed`; empty if it is good."""
    malformed = [
        Problem(TextProblem.MALFORMED_PLACEHOLDER, found.group())
        for found in _BRACES.finditer(text)
        if not _NAME.fullmatch(found[1].strip())
    ]
    rest = _BRACES.sub("", text)
    malformed += [
        Problem(TextProblem.MALFORMED_PLACEHOLDER, braces)
        for braces in ("{{", "}}")
        if braces in rest
    ]
    unknown = [name for name in placeholders(text) if name not in allowed]
    return malformed + [Problem(TextProblem.UNKNOWN_PLACEHOLDER, name) for name in unknown]


def render(text: str, values: Mapping[str, str]) -> str:
    """`text` with every `{{name}}` replaced by `values["name"]`, taken literally.

    Braces inside of values are not looked at again.

    :raise TemplateError: UNKNOWN_PLACEHOLDER (the name is not in `values`), MISSING_VALUE (its
        value is no text: None or False), MALFORMED_PLACEHOLDER (`{{ }}`, `{{a b}}`, a brace pair
        that is not closed)
    """
    problems = check(text, values.keys())
    if problems:
        code = ErrorCode(problems[0].code)
        key = "name" if code == ErrorCode.UNKNOWN_PLACEHOLDER else "text"
        raise TemplateError(code, **{key: problems[0].value})
    for name in placeholders(text):
        if not isinstance(values[name], str):
            raise TemplateError(ErrorCode.MISSING_VALUE, name=name)
    return _BRACES.sub(lambda found: values[found[1].strip()], text)


def forbidden_in(text: str, expressions: Iterable[str]) -> list[str]:
    """Those of the `expressions` that occur in `text` as whole words, in their order.

    Case, accents and punctuation do not matter. Source: CDC art. 42 and 71 (no threats).
    """
    said = f" {words(text)} "
    return [
        expression
        for expression in expressions
        if words(expression) and f" {words(expression)} " in said
    ]


def sms_ascii(text: str) -> str:
    """The text in ASCII, for carriers that drop anything else: accents go, emoji vanish."""
    plain = without_accents(text.translate(_ASCII_FOR)).translate(_ASCII_FOR)
    return plain.encode("ascii", "ignore").decode("ascii")


def sms_parts(text: str) -> int:
    """How many SMS the text is charged as; 0 for an empty text.

    GSM alphabet: 160 places in one part, 153 in each of several, an extended character takes
    two. Any other character makes the whole text UCS-2: 70 and 67. No character is torn apart.
    """
    if all(char in _GSM_BASIC or char in _GSM_EXTENDED for char in text):
        sizes = [2 if char in _GSM_EXTENDED else 1 for char in text]
        return _count_parts(sizes, 160, 153)
    return _count_parts([2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67)


def speaking_seconds(text: str) -> int:
    """About how long a text takes to be read out once."""
    return -(-len(text.strip()) // _SPOKEN_A_SECOND)


def fill_variable(text: str, value: str) -> str:
    """Text of an approved template whose one variable, ``{{1}}`` or ``{{name}}``, is filled in."""
    return _BRACES.sub(lambda _found: value, text)


def _count_parts(sizes: list[int], alone: int, each: int) -> int:
    if sum(sizes) <= alone:
        return 1 if sizes else 0
    parts, room = 1, each
    for size in sizes:
        if size > room:
            parts, room = parts + 1, each
        room -= size
    return parts
