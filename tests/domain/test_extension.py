from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.business_days import BusinessCalendar
from odoo.addons.optica_cobranca.domain.errors import ErrorCode, ExtensionError
from odoo.addons.optica_cobranca.domain.extension import (
    ExtensionLimits,
    ExtensionReason,
    ExtensionState,
    KeptCharges,
    amount_after_extension,
    check_extension,
)
from odoo.addons.optica_cobranca.domain.late_charges import (
    AmountToday,
    ChargeTerms,
    Payment,
    amount_today,
    apply_payment,
)

D = Decimal
CALENDAR = BusinessCalendar()
USUAL = ChargeTerms(D(2), D(1))
DUE = date(2026, 3, 10)  # a Tuesday
TODAY = date(2026, 3, 27)  # 17 days late
NEW_DUE = date(2026, 4, 10)  # a Friday, 31 days after the old date
PRINCIPAL = D("105.58")
OWED = amount_today(PRINCIPAL, DUE, USUAL, TODAY, CALENDAR)  # 105.58 + 2.11 + 0.60


def extend(new_due=NEW_DUE, limits=None, owed=OWED, *, waive=False, moved=0, original=DUE):
    state = ExtensionState(original, DUE, moved)
    return check_extension(state, new_due, TODAY, owed, limits or ExtensionLimits(), waive=waive)


def owed_on(day, kept, *payments):
    amount = amount_after_extension(PRINCIPAL, NEW_DUE, USUAL, day, CALENDAR, payments, kept)
    money = (amount.principal, amount.fine, amount.interest, amount.total)
    return tuple(str(figure) for figure in money)


@pytest.mark.parametrize(
    ("limits", "options", "reasons"),
    [
        ((), {}, []),
        ((31, 1, 31), {}, []),
        ((30,), {}, [ExtensionReason.DAYS]),
        ((None, 0), {}, [ExtensionReason.NUMBER]),
        ((None, 2), {"moved": 1}, []),
        ((None, 2), {"moved": 2}, [ExtensionReason.NUMBER]),
        # 10 February to 10 April: 59 days
        ((None, None, 59), {"original": date(2026, 2, 10)}, []),
        ((None, None, 58), {"original": date(2026, 2, 10)}, [ExtensionReason.TOTAL_DAYS]),
        ((None, None, None, True), {"waive": True}, []),
        ((None, None, None, False), {"waive": True}, [ExtensionReason.WAIVER]),
        ((None, None, None, False), {"waive": False}, []),
        # nothing to waive: no right needed
        ((None, None, None, False), {"waive": True, "owed": AmountToday.nothing()}, []),
        (
            (30, 0, 30, False),
            {"waive": True},
            [
                ExtensionReason.DAYS,
                ExtensionReason.NUMBER,
                ExtensionReason.TOTAL_DAYS,
                ExtensionReason.WAIVER,
            ],
        ),
    ],
)
def test_what_needs_approval(limits, options, reasons):
    found = extend(limits=ExtensionLimits(*limits), **options)
    assert list(found.reasons) == reasons
    assert found.needs_approval is bool(reasons)


def test_days_are_counted_from_both_dates():
    found = extend(original=date(2026, 2, 10))
    assert (found.new_due, found.days, found.total_days) == (NEW_DUE, 31, 59)


@pytest.mark.parametrize(
    ("new_due", "code"),
    [
        (DUE, ErrorCode.NEW_DUE_NOT_LATER),
        (DUE - timedelta(days=1), ErrorCode.NEW_DUE_NOT_LATER),
        (TODAY - timedelta(days=1), ErrorCode.NEW_DUE_IN_PAST),
    ],
)
def test_a_date_goes_forward_only(new_due, code):
    with pytest.raises(ExtensionError) as caught:
        extend(new_due)
    assert caught.value.code is code


def test_a_date_may_be_moved_to_the_same_day():
    assert extend(TODAY).days == 17


def test_kept_charges_stay_as_they_were():
    found = extend()
    assert found.waived is None
    assert found.kept == KeptCharges(TODAY, D("2.11"), D("0.60"))
    for day in (TODAY, NEW_DUE - timedelta(days=1), NEW_DUE):
        assert owed_on(day, found.kept) == ("105.58", "2.11", "0.60", "108.29")
    # ten days late again: 105.58 x 1 % x 10/30 = 0.35 more, and no second fine
    late = NEW_DUE + timedelta(days=10)
    assert owed_on(late, found.kept) == ("105.58", "2.11", "0.95", "108.64")


def test_waived_charges_are_gone_and_the_fine_does_not_come_back():
    found = extend(waive=True)
    assert found.waived == Payment(TODAY, D(0), waived_interest=D("0.60"), waived_fine=D("2.11"))
    assert found.kept == KeptCharges(TODAY)
    assert owed_on(NEW_DUE, found.kept, found.waived) == ("105.58", "0.00", "0.00", "105.58")
    late = NEW_DUE + timedelta(days=10)
    assert owed_on(late, found.kept, found.waived) == ("105.58", "0.00", "0.35", "105.93")


def test_nothing_to_waive_leaves_nothing_behind():
    found = extend(owed=AmountToday.nothing(), waive=True)
    assert (found.waived, found.kept) == (None, KeptCharges(TODAY))


def test_a_payment_after_the_extension_covers_the_kept_charges_first():
    kept = extend().kept
    # 50 - 0.60 - 2.11 = 47.29; 105.58 - 47.29 = 58.29
    paid = Payment(date(2026, 4, 1), D("47.29"), D("0.60"), D("2.11"))
    assert owed_on(NEW_DUE, kept, paid) == ("58.29", "0.00", "0.00", "58.29")
    # 58.29 x 1 % x 10/30 = 0.19; the fine of 58.29 x 2 % = 1.17 is less than what was paid
    assert owed_on(NEW_DUE + timedelta(days=10), kept, paid) == ("58.29", "0.00", "0.19", "58.48")


def test_interest_paid_late_covers_what_was_kept_before_what_is_new():
    kept = extend().kept
    late = NEW_DUE + timedelta(days=10)
    # kept 0.60 and new 0.35; 0.80 paid: 0.15 of the new is left
    paid = Payment(late, D(0), D("0.80"))
    assert owed_on(late, kept, paid) == ("105.58", "2.11", "0.15", "107.84")
    # the same by a waiver
    waived = Payment(late, D(0), waived_interest=D("0.80"))
    assert owed_on(late, kept, waived) == ("105.58", "2.11", "0.15", "107.84")


@pytest.mark.parametrize(
    ("fine_paid", "on_new_due", "ten_days_late"),
    [
        # 2.11 kept, 1.00 paid since: 1.11 left, then and later
        ("1.00", "1.11", "1.11"),
        ("2.11", "0.00", "0.00"),
    ],
)
def test_the_fine_is_charged_once(fine_paid, on_new_due, ten_days_late):
    kept = extend().kept
    paid = Payment(date(2026, 4, 1), D(0), fine=D(fine_paid))
    assert owed_on(NEW_DUE, kept, paid)[1] == on_new_due
    assert owed_on(NEW_DUE + timedelta(days=10), kept, paid)[1] == ten_days_late


def test_what_was_paid_in_the_morning_is_not_covered_twice():
    morning = Payment(TODAY, D(0), D("0.50"), D("0.11"))
    owed = amount_today(PRINCIPAL, DUE, USUAL, TODAY, CALENDAR, [morning])
    assert (owed.interest, owed.fine) == (D("0.10"), D("2.00"))
    state = ExtensionState(DUE, DUE)
    found = check_extension(
        state, NEW_DUE, TODAY, owed, ExtensionLimits(), waive=False, payments=[morning]
    )
    assert found.kept == KeptCharges(TODAY, D("2.11"), D("0.60"))
    assert owed_on(NEW_DUE, found.kept, morning) == ("105.58", "2.00", "0.10", "107.68")


def test_payments_of_later_days_do_not_exist_yet():
    kept = extend().kept
    later = Payment(date(2026, 4, 2), PRINCIPAL, D("0.60"), D("2.11"))
    assert owed_on(date(2026, 4, 1), kept, later)[-1] == "108.29"
    assert owed_on(date(2026, 4, 2), kept, later)[-1] == "0.00"


def test_a_promised_date_kept_costs_nothing_when_it_was_moved_in_time():
    owed = amount_today(PRINCIPAL, DUE, USUAL, DUE, CALENDAR)
    found = check_extension(
        ExtensionState(DUE, DUE), NEW_DUE, DUE, owed, ExtensionLimits(), waive=False
    )
    assert owed_on(NEW_DUE, found.kept)[-1] == "105.58"
    # late after that: fine and interest by the new date only
    late = NEW_DUE + timedelta(days=10)
    assert owed_on(late, found.kept) == ("105.58", "2.11", "0.35", "108.04")


histories = st.lists(st.tuples(st.integers(-20, 60), st.decimals(0, 60, places=2)), max_size=5)


def played(principal, paid, until):
    """The history after each amount was paid on its day, in order of the days."""
    history = []
    for offset, value in sorted(paid):
        day = DUE + timedelta(days=offset)
        if day <= until:
            owed = amount_today(principal, DUE, USUAL, day, CALENDAR, history)
            history.append(apply_payment(value, owed).payment(day))
    return history


@given(st.decimals("0.01", 1000, places=2), histories, st.integers(0, 60), st.integers(1, 90))
def test_an_extension_without_waiver_changes_nothing_on_its_day(principal, paid, offset, later):
    on = DUE + timedelta(days=offset)
    new_due = on + timedelta(days=later)
    history = played(principal, paid, on)
    owed = amount_today(principal, DUE, USUAL, on, CALENDAR, history)
    state, limits = ExtensionState(DUE, DUE), ExtensionLimits()
    kept = check_extension(state, new_due, on, owed, limits, waive=False, payments=history).kept
    for day in (on, new_due):
        found = amount_after_extension(principal, new_due, USUAL, day, CALENDAR, history, kept)
        assert (found.principal, found.fine, found.interest, found.total) == (
            owed.principal,
            owed.fine,
            owed.interest,
            owed.total,
        )


@given(
    st.decimals("0.01", 1000, places=2),
    histories,
    st.integers(0, 60),
    st.integers(1, 90),
    st.lists(st.tuples(st.integers(0, 150), st.decimals(0, 200, places=2)), max_size=4),
    st.booleans(),
)
def test_paying_all_that_is_owed_settles_for_good(principal, paid, offset, later, after, waive):
    on = DUE + timedelta(days=offset)
    new_due = on + timedelta(days=later)
    history = played(principal, paid, on)
    owed = amount_today(principal, DUE, USUAL, on, CALENDAR, history)
    state, limits = ExtensionState(DUE, DUE), ExtensionLimits()
    found = check_extension(state, new_due, on, owed, limits, waive=waive, payments=history)
    history += [found.waived] if found.waived else []

    def now(day):
        return amount_after_extension(principal, new_due, USUAL, day, CALENDAR, history, found.kept)

    fines = sum(payment.fine for payment in history)
    for days, value in [*sorted(after), (200, D(10**6))]:
        day = on + timedelta(days=days)
        share = apply_payment(value, now(day))
        fines += share.fine
        history.append(share.payment(day))
    for days in (200, 300):
        assert now(on + timedelta(days=days)).total == 0
    # One fine of at most 2 % (and the half cent it may be rounded by), however often it was late.
    assert fines <= principal * 2 / 100 + D("0.005")
