"""What a received Pix means: which debt it pays, or why a person has to look.

Source: docs/pix.md; Banco Central do Brasil, API Pix 2.9.0 (componentesValor). The bank's own
components are taken as they are, never counted again: how a bank spreads monthly interest over
days is not defined (only without components, our own rules fill the gap).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..shop.money import ZERO, cents
from ..shop.vocabulary import Vocabulary
from .pix_charge import Part


class Verdict(Vocabulary):
    """What a received Pix is."""

    EXACT = "exact"  # pays what was asked
    WRONG_AMOUNT = "wrong_amount"  # another amount, or the debt has changed meanwhile
    PAID_TWICE = "paid_twice"  # everything it names was paid before
    AFTER_AGREEMENT = "after_agreement"  # what it names was renegotiated
    NOT_OWED = "not_owed"  # its contract is a draft again, or its agreement came to nothing
    UNKNOWN_TXID = "unknown_txid"  # names nothing of ours


@dataclass(frozen=True, slots=True)
class Received:
    """The money, BRL, and what the bank says it consists of (None: it says nothing)."""

    amount: Decimal
    original: Decimal | None = None
    fine: Decimal = ZERO
    interest: Decimal = ZERO
    discount: Decimal = ZERO
    abatement: Decimal = ZERO

    @property
    def has_components(self) -> bool:
        """Do the bank's components add up to the money?"""
        return self.original is not None and cents(self.amount) == cents(
            self.original + self.fine + self.interest - self.discount - self.abatement
        )


@dataclass(frozen=True, slots=True)
class Debt:
    """One installment that the charge asks for.

    `asked`: its part of the charge; `open_principal`: what is open of it now, BRL;
    `renegotiated`: an agreement has replaced it, or is about to; `withdrawn`: what it was part of
    was cancelled.
    """

    key: Hashable
    asked: Part
    open_principal: Decimal
    renegotiated: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict, and for EXACT what to book of each installment."""

    verdict: Verdict
    parts: tuple[Part, ...] = ()


def judge(received: Received, debts: Sequence[Debt], *, bank_counts: bool = False) -> Finding:
    """What a Pix is that names these debts (none: its txid is unknown).

    `bank_counts`: the charge had a due date, so the amount is the bank's own count of that day and
    the payer could not change it; otherwise the amount has to be the one that was asked.
    """
    if not debts:
        return Finding(Verdict.UNKNOWN_TXID)
    if any(debt.renegotiated for debt in debts):
        return Finding(Verdict.AFTER_AGREEMENT)
    if any(debt.withdrawn for debt in debts):
        return Finding(Verdict.NOT_OWED)
    if not any(debt.open_principal > ZERO for debt in debts):
        return Finding(Verdict.PAID_TWICE)
    if any(debt.open_principal != debt.asked.principal for debt in debts):
        return Finding(Verdict.WRONG_AMOUNT)
    if bank_counts and len(debts) == 1:
        part = _as_the_bank_says(received, debts[0].asked)
        return Finding(Verdict.EXACT, (part,)) if part else Finding(Verdict.WRONG_AMOUNT)
    asked = sum((debt.asked.total for debt in debts), ZERO)
    if cents(received.amount) != cents(asked):
        return Finding(Verdict.WRONG_AMOUNT)
    return Finding(Verdict.EXACT, tuple(debt.asked for debt in debts))


def _as_the_bank_says(received: Received, asked: Part) -> Part | None:
    """The installment's part by the bank's components; None when they cannot be its payment."""
    if received.has_components:
        reduction = cents(received.discount + received.abatement)
        if received.original != asked.principal or reduction >= asked.principal:
            return None
        return Part(
            asked.key, asked.principal, cents(received.fine), cents(received.interest), reduction
        )
    surplus = cents(received.amount) - asked.principal
    if surplus >= ZERO:
        fine = min(surplus, asked.fine)
        return Part(asked.key, asked.principal, fine, surplus - fine)
    return (
        Part(asked.key, asked.principal, reduction=-surplus)
        if -surplus == asked.reduction
        else None
    )
