"""What a shop gives up of a debt: how much each role may, and when a date is a gift.

Whatever leaves a debt other than by money received is forgiven: charges waived, a reduction, a
write-off, a credit note, a discount, a cancelled contract. Money that is entered later than it
came counts as of the day it came, for some days; beyond them, or where it lowers the charges by
more than may be waived, the earlier day is a waiver.

Source: docs/security.md, "What may be forgiven"; Código Civil art. 385 (remission).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..shop.errors import ErrorCode, ForgivenessError
from ..shop.money import ZERO, cents
from ..shop.vocabulary import Vocabulary

_WHOLE = Decimal(100)


class Role(Vocabulary):
    """Who forgives, for the limits."""

    CASHIER = "cashier"
    COLLECTOR = "collector"
    MANAGER = "manager"
    CUSTOMER = "customer"
    SYSTEM = "system"


class Door(Vocabulary):
    """By what a debt was forgiven."""

    WAIVER = "waiver"
    DATE = "date"
    REDUCTION = "reduction"
    WRITE_OFF = "write_off"
    CREDIT_NOTE = "credit_note"
    EXTENSION = "extension"
    AGREEMENT = "agreement"
    REPRICED = "repriced"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Debt:
    """BRL: principal of installments, and the fine and interest on them."""

    principal: Decimal = ZERO
    charges: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """BRL."""
        return self.principal + self.charges

    def __add__(self, other: "Debt") -> "Debt":
        return Debt(self.principal + other.principal, self.charges + other.charges)


@dataclass(frozen=True, slots=True)
class ForgivenessLimits:
    """Percent of charges and of principal at hand that may be forgiven, and days back of a date."""

    charges_percent: Decimal = ZERO
    principal_percent: Decimal = ZERO
    days_back: int = 0

    def within(self, owed: Debt) -> Debt:
        """The most that may be forgiven of `owed`, in whole cents."""
        return Debt(
            cents(owed.principal * self.principal_percent / _WHOLE),
            cents(owed.charges * self.charges_percent / _WHOLE),
        )


def split(amount: Decimal, owed: Debt) -> Debt:
    """`amount` (BRL) forgiven of a debt as a whole: charges first, principal for the rest."""
    charges = min(max(amount, ZERO), owed.charges)
    return Debt(max(amount, ZERO) - charges, charges)


def check_forgiveness(forgiven: Debt, owed: Debt, limits: ForgivenessLimits, reason: str) -> None:
    """Raise unless `forgiven` of what is `owed` (as of today) is within `limits` and has a reason.

    Nothing forgiven needs nothing.

    :raise ForgivenessError: REASON_MISSING, or FORGIVEN_ABOVE_LIMIT with the most of charges and
        principal
    """
    if not forgiven.total:
        return
    if not reason.strip():
        raise ForgivenessError(ErrorCode.REASON_MISSING)
    most = limits.within(owed)
    if forgiven.charges > most.charges or forgiven.principal > most.principal:
        raise ForgivenessError(
            ErrorCode.FORGIVEN_ABOVE_LIMIT, charges=most.charges, principal=most.principal
        )


def forgiven_by_date(
    on: date,
    known: date,
    charges_on: Decimal,
    charges_known: Decimal,
    limits: ForgivenessLimits,
) -> Decimal:
    """Charges (BRL) that are waived by money of day `on` which became known on day `known`.

    `charges_on` and `charges_known` are the charges as of these days. Nothing is waived within
    `limits.days_back`, as long as the charges fall by no more than may be waived.

    :raise ForgivenessError: DATE_IN_FUTURE when `on` is after `known`
    """
    if on > known:
        raise ForgivenessError(ErrorCode.DATE_IN_FUTURE, on=on, today=known)
    lowered = max(charges_known - charges_on, ZERO)
    most = limits.within(Debt(charges=charges_known)).charges
    if (known - on).days <= limits.days_back and lowered <= most:
        return ZERO
    return lowered


def without_money(credited: Decimal, charges: Decimal, money: Decimal) -> Decimal:
    """Part (0 to 1 and above) of what an entry takes off debts that no money stands for.

    `credited`: what the entry credits to customers, `charges`: to fine and interest; `money`: what
    came in. A write-off may exceed what it closes, by the charges it forgives with it.
    """
    if credited <= ZERO:
        return ZERO
    return max(credited + charges - money, ZERO) / credited
