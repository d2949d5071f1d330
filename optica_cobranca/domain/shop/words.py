"""Amounts and dates as Brazilians write them, whatever the language of who is logged in.

For texts to customers, letters and files. What people read on their own screen is written in
their language: ``res.currency._text`` and Odoo's own formats of dates.
"""

from datetime import date, datetime
from decimal import Decimal

from .money import cents


def reais(amount: Decimal) -> str:
    """1234.5 -> ``R$ 1.234,50``."""
    text = f"{cents(amount):,.2f}"
    return "R$ " + text.replace(",", " ").replace(".", ",").replace(" ", ".")


def day_text(day: date) -> str:
    """The day as dd/mm/yyyy."""
    return f"{day:%d/%m/%Y}"


def short_day_text(day: date, on: date) -> str:
    """dd/mm, with the year when it is not that of ``on``."""
    return f"{day:%d/%m}" if day.year == on.year else day_text(day)


def moment_text(instant: datetime) -> str:
    """Day, hour and minute, on the clock that the instant shows."""
    return f"{instant:%d/%m/%Y %H:%M}"
