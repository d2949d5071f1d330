"""Cells of an imported portfolio: amounts, dates, numbers and registrations as shops write them.

A cell is text (CSV) or already a number or date (XLSX).
"""

import re
from datetime import date, datetime
from decimal import Decimal

from stdnum.br import cnpj, cpf
from stdnum.exceptions import ValidationError

from .errors import ErrorCode, MoneyError, PortfolioError
from .money import cents

Cell = str | int | float | Decimal | date | datetime | None

_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_DECIMAL_COMMA = re.compile(r"-?(\d+|\d{1,3}(\.\d{3})+)(,\d{1,2})?", re.ASCII)
_DECIMAL_POINT = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)\.\d{1,2}", re.ASCII)
_BRAZILIAN_DATE = re.compile(
    r"(?P<day>\d{1,2})([/.-])(?P<month>\d{1,2})\2(?P<year>\d{4})", re.ASCII
)
_ISO_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")
_CPF_LENGTH, _CNPJ_LENGTH = 11, 14
_LOST_ZEROS = 2


def parse_money(raw: Cell) -> Decimal:
    """An amount in BRL cents: `1.234,56`, `1234,56`, `1234.56`, `1,234.56`, `R$ 1.234,56`.

    Dots before three digits are thousands (`1.234` is 1234.00); a comma before three digits is
    refused, because it could be either. Numbers are rounded half up. The sign is kept.
    Raises `PortfolioError` (BAD_MONEY).
    """
    if isinstance(raw, (int, float, Decimal)) and not isinstance(raw, bool):
        return _amount(raw, raw)
    text = re.sub(r"^(-?)\s*R\$\s*", r"\1", _text(raw))
    if _DECIMAL_COMMA.fullmatch(text):
        return _amount(text.replace(".", "").replace(",", "."), raw)
    if _DECIMAL_POINT.fullmatch(text):
        return _amount(text.replace(",", ""), raw)
    raise PortfolioError(ErrorCode.BAD_MONEY, value=raw)


def parse_date(raw: Cell) -> date:
    """A date: `31/01/2026` (also with `-` or `.`), `2026-01-31`, with or without midnight.

    The year has four digits, 1900 to 2199. Raises `PortfolioError` (BAD_DATE).
    """
    found = _date(raw)
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise PortfolioError(ErrorCode.BAD_DATE, value=raw)
    return found


def parse_vat(raw: Cell) -> str | None:
    """A CPF (11 digits) or CNPJ (14 characters) without punctuation, None when it is invalid.

    Leading zeros that a spreadsheet ate (up to two) are put back before the check.
    """
    text = re.sub(r"[.\-/\s]", "", parse_text(raw)).upper()
    if len(set(text)) == 1:
        return None  # all digits the same pass the checksum and are never issued
    for length, kind in ((_CPF_LENGTH, cpf), (_CNPJ_LENGTH, cnpj)):
        if length - _LOST_ZEROS <= len(text) <= length:
            try:
                return kind.validate(text.zfill(length))
            except ValidationError:
                return None
    return None


def parse_installment_number(raw: Cell) -> int | None:
    """The number of an installment: `3`, `3.0`, `03`, or the 3 of `3/10`; None if there is none."""
    found = re.fullmatch(r"0*([1-9]\d{0,2})(\s*(/|de)\s*\d{1,3}|\.0+)?", _text(raw))
    return int(found[1]) if found else None


def parse_text(raw: Cell) -> str:
    """Text with single spaces; a whole number (`123.0` of a spreadsheet) without its decimals."""
    return _text(int(raw) if isinstance(raw, float) and raw.is_integer() else raw)


def _text(raw: Cell) -> str:
    return "" if raw is None else " ".join(str(raw).split())


def _amount(number: Cell, raw: Cell) -> Decimal:
    try:
        return cents(number)
    except MoneyError as error:
        raise PortfolioError(ErrorCode.BAD_MONEY, value=raw) from error


def _date(raw: Cell) -> date | None:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = _MIDNIGHT.sub("", _text(raw))
    found = _BRAZILIAN_DATE.fullmatch(text) or _ISO_DATE.fullmatch(text)
    try:
        return found and date(*(int(found[part]) for part in ("year", "month", "day")))
    except ValueError:
        return None
