from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.crediario.extension import (
    ExtensionLimits,
    ExtensionReason,
    ExtensionState,
    KeptCharges,
    check_extension,
    months_until_later,
    shifted,
)
from odoo.addons.optica_cobranca.domain.crediario.late_charges import (
    AmountToday,
    ChargeTerms,
    DueMove,
    Payment,
    amount_today,
    apply_payment,
)
from odoo.addons.optica_cobranca.domain.shop.business_days import BusinessCalendar
from odoo.addons.optica_cobranca.domain.shop.errors import ErrorCode, ExtensionError

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


def owed_on(day, *payments):
    moves = [DueMove(TODAY, NEW_DUE)]
    amount = amount_today(PRINCIPAL, DUE, USUAL, day, CALENDAR, payments, moves)
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
        # today gives the customer no time at all
        (TODAY, ErrorCode.NEW_DUE_IN_PAST),
        # 24 months from today, 27 March 2026, at most: whoever asks
        (date(2028, 3, 28), ErrorCode.NEW_DUE_TOO_FAR),
        (date(9999, 12, 31), ErrorCode.NEW_DUE_TOO_FAR),
    ],
)
def test_a_date_goes_forward_only(new_due, code):
    with pytest.raises(ExtensionError) as caught:
        extend(new_due)
    assert caught.value.code is code


def test_the_first_and_the_last_day_that_are_possible():
    assert extend(date(2026, 3, 28)).days == 18
    assert extend(date(2028, 3, 27)).new_due == date(2028, 3, 27)


@pytest.mark.parametrize(
    ("due", "options", "moved"),
    [
        (date(2026, 1, 31), {"months": 1}, date(2026, 2, 28)),
        (date(2026, 1, 31), {"months": 24}, date(2028, 1, 31)),
        (DUE, {"days": 1}, date(2026, 3, 11)),
        (DUE, {"days": 731}, date(2028, 3, 10)),
    ],
)
def test_shifted(due, options, moved):
    assert shifted(due, **options) == moved


@pytest.mark.parametrize(
    "options",
    [{"months": -3}, {"months": 0}, {"months": 25}, {"months": 99999}, {"days": -1}, {"days": 732}],
)
def test_shifts_back_nowhere_or_too_far_are_refused(options):
    with pytest.raises(ExtensionError) as caught:
        shifted(DUE, **options)
    assert caught.value.code is ErrorCode.SHIFT_OUT_OF_RANGE


@pytest.mark.parametrize(
    ("due", "months"),
    [
        (date(2026, 4, 1), 1),
        (date(2026, 2, 28), 1),
        # one month would land on 27 March itself, today
        (date(2026, 2, 27), 2),
        (date(2025, 12, 20), 4),
        (date(2020, 1, 1), 24),
    ],
)
def test_months_that_give_time(due, months):
    assert months_until_later(due, TODAY) == months


def test_kept_charges_stay_as_they_were():
    found = extend()
    assert found.waived is None
    assert found.kept == KeptCharges(TODAY, D("2.11"), D("0.60"))
    for day in (TODAY, NEW_DUE - timedelta(days=1), NEW_DUE):
        assert owed_on(day) == ("105.58", "2.11", "0.60", "108.29")
    # ten days late again: 105.58 x 1 % x 10/30 = 0.35 more, and no second fine
    late = NEW_DUE + timedelta(days=10)
    assert owed_on(late) == ("105.58", "2.11", "0.95", "108.64")


def test_waived_charges_are_gone_and_the_fine_does_not_come_back():
    found = extend(waive=True)
    assert found.reasons == ()  # whoever has no limits may waive
    assert found.waived == Payment(TODAY, D(0), waived_interest=D("0.60"), waived_fine=D("2.11"))
    assert found.kept == KeptCharges(TODAY)
    assert owed_on(NEW_DUE, found.waived) == ("105.58", "0.00", "0.00", "105.58")
    late = NEW_DUE + timedelta(days=10)
    assert owed_on(late, found.waived) == ("105.58", "0.00", "0.35", "105.93")


def test_nothing_to_waive_leaves_nothing_behind():
    found = extend(owed=AmountToday.nothing(), waive=True)
    assert (found.waived, found.kept) == (None, KeptCharges(TODAY))


def test_a_payment_after_the_extension_covers_the_kept_charges_first():
    # 50 - 0.60 - 2.11 = 47.29; 105.58 - 47.29 = 58.29
    paid = Payment(date(2026, 4, 1), D("47.29"), D("0.60"), D("2.11"))
    assert owed_on(NEW_DUE, paid) == ("58.29", "0.00", "0.00", "58.29")
    # 58.29 x 1 % x 10/30 = 0.19; the fine of 58.29 x 2 % = 1.17 is less than what was paid
    assert owed_on(NEW_DUE + timedelta(days=10), paid) == ("58.29", "0.00", "0.19", "58.48")


def test_interest_paid_late_covers_what_was_kept_before_what_is_new():
    late = NEW_DUE + timedelta(days=10)
    # kept 0.60 and new 0.35; 0.80 paid: 0.15 of the new is left
    paid = Payment(late, D(0), D("0.80"))
    assert owed_on(late, paid) == ("105.58", "2.11", "0.15", "107.84")
    # the same by a waiver
    waived = Payment(late, D(0), waived_interest=D("0.80"))
    assert owed_on(late, waived) == ("105.58", "2.11", "0.15", "107.84")


@pytest.mark.parametrize(
    ("fine_paid", "on_new_due", "ten_days_late"),
    [
        # 2.11 kept, 1.00 paid since: 1.11 left, then and later
        ("1.00", "1.11", "1.11"),
        ("2.11", "0.00", "0.00"),
    ],
)
def test_the_fine_is_charged_once(fine_paid, on_new_due, ten_days_late):
    paid = Payment(date(2026, 4, 1), D(0), fine=D(fine_paid))
    assert owed_on(NEW_DUE, paid)[1] == on_new_due
    assert owed_on(NEW_DUE + timedelta(days=10), paid)[1] == ten_days_late


def test_what_was_paid_in_the_morning_is_not_covered_twice():
    morning = Payment(TODAY, D(0), D("0.50"), D("0.11"))
    owed = amount_today(PRINCIPAL, DUE, USUAL, TODAY, CALENDAR, [morning])
    assert (owed.interest, owed.fine) == (D("0.10"), D("2.00"))
    state = ExtensionState(DUE, DUE)
    found = check_extension(
        state, NEW_DUE, TODAY, owed, ExtensionLimits(), waive=False, payments=[morning]
    )
    assert found.kept == KeptCharges(TODAY, D("2.11"), D("0.60"))
    assert owed_on(NEW_DUE, morning) == ("105.58", "2.00", "0.10", "107.68")


def test_what_was_paid_or_waived_that_day_is_part_of_what_is_kept():
    """Open 2.00 and 0.10; that day 0.11 and 0.50 were paid, 0.07 and 0.03 waived."""
    history = [
        Payment(TODAY, D("9.00"), D("0.50"), D("0.11")),
        Payment(TODAY, D(0), waived_interest=D("0.03"), waived_fine=D("0.07")),
        Payment(TODAY - timedelta(days=1), D(0), D("5.00"), D("5.00"), D("5.00"), D("5.00")),
        Payment(TODAY + timedelta(days=1), D(0), D("5.00"), D("5.00"), D("5.00"), D("5.00")),
    ]
    owed = replace(OWED, fine=D("2.00"), interest=D("0.10"))
    found = check_extension(
        ExtensionState(DUE, DUE),
        NEW_DUE,
        TODAY,
        owed,
        ExtensionLimits(),
        waive=False,
        payments=history,
    )
    assert found.kept == KeptCharges(TODAY, D("2.18"), D("0.63"))


@pytest.mark.parametrize(
    ("fine", "interest", "waived"),
    [
        ("0.01", "0.00", Payment(TODAY, D(0), waived_fine=D("0.01"))),
        ("0.00", "0.01", Payment(TODAY, D(0), waived_interest=D("0.01"))),
        # a correction left a credit of one of them: there is nothing of it to waive
        ("0.01", "-0.02", Payment(TODAY, D(0), waived_fine=D("0.01"))),
        ("-0.02", "0.01", Payment(TODAY, D(0), waived_interest=D("0.01"))),
        ("0.00", "-0.02", None),
    ],
)
def test_a_cent_is_waived_and_a_credit_is_not(fine, interest, waived):
    owed = replace(OWED, fine=D(fine), interest=D(interest))
    assert extend(owed=owed, waive=True).waived == waived


def test_principal_of_later_days_is_not_paid_yet_and_charges_are_not_asked_twice():
    later = Payment(date(2026, 4, 2), PRINCIPAL, D("0.60"), D("2.11"))
    assert owed_on(date(2026, 4, 1), later) == ("105.58", "0.00", "0.00", "105.58")
    assert owed_on(date(2026, 4, 2), later)[-1] == "0.00"


def test_a_promised_date_kept_costs_nothing_when_it_was_moved_in_time():
    def owed(day):
        moves = [DueMove(DUE, NEW_DUE)]
        found = amount_today(PRINCIPAL, DUE, USUAL, day, CALENDAR, moves=moves)
        return (str(found.fine), str(found.interest), str(found.total))

    assert owed(NEW_DUE) == ("0.00", "0.00", "105.58")
    # late after that: fine and interest by the new date only
    assert owed(NEW_DUE + timedelta(days=10)) == ("2.11", "0.35", "108.04")


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
    for day in (on, new_due):
        moves = [DueMove(on, new_due)]
        found = amount_today(principal, DUE, USUAL, day, CALENDAR, history, moves)
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
        moves = [DueMove(on, new_due)]
        return amount_today(principal, DUE, USUAL, day, CALENDAR, history, moves)

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
