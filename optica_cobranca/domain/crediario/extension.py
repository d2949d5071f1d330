"""Moving a due date: is it within the policy, and what becomes of the charges owed until then.

Source: docs/money.md, "Extensions"; CDC art. 52 § 1 (one fine of at most
2 % for one installment, however often its date is moved).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from ..shop.errors import ErrorCode, ExtensionError
from ..shop.money import ZERO
from ..shop.vocabulary import Vocabulary
from .late_charges import AmountToday, Payment

# Beyond this nobody speaks of the same debt any more: an agreement makes a new one of it.
LONGEST_MONTHS = 24
LONGEST_DAYS = 731


class ExtensionReason(Vocabulary):
    """Why an extension needs somebody with more rights than the one who grants it."""

    DAYS = "days"  # this extension is longer than the limit
    NUMBER = "number"  # moved too often
    TOTAL_DAYS = "total_days"  # too far from the original date
    WAIVER = "waiver"  # charges would be waived without the right to


@dataclass(frozen=True, slots=True)
class ExtensionLimits:
    """What may be granted without approval; None means without limit.

    `max_days` from the date as it stands to the new one, `max_number` of extensions of one
    installment, `max_total_days` from its original date. `may_waive`: whether charges owed may
    be waived.
    """

    max_days: int | None = None
    max_number: int | None = None
    max_total_days: int | None = None
    may_waive: bool = True


@dataclass(frozen=True, slots=True)
class ExtensionState:
    """An installment's dates before the extension, and how often they were moved already."""

    original_due: date
    current_due: date
    times_moved: int = 0


@dataclass(frozen=True, slots=True)
class KeptCharges:
    """Fine and interest that an extension of day `since` did not waive, BRL, as known then.

    As they were when that day began: what was paid on it, before or after the extension was
    made, counts against them. For the record: what is owed later is worked out from the whole
    history (`late_charges.amount_today`), for earlier payments may still turn up.
    """

    since: date
    fine: Decimal = ZERO
    interest: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension worked out.

    `days` from the date as it stood, `total_days` from the original one. `waived` is what the
    installment's history must carry from now on, None when nothing is waived; `kept` is what
    stayed owed beside whatever the new date brings. `reasons` say why approval is needed.
    """

    new_due: date
    days: int
    total_days: int
    waived: Payment | None
    kept: KeptCharges
    reasons: tuple[ExtensionReason, ...]

    @property
    def needs_approval(self) -> bool:
        """Whether someone with more rights must say yes."""
        return bool(self.reasons)


def latest_new_due(current_due: date, on: date) -> date:
    """The last day that anybody may move a due date to on day `on`, whatever their rights."""
    return max(current_due, on) + relativedelta(months=LONGEST_MONTHS)


def shifted(due: date, months: int = 0, days: int = 0) -> date:
    """`due` moved by whole months (clamped to the month's end) or by days: one of the two.

    :raise ExtensionError: SHIFT_OUT_OF_RANGE when it goes back, nowhere, or too far
    """
    for shift, longest in ((months, LONGEST_MONTHS), (days, LONGEST_DAYS)):
        if not 0 <= shift <= longest:
            raise ExtensionError(ErrorCode.SHIFT_OUT_OF_RANGE, shift=shift, longest=longest)
    if not (months or days):
        raise ExtensionError(ErrorCode.SHIFT_OUT_OF_RANGE, shift=0, longest=LONGEST_MONTHS)
    return due + relativedelta(months=months) + timedelta(days=days)


def months_until_later(due: date, on: date) -> int:
    """The fewest months that move `due` beyond day `on`; at least one, at most the longest."""
    enough = (n for n in range(1, LONGEST_MONTHS) if due + relativedelta(months=n) > on)
    return next(enough, LONGEST_MONTHS)


def check_extension(
    state: ExtensionState,
    new_due: date,
    on: date,
    owed: AmountToday,
    limits: ExtensionLimits,
    *,
    waive: bool,
    payments: Sequence[Payment] = (),
) -> Extension:
    """Move an installment's due date to `new_due` on day `on`.

    `owed` is its amount on that day (BRL), `payments` the history that led to it. With `waive`
    its fine and interest are waived up to the new date, otherwise they are kept as they are. From
    `on` to the new date nothing accrues.

    :raise ExtensionError: NEW_DUE_NOT_LATER, NEW_DUE_IN_PAST (today gives nobody any time),
        NEW_DUE_TOO_FAR
    """
    _check_new_due(state.current_due, new_due, on)
    waives = waive and (owed.fine > 0 or owed.interest > 0)
    days = (new_due - state.current_due).days
    total_days = (new_due - state.original_due).days
    checks = {
        ExtensionReason.DAYS: _exceeds(days, limits.max_days),
        ExtensionReason.NUMBER: _exceeds(state.times_moved + 1, limits.max_number),
        ExtensionReason.TOTAL_DAYS: _exceeds(total_days, limits.max_total_days),
        ExtensionReason.WAIVER: waives and not limits.may_waive,
    }
    return Extension(
        new_due=new_due,
        days=days,
        total_days=total_days,
        waived=(
            Payment(
                on,
                ZERO,
                waived_interest=max(owed.interest, ZERO),
                waived_fine=max(owed.fine, ZERO),
            )
            if waives
            else None
        ),
        kept=KeptCharges(on) if waives else _kept(on, owed, payments),
        reasons=tuple(reason for reason, applies in checks.items() if applies),
    )


def _check_new_due(current_due: date, new_due: date, on: date) -> None:
    if new_due <= current_due:
        raise ExtensionError(ErrorCode.NEW_DUE_NOT_LATER, new_due=new_due, current_due=current_due)
    if new_due <= on:
        raise ExtensionError(ErrorCode.NEW_DUE_IN_PAST, new_due=new_due, today=on)
    latest = latest_new_due(current_due, on)
    if new_due > latest:
        raise ExtensionError(ErrorCode.NEW_DUE_TOO_FAR, new_due=new_due, latest=latest)


def _kept(on: date, owed: AmountToday, payments: Sequence[Payment]) -> KeptCharges:
    today = [payment for payment in payments if payment.on == on]
    return KeptCharges(
        on,
        owed.fine + sum((p.fine + p.waived_fine for p in today), ZERO),
        owed.interest + sum((p.interest + p.waived_interest for p in today), ZERO),
    )


def _exceeds(value: int, limit: int | None) -> bool:
    return limit is not None and value > limit
