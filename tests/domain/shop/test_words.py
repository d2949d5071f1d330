from datetime import date, datetime
from decimal import Decimal

import pytest

from odoo.addons.optica_cobranca.domain.shop.words import (
    day_text,
    moment_text,
    reais,
    short_day_text,
)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "R$ 0,00"),
        ("0.005", "R$ 0,01"),
        ("999.99", "R$ 999,99"),
        ("1234.5", "R$ 1.234,50"),
        ("1234567.891", "R$ 1.234.567,89"),
        ("-1234.5", "R$ -1.234,50"),
    ],
)
def test_reais(amount, text):
    assert reais(Decimal(amount)) == text


def test_days():
    day = date(2026, 3, 5)
    assert day_text(day) == "05/03/2026"
    assert short_day_text(day, date(2026, 12, 31)) == "05/03"
    assert short_day_text(day, date(2025, 12, 31)) == "05/03/2026"
    assert moment_text(datetime(2026, 3, 5, 9, 7, 59)) == "05/03/2026 09:07"
