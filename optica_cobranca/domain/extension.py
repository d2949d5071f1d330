"""Moving a due date: is it within the policy, and what becomes of the charges owed until then.

Source: design, "Promise, dispute, extension, agreement"; CDC art. 52 § 1 (one fine of at most
2 % for one installment, however often its date is moved).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from .business_days import BusinessCalendar
from .errors import ErrorCode, ExtensionError
from .late_charges import AmountToday, ChargeTerms, Payment, amount_today
from .money import ZERO
from .vocabulary import Vocabulary


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
    """Fine and interest that an extension of day `since` did not waive, BRL.

    As they were when that day began: what was paid on it, before or after the extension was
    made, counts against them.
    """

    since: date
    fine: Decimal = ZERO
    interest: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension worked out.

    `days` from the date as it stood, `total_days` from the original one. `waived` is what the
    installment's history must carry from now on, None when nothing is waived; `kept` is what
    stays owed beside whatever the new date brings (see `amount_after_extension`). `reasons` say
    why approval is needed.
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
    Raises `ExtensionError`: NEW_DUE_NOT_LATER, NEW_DUE_IN_PAST.
    """
    _check_new_due(state.current_due, new_due, on)
    waives = waive and bool(owed.fine or owed.interest)
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
            Payment(on, ZERO, waived_interest=owed.interest, waived_fine=owed.fine)
            if waives
            else None
        ),
        kept=KeptCharges(on) if waives else _kept(on, owed, payments),
        reasons=tuple(reason for reason, applies in checks.items() if applies),
    )


def amount_after_extension(
    principal: Decimal,
    due: date,
    terms: ChargeTerms,
    on: date,
    calendar: BusinessCalendar,
    payments: Sequence[Payment],
    kept: KeptCharges,
) -> AmountToday:
    """What is owed on day `on` of an installment whose due date was moved to `due`, BRL.

    The same as `amount_today` by the new date, plus the charges that its latest extension kept
    (those of earlier ones are among them). Payments since then cover kept interest before any
    other. The fine is charged once: the kept one, or the new date's where that is greater.
    Before the day of the extension nothing is known of it: ask by the former date instead.
    """
    later, interest_left = _cover_interest(kept, [p for p in payments if p.on <= on])
    amount = amount_today(principal, due, terms, on, calendar, later)
    fine_paid = sum((p.fine + p.waived_fine for p in later if p.on >= kept.since), ZERO)
    fine = max(amount.fine, kept.fine - fine_paid)
    interest = amount.interest + interest_left
    return replace(amount, fine=fine, interest=interest, total=amount.principal + fine + interest)


def _check_new_due(current_due: date, new_due: date, on: date) -> None:
    if new_due <= current_due:
        raise ExtensionError(ErrorCode.NEW_DUE_NOT_LATER, new_due=new_due, current_due=current_due)
    if new_due < on:
        raise ExtensionError(ErrorCode.NEW_DUE_IN_PAST, new_due=new_due, today=on)


def _kept(on: date, owed: AmountToday, payments: Sequence[Payment]) -> KeptCharges:
    today = [payment for payment in payments if payment.on == on]
    return KeptCharges(
        on,
        owed.fine + sum((p.fine + p.waived_fine for p in today), ZERO),
        owed.interest + sum((p.interest + p.waived_interest for p in today), ZERO),
    )


def _cover_interest(
    kept: KeptCharges, payments: Sequence[Payment]
) -> tuple[list[Payment], Decimal]:
    """The payments less what they paid or waived of kept interest, and what is left of that."""
    left = kept.interest
    rest = []
    for payment in sorted(payments, key=lambda p: p.on):
        if payment.on >= kept.since:
            paid = min(left, payment.interest)
            waived = min(left - paid, payment.waived_interest)
            left -= paid + waived
            beyond = payment.interest - paid
            waived_beyond = payment.waived_interest - waived
            rest.append(replace(payment, interest=beyond, waived_interest=waived_beyond))
        else:
            rest.append(payment)
    return rest, left


def _exceeds(value: int, limit: int | None) -> bool:
    return limit is not None and value > limit
