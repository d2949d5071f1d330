"""Access tokens of a bank (OAuth2 client credentials).

Asked once, kept until shortly before they end, shared by the threads of a process. Never stored,
never logged.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .pix_errors import PixTrouble, Trouble

# A token is renewed this long before it ends, so that none dies on its way to the bank.
MARGIN_SECONDS = 60
DEFAULT_SECONDS = 300


@dataclass
class _Kept:
    token: str = field(repr=False)
    until: float


@dataclass(frozen=True)
class _Failure:
    error: PixTrouble
    at: float


class TokenStore:
    """Tokens by account; the key is a digest of everything that the account's token depends on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._failures: dict[str, _Failure] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: str, fetch: Callable[[], tuple[str, int]], patience: float) -> str:
        """The token that is kept, or a new one; several threads fetch it once.

        Who waited for another thread in vain fails with it: a silent bank is not waited for by
        one after the other.

        :param fetch: asks the bank: (token, seconds it is good for)
        :param patience: seconds to wait for another thread that asks
        :raise PixTrouble: the bank gives none, or not in time
        """
        came = self._clock()
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        if not lock.acquire(timeout=patience):
            raise PixTrouble(Trouble.UNCLEAR, "read_timeout")
        try:
            kept = self._kept.get(key)
            if kept is None or kept.until <= self._clock():
                kept = self._kept[key] = self._fetched(key, fetch, came)
            return kept.token
        finally:
            lock.release()

    def _fetched(self, key: str, fetch: Callable[[], tuple[str, int]], came: float) -> _Kept:
        failure = self._failures.pop(key, None)
        if failure and failure.at > came:
            self._failures[key] = failure  # others may have waited, too
            raise failure.error.again()
        try:
            token, seconds = fetch()
        except PixTrouble as error:
            self._failures[key] = _Failure(error, self._clock())
            raise
        useful = max(seconds - MARGIN_SECONDS, seconds // 2)
        return _Kept(token, self._clock() + useful)

    def drop(self, key: str, token: str) -> None:
        """The bank refused this token: forget it, unless somebody has renewed it meanwhile."""
        kept = self._kept.get(key)
        if kept and kept.token == token:
            self._kept.pop(key, None)


TOKENS = TokenStore()


def key_of(*parts: str | bytes) -> str:
    """A digest that changes with each part."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()
