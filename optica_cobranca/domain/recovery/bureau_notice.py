"""The written notice before the bureau, sent as a message: when it is proven, and when it failed.

Source: CDC art. 43 § 2 (written notice before), STJ Tema 1315 (an electronic notice counts when
its delivery is proven). Without that proof nothing is known, and a letter takes over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..messaging.message_states import State
from ..shop.vocabulary import Vocabulary

# So long a message may wait, or stay without a report of its delivery.
PATIENCE_DAYS = 7
# A channel in one of these may still bring the notice, or have brought it.
_ALIVE = frozenset({State.QUEUED, State.SENDING, State.UNCERTAIN, State.SENT})
# Why a message was cancelled that no other channel's message is cancelled for: a letter may go.
_CHANNEL_TROUBLE = frozenset(
    {"no_address", "invalid_number", "opted_out", "no_consent", "template", "gateway_off"}
)


class NoticeFate(Vocabulary):
    """What is known of a notice that was sent by message."""

    WAITING = "waiting"
    RECEIVED = "received"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class NoticeAttempt:
    """One message of a notice: its state, and its days in the shop's own time.

    `reason`: why it failed or was cancelled. `since`: the day it was queued or, later, sent.
    `received_on`: the day its delivery was proven. `is_followed`: another channel is about to
    take over.
    """

    state: str
    since: date
    reason: str | None = None
    received_on: date | None = None
    is_followed: bool = False


def fate(attempts: Sequence[NoticeAttempt], on: date) -> tuple[NoticeFate, date | None]:
    """What became of the notice until `on`, and the day it was received, if it was.

    The earliest proof counts. While one of the messages may still arrive, up to PATIENCE_DAYS
    after its day, nothing is decided. Withdrawn: it was cancelled because of the customer or a
    person (paid, promised, replied …), so that no letter follows by itself.
    """
    received = [attempt.received_on for attempt in attempts if attempt.received_on]
    if received:
        return NoticeFate.RECEIVED, min(received)
    if any(_may_arrive(attempt, on) for attempt in attempts):
        return NoticeFate.WAITING, None
    if any(
        attempt.state == State.CANCELLED and attempt.reason not in _CHANNEL_TROUBLE
        for attempt in attempts
    ):
        return NoticeFate.WITHDRAWN, None
    return NoticeFate.FAILED, None


def _may_arrive(attempt, on):
    is_patient = on <= attempt.since + timedelta(days=PATIENCE_DAYS)
    return is_patient and (attempt.state in _ALIVE or attempt.is_followed)
