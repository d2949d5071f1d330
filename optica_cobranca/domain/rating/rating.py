"""Behaviour rating: what a customer's payments say, as points per rule and one letter.

Source: docs/ladder.md, "The rating". The figures are the shop's own records only; nothing older
than five years counts (CDC art. 43 § 1), and health data never does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from dateutil.relativedelta import relativedelta

from ..ladder.ladder import STOP_AFTER_DAYS
from ..shop.vocabulary import Vocabulary

# An installment paid this many days after its due date is on time: weekend, holiday, clearing.
ON_TIME_DAYS = 3
# How far back punctuality and promises count, and the worst delay.
WINDOW_MONTHS = 24
WORST_DELAY_MONTHS = 12
# Fewer installments than these say nothing, unless one of them is this late.
ENOUGH_INSTALLMENTS = 3
LATE_ENOUGH_DAYS = 30


class Rule(Vocabulary):
    """What is looked at, in the order in which it is shown."""

    ON_TIME = "on_time"  # per cent of the installments paid on time
    AVERAGE_DELAY = "average_delay"  # days, over all installments that came due
    WORST_DELAY = "worst_delay"  # days, the worst of twelve months
    BROKEN_PROMISES = "broken_promises"  # number
    RELATIONSHIP = "relationship"  # whole months since the first contract
    EXPOSURE = "exposure"  # per cent: what is open, of what was paid back so far


class Letter(Vocabulary):
    """The rating, best first."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


# Points of each rule: (limit, points). At least the limit earns them where more is better, at
# most the limit where less is better; the first row that fits counts, none gives 0. Sum: 100.
MORE_IS_BETTER: Mapping[Rule, tuple[tuple[int, int], ...]] = {
    Rule.ON_TIME: ((95, 35), (85, 28), (70, 20), (50, 10)),
    Rule.RELATIONSHIP: ((24, 10), (12, 7), (6, 4), (3, 2)),
}
LESS_IS_BETTER: Mapping[Rule, tuple[tuple[int, int], ...]] = {
    Rule.AVERAGE_DELAY: ((1, 20), (5, 15), (10, 10), (20, 5)),
    Rule.WORST_DELAY: ((5, 20), (15, 14), (30, 8), (60, 3)),
    Rule.BROKEN_PROMISES: ((0, 10), (1, 5)),
    Rule.EXPOSURE: ((100, 5), (300, 3)),
}


@dataclass(frozen=True, slots=True)
class LetterLimits:
    """The least points of each letter; less than ``d`` is E."""

    a: int = 85
    b: int = 70
    c: int = 50
    d: int = 30

    @property
    def in_order(self) -> bool:
        """True when every letter can be earned."""
        return 100 >= self.a > self.b > self.c > self.d > 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What one customer's installments in one company say on a day.

    ``due_count``: installments that were paid or are late beyond ON_TIME_DAYS, see
    :func:`windows`; ``on_time_count`` of them were paid in time; ``delay_days`` is the sum of
    their delays and ``worst_delay`` the greatest one of the last twelve months. ``open_amount``
    and ``repaid_amount``: principal in BRL. ``first_contract``: day of the first one.
    """

    due_count: int = 0
    on_time_count: int = 0
    delay_days: int = 0
    worst_delay: int = 0
    broken_promises: int = 0
    first_contract: date | None = None
    open_amount: Decimal = Decimal(0)
    repaid_amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Windows:
    """The days from which on things count, all included."""

    installments: date  # days of settlement
    worst_delay: date  # days of settlement, for the worst delay; what is open counts
    oldest: date  # due dates: nothing older than five years counts


@dataclass(frozen=True, slots=True)
class Score:
    """Points of one rule: ``value`` in the rule's unit, None where there is nothing to measure."""

    rule: Rule
    value: Decimal | None
    points: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Rating:
    """A letter with the points it rests on."""

    letter: Letter
    points: int
    scores: tuple[Score, ...]


def windows(on: date) -> Windows:
    """From when on things count for a rating of the day ``on``."""
    return Windows(
        installments=on - relativedelta(months=WINDOW_MONTHS),
        worst_delay=on - relativedelta(months=WORST_DELAY_MONTHS),
        oldest=on - timedelta(days=STOP_AFTER_DAYS),
    )


def rate(facts: Facts, on: date, limits: LetterLimits | None = None) -> Rating | None:
    """The rating on the day ``on``; None while too little is known.

    Too little: fewer than ENOUGH_INSTALLMENTS came due, and none is or was more than
    LATE_ENOUGH_DAYS late.
    """
    if facts.due_count < ENOUGH_INSTALLMENTS and facts.worst_delay <= LATE_ENOUGH_DAYS:
        return None
    values = measures(facts, on)
    scores = tuple(
        Score(rule, values[rule], points_of(rule, values[rule]), maximum_of(rule)) for rule in Rule
    )
    points = sum(score.points for score in scores)
    return Rating(letter_of(points, limits or LetterLimits()), points, scores)


def measures(facts: Facts, on: date) -> dict[Rule, Decimal | None]:
    """The value of every rule, to one decimal; None: nothing to measure, or nothing to compare."""
    return {
        Rule.ON_TIME: _ratio(100 * facts.on_time_count, facts.due_count),
        Rule.AVERAGE_DELAY: _ratio(facts.delay_days, facts.due_count),
        Rule.WORST_DELAY: Decimal(facts.worst_delay),
        Rule.BROKEN_PROMISES: Decimal(facts.broken_promises),
        Rule.RELATIONSHIP: Decimal(months_between(facts.first_contract, on)),
        Rule.EXPOSURE: (
            _ratio(100 * facts.open_amount, facts.repaid_amount)
            if facts.open_amount > 0
            else Decimal(0)
        ),
    }


def points_of(rule: Rule, value: Decimal | None) -> int:
    """The points that ``value`` earns under ``rule``; None earns none."""
    if value is None:
        return 0
    if rule in MORE_IS_BETTER:
        return next((points for limit, points in MORE_IS_BETTER[rule] if value >= limit), 0)
    return next((points for limit, points in LESS_IS_BETTER[rule] if value <= limit), 0)


def maximum_of(rule: Rule) -> int:
    """The most points that ``rule`` can give."""
    return (MORE_IS_BETTER.get(rule) or LESS_IS_BETTER[rule])[0][1]


def letter_of(points: int, limits: LetterLimits) -> Letter:
    """The letter of a sum of points."""
    steps = ((limits.a, Letter.A), (limits.b, Letter.B), (limits.c, Letter.C), (limits.d, Letter.D))
    return next((letter for least, letter in steps if points >= least), Letter.E)


def months_between(first: date | None, on: date) -> int:
    """Whole months from ``first`` to ``on``; 0 when there is no first day or it lies ahead."""
    if first is None or first >= on:
        return 0
    passed = relativedelta(on, first)
    return 12 * passed.years + passed.months


def _ratio(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    if not whole:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)
