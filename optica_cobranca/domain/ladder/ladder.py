"""The dunning ladder: which level an open installment reaches on a day, or why none.

Source: docs/ladder.md; CDC art. 43 § 1 and Código Civil art. 206 § 5 I (five years).
An offset is in days from the due date: negative before it, 0 on it.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..crediario.late_charges import STOP_AFTER_DAYS
from ..shop.errors import ErrorCode, LadderError
from ..shop.vocabulary import Vocabulary


class HoldReason(Vocabulary):
    """Why an installment stays silent, the most lasting reason first."""

    SETTLED = "settled"
    EXCLUDED = "excluded"
    TIME_BARRED = "time_barred"
    AGENCY = "agency"
    DISPUTE = "dispute"
    AGREEMENT = "agreement"
    PROMISE = "promise"
    PAUSED_CUSTOMER = "paused_customer"
    PAUSED_CONTRACT = "paused_contract"
    PAUSED_INSTALLMENT = "paused_installment"
    DELIVERY = "delivery"


class NoAdvance(Vocabulary):
    """Why an installment that nothing holds does not advance today."""

    NO_LEVEL = "no_level"  # no level of the policy covers this offset
    ALREADY_REACHED = "already_reached"  # this level, or a higher one, has fired
    BELOW_MINIMUM = "below_minimum"  # the level asks for more than the customer owes today


@dataclass(frozen=True, slots=True)
class Level:
    """One rung: `key` identifies it to the caller, `offset_days` says when it fires.

    `min_amount`: it waits while the customer's notice would list less principal than this.
    `only_delivered`: it waits until the glasses of the contract are with the customer.
    """

    key: Hashable
    offset_days: int
    min_amount: Decimal = Decimal(0)
    only_delivered: bool = False


@dataclass(frozen=True, slots=True)
class LevelRange:
    """The offsets, both included, at which a level is the candidate."""

    key: Hashable
    first_offset: int
    last_offset: int
    min_amount: Decimal = Decimal(0)
    only_delivered: bool = False


@dataclass(frozen=True, slots=True)
class InstallmentSnapshot:
    """An open installment on the day of the run.

    `offset`: day of the run less due date. `reached_offset`: the offset of the highest level
    that fired for this due date, None if none did. `hold`: a `HoldReason`, None if nothing
    holds it. `residual`: principal still owed. `undelivered`: the contract's glasses are not with
    the customer yet.
    """

    offset: int
    reached_offset: int | None = None
    hold: str | None = None
    residual: Decimal = Decimal(0)
    undelivered: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The level that fires (`key`, `level_offset`), or the `reason` why none does.

    `min_amount` is what the level that fires asks for; `decide_customer` looks at it.
    """

    key: Hashable | None
    reason: str | None
    level_offset: int | None = None
    min_amount: Decimal = Decimal(0)

    @property
    def is_held(self) -> bool:
        """True when a hold, not the ladder itself, keeps the installment silent."""
        return self.reason in tuple(HoldReason)


def level_ranges(levels: Iterable[Level]) -> list[LevelRange]:
    """The offsets that each level covers, lowest first; gaps are covered by none.

    A level before the due date ends at -1 at the latest, the last one at STOP_AFTER_DAYS.

    :raise LadderError: DUPLICATE_LEVEL (two levels on one offset), LEVEL_AFTER_STOP
    """
    ordered = sorted(levels, key=lambda level: level.offset_days)
    ends = [level.offset_days - 1 for level in ordered[1:]] + [STOP_AFTER_DAYS]
    return [_range(level, end) for level, end in zip(ordered, ends, strict=False)]


def decide(snapshot: InstallmentSnapshot, levels: Iterable[Level]) -> Decision:
    """Whether the installment, taken alone, advances today, and to which level.

    Asked in this order: a hold; more than STOP_AFTER_DAYS past due (stop for good); no level
    at this offset; a level for delivered glasses only; the level or a higher one already reached.
    When several levels were missed only the highest fires.

    :raise LadderError: as `level_ranges` does
    """
    if snapshot.hold:
        return Decision(None, HoldReason(snapshot.hold))
    if snapshot.offset > STOP_AFTER_DAYS:
        return Decision(None, HoldReason.TIME_BARRED)
    found = _range_for(levels, snapshot.offset)
    if found is None:
        return Decision(None, NoAdvance.NO_LEVEL)
    if found.only_delivered and snapshot.undelivered:
        return Decision(None, HoldReason.DELIVERY)
    if snapshot.reached_offset is not None and found.first_offset <= snapshot.reached_offset:
        return Decision(None, NoAdvance.ALREADY_REACHED)
    return Decision(found.key, None, found.first_offset, found.min_amount)


def decide_customer(
    installments: Sequence[tuple[InstallmentSnapshot, Sequence[Level]]],
) -> list[Decision]:
    """What becomes today of each of a customer's installments, in the order given.

    Beyond `decide`: a level that asks for a minimum waits (BELOW_MINIMUM) while the principal of
    everything that a notice of today would list, were there no minimums, is below it. No lower
    level takes its place; the installment advances on the day the total suffices.
    """
    alone = [decide(snapshot, levels) for snapshot, levels in installments]
    total = sum(
        snapshot.residual
        for (snapshot, _levels), decision in zip(installments, alone, strict=True)
        if is_listed(snapshot, decision)
    )
    return [
        Decision(None, NoAdvance.BELOW_MINIMUM) if decision.min_amount > total else decision
        for decision in alone
    ]


def merge(decisions: Iterable[Decision]) -> Decision | None:
    """The decision that names a customer's one notice: the highest level that fires today.

    On a tie (two policies) the first one given wins: give them by due date, then identity.
    None when nothing advances: no notice.
    """
    firing = [decision for decision in decisions if decision.level_offset is not None]
    return max(firing, key=lambda decision: decision.level_offset, default=None)


def is_listed(snapshot: InstallmentSnapshot, decision: Decision) -> bool:
    """True when a notice to the customer mentions this installment.

    It does when the installment advances, and when it is overdue and nothing holds it: pausing
    one installment silences that one only.
    """
    return decision.level_offset is not None or (snapshot.offset > 0 and not decision.is_held)


def _range(level: Level, last: int) -> LevelRange:
    first = level.offset_days
    if first > STOP_AFTER_DAYS:
        raise LadderError(ErrorCode.LEVEL_AFTER_STOP, offset_days=first, limit=STOP_AFTER_DAYS)
    if last < first:
        raise LadderError(ErrorCode.DUPLICATE_LEVEL, offset_days=first)
    last = min(last, -1) if first < 0 else last
    return LevelRange(level.key, first, last, level.min_amount, level.only_delivered)


def _range_for(levels: Iterable[Level], offset: int) -> LevelRange | None:
    for covered in level_ranges(levels):
        if covered.first_offset <= offset <= covered.last_offset:
            return covered
    return None


def due_or_next(dues: Mapping[Hashable, date], on: date) -> list[Hashable]:
    """Keys of the open installments that a customer is asked for on a day, by their due dates.

    What is due until then, and late; when nothing is, what comes due next.
    """
    asked_for = [key for key, due in dues.items() if due <= on]
    coming = min(dues.values(), default=on)
    return asked_for or [key for key, due in dues.items() if due == coming]
