"""What the cashier decided, before it is booked: plain values, no ORM rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ...domain.crediario.late_charges import AmountToday
from ...domain.shop.money import ZERO


@dataclass(frozen=True, slots=True)
class Method:
    """One way of paying: a journal (record), BRL handed over, and its payment method line."""

    journal: Any
    amount: Decimal
    method_line: Any = None

    @property
    def gives_change(self) -> bool:
        """Only cash comes back over the counter."""
        return self.journal.type == "cash"


@dataclass(frozen=True, slots=True)
class Waiver:
    """Late charges forgiven of one installment, BRL."""

    fine: Decimal = ZERO
    interest: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """BRL."""
        return self.fine + self.interest


@dataclass(frozen=True, slots=True)
class ReceivingOrder:
    """Everything but the installments themselves; mappings are by line id.

    ``expected``: the amounts that the cashier saw; others found at booking refuse the order.
    ``counted``: what somebody else, the bank, counted of the day; booked in place of our own count.
    ``reductions`` of principal and ``rule``, the sentence that says why they are granted.
    ``by_person``: a user chose the day; False: the bank or another system did, and is trusted.
    """

    on: date
    methods: tuple[Method, ...]
    waivers: Mapping[int, Waiver] = field(default_factory=dict)
    waiver_reason: str = ""
    reductions: Mapping[int, Decimal] = field(default_factory=dict)
    rule: str = ""
    expected: Mapping[int, AmountToday] = field(default_factory=dict)
    memo: str = ""
    counted: Mapping[int, AmountToday] = field(default_factory=dict)
    by_person: bool = False
