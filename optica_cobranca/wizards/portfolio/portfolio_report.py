"""The refused rows of a portfolio file as a CSV file that can be corrected and imported."""

import base64
import csv
import io
from collections import defaultdict
from datetime import date, datetime

from ...domain.portfolio.portfolio import parse_money
from ...domain.portfolio.portfolio_cells import Cell
from ...domain.shop.errors import PortfolioError
from ...domain.shop.words import day_text
from .portfolio_reading import Reading

# A spreadsheet would run these as a formula, and the file comes from somebody else's system.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def problem_file(env, reading: Reading, problems: list[dict]) -> bytes | bool:
    """The refused rows with line and reason, base64, `;` and UTF-8 with mark; False if none.

    :param problems: values of ``crediario.portfolio.import.problem``
    """
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    for problem in problems:
        if problem["kind"] == "error":
            where = f"{problem['column']}: " if problem["column"] else ""
            reasons[problem["line"]].append(where + problem["reason"])
    if not reasons:
        return False
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    headers = [_text(header) for header in reading.table.headers]
    writer.writerow([*headers, env._("Line in the file"), env._("Reason")])
    width = len(reading.table.headers)
    for row in reading.table.rows:
        if row.line in reasons:
            cells = [_text(cell) for cell in row.cells[:width]]
            cells += [""] * (width - len(cells))
            writer.writerow([*cells, row.line, " ".join(reasons[row.line])])
    return base64.b64encode(text.getvalue().encode("utf-8-sig"))


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return day_text(cell)
    text = str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) and not _is_amount(text) else text


def _is_amount(text: str) -> bool:
    """Negative amounts and phones with a plus are no formulas."""
    try:
        parse_money(text.lstrip("+").replace(" ", ""))
    except PortfolioError:
        return False
    return True
