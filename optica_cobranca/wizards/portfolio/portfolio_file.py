"""A portfolio file, CSV or XLSX, as rows of cells with their line numbers. No ORM."""

import contextlib
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ...domain.portfolio.portfolio import DATES, column_for, read_header
from ...domain.portfolio.portfolio_cells import Cell, serial_date
from ...domain.shop.errors import PortfolioError
from ...domain.shop.vocabulary import Vocabulary

MAX_BYTES = 25 * 1024 * 1024
# 50,000 rows of ten long cells unpack to about 40 MB.
MAX_UNPACKED_BYTES = 120 * 1024 * 1024
MAX_ROWS = 50_000
MAX_LINES = 4 * MAX_ROWS  # blank ones included
MAX_COLUMNS = 256

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DELIMITERS = (";", ",", "\t", "|")
_YEAR_1904 = 1904
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class FileCode(Vocabulary):
    """Why a file as a whole was refused."""

    EMPTY = "empty"
    TOO_BIG = "too_big"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    OLD_EXCEL = "old_excel"
    UNREADABLE = "unreadable"


class FileError(ValueError):
    """The file as a whole cannot be read; `code` is a `FileCode`."""

    def __init__(self, code: FileCode) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row below the header: its line in the file (from 1), and its cells."""

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Headers in the order of the file, and the rows that are not blank."""

    headers: tuple[str, ...]
    rows: tuple[RawRow, ...]
    separated: bool  # by characters (CSV), where columns may slip; not a workbook
    since_1904: bool = False  # how a workbook counts days

    def mapping(self, row: RawRow) -> dict[str, Cell]:
        """Header to cell of one row, understood columns only; missing cells are None."""
        cells = [*row.cells, *([None] * (len(self.headers) - len(row.cells)))]
        return {
            header: self._day(header, cell)
            for header, cell in zip(self.headers, cells, strict=False)
            if column_for(header) is not None
        }

    def _day(self, header: str, cell: Cell) -> Cell:
        """A date that the workbook keeps as a bare number, as the day it means there."""
        is_number = isinstance(cell, (int, float)) and not isinstance(cell, bool)
        if not (self.since_1904 and is_number and column_for(header) in DATES):
            return cell
        return serial_date(cell, since_1904=True) or cell

    def header_of(self, column: str) -> str:
        """What the file calls a canonical column; empty when it has none."""
        return next((header for header in self.headers if column_for(header) == column), "")

    def is_shifted(self, row: RawRow) -> bool:
        """Whether columns slipped: a row of a CSV file has more cells than there are headers.

        Typical of `1.234,56` without quotes in a file separated by commas.
        """
        return self.separated and any(
            not _is_blank(cell) for cell in row.cells[len(self.headers) :]
        )


def read_table(content: bytes) -> Table:
    """The table in a CSV file (`;`, `,`, tab or `|`; UTF-8, UTF-16 or Latin-1) or an XLSX file.

    The first row that is not blank is the header; of a workbook the first sheet is read.

    :raise FileError: it cannot be read
    :raise PortfolioError: required columns are missing or repeated
    """
    if len(content) > MAX_BYTES:
        raise FileError(FileCode.TOO_BIG)
    if content.startswith(_OLD_OFFICE):
        raise FileError(FileCode.OLD_EXCEL)
    separated = not content.startswith(_ZIP)
    since_1904 = False
    if separated:
        rows = _csv_rows(_decoded(content))
    else:
        workbook = _workbook(content)
        since_1904 = workbook.epoch.year == _YEAR_1904
        rows = _xlsx_rows(workbook)
    kept = (row for row in rows if not all(_is_blank(cell) for cell in row.cells))
    header = next(kept, None)
    if header is None:
        raise FileError(FileCode.EMPTY)
    table = []
    for row in kept:
        if len(table) == MAX_ROWS:
            raise FileError(FileCode.TOO_MANY_ROWS)
        table.append(row)
    if not table:
        raise FileError(FileCode.EMPTY)
    headers = _headers(header.cells)
    read_header(headers)
    return Table(headers, tuple(table), separated, since_1904)


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _headers(cells: Sequence[Cell]) -> tuple[str, ...]:
    headers = ["" if cell is None else " ".join(str(cell).split()) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    return tuple(headers)


def _decoded(content: bytes) -> str:
    """The text of the file. Brazilian systems write UTF-8 or Windows' kind of Latin-1."""
    if content.startswith(_UTF16_MARKS):
        return content.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _csv_rows(text: str) -> Iterator[RawRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    line = 1
    try:
        for cells in reader:
            # A quoted cell may span lines: the row is known by the line it starts on.
            yield RawRow(line, _narrow(cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileError(FileCode.UNREADABLE) from error


def _delimiter(text: str) -> str:
    """The separator with which the header names most columns that are understood."""
    header = next((line for line in text.splitlines() if line.strip(' \t;,|"')), "")

    def understood(delimiter: str) -> int:
        cells = next(csv.reader([header], delimiter=delimiter), [])
        return sum(column_for(cell) is not None for cell in cells)

    return max(_DELIMITERS, key=understood)


def _workbook(content: bytes) -> Workbook:
    """A workbook opened for reading row by row.

    :raise FileError: what it unpacks to is too big, or it is none
    """
    with _unreadable():
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise FileError(FileCode.TOO_BIG)
        return load_workbook(io.BytesIO(content), read_only=True, data_only=True)


def _xlsx_rows(workbook: Workbook) -> Iterator[RawRow]:
    with _unreadable():
        sheet = workbook.worksheets[0]
        # Some programs write a wrong size of the sheet, by which reading would stop early.
        sheet.reset_dimensions()
        # A single cell far down or far right makes a few bytes stand for billions of cells.
        rows = sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True)
        for line, cells in enumerate(rows, start=1):
            if line > MAX_LINES:
                raise FileError(FileCode.TOO_MANY_ROWS)
            yield RawRow(line, _narrow(cells))


def _narrow(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells of a row; raises `FileError` when there are more than columns may be."""
    if any(not _is_blank(cell) for cell in cells[MAX_COLUMNS:]):
        raise FileError(FileCode.TOO_MANY_COLUMNS)
    return tuple(cells[:MAX_COLUMNS])


@contextlib.contextmanager
def _unreadable() -> Iterator[None]:
    """What the library says of a broken file is ours to say."""
    try:
        yield
    except (FileError, PortfolioError):
        raise
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError) as error:
        raise FileError(FileCode.UNREADABLE) from error
