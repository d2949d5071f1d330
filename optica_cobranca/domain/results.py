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


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
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
    if not received or received <= 0:
        return None
    return (Decimal(str(cost)) / Decimal(str(received))).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def sure_share(hits: int, tries: int) -> float:
    """The share, from 0 to 1, that is surely reached: the lower end of Wilson's interval.

    3 of 4 weigh less than 60 of 100: few messages prove little.
    """
    if not tries:
        return 0.0
    share, z2 = hits / tries, _Z * _Z
    middle = share + z2 / (2 * tries)
    margin = _Z * sqrt(share * (1 - share) / tries + z2 / (4 * tries * tries))
    return max(0.0, (middle - margin) / (1 + z2 / tries))


def best(candidates: Iterable[tuple[Hashable, int, int]]) -> Hashable | None:
    """The key of (key, hits, tries) with the greatest sure share; None when nothing was hit."""
    hit = [candidate for candidate in candidates if candidate[1] > 0]
    if not hit:
        return None
    return max(hit, key=lambda candidate: (sure_share(*candidate[1:]), candidate[2]))[0]
