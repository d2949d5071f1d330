"""Numbers of contracts as people type them: BV-1022, bv1022, "bv 1022", or 1022 alone.

No source but the counter: who reads a number from a carnê types what stands out of it.
"""

import re

_GROUPS = re.compile(r"[A-Z]+|\d+")
_SEPARATORS = re.compile(r"[\s./_-]+")
# Fewer digits would name half of the shop's contracts.
LEAST_DIGITS = 3


def groups(text: str) -> tuple[str, ...]:
    """The letters and digits of a number in their order, digits without leading zeros.

    >>> groups("bv-01022")
    ('BV', '1022')
    """
    found = _GROUPS.findall(text.upper())
    return tuple(part.lstrip("0") or "0" for part in found)


def is_number(text: str) -> bool:
    """Whether a text may be a contract's number or its last digits."""
    compact = _SEPARATORS.sub("", text)
    return (
        compact.isascii()
        and compact.isalnum()
        and compact[-1].isdigit()
        and sum(char.isdigit() for char in compact) >= LEAST_DIGITS
    )


def pattern(text: str) -> str:
    """What a database may look for with ILIKE: everything that :func:`names` accepts, and more."""
    return "%" + "%".join(groups(text)) + "%"


def names(text: str, number: str) -> bool:
    """Whether `text` means the contract `number`: all of it, or its last digits alone."""
    typed, known = groups(text), groups(number)
    return typed == known or (len(typed) == 1 and typed[0].isdigit() and typed == known[-1:])
