"""Pix codes ("BR Code"): the text behind the QR, to copy and paste.

Source: Banco Central do Brasil, Manual de Padrões para Iniciação do Pix (fields and limits), on
top of EMV QRCPS merchant-presented mode (tag, length, value; CRC-16/CCITT-FALSE at the end).
A static code brings no notice of its payment: the reference says what was paid (`pix_reference`).
"""

import re
from binascii import crc_hqx
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .errors import ErrorCode, PixError
from .money import cents, exact
from .plain_text import without_accents

GUI = "br.gov.bcb.pix"
NO_REFERENCE = "***"
MAX_PAYLOAD = 512
MAX_NAME = 25
MAX_CITY = 15
MAX_KEY = 77
MAX_DESCRIPTION = 72

FORMAT, ACCOUNT, CATEGORY, CURRENCY, AMOUNT = "00", "26", "52", "53", "54"
COUNTRY, NAME, CITY, POSTAL_CODE, ADDITIONAL, CHECK = "58", "59", "60", "61", "62", "63"
# Tags within ACCOUNT and ADDITIONAL.
_GUI, _KEY, _DESCRIPTION, _TXID, _LOCATION = "00", "01", "02", "05", "25"

_MAX_FIELD = 99  # a length has two digits
_MAX_AMOUNT_LENGTH = 13
_TXID_FORMAT = re.compile(r"[A-Za-z0-9]{1,25}|\*\*\*")
_POSTAL_CODE_FORMAT = re.compile(r"[0-9]{8}")
_NOT_PRINTED = re.compile(r"[^\x21-\x7e]+")
_HEADER_FORMAT = re.compile(r"([0-9]{2})([0-9]{2})")
_CHECK_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a code: `value` as it stands there, and what it consists of if it is nested."""

    tag: str
    value: str
    children: tuple["Field", ...] = ()


@dataclass(frozen=True, slots=True)
class PixCode:
    """A code that was read: its fields in order, the check included and known to be right."""

    fields: tuple[Field, ...]

    def find(self, *tags: str) -> str | None:
        """The value at a path of tags, such as `find("26", "01")`; None where there is none."""
        fields, found = self.fields, None
        for tag in tags:
            found = next((field for field in fields if field.tag == tag), None)
            if found is None:
                return None
            fields = found.children
        return found.value if found else None

    @property
    def key(self) -> str | None:
        """The receiver's Pix key."""
        return self.find(ACCOUNT, _KEY)

    @property
    def location(self) -> str | None:
        """Where a dynamic code's charge is read."""
        return self.find(ACCOUNT, _LOCATION)

    @property
    def description(self) -> str | None:
        """What the payer's bank shows about the payment."""
        return self.find(ACCOUNT, _DESCRIPTION)

    @property
    def txid(self) -> str | None:
        """The reference, which comes back with the payment; `***` means none."""
        return self.find(ADDITIONAL, _TXID)

    @property
    def amount(self) -> Decimal | None:
        """BRL; None lets the payer choose.

        :raise MoneyError: NOT_AN_AMOUNT
        """
        text = self.find(AMOUNT)
        return None if text is None else exact(text)


def build(
    key: str,
    name: str,
    city: str,
    amount: Decimal | None,
    txid: str = NO_REFERENCE,
    description: str | None = None,
    postal_code: str | None = None,
) -> str:
    """The static code that pays `amount` (BRL; None lets the payer choose) to the holder of `key`.

    `key` is written as it is registered (a telephone as +55…, CPF and CNPJ without punctuation).
    Name and city are cut to 25 and 15 characters, the description to what the key leaves of its
    field; all three lose accents and whatever else is not ASCII. `txid` is at most 25 letters and
    digits, or `***`. A CEP may have its hyphen.

    :raise PixError: PIX_FIELD_EMPTY, PIX_FIELD_INVALID
    :raise MoneyError: NOT_AN_AMOUNT
    """
    if not _TXID_FORMAT.fullmatch(txid):
        raise PixError(ErrorCode.PIX_FIELD_INVALID, field="txid", value=txid, limit=25)
    parts = [
        _field(FORMAT, "01"),
        _field(ACCOUNT, _account(key, description)),
        _field(CATEGORY, "0000"),
        _field(CURRENCY, "986"),
        "" if amount is None else _field(AMOUNT, _amount(amount)),
        _field(COUNTRY, "BR"),
        _field(NAME, _required_text("name", name, MAX_NAME)),
        _field(CITY, _required_text("city", city, MAX_CITY)),
        _field(POSTAL_CODE, _postal_code(postal_code)) if postal_code else "",
        _field(ADDITIONAL, _field(_TXID, txid)),
    ]
    return _with_check("".join(parts))


def build_dynamic(location: str, name: str, city: str) -> str:
    """The code whose amount and terms the payer's bank reads at `location` (without `https://`).

    For banks that leave `pixCopiaECola` out of their answers. The txid stands at the location, so
    the code has `***`.

    :raise PixError: PIX_FIELD_EMPTY, PIX_FIELD_INVALID
    """
    address = location.strip().removeprefix("https://")
    if not address.isascii() or not address.isprintable() or not 0 < len(address) <= MAX_KEY:
        raise PixError(ErrorCode.PIX_FIELD_INVALID, field="location", value=location, limit=MAX_KEY)
    return _with_check(
        "".join(
            [
                _field(FORMAT, "01"),
                _field("01", "12"),  # used once
                _field(ACCOUNT, _field(_GUI, GUI) + _field(_LOCATION, address)),
                _field(CATEGORY, "0000"),
                _field(CURRENCY, "986"),
                _field(COUNTRY, "BR"),
                _field(NAME, _required_text("name", name, MAX_NAME)),
                _field(CITY, _required_text("city", city, MAX_CITY)),
                _field(ADDITIONAL, _field(_TXID, NO_REFERENCE)),
            ]
        )
    )


def parse(payload: str) -> PixCode:
    """Read a code, static or dynamic, with its nested fields, and verify its check.

    :raise PixError: PIX_FIELD_INVALID (longer than 512), PIX_MALFORMED with the position of the
        first field that is no field, PIX_BAD_CHECK with the expected and the found check
    """
    if len(payload) > MAX_PAYLOAD:
        raise PixError(
            ErrorCode.PIX_FIELD_INVALID, field="payload", value=payload, limit=MAX_PAYLOAD
        )
    fields = _split(payload, 0)
    last = fields[-1] if fields else Field("", "")
    if fields[:1] != (Field(FORMAT, "01"),) or last.tag != CHECK:
        raise PixError(ErrorCode.PIX_MALFORMED, position=0 if last.tag == CHECK else len(payload))
    expected = crc16(payload[:-_CHECK_LENGTH].encode(errors="surrogatepass"))
    if last.value.upper() != expected:
        raise PixError(ErrorCode.PIX_BAD_CHECK, expected=expected, found=last.value)
    return PixCode(fields)


def render(fields: Sequence[Field]) -> str:
    """The fields as a code again, with a fresh check in place of the one among them, if any."""
    return _with_check(
        "".join(_field(field.tag, field.value) for field in fields if field.tag != CHECK)
    )


def crc16(data: bytes) -> str:
    """CRC-16/CCITT-FALSE as four capital hexadecimal digits: `123456789` gives 29B1."""
    return f"{crc_hqx(data, 0xFFFF):04X}"


def _with_check(text: str) -> str:
    # The check covers its own tag and length.
    covered = f"{text}{CHECK}{_CHECK_LENGTH:02d}"
    return covered + crc16(covered.encode())


def _field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def _account(key: str, description: str | None) -> str:
    stripped = key.strip()
    if not stripped:
        raise PixError(ErrorCode.PIX_FIELD_EMPTY, field="key")
    is_plain = stripped.isascii() and stripped.isprintable() and " " not in stripped
    if not is_plain or len(stripped) > MAX_KEY:
        raise PixError(ErrorCode.PIX_FIELD_INVALID, field="key", value=key, limit=MAX_KEY)
    account = _field(_GUI, GUI) + _field(_KEY, stripped)
    room = min(MAX_DESCRIPTION, _MAX_FIELD - len(account) - len(_field(_DESCRIPTION, "")))
    text = _plain(description or "", max(room, 0))
    return account + (_field(_DESCRIPTION, text) if text else "")


def _amount(amount: Decimal) -> str:
    value = cents(amount)
    text = f"{value:f}"
    if value <= 0 or len(text) > _MAX_AMOUNT_LENGTH:
        raise PixError(
            ErrorCode.PIX_FIELD_INVALID, field="amount", value=amount, limit=_MAX_AMOUNT_LENGTH
        )
    return text


def _postal_code(value: str) -> str:
    digits = value.strip().replace("-", "").replace(".", "")
    if not _POSTAL_CODE_FORMAT.fullmatch(digits):
        raise PixError(ErrorCode.PIX_FIELD_INVALID, field="postal_code", value=value, limit=8)
    return digits


def _required_text(field: str, value: str, limit: int) -> str:
    text = _plain(value, limit)
    if not text:
        raise PixError(ErrorCode.PIX_FIELD_EMPTY, field=field)
    return text


def _plain(text: str, limit: int) -> str:
    """ASCII without accents and control characters, single spaces, at most `limit` characters."""
    ascii_only = _NOT_PRINTED.sub(" ", without_accents(text))
    return ascii_only.strip()[:limit].rstrip()


def _is_nested(tag: str) -> bool:
    return "26" <= tag <= "51" or tag in (ADDITIONAL, "64") or "80" <= tag <= "99"


def _split(text: str, offset: int, *, nested: bool = False) -> tuple[Field, ...]:
    """The fields of `text`, which begins at `offset` of the code."""
    fields: dict[str, Field] = {}
    position = 0
    while position < len(text):
        header = _HEADER_FORMAT.match(text, position)
        start = position + 4
        end = start + int(header[2]) if header else start
        if not header or not start < end <= len(text) or header[1] in fields:
            raise PixError(ErrorCode.PIX_MALFORMED, position=offset + position)
        tag, value = header[1], text[start:end]
        inside = (
            _split(value, offset + start, nested=True) if not nested and _is_nested(tag) else ()
        )
        fields[tag] = Field(tag, value, inside)
        position = end
    return tuple(fields.values())
