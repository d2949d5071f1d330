"""What can go wrong between the shop and its bank, as a closed list."""

from collections.abc import Mapping
from typing import Any

from ...domain.shop.vocabulary import Vocabulary
from ..base import MAX_DETAIL
from ..http.untrusted import text_of


class Trouble(Vocabulary):
    """Why a call to the bank brought nothing."""

    UNREACHABLE = "unreachable"  # no connection, nothing arrived: try later
    UNCLEAR = "unclear"  # it may have arrived: ask the bank what became of it
    BANK_DOWN = "bank_down"  # 5xx, which says nothing about whether it was done
    TOO_FAST = "too_fast"  # 429
    AUTH = "auth"  # client id, secret or certificate refused
    FORBIDDEN = "forbidden"  # a scope or permission is missing
    NOT_FOUND = "not_found"
    REFUSED = "refused"  # the bank does not accept what was asked
    BAD_ANSWER = "bad_answer"  # success without the fields that belong there: it may be done
    NOT_GRANTED = "not_granted"  # the bank knows the shop, but not with these products
    TLS_REFUSED = "tls_refused"  # the bank ends the handshake: our certificate is not welcome
    BANK_NOT_TRUSTED = "bank_not_trusted"  # nobody we trust has signed the bank's certificate
    BAD_CERTIFICATE = "bad_certificate"
    EXPIRED_CERTIFICATE = "expired_certificate"
    BAD_SETTINGS = "bad_settings"


PASSING = frozenset({Trouble.UNREACHABLE, Trouble.UNCLEAR, Trouble.BANK_DOWN, Trouble.TOO_FAST})
# No proof that nothing was done: the bank has to be asked before anybody judges.
UNSURE = frozenset({Trouble.UNCLEAR, Trouble.BANK_DOWN, Trouble.BAD_ANSWER})
# The bank read what was asked and does not do it.
SAID_NO = frozenset({Trouble.REFUSED, Trouble.NOT_FOUND})


class PixTrouble(Exception):
    """A call to the bank failed.

    :ivar trouble: a :class:`Trouble`
    :ivar detail: the bank's own words or a hint for people, never a secret
    :ivar status: HTTP status, 0 without an answer
    :ivar kind: last part of the problem's type, such as ``CobOperacaoInvalida``
    :ivar raw: what could not be read of a success, for a person
    :ivar is_before: it befell the call for a token: nothing of what was wanted has left
    """

    def __init__(
        self,
        trouble: Trouble,
        detail: str = "",
        *,
        status: int = 0,
        kind: str = "",
        raw: Mapping[str, Any] | None = None,
    ):
        super().__init__(f"{trouble}: {detail}" if detail else str(trouble))
        self.raw = raw
        self.is_before = False
        self.trouble = trouble
        self.detail = detail[:MAX_DETAIL]
        self.status = status
        self.kind = kind

    def again(self) -> "PixTrouble":
        """The same for another call; an exception that was raised carries its own trace."""
        twin = PixTrouble(self.trouble, self.detail, status=self.status, kind=self.kind)
        twin.is_before = self.is_before
        return twin

    @property
    def is_passing(self) -> bool:
        """Trying again later may help without anybody doing anything."""
        return self.trouble in PASSING

    @property
    def may_be_done(self) -> bool:
        """There is no proof that nothing was done: ask before judging."""
        return self.trouble in UNSURE and not self.is_before


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
    if status >= 500:
        trouble = Trouble.BANK_DOWN
    elif status < 400:
        trouble = Trouble.BAD_ANSWER  # the answer is elsewhere, and is not looked for there
    else:
        trouble = _BY_STATUS.get(status, Trouble.REFUSED)
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
