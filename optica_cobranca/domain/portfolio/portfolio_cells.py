"""Cells of an imported portfolio: amounts, dates, numbers and registrations as shops write them.

A cell is text (CSV) or already a number or date (XLSX).
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from stdnum.br import cnpj, cpf
from stdnum.exceptions import ValidationError

from ..shop.errors import ErrorCode, MoneyError, PortfolioError
from ..shop.money import cents
from ..shop.vocabulary import Vocabulary

Cell = str | int | float | Decimal | date | datetime | None

_FIRST_YEAR, _LAST_YEAR = 1900, 2199
# {0} stands before the decimals, {1} between thousands. Decimals are one, two, or two and zeros:
# three could be thousands of the other way of writing, so they are never guessed at.
_WRITTEN = r"-?(\d+|[1-9]\d{{0,2}}({1}\d{{3}})+)({0}\d{{1,2}}|{0}\d{{2}}0{{2,}})?"
_SURE = r"-?(\d+|[1-9]\d{{0,2}}({1}\d{{3}})+)({0}\d{{1,2}}|{0}\d{{2}}0{{2,}})"
# No thousands: 0.125, 1234.567; and what only thousands are: 1,234,567.
_SURE_TOO = r"-?(0{0}\d{{3}}|\d{{4,}}{0}\d{{3}}|[1-9]\d{{0,2}}({1}\d{{3}}){{2,}})"
_BRAZILIAN_DATE = re.compile(
    r"(?P<day>\d{1,2})([/.-])(?P<month>\d{1,2})\2(?P<year>\d{4})", re.ASCII
)
_ISO_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")
_MARKS = re.compile(r"[.\-/\s]")
_NUMBER_OF = re.compile(r"0*([1-9]\d{0,2})(\s*(/|de)\s*\d{1,3}|\.0+)?")
_CURRENCY = re.compile(r"^(-?)\s?R\$\s?")
_CPF_LENGTH, _CNPJ_LENGTH = 11, 14
_LOST_ZEROS = 2
# What a spreadsheet counts its days from: one day early, for it believes in 29 February 1900.
_FIRST_DAY, _FIRST_DAY_1904 = date(1899, 12, 30), date(1904, 1, 1)
_LAST_SERIAL = 110_000  # in the year 2201


class DecimalSign(Vocabulary):
    """What stands before the cents in the amounts of a file."""

    COMMA = "comma"  # 1.234,56
    POINT = "point"  # 1,234.56
    MIXED = "mixed"  # both are found, so 1.234 and 1,234 can mean anything


def _patterns(sign: str, other: str) -> tuple[re.Pattern, re.Pattern]:
    marks = re.escape(sign), re.escape(other)
    sure = f"{_SURE.format(*marks)}|{_SURE_TOO.format(*marks)}"
    return re.compile(_WRITTEN.format(*marks), re.ASCII), re.compile(sure, re.ASCII)


_COMMA, _SURELY_COMMA = _patterns(",", ".")
_POINT, _SURELY_POINT = _patterns(".", ",")


def decimal_sign(cells: Iterable[Cell]) -> DecimalSign:
    """What stands before the cents, found from all amounts of a file.

    `1.234` and `1,234` say nothing; `12,5`, `1.234,56` and `1.234.567` say comma, `12.5`,
    `1,234.56` and `0.125` say point. Numbers of a spreadsheet say nothing. Comma where nothing
    is said, as people in Brazil write.
    """
    texts = {_money_text(cell) for cell in cells if isinstance(cell, str)}
    comma = any(_SURELY_COMMA.fullmatch(text) for text in texts)
    point = any(_SURELY_POINT.fullmatch(text) for text in texts)
    if comma and point:
        return DecimalSign.MIXED
    return DecimalSign.POINT if point else DecimalSign.COMMA


def parse_money(raw: Cell, sign: DecimalSign = DecimalSign.COMMA) -> Decimal:
    """An amount in BRL cents: `1.234,56`, `1234,56`, `1234.56`, `1,234.56`, `R$ 1.234,56`.

    What can be read in one way only is read so. `1.234` is a thousand and more where the comma is
    the decimal `sign`, `1,234` where the point is; otherwise they are refused, as are fractions of
    a cent. Numbers of a spreadsheet are rounded half up. The minus is kept.

    :raise PortfolioError: BAD_MONEY
    """
    if isinstance(raw, (int, float, Decimal)) and not isinstance(raw, bool):
        return _amount(raw, raw)
    text = _money_text(raw)
    if _reads_as(text, _COMMA, _SURELY_COMMA, sign is DecimalSign.COMMA):
        return _amount(text.replace(".", "").replace(",", "."), raw)
    if _reads_as(text, _POINT, _SURELY_POINT, sign is DecimalSign.POINT):
        return _amount(text.replace(",", ""), raw)
    raise PortfolioError(ErrorCode.BAD_MONEY, value=raw)


def parse_date(raw: Cell) -> date:
    """A date: `31/01/2026` (also with `-` or `.`), `2026-01-31`, with or without midnight.

    A number is a spreadsheet's: 46053 days after 30 December 1899 is 31 January 2026.
    The year has four digits, 1900 to 2199.

    :raise PortfolioError: BAD_DATE
    """
    found = _date(raw)
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise PortfolioError(ErrorCode.BAD_DATE, value=raw)
    return found


def serial_date(number: float, since_1904: bool = False) -> date | None:
    """The day that a spreadsheet keeps as a number; None when it cannot be one.

    :param since_1904: the workbook counts from 1904, as old ones of the Macintosh do
    """
    if not 1 <= number < _LAST_SERIAL:  # also false for what is not a number
        return None
    return (_FIRST_DAY_1904 if since_1904 else _FIRST_DAY) + timedelta(days=int(number))


def parse_vat(raw: Cell) -> str | None:
    """A CPF (11 digits) or CNPJ (14 characters) without punctuation, None when it is invalid.

    Leading zeros that a spreadsheet ate (up to two) are put back before the check.
    """
    text = _MARKS.sub("", parse_text(raw)).upper()
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
    found = _NUMBER_OF.fullmatch(_text(raw))
    return int(found[1]) if found else None


def parse_text(raw: Cell) -> str:
    """Text with single spaces; a whole number (`123.0` of a spreadsheet) without its decimals."""
    return _text(int(raw) if isinstance(raw, float) and raw.is_integer() else raw)


def _text(raw: Cell) -> str:
    return "" if raw is None else " ".join(str(raw).split())


def _money_text(raw: Cell) -> str:
    return _CURRENCY.sub(r"\1", _text(raw))


def _reads_as(text: str, written: re.Pattern, surely: re.Pattern, wanted: bool) -> bool:
    """Whether a text is an amount of one way of writing, and cannot be one of the other."""
    if not written.fullmatch(text):
        return False
    return wanted or bool(surely.fullmatch(text)) or text.lstrip("-").isdigit()


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
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return serial_date(raw)
    text = _MIDNIGHT.sub("", _text(raw))
    found = _BRAZILIAN_DATE.fullmatch(text) or _ISO_DATE.fullmatch(text)
    try:
        return found and date(*(int(found[part]) for part in ("year", "month", "day")))
    except ValueError:
        return None
