"""A portfolio file read completely: good rows, and everything wrong with the others. No ORM."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...domain.portfolio.portfolio import (
    MONEY,
    Column,
    PortfolioRow,
    RowCode,
    RowError,
    check_rows,
    column_for,
    read_row,
)
from ...domain.portfolio.portfolio_cells import (
    Cell,
    DecimalSign,
    decimal_sign,
    parse_installment_number,
    parse_text,
)
from ...domain.shop.vocabulary import Vocabulary
from .portfolio_file import RawRow, Table, read_table

# What a contract can do without: refused values of these may be left empty instead.
OPTIONAL = (Column.PHONE, Column.EMAIL, Column.BIRTHDATE)
_TOTAL = re.compile(r"\d+\s*(?:/|de)\s*(\d{1,3})")


class ExtraCode(Vocabulary):
    """Problems of a row beyond those of the rules in ``domain``."""

    SHIFTED = "shifted"  # more cells than headers


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something wrong with a line. ``dropped``: only this value is left out, the row is good."""

    line: int
    column: Column | None
    code: RowCode | ExtraCode
    value: str
    dropped: bool = False


@dataclass(slots=True)
class Reading:
    """What a file says.

    ``counts``: installments of each contract, refused rows included; ``sign``: what stands before
    the cents in its amounts.
    """

    table: Table
    sign: DecimalSign = DecimalSign.COMMA
    rows: list[PortfolioRow] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def read_portfolio(
    content: bytes, area_code: str | None, leave_empty: bool, sign: DecimalSign | None = None
) -> Reading:
    """Read a file into good rows and refusals, both in the order of the lines.

    :param area_code: DDD of telephone numbers without one
    :param leave_empty: a refused phone, e-mail or birthdate becomes empty, and the row is good
    :param sign: what stands before the cents; None: what all amounts of the file show
    :raise FileError: the file as a whole cannot be read
    :raise PortfolioError: required columns are missing or repeated, or the DDD is none
    """
    table = read_table(content)
    reading = Reading(table, sign or decimal_sign(_amounts(table)))
    counts: defaultdict[str, int] = defaultdict(int)
    for raw in reading.table.rows:
        mapping = reading.table.mapping(raw)
        contract, number = _position(mapping)
        counts[contract] = max(counts[contract], number)
        if reading.table.is_shifted(raw):
            reading.refusals.append(
                Refusal(raw.line, None, ExtraCode.SHIFTED, _extra(reading, raw))
            )
            continue
        row, refusals = _read(mapping, raw.line, area_code, leave_empty, reading.sign)
        reading.refusals += refusals
        if row:
            reading.rows.append(row)
    _refuse_between_rows(reading)
    reading.counts = dict(counts)
    return reading


def _amounts(table: Table) -> Iterator[Cell]:
    for raw in table.rows:
        if not table.is_shifted(raw):
            yield from (cell for name, cell in _canonical(table.mapping(raw)) if name in MONEY)


def _read(mapping, line, area_code, leave_empty, sign) -> tuple[PortfolioRow | None, list[Refusal]]:
    answer = read_row(mapping, line, area_code, sign)
    if isinstance(answer, PortfolioRow):
        return answer, []
    refusals = [_refusal(error) for error in answer]
    if not leave_empty or any(error.column not in OPTIONAL for error in answer):
        return None, refusals
    refused = {error.column for error in answer}
    kept = {header: cell for header, cell in mapping.items() if column_for(header) not in refused}
    row = read_row(kept, line, area_code, sign)
    return row, [_refusal(error, dropped=True) for error in answer]


def _refuse_between_rows(reading: Reading) -> None:
    errors = check_rows(reading.rows)
    refused = {error.line for error in errors}
    reading.rows = [row for row in reading.rows if row.line not in refused]
    reading.refusals = sorted(
        [*reading.refusals, *map(_refusal, errors)], key=lambda refusal: refusal.line
    )


def _refusal(error: RowError, dropped: bool = False) -> Refusal:
    return Refusal(error.line, error.column, error.code, error.value, dropped)


def _position(mapping: dict[str, Cell]) -> tuple[str, int]:
    """Contract of a row and how many installments the row speaks for: 10 for `3/10`, 3 for `3`."""
    cells = dict(_canonical(mapping))
    text = parse_text(cells.get(Column.NUMBER))
    total = _TOTAL.fullmatch(text)
    number = parse_installment_number(text) or 0
    return parse_text(cells.get(Column.CONTRACT)), max(number, int(total[1]) if total else 0)


def _canonical(mapping: dict[str, Cell]) -> Iterator[tuple[Column, Cell]]:
    for header, cell in mapping.items():
        column = column_for(header)
        if column is not None:
            yield column, cell


def _extra(reading: Reading, raw: RawRow) -> str:
    return ", ".join(parse_text(cell) for cell in raw.cells[len(reading.table.headers) :])
