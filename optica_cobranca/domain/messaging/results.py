"""What messages bring: spans of days to compare, shares, and the best of several.

A payment or an answer belongs to a message when it came on the message's day or on one of the
``OUTCOME_DAYS`` days after it, and no later message had left before it.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt

OUTCOME_DAYS = 3
# Days of each period that can be chosen; today is the last one.
PERIODS = {"week": 7, "month": 30, "quarter": 90, "year": 365}
# One-sided 95%: how sure it must be that the best is not the luck of few messages.
_Z = 1.645
# Fewer messages than these prove nothing, whatever their share; more than `_MOST` nobody waits for.
FEWEST = 30
_MOST = 100_000
_TWO = 2


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has, both ends included."""
        return (self.last - self.first).days + 1

    def before(self) -> "Span":
        """The span of the same length that ends the day before this one begins."""
        return Span(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


def span_of(period: str, today: date) -> Span:
    """The days of a period, one of ``PERIODS``, that ends ``today``."""
    return Span(today - timedelta(days=PERIODS[period] - 1), today)


def percent(part, whole) -> Decimal | None:
    """``part`` of ``whole`` in percent with one decimal, ROUND_HALF_UP; None of nothing."""
    if not whole:
        return None
    share = Decimal(str(part)) * 100 / Decimal(str(whole))
    return share.quantize(Decimal("0.1"), ROUND_HALF_UP)


def price_of_a_real(cost, received) -> Decimal | None:
    """What was spent for each unit of money received, four decimals; None when none was."""
    if (received or 0) <= 0:
        return None
    return (Decimal(str(cost)) / Decimal(str(received))).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def sure_share(hits: float, tries: int) -> float:
    """The share, from 0 to 1, that is surely reached: the lower end of Wilson's interval.

    3 of 4 weigh less than 60 of 100: few messages prove little.
    """
    if not tries:
        return 0.0
    share, z2 = hits / tries, _Z * _Z
    middle = share + z2 / (2 * tries)
    margin = _Z * sqrt(share * (1 - share) / tries + z2 / (4 * tries * tries))
    return max(0.0, (middle - margin) / (1 + z2 / tries))


@dataclass(frozen=True, slots=True)
class Best:
    """The best of several: its ``key``, or how many more tries are ``missing`` to be sure."""

    key: Hashable
    missing: int = 0

    @property
    def is_sure(self) -> bool:
        """Whether nothing is missing to tell."""
        return not self.missing


def best(candidates: Iterable[tuple[Hashable, int, int]]) -> Best | None:
    """Which of (key, hits, tries) is the best, once chance cannot explain it.

    It is when its sure share (`sure_share`, one-sided 95%) is above the share of all the others
    together, and both sides have `FEWEST` tries. Until then ``missing`` says how many more tries of
    the leading one would do if shares stayed as they are (or of the others, if these are fewer).
    None when nothing was hit, there is nothing to compare with, or nobody leads.
    """
    tried = [candidate for candidate in candidates if candidate[2] > 0]
    if len(tried) < _TWO or not any(hits for _key, hits, _tries in tried):
        return None
    key, hits, tries = max(tried, key=lambda one: (sure_share(*one[1:]), one[2]))
    other_hits = sum(one[1] for one in tried) - hits
    other_tries = sum(one[2] for one in tried) - tries
    share, other = hits / tries, other_hits / other_tries
    if share <= other:
        return None
    needed = _tries_to_be_sure(share, other)
    if needed is None:
        return None
    return Best(key, max(needed - tries, FEWEST - tries, FEWEST - other_tries, 0))


def _tries_to_be_sure(share: float, other: float) -> int | None:
    """The fewest tries with which `share` is surely above `other`; None: more than `_MOST`."""
    if sure_share(share * _MOST, _MOST) <= other:
        return None
    low, high = 0, _MOST  # not enough, enough
    while high - low > 1:
        middle = (low + high) // 2
        if sure_share(share * middle, middle) > other:
            high = middle
        else:
            low = middle
    return high
