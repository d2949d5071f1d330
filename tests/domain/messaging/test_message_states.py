from datetime import timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.messaging.message_states import (
    MAX_ATTEMPTS,
    STATES,
    FailureClass,
    State,
    advance,
    backoff,
    implied,
    may_retry,
    requeue,
)
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, MessageStateError

EVENTS = ("sent", "failed", "delivered", "read")


@pytest.mark.parametrize(
    ("current", "event", "expected"),
    [
        ("queued", "sending", "sending"),
        ("queued", "cancelled", "cancelled"),
        ("sending", "sent", "sent"),
        ("sending", "uncertain", "uncertain"),
        ("sending", "failed", "failed"),
        ("sending", "read", "read"),
        ("sent", "delivered", "delivered"),
        ("sent", "failed", "failed"),
        ("delivered", "read", "read"),
        # a crash or a time-out, and then the provider's event
        ("uncertain", "sent", "sent"),
        ("uncertain", "failed", "failed"),
        ("uncertain", "delivered", "delivered"),
        ("uncertain", "read", "read"),
        # late, repeated or impossible: nothing changes
        ("read", "delivered", "read"),
        ("read", "read", "read"),
        ("delivered", "sent", "delivered"),
        ("delivered", "failed", "delivered"),
        ("read", "failed", "read"),
        ("failed", "sent", "failed"),
        ("sent", "uncertain", "sent"),
        ("sent", "sending", "sent"),
        ("sent", "cancelled", "sent"),
        ("sending", "cancelled", "sending"),
        ("sending", "queued", "sending"),
        ("uncertain", "queued", "uncertain"),
        ("uncertain", "cancelled", "uncertain"),
        ("failed", "queued", "failed"),
        # a real delivery wins
        ("failed", "delivered", "delivered"),
        ("failed", "read", "read"),
        # cancelled is the end for our workers, not for the truth
        ("cancelled", "sending", "cancelled"),
        ("cancelled", "uncertain", "cancelled"),
        ("cancelled", "queued", "cancelled"),
        ("cancelled", "delivered", "delivered"),
    ],
)
def test_transitions(current, event, expected):
    result = advance(current, event)
    assert result == expected
    assert isinstance(result, State)


@pytest.mark.parametrize("pair", [("sent", "played"), ("lost", "sent"), ("sent", None)])
def test_an_unknown_word_is_reported(pair):
    with pytest.raises(MessageStateError) as caught:
        advance(*pair)
    assert caught.value.code is ErrorCode.UNKNOWN_EVENT
    assert caught.value.values["event"] in pair


def run(state, events):
    for event in events:
        state = advance(state, event)
    return state


@given(
    st.sampled_from(["queued", "sending", "uncertain", "sent", "cancelled"]),
    st.lists(st.sampled_from(EVENTS), min_size=1, max_size=5),
)
def test_the_providers_events_lead_to_one_end_in_any_order(start, events):
    ends = {run(start, order) for order in permutations(events)}
    assert len(ends) == 1
    (end,) = ends
    best = max(["failed", *events], key=["sent", "failed", "delivered", "read"].index)
    if "failed" in events or best != "failed":
        assert end == best
    else:
        assert end == "sent"
    assert run(end, events) == end


@given(st.sampled_from(STATES), st.lists(st.sampled_from(STATES), max_size=12))
def test_no_event_ever_takes_proof_away(start, events):
    """Once the provider has proved an arrival, every later state proves it too."""
    state = start
    for event in events:
        following = advance(state, event)
        assert set(implied(state)) <= set(implied(following)) or following == "failed"
        if state in ("delivered", "read"):
            assert following in ("delivered", "read")
        if state not in ("queued", "cancelled"):
            assert following not in ("queued", "cancelled", "sending") or following == state
        state = following


@pytest.mark.parametrize(
    ("state", "proves"),
    [
        ("read", ("sent", "delivered", "read")),
        ("delivered", ("sent", "delivered")),
        ("sent", ("sent",)),
        ("failed", ()),
        ("uncertain", ()),
        ("queued", ()),
    ],
)
def test_what_a_state_proves(state, proves):
    assert implied(state) == proves


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("by_person", [False, True])
def test_who_may_put_a_message_back(state, by_person):
    allowed = {"sending", "failed", "uncertain"} if by_person else {"sending"}
    if state in allowed:
        assert requeue(state, by_person=by_person) == "queued"
    else:
        with pytest.raises(MessageStateError) as caught:
            requeue(state, by_person=by_person)
        assert caught.value.code is ErrorCode.NOT_REQUEUABLE
        assert caught.value.values == {"state": state}


def test_nobody_is_a_person_unless_said_so():
    with pytest.raises(MessageStateError):
        requeue("uncertain")


def test_five_attempts_and_no_more():
    assert [may_retry("retry", attempts) for attempts in (4, 5)] == [True, False]


@pytest.mark.parametrize("failure", list(FailureClass))
def test_only_passing_trouble_is_tried_again_and_not_for_ever(failure):
    passes = failure in ("retry", "retry_recipient_later")
    assert may_retry(failure, 1) is passes
    assert may_retry(str(failure), MAX_ATTEMPTS - 1) is passes
    assert may_retry(failure, MAX_ATTEMPTS) is False


@pytest.mark.parametrize(
    ("attempt", "longest_minutes"), [(1, 1), (2, 4), (3, 16), (4, 60), (5, 60), (10**6, 60)]
)
def test_waits_grow_within_bounds(attempt, longest_minutes):
    longest = timedelta(minutes=longest_minutes)
    waits = [backoff(attempt, Random(seed)) for seed in range(200)]
    assert all(longest / 2 <= wait <= longest for wait in waits)
    assert max(waits) - min(waits) > longest / 4  # they do not come back together


def test_waits_depend_on_nothing_but_the_generator():
    assert backoff(3, Random(7)) == backoff(3, Random(7))


@pytest.mark.parametrize("attempt", [0, -1])
def test_there_is_no_attempt_before_the_first(attempt):
    with pytest.raises(MessageStateError) as caught:
        backoff(attempt, Random(1))
    assert caught.value.code is ErrorCode.BAD_ATTEMPT


def test_vocabularies_are_plain_words():
    assert State.SENT == "sent"
    assert f"{State.SENT}/{FailureClass.WAIT_A_DAY}" == "sent/wait_a_day"
    assert {"sent": 1}[State.SENT] == 1
