"""When the next channel takes over: tables, and no two channels that worked, in any order."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.messaging import fallback, message_states
from odoo.addons.optica_cobranca.domain.messaging.fallback import Attempt

NOON = datetime(2026, 2, 11, 15, 0)
DAY = timedelta(hours=24)


@pytest.mark.parametrize(
    ("order", "tried", "expected"),
    [
        (["whatsapp", "sms", "email"], "whatsapp", ("sms", "email")),
        (["whatsapp", "sms", "email"], "sms", ("email",)),
        (["whatsapp", "sms"], "sms", ()),
        (["whatsapp"], "email", ()),
    ],
)
def test_next_channels(order, tried, expected):
    assert fallback.next_channels(order, tried) == expected


@pytest.mark.parametrize(
    ("attempt", "hours", "after"),
    [
        (Attempt("failed", "unreachable", NOON), 24, timedelta()),
        (Attempt("failed", "unreachable", NOON), 0, timedelta()),
        (Attempt("failed", "not_answered", NOON), 24, timedelta()),
        (Attempt("failed", "template", NOON), 24, timedelta()),
        (Attempt("failed", "spared", NOON), 24, DAY),
        (Attempt("failed", "error", NOON), 24, None),
        (Attempt("sent", None, NOON, reports=True), 24, DAY),
        (Attempt("sent", None, NOON, reports=True), 2, timedelta(hours=2)),
        (Attempt("sent", None, NOON, reports=True), 1, timedelta(hours=1)),
        (Attempt("sent", None, NOON, reports=True), 0, None),
        (Attempt("sent", None, NOON, reports=False), 24, None),
        (Attempt("delivered", None, NOON, reports=True), 24, None),
        (Attempt("read", None, NOON, reports=True), 24, None),
        (Attempt("uncertain", "no_answer", NOON, reports=True), 24, None),
        (Attempt("queued", "retry", NOON, reports=True), 24, None),
        (Attempt("sending", None, NOON, reports=True), 24, None),
        (Attempt("cancelled", "paid", NOON, reports=True), 24, None),
        (Attempt("failed", "unreachable", None), 24, None),
    ],
)
def test_takes_over_at(attempt, hours, after):
    expected = None if after is None else NOON + after
    assert fallback.takes_over_at(attempt, hours) == expected


@pytest.mark.parametrize(
    ("heard", "mute"),
    [(None, True), (NOON - DAY, True), (NOON, False), (NOON + DAY, False)],
)
def test_gateway_that_reports_nothing_is_mute_not_silent(heard, mute):
    assert fallback.is_mute(Attempt("sent", None, NOON, reports=True), heard) is mute


def test_failure_is_told_by_the_answer_itself():
    assert fallback.is_mute(Attempt("failed", "unreachable", NOON), None) is False


@pytest.mark.parametrize(
    ("earlier", "allowed"),
    [
        (["failed"], True),
        (["sent"], True),
        (["sent", "failed"], True),
        ([], True),
        (["uncertain"], False),
        (["sending"], False),
        (["queued"], False),
        (["delivered"], False),
        (["failed", "read"], False),
        (["cancelled"], False),
    ],
)
def test_may_leave(earlier, allowed):
    assert fallback.may_leave(earlier) is allowed


ORDER = ("whatsapp", "sms", "email")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 30)),
        st.tuples(
            st.sampled_from(["sent", "delivered", "read", "failed", "uncertain"]),
            st.integers(0, len(ORDER) - 1),
        ),
    ),
    max_size=40,
)


class Outbox:
    """One notice's chain of attempts, as the outbox keeps it."""

    def __init__(self, hours):
        self.hours, self.now = hours, NOON
        self.states, self.since, self.left = ["queued"], [NOON], []
        self.leave(0)

    def leave(self, place):
        self.left.append((place, tuple(self.states[:place])))
        self.states[place] = "sending"

    def told(self, place, event):
        if place >= len(self.states) or self.states[place] == "queued":
            return  # nothing of the kind has left
        state = message_states.advance(self.states[place], event)
        if state != self.states[place]:
            self.states[place], self.since[place] = state, self.now

    def run(self):
        last = len(self.states) - 1
        attempt = Attempt(self.states[last], None, self.since[last], reports=True)
        due = fallback.takes_over_at(attempt, self.hours)
        if due is None or due > self.now or not fallback.next_channels(ORDER, ORDER[last]):
            return
        if fallback.may_leave(self.states):
            self.states.append("queued")
            self.since.append(self.now)
            self.leave(last + 1)


@given(steps=STEPS, hours=st.integers(0, 48))
def test_no_second_channel_leaves_while_an_earlier_one_worked_or_may_have(steps, hours):
    outbox = Outbox(hours)
    for kind, value in steps:
        if kind == "wait":
            outbox.now += timedelta(hours=value)
        else:
            outbox.told(value, kind)
        outbox.run()
    assert [place for place, _known in outbox.left] == list(range(len(outbox.states)))
    for place, known in outbox.left:
        assert not {"delivered", "read", "uncertain", "sending"} & set(known)
        if hours == 0 and place:
            assert set(known) == {"failed"}


@given(steps=STEPS)
def test_every_channel_is_tried_when_each_one_fails(steps):
    outbox = Outbox(24)
    for _kind, _value in [*steps, *[("failed", 0)] * len(ORDER)]:
        outbox.told(len(outbox.states) - 1, "failed")
        outbox.run()
    assert len(outbox.states) == len(ORDER)
