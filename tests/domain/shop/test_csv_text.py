import csv
import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.shop.csv_text import csv_file, safe_cell

FORMULA = ("=", "+", "-", "@", "|", "%")


@pytest.mark.parametrize(
    ("value", "iso", "brazilian"),
    [
        (None, "", ""),
        (False, "", ""),
        (0, "0", "0"),
        (date(2026, 3, 9), "2026-03-09", "09/03/2026"),
        (datetime(2026, 3, 9, 8, 5), "2026-03-09 08:05:00", "09/03/2026 08:05"),
        (Decimal("1234.50"), "1234.50", "1234,50"),
        (-2.5, "-2.50", "-2,50"),
        ("Maria", "Maria", "Maria"),
        ("=1+1", "'=1+1", "'=1+1"),
        ("  @SUM(A1)", "'  @SUM(A1)", "'  @SUM(A1)"),
        ("-2+3", "'-2+3", "'-2+3"),
        ("\tx", "\tx", "\tx"),
    ],
)
def test_cells(value, iso, brazilian):
    assert safe_cell(value) == iso
    assert safe_cell(value, brazilian=True) == brazilian


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_nothing_is_a_formula_and_nothing_is_lost(rows):
    content = csv_file(("a", "b"), rows).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(content, newline=""), delimiter=";"))
    assert len(read) == len(rows) + 1
    for cells, given_cells in zip(read[1:], rows, strict=True):
        for cell, text in zip(cells, given_cells, strict=True):
            assert not cell.lstrip().startswith(FORMULA)
            assert cell.removeprefix("'") == text.replace("\x00", "").removeprefix("'")


@pytest.mark.parametrize(
    ("options", "row"),
    [
        ({}, "2026-03-09;1234.50;12"),
        ({"brazilian": True}, "09/03/2026;1234,50;12"),
    ],
)
def test_a_file_as_excel_opens_it(options, row):
    content = csv_file(("dia", "valor", "nº"), [(date(2026, 3, 9), 1234.5, 12)], **options)
    assert content == b"\xef\xbb\xbf" + f"dia;valor;nº\r\n{row}\r\n".encode()
