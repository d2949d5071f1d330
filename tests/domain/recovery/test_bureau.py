from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.recovery.bureau import (
    BEFORE,
    CaseFacts,
    CaseState,
    Cause,
    Obstacle,
    business_days_after,
    first_registration_day,
    is_alarm,
    last_registered_day,
    last_waiting_day,
    limit_alarm,
    obstacle,
    removal_deadline,
    review,
)
from odoo.addons.optica_cobranca.domain.shop.business_days import BusinessCalendar, brazil_holidays

SP = BusinessCalendar(brazil_holidays(range(2020, 2034), "SP"))
DUE = date(2026, 1, 10)
TODAY = date(2026, 3, 11)  # a Wednesday
DAYS = st.dates(date(2021, 1, 1), date(2031, 12, 31))


@pytest.mark.parametrize(
    ("paid_on", "deadline"),
    [
        (date(2026, 3, 2), date(2026, 3, 9)),  # Monday: Tuesday to Monday, one week-end
        (date(2026, 3, 6), date(2026, 3, 13)),  # Friday
        (date(2026, 3, 7), date(2026, 3, 13)),  # Saturday counts as the Friday before
        (date(2026, 4, 1), date(2026, 4, 9)),  # 3 April is Good Friday
        (date(2026, 12, 23), date(2026, 12, 31)),  # 24, 28, 29, 30, 31: Christmas is none
    ],
)
def test_removal_within_five_business_days(paid_on, deadline):
    assert removal_deadline(paid_on, SP) == deadline


@pytest.mark.parametrize(
    ("proof_on", "last", "first"),
    [
        (date(2026, 3, 2), date(2026, 3, 12), date(2026, 3, 13)),  # ten whole days
        (date(2026, 3, 4), date(2026, 3, 16), date(2026, 3, 17)),  # the tenth is a Saturday
        (date(2026, 3, 24), date(2026, 4, 6), date(2026, 4, 7)),  # the tenth is Good Friday
        (date(2026, 3, 3), date(2026, 3, 13), date(2026, 3, 16)),  # ends on a Friday
    ],
)
def test_waiting_period(proof_on, last, first):
    assert last_waiting_day(proof_on, 10, SP) == last
    assert first_registration_day(proof_on, 10, SP) == first


@pytest.mark.parametrize(
    ("due", "limit", "alarm"),
    [
        (date(2021, 3, 12), date(2026, 3, 12), date(2026, 3, 5)),
        (date(2024, 2, 29), date(2029, 2, 28), date(2029, 2, 21)),
    ],
)
def test_five_years_from_the_due_date(due, limit, alarm):
    assert last_registered_day(due) == limit
    assert limit_alarm(due, SP) == alarm


def facts(state, **values):
    return CaseFacts(**{"state": state, "is_owed": True, "oldest_due": DUE, **values})


PAID = {"is_owed": False, "changed_on": date(2026, 3, 3), "settled_on": date(2026, 3, 6)}
PART = {"changed_on": date(2026, 3, 6)}


@pytest.mark.parametrize(
    ("state", "values", "expected"),
    [
        # Nothing happened: nothing moves by itself, whatever the state.
        ("eligible", {}, ("eligible", None, None)),
        ("waiting", {}, ("waiting", None, None)),
        ("registered", {}, ("registered", None, None)),
        # Before: paid ends it, the others stop it.
        ("eligible", PAID, ("cancelled", Cause.PAID, None)),
        ("waiting", PAID, ("cancelled", Cause.PAID, None)),
        ("waiting", PART, ("waiting", Cause.PART_PAYMENT, None)),
        ("approved", {"dispute_on": date(2026, 3, 9)}, ("approved", Cause.DISPUTE, None)),
        ("waiting", {"has_agreement": True}, ("waiting", Cause.AGREEMENT, None)),
        ("waiting", {"has_promise": True}, ("waiting", Cause.PROMISE, None)),
        ("notice_sent", {"is_moved": True}, ("notice_sent", Cause.NOT_DUE, None)),
        ("eligible", {"oldest_due": date(2021, 3, 12)}, ("cancelled", Cause.TIME_LIMIT, None)),
        # Registered: five business days from the last payment, or from the first in part.
        ("registered", PAID, ("removal_due", Cause.PAID, date(2026, 3, 13))),
        ("registered", PART, ("removal_due", Cause.PART_PAYMENT, date(2026, 3, 13))),
        (
            "registered",
            {"dispute_on": date(2026, 3, 9)},
            ("removal_due", Cause.DISPUTE, date(2026, 3, 16)),
        ),
        ("registered", {"is_moved": True}, ("removal_due", Cause.NOT_DUE, date(2026, 3, 18))),
        (
            "registered",
            {"oldest_due": date(2021, 3, 16)},
            ("removal_due", Cause.TIME_LIMIT, date(2026, 3, 16)),
        ),
        # A promise or talks about an agreement do not make the register untrue.
        ("registered", {"has_promise": True}, ("registered", None, None)),
        ("registered", {"has_agreement": True}, ("registered", None, None)),
        # A removal stays, unless the payment that asked for it was undone before the bureau heard.
        ("removal_due", {}, ("removal_due", None, None)),
        ("removal_due", {**PAID, "removal_cause": "paid"}, ("removal_due", None, None)),
        ("removal_due", {"removal_cause": "paid"}, ("registered", None, None)),
        ("removal_due", {"removal_cause": "part_payment"}, ("registered", None, None)),
        (
            "removal_due",
            {"removal_cause": "paid", "removal_asked": True},
            ("removal_due", None, None),
        ),
        ("removal_due", {"removal_cause": "asked"}, ("removal_due", None, None)),
        ("removal_due", {"removal_cause": "dispute"}, ("removal_due", None, None)),
        (
            "removal_due",
            {"removal_cause": "paid", "dispute_on": date(2026, 3, 9)},
            ("removal_due", Cause.DISPUTE, date(2026, 3, 16)),
        ),
        # What remains of a debt paid in full, a receipt undone, is a part payment: it goes.
        ("removal_due", {**PART, "removal_cause": "paid"}, ("removal_due", None, None)),
        # Ends stay what they are.
        ("removed", PAID, ("removed", None, None)),
        ("refused", PAID, ("refused", None, None)),
    ],
)
def test_review(state, values, expected):
    verdict = review(facts(state, **values), TODAY, SP)
    assert (verdict.state, verdict.cause, verdict.deadline) == expected


FACTS = st.builds(
    CaseFacts,
    state=st.sampled_from([state.value for state in CaseState]),
    is_owed=st.booleans(),
    changed_on=st.none() | DAYS,
    settled_on=st.none() | DAYS,
    oldest_due=st.none() | DAYS,
    dispute_on=st.none() | DAYS,
    has_agreement=st.booleans(),
    has_promise=st.booleans(),
    is_moved=st.booleans(),
    removal_cause=st.none() | st.sampled_from([cause.value for cause in Cause]),
    removal_asked=st.booleans(),
)


@given(FACTS, DAYS)
def test_no_day_moves_a_case_forward(case, day):
    """A review cancels, or asks for a removal; it never approves, notifies or registers."""
    verdict = review(case, day, SP)
    if case.state in BEFORE:
        assert verdict.state in (case.state, CaseState.CANCELLED)
    elif case.state == CaseState.REMOVAL_DUE:
        assert verdict.state in (CaseState.REGISTERED, CaseState.REMOVAL_DUE)
        if verdict.state == CaseState.REGISTERED:
            assert case.removal_cause in ("paid", "part_payment") and not case.removal_asked
    elif case.state == CaseState.REGISTERED:
        assert verdict.state in (CaseState.REGISTERED, CaseState.REMOVAL_DUE)
        assert (verdict.deadline is None) == (verdict.state == CaseState.REGISTERED)
    else:
        assert verdict.state == case.state


@given(
    st.sampled_from([state.value for state in CaseState]),
    st.booleans(),
    st.none() | DAYS,
    st.none() | DAYS,
    st.none() | st.sampled_from(Cause),
    st.integers(0, 60),
    DAYS,
)
def test_registering_needs_everything(state, approved, notice_on, proof_on, cause, wait, day):
    found = obstacle(
        state,
        approved=approved,
        notice_on=notice_on,
        proof_on=proof_on,
        cause=cause,
        waiting_days=wait,
        on=day,
        calendar=SP,
    )
    if found is None:
        assert state == CaseState.WAITING
        assert approved and notice_on and proof_on and cause is None
        assert day > proof_on + timedelta(days=wait)


def test_each_obstacle():
    def found(state="waiting", on=date(2026, 3, 13), cause=None, **known):
        known = {"approved": True, "notice_on": DUE, "proof_on": date(2026, 3, 2), **known}
        return obstacle(state, cause=cause, waiting_days=10, on=on, calendar=SP, **known)

    assert found() is None
    assert found(on=date(2026, 3, 12)) == Obstacle.TOO_EARLY
    assert found(approved=False) == Obstacle.NOT_APPROVED
    assert found("eligible") == Obstacle.NOT_APPROVED
    assert found("approved", notice_on=None, proof_on=None) == Obstacle.NO_NOTICE
    assert found("notice_sent", proof_on=None) == Obstacle.NO_PROOF
    assert found(cause=Cause.DISPUTE) == Obstacle.STOPPED


@given(DAYS, st.integers(0, 30))
def test_business_days_are_counted_one_by_one(day, count):
    reached = business_days_after(day, count, SP)
    between = [day + timedelta(days=n) for n in range(1, (reached - day).days + 1)]
    assert sum(SP.is_business_day(each) for each in between) == count


def test_alarm_the_day_before():
    friday, monday = date(2026, 3, 13), date(2026, 3, 16)
    assert not is_alarm("removal_due", monday, date(2026, 3, 12), SP)
    assert is_alarm("removal_due", monday, friday, SP)
    assert is_alarm("removal_due", monday, date(2026, 3, 20), SP)
    assert not is_alarm("registered", monday, monday, SP)
