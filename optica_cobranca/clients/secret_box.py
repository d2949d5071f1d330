"""Secrets sealed with a key that is not in the database.

Fernet (AES-128-CBC and HMAC-SHA256, https://github.com/fernet/spec) from the library
`cryptography`. Of several keys the first one seals and all of them open: that is how a key is
exchanged for a new one.
"""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

# What is sealed is told by its beginning from what was kept before there was a key.
MARK = "optica-fernet:"


class BadKey(Exception):
    """What is configured is no key."""


class Unreadable(Exception):
    """Sealed with a key that is not configured any more."""


class SecretBox:
    """Seals and opens; without keys it leaves everything as it is.

    :param keys: each 32 random bytes in URL-safe base64 (44 characters), the newest first
    :raise BadKey: one of them is none
    """

    def __init__(self, keys: Sequence[str]):
        try:
            fernets = [Fernet(key) for key in keys]
        except (ValueError, TypeError):
            # The key itself is not repeated.
            raise BadKey from None
        self._newest = fernets[0] if fernets else None
        self._all = MultiFernet(fernets) if fernets else None

    @property
    def has_key(self) -> bool:
        """Whether anything can be sealed at all."""
        return self._newest is not None

    def seal(self, secret: str) -> str:
        """The sealed text; what is sealed already and what cannot be sealed stays as it is."""
        if self._newest is None or not secret or is_sealed(secret):
            return secret
        return MARK + self._newest.encrypt(secret.encode()).decode("ascii")

    def open(self, kept: str) -> str:
        """The secret, whether it was sealed or not.

        :raise Unreadable: none of the keys fits
        """
        if not is_sealed(kept):
            return kept
        if self._all is None:
            raise Unreadable
        try:
            return self._all.decrypt(kept.removeprefix(MARK).encode()).decode()
        except (InvalidToken, UnicodeError):
            raise Unreadable from None

    def is_current(self, kept: str) -> bool:
        """Whether it is sealed with the newest key; True for all when there is none."""
        if self._newest is None or not kept:
            return True
        if not is_sealed(kept):
            return False
        try:
            self._newest.decrypt(kept.removeprefix(MARK).encode())
        except InvalidToken:
            return False
        return True


def is_sealed(kept: str | None) -> bool:
    """Whether a kept text is sealed."""
    return bool(kept) and kept.startswith(MARK)


def keys_in(text: str | None) -> list[str]:
    """The keys of a setting: separated by commas or spaces, the newest first."""
    return (text or "").replace(",", " ").split()
