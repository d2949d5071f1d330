"""Fallback: when the next channel takes over from one that did not reach the customer.

Source: CDC art. 42 (nobody is harassed); docs/decisions/0003 and 0004 (what is uncertain, and what
proves a delivery). A customer is never reached twice for the same notice by two
channels that both worked. What a silent channel does later cannot be known when the next one
leaves; all that can be known then is asked here, at the very moment of sending.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .message_states import State

SPARED_FOR = timedelta(hours=24)
# Failures that say nothing about the channel: another one would meet the same.
_NOT_THE_CHANNEL = frozenset({"error"})
# A channel in one of these worked, or may yet turn out to have worked.
_MAY_WORK = frozenset(
    {
        State.QUEUED,
        State.SENDING,
        State.UNCERTAIN,
        State.PACED,
        State.DELIVERED,
        State.READ,
        State.CANCELLED,
    }
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One channel's try to reach the customer.

    :param reason: of the failure: ``spared`` waits a day, ``error`` is no matter of the channel
    :param since: when it was sent or failed (aware or naive, as `now` elsewhere)
    :param reports: whether deliveries are heard of on this way
    """

    state: str
    reason: str | None = None
    since: datetime | None = None
    reports: bool = False


def next_channels(order: Sequence[str], tried: str) -> tuple[str, ...]:
    """Channels after the one that was tried, in the template's order; none when it is not in it."""
    order = list(order)
    return tuple(order[order.index(tried) + 1 :]) if tried in order else ()


def takes_over_at(attempt: Attempt, hours: int) -> datetime | None:
    """When the next channel takes over, if nothing else is heard until then; None: it does not.

    Unreachable: at once (a message held back to spare the person: after 24 hours). Sent, and not
    delivered: after `hours` (0: never), where deliveries are reported at all. An uncertain one
    never: it may have arrived, and a person decides. Nor one that the provider holds back: it says
    itself what becomes of it.
    """
    if attempt.since is None:
        return None
    if attempt.state == State.FAILED and attempt.reason not in _NOT_THE_CHANNEL:
        return attempt.since + (SPARED_FOR if attempt.reason == "spared" else timedelta())
    if attempt.state == State.SENT and attempt.reports and hours > 0:
        return attempt.since + timedelta(hours=hours)
    return None


def is_mute(attempt: Attempt, heard_at: datetime | None) -> bool:
    """Nothing was heard from the gateway since it took the message: its silence says nothing.

    :param heard_at: the gateway's latest report about any message; None: never
    """
    if attempt.state != State.SENT:
        return False
    return heard_at is None or attempt.since is None or heard_at < attempt.since


def may_leave(earlier: Iterable[str]) -> bool:
    """Whether a fallback may leave, by the states of the attempts before it, as known now."""
    return not any(State(state) in _MAY_WORK for state in earlier)
