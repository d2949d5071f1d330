"""CSV files that other people's spreadsheets open: no cell is ever run as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from .words import day_text, moment_text

# A cell that starts with one of these is a formula to a spreadsheet (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def safe_cell(value: object, *, brazilian: bool = False) -> str:
    """A cell's text: dates as ISO 8601 and amounts with a point, or both as Brazilians write them.

    Text that would start a formula gets an apostrophe in front of it; numbers are numbers.
    """
    if value is None or value is False:
        return ""
    if isinstance(value, datetime):
        return moment_text(value) if brazilian else value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return day_text(value) if brazilian else value.isoformat()
    if isinstance(value, Decimal | float):
        amount = f"{value:.2f}"
        return amount.replace(".", ",") if brazilian else amount
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\x00", "")
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def csv_file(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, brazilian: bool = False
) -> bytes:
    """A file with one heading row: `;` between cells, CRLF, UTF-8 with mark (as Excel wants)."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(value, brazilian=brazilian) for value in row])
    return text.getvalue().encode("utf-8-sig")
