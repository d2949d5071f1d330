"""At which hour a customer is likely to read: learned from when he read and answered before."""

from collections import Counter
from collections.abc import Iterable

from .results import sure_share

ANSWER = 3  # an answer tells more than a reading
READING = 1
ENOUGH = 5  # signals, before which nothing is suggested
_NEIGHBOUR = 0.5
_HALF = 0.5


def best_hour(signals: Iterable[tuple[int, int]], first: int = 8, last: int = 19) -> int | None:
    """The hour (local, `first`..`last`) with most signals around it; None while chance explains it.

    Surely more than half of the signals must lie within an hour of it, by the lower end of Wilson's
    interval: five of five, seven of eight, eight of ten.

    `signals`: (hour 0..23, weight) of each reading or answer. An hour next to it counts half, so
    that 9:55 and 10:05 stand together. Of equal hours the earliest. Signals outside of the hours
    do not count: nobody is written to at midnight because he reads then.
    """
    known = [(hour, weight) for hour, weight in signals if first <= hour <= last]
    if len(known) < ENOUGH:
        return None
    weights = Counter()
    for hour, weight in known:
        weights[hour] += weight
    best = max(
        range(first, last + 1),
        key=lambda hour: (
            weights[hour] + _NEIGHBOUR * (weights[hour - 1] + weights[hour + 1]),
            -hour,
        ),
    )
    around = sum(abs(hour - best) <= 1 for hour, _weight in known)
    return best if sure_share(around, len(known)) > _HALF else None
