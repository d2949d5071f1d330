"""The steps of a service order and what late means, by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.optics.service_order import (
    OPEN_STATES,
    TRANSITIONS,
    OrderFacts,
    OrderState,
    check_transition,
    days_late,
    delay,
    lab_days,
)
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, ServiceOrderError

TODAY = date(2026, 3, 17)
PROMISED = date(2026, 3, 20)
S = OrderState


def facts(state, **values):
    usual = {"has_lab": True, "promised": PROMISED, "delivered": TODAY, "accepted": True}
    return OrderFacts(state, **{**usual, **values})


def problem(known, target, is_manager=False, today=TODAY):
    try:
        check_transition(known, target, today, is_manager)
    except ServiceOrderError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("state", "target"),
    [
        (S.DRAFT, S.AT_LAB),
        (S.DRAFT, S.READY),
        (S.DRAFT, S.CANCELLED),
        (S.AT_LAB, S.DRAFT),
        (S.AT_LAB, S.READY),
        (S.AT_LAB, S.CANCELLED),
        (S.READY, S.DRAFT),
        (S.READY, S.AT_LAB),
        (S.READY, S.DELIVERED),
        (S.READY, S.CANCELLED),
        (S.DELIVERED, S.READY),
        (S.CANCELLED, S.DRAFT),
    ],
)
def test_steps_of_a_seller(state, target):
    assert problem(facts(state), target) is None


@pytest.mark.parametrize(
    ("state", "target"),
    [
        (S.DRAFT, S.DELIVERED),
        (S.AT_LAB, S.DELIVERED),
        (S.DELIVERED, S.AT_LAB),
        (S.DELIVERED, S.DRAFT),
        (S.CANCELLED, S.READY),
        (S.CANCELLED, S.DELIVERED),
        (S.READY, S.READY),
    ],
)
def test_no_short_cuts_not_even_for_managers(state, target):
    assert problem(facts(state), target, is_manager=True) == ErrorCode.NO_SUCH_TRANSITION


def test_the_lab_must_be_known_and_so_must_the_promise():
    assert problem(facts(S.DRAFT, has_lab=False), S.AT_LAB) == ErrorCode.LAB_MISSING
    assert problem(facts(S.DRAFT, promised=None), S.AT_LAB) == ErrorCode.DELIVERY_DATE_MISSING
    assert problem(facts(S.DRAFT, has_lab=False, promised=None), S.READY) is None


@pytest.mark.parametrize(
    ("state", "target", "code"),
    [
        (S.DRAFT, S.AT_LAB, ErrorCode.SALE_NOT_CONFIRMED),
        (S.DRAFT, S.READY, ErrorCode.SALE_NOT_CONFIRMED),
        (S.AT_LAB, S.READY, ErrorCode.SALE_NOT_CONFIRMED),
        (S.READY, S.DELIVERED, ErrorCode.SALE_NOT_CONFIRMED),
        (S.DRAFT, S.CANCELLED, None),
        (S.AT_LAB, S.CANCELLED, None),
        (S.READY, S.AT_LAB, None),
        (S.DELIVERED, S.READY, None),
        (S.CANCELLED, S.DRAFT, None),
    ],
)
def test_without_the_customers_word_no_step_goes_forward(state, target, code):
    assert problem(facts(state, is_agreed=False), target) == code


def test_a_delivery_is_accepted_by_somebody():
    assert problem(facts(S.READY, accepted=False), S.DELIVERED) == ErrorCode.NOT_ACCEPTED


def test_a_delivery_is_undone_on_its_own_day():
    yesterday = facts(S.DELIVERED, delivered=TODAY - timedelta(days=1))
    assert problem(yesterday, S.READY) == ErrorCode.UNDO_TOO_LATE
    assert problem(yesterday, S.READY, is_manager=True) is None


def test_only_managers_cancel_what_was_delivered():
    assert problem(facts(S.DELIVERED), S.CANCELLED) == ErrorCode.MANAGER_ONLY
    assert problem(facts(S.DELIVERED), S.CANCELLED, is_manager=True) is None


@pytest.mark.parametrize(
    ("state", "promised", "late"),
    [
        (S.AT_LAB, date(2026, 3, 16), 1),
        (S.DRAFT, date(2026, 3, 7), 10),
        (S.AT_LAB, TODAY, 0),
        (S.AT_LAB, PROMISED, 0),
        (S.AT_LAB, None, 0),
        (S.READY, date(2026, 3, 7), 0),
        (S.DELIVERED, date(2026, 3, 7), 0),
        (S.CANCELLED, date(2026, 3, 7), 0),
    ],
)
def test_days_late(state, promised, late):
    assert days_late(state, promised, TODAY) == late


def test_delay_and_days_at_the_lab():
    assert delay(PROMISED, date(2026, 3, 23)) == 3
    assert delay(PROMISED, date(2026, 3, 18)) == 0
    assert delay(None, TODAY) is None
    assert delay(PROMISED, None) is None
    assert lab_days(date(2026, 3, 10), TODAY) == 7
    assert lab_days(TODAY, date(2026, 3, 10)) == 0
    assert lab_days(None, TODAY) is None


@given(st.lists(st.sampled_from(list(S)), max_size=12))
def test_whatever_is_tried_no_order_skips_the_counter(targets):
    """Delivered is only reached from ready, and open orders never need a manager to go on."""
    state = S.DRAFT
    for target in targets:
        if problem(facts(state), target) is None:
            assert target in TRANSITIONS[state]
            assert target != S.DELIVERED or state == S.READY
            state = target
    if state in OPEN_STATES:
        assert problem(facts(state), S.CANCELLED) is None
