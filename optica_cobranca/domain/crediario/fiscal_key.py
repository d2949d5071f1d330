"""The key that names a Brazilian fiscal document: NF-e and NFC-e.

44 places: state (2), year and month (4), CNPJ of the issuer (14), model (2), series (3), number
(9), kind of emission (1), code (8), check digit (1). Since the alphanumeric CNPJ the issuer's
first twelve places may be letters.
Source: Manual de Orientação do Contribuinte of the NF-e, "chave de acesso"; NT 2025.001.
"""

import re
from dataclasses import dataclass

from ..shop.errors import ErrorCode, FiscalKeyError

LENGTH = 44
_SHAPE = re.compile(r"\d{6}[0-9A-Z]{12}\d{26}")
_SEPARATORS = re.compile(r"[\s.\-/]")
MODELS = {"55": "NF-e", "65": "NFC-e"}


@dataclass(frozen=True, slots=True)
class FiscalKey:
    """A key that was checked, with what it says. `number` and `series` without leading zeros."""

    key: str
    kind: str
    issuer: str
    series: int
    number: int

    @property
    def groups(self) -> str:
        """The key as it is printed: groups of four."""
        return " ".join(self.key[k : k + 4] for k in range(0, LENGTH, 4))


def parse(text: str) -> FiscalKey:
    """Read a key as people type, paste or scan it: spaces, dots, dashes and "NFe" are let go.

    :raise FiscalKeyError: FISCAL_KEY_SHAPE for other than 44 places or an unknown model,
        FISCAL_KEY_DIGIT where the check digit is another one
    """
    key = _SEPARATORS.sub("", text).upper().removeprefix("NFE")
    if not _SHAPE.fullmatch(key) or key[20:22] not in MODELS:
        raise FiscalKeyError(ErrorCode.FISCAL_KEY_SHAPE, found=text)
    if check_digit(key[:-1]) != key[-1]:
        raise FiscalKeyError(ErrorCode.FISCAL_KEY_DIGIT, found=text)
    return FiscalKey(
        key=key,
        kind=MODELS[key[20:22]],
        issuer=key[6:20],
        series=int(key[22:25]),
        number=int(key[25:34]),
    )


def check_digit(places: str) -> str:
    """The last place of a key after its other 43: modulo 11, weights 2 to 9 from the right.

    A letter counts by its ASCII code less 48, as in an alphanumeric CNPJ.
    """
    weighted = ((ord(place) - 48) * (2 + index % 8) for index, place in enumerate(reversed(places)))
    rest = sum(weighted) % 11
    return "0" if rest < 2 else str(11 - rest)
