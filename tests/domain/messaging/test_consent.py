"""Whose word counts, and what a changed wish adds to the ledger."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.messaging.consent import (
    ALL,
    CHOSEN_CHANNELS,
    ConsentRow,
    Topic,
    is_allowed,
    is_given_up,
    latest_decision,
    rows_for,
    wanted_by,
)

IN, OUT = "opt_in", "opt_out"


@pytest.mark.parametrize(
    ("rows", "purpose", "channel", "expected"),
    [
        ([], "collection", "whatsapp", None),
        ([(ALL, ALL, OUT)], "collection", "sms", OUT),
        ([(ALL, "whatsapp", OUT)], "collection", "sms", None),
        ([("marketing", ALL, OUT)], "service", "whatsapp", None),
        ([("marketing", ALL, OUT)], "marketing", "whatsapp", OUT),
        ([(ALL, ALL, OUT), ("service", "email", IN)], "service", "email", IN),
        ([("service", "email", IN), (ALL, ALL, OUT)], "service", "email", OUT),
    ],
)
def test_the_last_word_counts(rows, purpose, channel, expected):
    assert latest_decision([ConsentRow(*row) for row in rows], purpose, channel) == expected


@pytest.mark.parametrize(
    ("rows", "account", "offers"),
    [
        ([], True, False),
        ([("marketing", ALL, IN)], True, False),  # a yes to campaigns is none to greetings
        ([("marketing", ALL, IN), ("relationship", ALL, IN)], True, True),
        ([(ALL, "sms", OUT)], False, False),
        ([("collection", "sms", OUT)], False, False),
        ([(ALL, "whatsapp", OUT)], True, False),
    ],
)
def test_what_may_be_sent_by_sms(rows, account, offers):
    ledger = [ConsentRow(*row) for row in rows]
    assert is_allowed(ledger, Topic.ACCOUNT, "sms") is account
    assert is_allowed(ledger, Topic.OFFERS, "sms") is offers


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], False),
        ([(ALL, "sms", OUT)], True),
        ([(ALL, "sms", OUT), ("service", "sms", IN)], False),
        ([(ALL, "email", OUT)], False),
        ([("marketing", ALL, OUT), ("relationship", ALL, OUT)], False),
    ],
)
def test_a_channel_is_given_up_when_nothing_is_wanted(rows, expected):
    assert is_given_up([ConsentRow(*row) for row in rows], "sms") is expected


def test_a_channel_given_up_is_one_row():
    wanted = {("account", "sms"): False, ("offers", "sms"): False}
    assert rows_for([], wanted) == [ConsentRow(ALL, "sms", OUT)]


def test_offers_accepted_are_told_by_purpose():
    wanted = {("account", "sms"): True, ("offers", "sms"): True}
    assert rows_for([], wanted) == [
        ConsentRow("relationship", "sms", IN),
        ConsentRow("marketing", "sms", IN),
    ]


def test_leaving_offers_keeps_the_account():
    ledger = [ConsentRow(purpose, "sms", IN) for purpose in ("relationship", "marketing")]
    added = rows_for(ledger, {("account", "sms"): True, ("offers", "sms"): False})
    assert added == [
        ConsentRow("relationship", "sms", OUT),
        ConsentRow("marketing", "sms", OUT),
    ]


ROWS = st.builds(
    ConsentRow,
    st.sampled_from(["collection", "service", "relationship", "marketing", ALL]),
    st.sampled_from(["whatsapp", "sms", "email", "voice", ALL]),
    st.sampled_from([IN, OUT]),
)
CELLS = [(topic, channel) for topic in Topic for channel in CHOSEN_CHANNELS]


@given(st.lists(ROWS, max_size=8), st.lists(st.booleans(), min_size=8, max_size=8))
def test_what_was_wanted_holds_and_saving_again_adds_nothing(ledger, answers):
    wanted = dict(zip(CELLS, answers, strict=True))
    after = [*ledger, *rows_for(ledger, wanted)]
    assert {cell: is_allowed(after, *cell) for cell in CELLS} == wanted
    assert rows_for(after, wanted) == []


@given(st.lists(ROWS, max_size=8))
def test_what_holds_already_adds_nothing_but_a_no_that_was_not_on_file(ledger):
    held = {cell: is_allowed(ledger, *cell) for cell in CELLS}
    for row in rows_for(ledger, held):
        assert row.decision == OUT
        assert row.purpose in (ALL, "relationship", "marketing")
        assert not held[Topic.OFFERS, row.channel]


def test_no_offers_is_written_down_though_silence_means_the_same_for_marketing():
    """Birthday greetings need no yes: without the row they would go on."""
    added = rows_for([], wanted_by("stop_offers", "whatsapp", everywhere=False))
    assert added == [
        ConsentRow("relationship", "whatsapp", OUT),
        ConsentRow("marketing", "whatsapp", OUT),
    ]


@pytest.mark.parametrize(
    ("wish", "everywhere", "allowed"),
    [
        ("stop", True, {("account", "sms"): False, ("offers", "sms"): False}),
        ("stop_offers", False, {("offers", "sms"): False}),
        ("stop_offers", True, {("offers", channel): False for channel in CHOSEN_CHANNELS}),
        ("resume", True, {("account", "sms"): True}),
        ("resume_offers", True, {("account", "sms"): True, ("offers", "sms"): True}),
        ("none", True, {}),
        ("unsure", True, {}),
    ],
)
def test_what_a_wish_changes(wish, everywhere, allowed):
    assert wanted_by(wish, "sms", everywhere=everywhere) == allowed


def test_stopping_a_channel_stops_what_half_a_no_left_on():
    ledger = [ConsentRow("collection", "sms", OUT)]
    wanted = {("account", "sms"): False, ("offers", "sms"): False}
    assert rows_for(ledger, wanted) == [ConsentRow(ALL, "sms", OUT)]
