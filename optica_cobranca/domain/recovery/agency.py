"""Debts with a collection agency: what came in since the hand-over, and the agency's share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..crediario.late_charges import Payment
from ..shop.money import ZERO, cents


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was paid since the hand-over (principal and charges), the last day, the commission."""

    paid: Decimal
    last_on: date | None
    commission: Decimal


def recovery(payments: Iterable[Payment], since: date, percent: Decimal) -> Recovery:
    """The payments from `since` on, that day included, and `percent` of their sum in cents."""
    counted = [payment for payment in payments if payment.on >= since]
    paid = sum((p.principal + p.interest + p.fine for p in counted), ZERO)
    last_on = max((payment.on for payment in counted), default=None)
    return Recovery(paid, last_on, cents(paid * percent / 100))
