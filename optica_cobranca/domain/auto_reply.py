"""Did a person write this e-mail, or a program: out of office, acknowledgement, mailing list?

Source: RFC 3834 (Auto-Submitted), and what vacation programs sent before it.
"""

from collections.abc import Iterable

_MARKS = {"x-autoreply", "x-autorespond"}
_BULK = {"auto_reply", "bulk", "junk", "list"}


def is_automatic(headers: Iterable[tuple[str, str]]) -> bool:
    """True when a header (name, value; in any case) says that no person wrote it."""
    for name, value in headers:
        # "auto-replied; reason=vacation", "no (a person)": parameters and comments don't count.
        [word, *_rest] = value.lower().replace(";", " ").split() or [""]
        match name.lower():
            case "auto-submitted":
                found = word not in ("", "no")
            case "precedence":
                found = word in _BULK
            case other:
                found = other in _MARKS and word != "no"
        if found:
            return True
    return False
