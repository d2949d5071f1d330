"""The reference printed in a Pix code, from which a payment finds its installment.

Twenty-five capital letters and digits, the most that a static code carries (Banco Central do
Brasil, Manual de Padrões para Iniciação do Pix: txid), laid out in base 36:

    CR  ooooo  ccccccccccccc  nnn  kk
    mark, origin, contract, installment, check

No two installments share one, because every number has columns of its own. The check is the
remainder of all that precedes it by a prime, so that one wrong character or two swapped
neighbours are noticed (the idea of ISO 7064).
"""

import re
from dataclasses import dataclass

from .errors import ErrorCode, PixError

MARK = "CR"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE = len(_DIGITS)
_ORIGIN_WIDTH, _CONTRACT_WIDTH, _NUMBER_WIDTH, _CHECK_WIDTH = 5, 13, 3, 2
_CHECK_PRIME = 1291  # the greatest prime below 36 ** 2
_SPACES = re.compile(r"[\s-]")
_FORMAT = re.compile(r"CR([0-9A-Z]{5})([0-9A-Z]{13})([0-9A-Z]{3})([0-9A-Z]{2})")


@dataclass(frozen=True, slots=True)
class Reference:
    """Which installment a payment names: its contract's database id and its own number.

    Number 0 is the down payment. `origin` tells databases apart that share one Pix key.
    """

    contract_id: int
    installment_number: int
    origin: int = 0


def txid_for(contract_id: int, installment_number: int, *, origin: int = 0) -> str:
    """The reference of an installment, 25 characters of A-Z and 0-9.

    :raise PixError: PIX_FIELD_INVALID for a number that is negative or too great for its columns
        (36 ** 13 contracts, 36 ** 3 installments, 36 ** 5 origins)
    """
    body = (
        MARK
        + _encode("origin", origin, _ORIGIN_WIDTH)
        + _encode("contract_id", contract_id, _CONTRACT_WIDTH)
        + _encode("installment_number", installment_number, _NUMBER_WIDTH)
    )
    return body + _check(body)


def read_txid(txid: str) -> Reference | None:
    """The installment that a reference names, None for any text that is not one of ours.

    Small letters, spaces and hyphens, as people type them, don't matter.
    """
    text = _SPACES.sub("", txid).upper()
    match = _FORMAT.fullmatch(text)
    if not match or _check(text[:-_CHECK_WIDTH]) != match[4]:
        return None
    origin, contract_id, number = (int(match[group], _BASE) for group in (1, 2, 3))
    return Reference(contract_id, number, origin)


def _check(body: str) -> str:
    return _encode("check", int(body, _BASE) % _CHECK_PRIME, _CHECK_WIDTH)


def _encode(field: str, number: int, width: int) -> str:
    if not 0 <= number < _BASE**width:
        raise PixError(
            ErrorCode.PIX_FIELD_INVALID, field=field, value=number, limit=_BASE**width - 1
        )
    digits = ""
    for _column in range(width):
        number, digit = divmod(number, _BASE)
        digits = _DIGITS[digit] + digits
    return digits
