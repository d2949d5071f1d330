"""The sandbox: every fate can be tried, the same every time, through the real path."""

from datetime import datetime, timezone

import pytest

from odoo.addons.optica_cobranca.clients.base import OutgoingMessage
from odoo.addons.optica_cobranca.clients.sandbox.sandbox import Sandbox, SandboxConfig
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass, State, advance

NOW = datetime(2025, 12, 1, 12, 0, tzinfo=timezone.utc)
ORDINARY = "+5551999991234"


def message(to=ORDINARY, text="Olá", reference="ref-1", **more):
    return OutgoingMessage(reference=reference, to=to, kind="text", text=text, **more)


def fate(sandbox, item):
    """Send and hear everything, as the outbox would: the state in which the message ends."""
    result = sandbox.send(item)
    if result.status == "failed":
        return result, None
    state = State.SENT if result.status == "accepted" else State.UNCERTAIN
    for event in sandbox.events_for(item.reference, result.provider_id, item.to, NOW, item.text):
        state = advance(state, event.state)
    return result, state


@pytest.mark.parametrize(
    ("digits", "word", "status", "end"),
    [
        ("1234", "read", "accepted", "read"),
        ("0001", "failed", "accepted", "failed"),
        ("0002", "delivered", "accepted", "delivered"),
        ("0003", "uncertain", "uncertain", "delivered"),
        ("0004", "sent", "accepted", "sent"),
        ("0005", "template", "failed", None),
        ("0006", "busy", "failed", None),
        ("0007", "lost", "uncertain", "uncertain"),
    ],
)
def test_fate_by_number_and_by_word(digits, word, status, end):
    sandbox = Sandbox()
    by_number = message(to=f"+555199999{digits}")
    by_word = message(text=f"Olá [sandbox:{word}]")
    over_number = message(to="+5551999990001", text=f"[sandbox:{word}]")
    for item in (by_number, by_word, over_number):
        result, state = fate(sandbox, item)
        assert (result.status, state) == (status, end)
        assert bool(result.provider_id) == (status == "accepted")


def test_word_in_a_parameter():
    item = OutgoingMessage(
        reference="ref-1",
        to=ORDINARY,
        kind="template",
        template_name="aviso",
        parameters=("Maria", "[sandbox:failed]"),
    )
    _result, state = fate(Sandbox(), item)
    assert state == "failed"


def test_unknown_word_is_just_text():
    _result, state = fate(Sandbox(), message(text="[sandbox:fly] [sandbox:sent]"))
    assert state == "sent"
    _result, state = fate(Sandbox(), message(text="[sandbox:fly]"))
    assert state == "read"


def test_refusals_ask_for_what_the_provider_would():
    template = Sandbox().send(message(to="+5551999990005"))
    busy = Sandbox().send(message(to="+5551999990006"))
    assert (template.failure, template.code) == (FailureClass.FIX_TEMPLATE, "132001")
    assert (busy.failure, busy.retry_after) == (FailureClass.RETRY, 5)


def test_events_carry_what_webhooks_carry():
    sandbox = Sandbox()
    item = message(to="+5551999990001")
    result = sandbox.send(item)
    (event,) = sandbox.events_for(item.reference, result.provider_id, item.to, NOW)
    assert event.key == f"{result.provider_id}:failed"
    assert (event.reference, event.provider_id) == ("ref-1", result.provider_id)
    assert (event.failure, event.code) == (FailureClass.STOP_RECIPIENT, "131026")
    assert (event.occurred_at, event.wa_id) == (NOW, "5551999990001")


def test_the_lost_answer_is_found_by_reference():
    events = Sandbox().events_for("ref-1", None, "+5551999990003", NOW)
    assert [(event.reference, event.state) for event in events] == [
        ("ref-1", "sent"),
        ("ref-1", "delivered"),
    ]


def test_same_message_same_ids_other_message_others():
    first, second = Sandbox(SandboxConfig("one")), Sandbox(SandboxConfig("two"))
    once, again = first.send(message()), first.send(message())
    assert once == again
    other = first.send(message(reference="ref-2"))
    elsewhere = second.send(message())
    assert len({once.provider_id, other.provider_id, elsewhere.provider_id}) == 3


def test_foreign_id_falls_back_to_the_number():
    events = Sandbox().events_for("ref-1", "wamid.X", "+5551999990002", NOW)
    assert [event.key for event in events] == ["wamid.X:sent", "wamid.X:delivered"]


def test_refuses_the_form_that_the_provider_would_refuse():
    result = Sandbox().send(message(to="51999990001"))
    assert (result.status, result.failure, result.code) == (
        "failed",
        FailureClass.FIX_REQUEST,
        "bad_number",
    )
