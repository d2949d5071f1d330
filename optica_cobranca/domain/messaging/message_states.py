"""States of an outbox message: they only go forward, in whatever order the events arrive.

Source: Meta Cloud API, status webhooks (order not guaranteed, `read` may replace `delivered`,
`delivered` may follow `failed`).
"""

from datetime import timedelta
from random import Random

from ..shop.errors import ErrorCode, MessageStateError
from ..shop.vocabulary import Vocabulary

MAX_ATTEMPTS = 5
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=1)
DELAY_GROWTH = 4


class State(Vocabulary):
    """State of an outbox message, in the order in which knowledge of its fate grows."""

    QUEUED = "queued"
    CANCELLED = "cancelled"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    PACED = "paced"  # the provider took it and holds it back until it has looked at it
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"


class FailureClass(Vocabulary):
    """What a provider's error asks for (the codes of each provider are mapped in `clients`)."""

    RETRY = "retry"  # passing trouble: again with back-off
    RETRY_RECIPIENT_LATER = "retry_recipient_later"  # too fast for this recipient only
    PAUSE_SENDER = "pause_sender"  # the whole gateway stops, a person is alerted
    WAIT_A_DAY = "wait_a_day"  # counts as a failed touch; no other try within 24 hours
    STOP_RECIPIENT = "stop_recipient"  # this number cannot be reached on this channel
    NOT_ANSWERED = "not_answered"  # nobody took the call: another channel may take over
    NEEDS_TEMPLATE = "needs_template"  # outside the service window: only a template may go
    FIX_TEMPLATE = "fix_template"  # the template or its parameters are wrong
    FIX_REQUEST = "fix_request"  # our request is wrong
    AUTH = "auth"  # token expired or rights missing: administrator


STATES: tuple[State, ...] = tuple(State)
RETRYABLE = frozenset({FailureClass.RETRY, FailureClass.RETRY_RECIPIENT_LATER})

_RANK = {state: rank for rank, state in enumerate(STATES)}
# Steps of our own worker, as opposed to a provider's proof.
_OWN_STEPS = frozenset({State.QUEUED, State.CANCELLED, State.SENDING, State.UNCERTAIN})
_ARRIVALS = (State.SENT, State.DELIVERED, State.READ)


def advance(current: str, event: str) -> State:
    """The state after `event` (a state's name) befell a message in state `current`.

    Only forward: an event of lower or equal rank changes nothing, so repeats and late arrivals
    are harmless, and the provider's events (sent, failed, delivered, read) lead to one end in
    any order: `failed` after `delivered` changes nothing, `delivered` after `failed` wins.
    Only a queued message can be cancelled; a cancelled one is never taken up by a worker and
    moves only on a provider's proof that it did leave.

    :raise MessageStateError: UNKNOWN_EVENT for a word that is no state: keep and report it
    """
    state, target = _state(current), _state(event)
    if state is State.CANCELLED and target in _OWN_STEPS:
        return state
    return max(state, target, key=_RANK.__getitem__)


def implied(state: str) -> tuple[State, ...]:
    """The arrivals that a state proves, in order: `read` proves sent, delivered and read.

    `failed` proves nothing (a message may fail before or after it was sent).
    """
    reached = _state(state)
    if reached not in _ARRIVALS:
        return ()
    return _ARRIVALS[: _ARRIVALS.index(reached) + 1]


def requeue(current: str, *, by_person: bool = False) -> State:
    """`queued`, if a message in state `current` may be tried again.

    A worker may put back what it claimed and what the provider refused before acceptance
    (`sending`). A failed or uncertain message may already have reached the customer: only a
    person sends it again.

    :raise MessageStateError: NOT_REQUEUABLE otherwise
    """
    state = _state(current)
    allowed = {State.SENDING} | ({State.FAILED, State.UNCERTAIN} if by_person else set())
    if state not in allowed:
        raise MessageStateError(ErrorCode.NOT_REQUEUABLE, state=state)
    return State.QUEUED


def may_retry(failure: str, attempts: int) -> bool:
    """True when the failure passes by itself and fewer than MAX_ATTEMPTS were made."""
    return failure in RETRYABLE and attempts < MAX_ATTEMPTS


def backoff(attempt: int, rng: Random) -> timedelta:
    """How long to wait after failed attempt number `attempt` (1 = the first).

    1, 4, 16, 60, 60 ... minutes, of which a random half to whole is taken, so that messages
    that failed together do not come back together. `rng` is any `random.Random`.

    :raise MessageStateError: BAD_ATTEMPT when attempt < 1
    """
    if attempt < 1:
        raise MessageStateError(ErrorCode.BAD_ATTEMPT, attempt=attempt)
    # The exponent is bounded first: a huge attempt number must not overflow a timedelta.
    growth = DELAY_GROWTH ** min(attempt - 1, MAX_ATTEMPTS)
    return min(FIRST_DELAY * growth, LONGEST_DELAY) * rng.uniform(0.5, 1.0)


def _state(word: str) -> State:
    try:
        return State(word)
    except ValueError as error:
        raise MessageStateError(ErrorCode.UNKNOWN_EVENT, event=word) from error
