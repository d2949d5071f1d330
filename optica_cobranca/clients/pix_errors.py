"""What can go wrong between the shop and its bank, as a closed list."""

from collections.abc import Mapping
from typing import Any

from ..domain.vocabulary import Vocabulary
from .base import MAX_DETAIL
from .untrusted import text_of


class Trouble(Vocabulary):
    """Why a call to the bank brought nothing."""

    UNREACHABLE = "unreachable"  # no connection, nothing arrived: try later
    UNCLEAR = "unclear"  # it may have arrived: ask the bank, or repeat (all calls are idempotent)
    BANK_DOWN = "bank_down"  # 5xx
    TOO_FAST = "too_fast"  # 429
    AUTH = "auth"  # client id, secret or certificate refused
    FORBIDDEN = "forbidden"  # a scope or permission is missing
    NOT_FOUND = "not_found"
    REFUSED = "refused"  # the bank does not accept what was asked
    BAD_ANSWER = "bad_answer"  # success without the fields that belong there
    BAD_CERTIFICATE = "bad_certificate"
    EXPIRED_CERTIFICATE = "expired_certificate"
    BAD_SETTINGS = "bad_settings"


PASSING = frozenset({Trouble.UNREACHABLE, Trouble.UNCLEAR, Trouble.BANK_DOWN, Trouble.TOO_FAST})


class PixTrouble(Exception):
    """A call to the bank failed.

    :ivar trouble: a :class:`Trouble`
    :ivar detail: the bank's own words or a hint for people, never a secret
    :ivar status: HTTP status, 0 without an answer
    :ivar kind: last part of the problem's type, such as ``CobOperacaoInvalida``
    """

    def __init__(self, trouble: Trouble, detail: str = "", *, status: int = 0, kind: str = ""):
        super().__init__(f"{trouble}: {detail}" if detail else str(trouble))
        self.trouble = trouble
        self.detail = detail[:MAX_DETAIL]
        self.status = status
        self.kind = kind

    @property
    def is_passing(self) -> bool:
        """Trying again later may help without anybody doing anything."""
        return self.trouble in PASSING


_BY_STATUS: Mapping[int, Trouble] = {
    401: Trouble.AUTH,
    403: Trouble.FORBIDDEN,
    404: Trouble.NOT_FOUND,
    408: Trouble.UNCLEAR,
    410: Trouble.NOT_FOUND,
    429: Trouble.TOO_FAST,
}


def from_problem(status: int, data: Any) -> PixTrouble:
    """The error that an answer of ``application/problem+json`` (RFC 7807) means.

    :param data: decoded body, of whatever shape
    """
    trouble = Trouble.BANK_DOWN if status >= 500 else _BY_STATUS.get(status, Trouble.REFUSED)
    found = data.get("violacoes") if isinstance(data, Mapping) else None
    violations = [
        " ".join(filter(None, (text_of(each, "propriedade"), text_of(each, "razao"))))
        for each in (found if isinstance(found, list) else [])
    ]
    said = [text_of(data, "title"), text_of(data, "detail"), *violations]
    if not any(said):
        said = [
            text_of(data, "error_description"),
            text_of(data, "error"),
            text_of(data, "message"),
        ]
    kind = text_of(data, "type").rstrip("/").rsplit("/", 1)[-1]
    words = "; ".join(dict.fromkeys(filter(None, said)))
    return PixTrouble(trouble, words, status=status, kind=kind)
