"""The txid of a dynamic Pix charge: 32 letters and digits of our own that name its debt.

Source: Banco Central do Brasil, API Pix 2.9.0 (txid: 26 to 35 of A-Z, a-z, 0-9, made by the
receiver, used once). It is the installment's static reference with columns that tell apart the
charges made of it:

    CR  ooooo  ccccccccccccc  nnn  xxxxxxx  kk
    mark, origin, contract, installment, charge, check

So even a payment whose charge we have no record of, for the process died right after the bank took
it, still says whose it is.
"""

import re

from ..shop import pix_reference
from ..shop.errors import ErrorCode, PixError
from ..shop.pix_reference import Reference

CHARGES = 36**7  # numbers for the charges of one installment
_FORMAT = re.compile(r"(CR[0-9A-Z]{21})([0-9A-Z]{7})([0-9A-Z]{2})")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CHECK_PRIME = 1291


def dynamic_txid(contract_id: int, number: int, charge: int, *, origin: int = 0) -> str:
    """The txid of charge number `charge` of an installment, the oldest of those it asks for.

    :raise PixError: PIX_FIELD_INVALID for numbers outside their columns (`CHARGES`)
    """
    if not 0 <= charge < CHARGES:
        raise PixError(ErrorCode.PIX_FIELD_INVALID, field="charge", value=charge, limit=CHARGES - 1)
    body = pix_reference.txid_for(contract_id, number, origin=origin)[:-2] + _columns(charge, 7)
    return body + _check(body)


def read_any(txid: str) -> Reference | None:
    """The installment that a txid names, static or dynamic; None when it is not one of ours."""
    match = _FORMAT.fullmatch(txid.strip().upper())
    if match is None:
        return pix_reference.read_txid(txid)
    if _check(match[1] + match[2]) != match[3]:
        return None
    origin, contract, number = match[1][2:7], match[1][7:20], match[1][20:23]
    return Reference(int(contract, 36), int(number, 36), int(origin, 36))


def _check(body: str) -> str:
    return _columns(int(body, 36) % _CHECK_PRIME, 2)


def _columns(number: int, width: int) -> str:
    digits = ""
    for _column in range(width):
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
