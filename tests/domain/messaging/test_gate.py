from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.messaging.gate import (
    Action,
    Channel,
    GateDecision,
    GateFacts,
    GateReason,
    Purpose,
    calls_lift_at,
    cap_lifts_at,
    count_contacts,
    decide,
)
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, GateError

NOW = datetime(2026, 3, 10, 13, tzinfo=timezone.utc)
SP = "America/Sao_Paulo"
GOOD = GateFacts(
    purpose="collection",
    channel="whatsapp",
    next_permitted=NOW,
    address="+5511996123456",
    residual_open=Decimal("105.58"),
)
LATER = NOW + timedelta(hours=5)
CANCEL, POSTPONE = "cancel", "postpone"


def test_a_message_with_nothing_against_it_leaves():
    assert decide(GOOD, NOW) == GateDecision(Action.SEND)


EVERY_REASON = [
    ({"residual_open": Decimal("0.00")}, CANCEL, "paid"),
    ({"residual_open": Decimal("-1.00")}, CANCEL, "paid"),
    ({"superseded": True}, CANCEL, "superseded"),
    ({"duplicate": True}, CANCEL, "duplicate"),
    ({"archived": True}, CANCEL, "archived"),
    ({"held": "promise"}, CANCEL, "held"),
    ({"opted_out": True}, CANCEL, "opted_out"),
    ({"purpose": "marketing"}, CANCEL, "no_consent"),
    ({"address": None}, CANCEL, "no_address"),
    ({"address": ""}, CANCEL, "no_address"),
    ({"number_valid": False}, CANCEL, "invalid_number"),
    ({"template_ready": False}, CANCEL, "template"),
    ({"channel": "voice", "calls_at_level": 3}, CANCEL, "cap"),
    ({"gateway_ready": False}, POSTPONE, "gateway_off"),
    ({"sent_today": 1}, POSTPONE, "cap"),
    ({"sent_last_7_days": 3}, POSTPONE, "cap"),
    ({"channel": "voice", "calls_today": 1}, POSTPONE, "cap"),
    ({"next_permitted": LATER}, POSTPONE, "window"),
    ({"valid_until": NOW - timedelta(seconds=1)}, CANCEL, "expired"),
    ({"valid_until": NOW + timedelta(hours=4), "next_permitted": LATER}, CANCEL, "expired"),
    ({"valid_until": NOW + timedelta(minutes=59), "gateway_ready": False}, CANCEL, "expired"),
    ({"valid_until": NOW + timedelta(hours=1), "gateway_ready": False}, POSTPONE, "gateway_off"),
]


@pytest.mark.parametrize(("wrong", "action", "reason"), EVERY_REASON)
def test_every_reason(wrong, action, reason):
    decision = decide(replace(GOOD, **wrong), NOW)
    assert (decision.action, decision.reason) == (action, reason)
    assert (decision.until is not None) == (action == POSTPONE)


def test_every_reason_is_in_the_table():
    assert {reason for _wrong, _action, reason in EVERY_REASON} == set(GateReason)


@pytest.mark.parametrize(
    "harmless",
    [
        {"residual_open": None},
        {"residual_open": Decimal("0.01")},
        {"sent_last_7_days": 2},
        {"calls_today": 5, "calls_at_level": 5},  # calls count for calls
        {"channel": "voice", "calls_at_level": 2},
        {"purpose": "marketing", "has_consent": True},
        {"purpose": "relationship"},  # opt-in is for marketing
        {"purpose": "service", "residual_open": Decimal("0.00")},  # a receipt
        {"purpose": "service", "held": "promise"},
        {"purpose": "service", "sent_today": 4, "sent_last_7_days": 9},
        {"purpose": "relationship", "channel": "voice", "calls_today": 4, "calls_at_level": 9},
        {"is_answer": True, "sent_today": 4, "sent_last_7_days": 9},
        {"is_answer": True, "channel": "voice", "calls_today": 4, "calls_at_level": 9},
        {"is_answer": True, "next_permitted": None},
        {"next_permitted": NOW - timedelta(hours=1)},
        {"gateway_ready_at": LATER},  # ready already
    ],
)
def test_what_does_not_stop_a_message(harmless):
    assert decide(replace(GOOD, **harmless), NOW) == GateDecision(Action.SEND)


def test_an_answer_still_keeps_to_hours_that_were_given():
    assert decide(replace(GOOD, is_answer=True, next_permitted=LATER), NOW).reason == "window"


def test_the_order_in_which_the_gate_asks():
    """Everything is wrong; each reason is mended in turn and the next one shows."""
    facts = replace(
        GOOD, residual_open=Decimal(0), superseded=True, duplicate=True, archived=True,
        held="dispute", opted_out=True, address=None, number_valid=False, template_ready=False,
        sent_today=1, gateway_ready=False, next_permitted=LATER,
    )  # fmt: skip
    order = [
        ("paid", {"residual_open": Decimal(1)}),
        ("superseded", {"superseded": False}),
        ("duplicate", {"duplicate": False}),
        ("archived", {"archived": False}),
        ("held", {"held": None}),
        ("opted_out", {"opted_out": False}),
        ("no_address", {"address": "+5511996123456"}),
        ("invalid_number", {"number_valid": True}),
        ("template", {"template_ready": True}),
        ("gateway_off", {"gateway_ready": True}),
        ("cap", {"sent_today": 0}),
        ("window", {"next_permitted": NOW}),
    ]
    for reason, mended in order:
        assert decide(facts, NOW).reason == reason
        facts = replace(facts, **mended)
    assert decide(facts, NOW).action == "send"


@pytest.mark.parametrize(
    ("wrong", "until"),
    [
        ({"next_permitted": LATER}, LATER),
        ({"gateway_ready": False, "gateway_ready_at": LATER}, LATER),
        ({"gateway_ready": False}, NOW + timedelta(hours=1)),
        ({"gateway_ready": False, "gateway_ready_at": NOW}, NOW + timedelta(hours=1)),
        ({"sent_today": 1, "cap_lifts_at": LATER}, LATER),
        ({"sent_today": 1}, NOW + timedelta(days=1)),
        ({"sent_today": 1, "cap_lifts_at": NOW}, NOW + timedelta(days=1)),
    ],
)
def test_until_when_it_waits(wrong, until):
    assert decide(replace(GOOD, **wrong), NOW).until == until


def test_hours_are_never_forgotten():
    with pytest.raises(GateError) as caught:
        decide(replace(GOOD, next_permitted=None), NOW)
    assert caught.value.code is ErrorCode.WINDOW_MISSING


def maybe(field, *wrong):
    return st.sampled_from([getattr(GOOD, field), *wrong])


FACTS = st.builds(
    GateFacts,
    purpose=st.sampled_from(Purpose),
    channel=st.sampled_from(Channel),
    next_permitted=maybe("next_permitted", LATER),
    address=maybe("address", None),
    number_valid=st.booleans(),
    residual_open=maybe("residual_open", None, Decimal(0)),
    held=maybe("held", "dispute"),
    opted_out=st.booleans(),
    has_consent=st.booleans(),
    gateway_ready=st.booleans(),
    gateway_ready_at=maybe("gateway_ready_at", LATER, NOW - timedelta(days=1)),
    template_ready=st.booleans(),
    superseded=st.booleans(),
    duplicate=st.booleans(),
    archived=st.booleans(),
    sent_today=st.integers(0, 2),
    sent_last_7_days=st.integers(0, 4),
    cap_lifts_at=maybe("cap_lifts_at", LATER, NOW - timedelta(days=1)),
    calls_today=st.integers(0, 2),
    calls_at_level=st.integers(0, 4),
    is_answer=st.booleans(),
    valid_until=st.sampled_from([None, NOW, LATER, NOW - timedelta(days=1)]),
)


@given(FACTS)
def test_a_decision_is_always_complete(facts):
    decision = decide(facts, NOW)
    assert (decision.reason is None) == (decision.action is Action.SEND)
    assert (decision.until is not None) == (decision.action is Action.POSTPONE)
    assert decision.until is None or decision.until > NOW


@given(FACTS)
def test_nothing_unwanted_ever_leaves(facts):
    if decide(facts, NOW).action is not Action.SEND:
        return
    assert facts.address
    assert facts.number_valid
    assert facts.next_permitted <= NOW
    assert not (facts.opted_out or facts.superseded or facts.duplicate or facts.archived)
    assert facts.valid_until is None or facts.valid_until >= NOW
    if facts.purpose == "collection":
        assert not facts.held
        assert facts.residual_open != 0
        assert facts.is_answer or (facts.sent_today < 1 and facts.sent_last_7_days < 3)
    if facts.purpose == "marketing":
        assert facts.has_consent


def utc(text):
    return datetime.fromisoformat(text + "+00:00")


def test_contacts_are_counted_by_the_customers_days():
    # 10 March 13:00 UTC is 10:00 in São Paulo; that day began at 03:00 UTC
    sent = [
        utc("2026-03-10T03:00:00"),  # today
        utc("2026-03-10T02:59:59"),  # yesterday evening
        utc("2026-03-04T03:00:00"),  # the first instant of the seventh day
        utc("2026-03-04T02:59:59"),  # the eighth day
    ]
    assert count_contacts(sent, NOW, SP) == (1, 3)
    assert count_contacts(sent, NOW, "UTC") == (2, 4)
    assert count_contacts([], NOW, SP) == (0, 0)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([], None),
        (["2026-03-09T13:00:00", "2026-03-08T13:00:00"], None),
        (["2026-03-10T12:00:00"], "2026-03-11T03:00:00"),
        # three in the week: the oldest, of the 5th, leaves the seven days on the 12th
        (["2026-03-05T13:00", "2026-03-07T13:00", "2026-03-09T13:00"], "2026-03-12T03:00:00"),
        # both caps: today's would lift tomorrow, the week's on the 12th
        (["2026-03-05T13:00", "2026-03-07T13:00", "2026-03-10T12:00"], "2026-03-12T03:00:00"),
        (["2026-03-10T11:00", "2026-03-10T12:00", "2026-03-10T12:30"], "2026-03-17T03:00:00"),
        # a clock that was wrong: noted for the 20th, no day is free; asked again in a week
        (["2026-03-20T12:00"], "2026-03-17T03:00:00"),
    ],
)
def test_when_a_cap_lifts(sent, expected):
    lifts = cap_lifts_at([utc(instant) for instant in sent], NOW, SP)
    assert lifts == (expected and utc(expected))


@given(st.lists(st.integers(0, 24 * 9), max_size=6), st.sampled_from([SP, "America/Rio_Branco"]))
def test_at_the_instant_a_cap_lifts_one_more_is_allowed_and_no_sooner(hours_ago, tz):
    sent = [NOW - timedelta(hours=hours) for hours in hours_ago]

    def is_free(instant):
        today, week = count_contacts(sent, instant, tz)
        return today < 1 and week < 3

    lifts = cap_lifts_at(sent, NOW, tz)
    if lifts is None:
        assert is_free(NOW)
        return
    assert not is_free(NOW)
    assert is_free(lifts)
    assert not is_free(lifts - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("calls", "tz", "expected"),
    [
        ([], SP, None),
        (["2026-03-10T02:59:59"], SP, None),  # yesterday at 23:59:59 in São Paulo
        (["2026-03-10T03:00:00"], SP, "2026-03-11T03:00:00"),  # today at 00:00
        (["2026-03-10T12:00", "2026-03-10T12:30"], SP, "2026-03-11T03:00:00"),
        # in Rio Branco, at UTC-5, the same instant is still yesterday, and the day ends later
        (["2026-03-10T03:00:00"], "America/Rio_Branco", None),
        (["2026-03-10T12:00"], "America/Rio_Branco", "2026-03-11T05:00:00"),
    ],
)
def test_a_customer_is_called_once_a_day(calls, tz, expected):
    lifts = calls_lift_at([utc(instant) for instant in calls], NOW, tz)
    assert lifts == (expected and utc(expected))
