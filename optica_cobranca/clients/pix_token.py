"""Access tokens of a bank (OAuth2 client credentials): asked once, kept until shortly before they
end, shared by the threads of a process. Never stored, never logged.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# A token is renewed this long before it ends, so that none dies on its way to the bank.
MARGIN_SECONDS = 60
DEFAULT_SECONDS = 300


@dataclass
class _Kept:
    token: str = field(repr=False)
    until: float


class TokenStore:
    """Tokens by account; the key is a digest of everything that the account's token depends on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: str, fetch: Callable[[], tuple[str, int]]) -> str:
        """The token that is kept, or a new one; several threads fetch it once.

        :param fetch: asks the bank: (token, seconds it is good for)
        """
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            kept = self._kept.get(key)
            if kept is None or kept.until <= self._clock():
                token, seconds = fetch()
                useful = max(seconds - MARGIN_SECONDS, seconds // 2)
                kept = self._kept[key] = _Kept(token, self._clock() + useful)
            return kept.token

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
