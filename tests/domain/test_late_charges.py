from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.business_days import BusinessCalendar
from odoo.addons.optica_cobranca.domain.errors import ChargeError, ErrorCode
from odoo.addons.optica_cobranca.domain.late_charges import (
    MAX_FINE_PERCENT,
    USUAL_MONTHLY_INTEREST,
    AmountToday,
    ChargeTerms,
    Payment,
    amount_today,
    apply_payment,
)

D = Decimal
TUESDAY = date(2026, 3, 10)
SATURDAY = date(2026, 3, 14)
GOOD_FRIDAY = date(2026, 4, 3)
CALENDAR = BusinessCalendar({GOOD_FRIDAY})
USUAL = ChargeTerms(MAX_FINE_PERCENT, USUAL_MONTHLY_INTEREST)


def days(day, offset):
    return day + timedelta(days=offset)


def owed(principal, offset, *payments, due=TUESDAY, terms=USUAL):
    """(principal, fine, interest, days late, total) `offset` days after the due date, as text."""
    amount = amount_today(D(principal), due, terms, days(due, offset), CALENDAR, payments)
    money = (amount.principal, amount.fine, amount.interest, amount.total)
    return (*(str(figure) for figure in money), amount.days_late)


@pytest.mark.parametrize(
    ("principal", "offset", "expected"),
    [
        # 105.58 x 2 % = 2.1116; 105.58 x 1 % x 17/30 = 0.598287
        ("105.58", 17, ("105.58", "2.11", "0.60", "108.29", 17)),
        ("105.58", 0, ("105.58", "0.00", "0.00", "105.58", 0)),
        ("105.58", -20, ("105.58", "0.00", "0.00", "105.58", 0)),
        # 105.58 x 1 % / 30 = 0.0352
        ("105.58", 1, ("105.58", "2.11", "0.04", "107.73", 1)),
        # 15.00 x 1 % / 30 = 0.005 exactly: the half cent goes up
        ("15.00", 1, ("15.00", "0.30", "0.01", "15.31", 1)),
        # 0.25 x 2 % = 0.005
        ("0.25", 1, ("0.25", "0.01", "0.00", "0.26", 1)),
        # 100 x 1 % x 365/30 = 12.1667
        ("100.00", 365, ("100.00", "2.00", "12.17", "114.17", 365)),
        ("0.00", 30, ("0.00", "0.00", "0.00", "0.00", 0)),
    ],
)
def test_charges_worked_out_by_hand(principal, offset, expected):
    assert owed(principal, offset) == expected


def test_terms_are_those_of_the_contract():
    # 200 x 1.5 % = 3.00; 200 x 0.5 % x 12/30 = 0.40
    terms = ChargeTerms(D("1.5"), D("0.5"))
    assert owed("200.00", 12, terms=terms) == ("200.00", "3.00", "0.40", "203.40", 12)
    assert owed("200.00", 12, terms=ChargeTerms(D(0), D(0)))[-2:] == ("200.00", 12)


@pytest.mark.parametrize(
    ("due", "free_until", "first_late"),
    [
        (TUESDAY, TUESDAY, 1),
        (SATURDAY, days(SATURDAY, 2), 1),  # Monday is in time
        (GOOD_FRIDAY, days(GOOD_FRIDAY, 3), 1),  # holiday, Saturday, Sunday
    ],
)
def test_a_due_date_without_business_rolls(due, free_until, first_late):
    offset = (free_until - due).days
    assert owed("300.00", offset, due=due)[-2:] == ("300.00", 0)
    # 6.00 fine and 300 x 1 % / 30 = 0.10 for the one day after the rolled date
    assert owed("300.00", offset + 1, due=due)[-2:] == ("306.10", first_late)


def test_grace_is_lost_once_passed():
    terms = replace(USUAL, grace_days=3)
    assert owed("300.00", 3, terms=terms) == ("300.00", "0.00", "0.00", "300.00", 0)
    # 300 x 1 % x 4/30 = 0.40: counted from the due date
    assert owed("300.00", 4, terms=terms) == ("300.00", "6.00", "0.40", "306.40", 4)


def test_grace_counts_from_the_rolled_date():
    terms = replace(USUAL, grace_days=3)
    assert owed("300.00", 5, due=SATURDAY, terms=terms)[-2:] == ("300.00", 0)
    assert owed("300.00", 6, due=SATURDAY, terms=terms)[-2:] == ("306.40", 4)


def test_after_a_part_payment_interest_runs_on_the_rest():
    # day 10: interest 300 x 1 % x 10/30 = 1.00, fine 6.00; 107.00 pays them and 100 principal
    paid = Payment(days(TUESDAY, 10), D("100.00"), interest=D("1.00"), fine=D("6.00"))
    assert owed("300.00", 10, paid) == ("200.00", "0.00", "0.00", "200.00", 10)
    # day 25: 200 x 1 % x 15/30 = 1.00; the fine is not charged again
    assert owed("300.00", 25, paid) == ("200.00", "0.00", "1.00", "201.00", 25)
    assert owed("300.00", 9, paid)[-2:] == ("306.90", 9)  # not yet paid on day 9


def test_unpaid_charges_stay_owed_and_bear_nothing():
    # day 10: 1.00 interest and 6.00 fine stay; day 40: 200 x 1 % x 30/30 = 2.00 more
    paid = Payment(days(TUESDAY, 10), D("100.00"))
    assert owed("300.00", 40, paid) == ("200.00", "6.00", "3.00", "209.00", 40)


def test_charges_stay_owed_when_the_principal_is_settled_late():
    paid = Payment(days(TUESDAY, 10), D("300.00"))
    assert owed("300.00", 10, paid) == ("0.00", "6.00", "1.00", "7.00", 0)
    assert owed("300.00", 90, paid) == ("0.00", "6.00", "1.00", "7.00", 0)


def test_each_stretch_of_interest_is_rounded_where_it_ends():
    # 40 x 1 % / 30 = 0.0133 -> 0.01; 39 x 1 % / 30 = 0.013 -> 0.01; unrounded 0.0263 -> 0.03
    paid = Payment(days(TUESDAY, 1), D("1.00"))
    assert owed("40.00", 2, paid)[2] == "0.02"


def test_payments_of_one_day_are_one_stretch_in_any_order():
    first = Payment(days(TUESDAY, 10), D("50.00"), interest=D("1.00"))
    second = Payment(days(TUESDAY, 10), D("50.00"), fine=D("6.00"))
    expected = ("200.00", "0.00", "1.00", "201.00", 25)
    assert owed("300.00", 25, first, second) == expected
    assert owed("300.00", 25, second, first) == expected


@pytest.mark.parametrize(
    ("paid_on", "fine"),
    [
        (-3, "4.00"),  # before the due date: 2 % of 200
        (0, "4.00"),  # on the due date
        (1, "6.00"),  # too late for the fine
    ],
)
def test_the_fine_is_on_what_was_open_at_the_due_date(paid_on, fine):
    paid = Payment(days(TUESDAY, paid_on), D("100.00"))
    assert owed("300.00", 5, paid)[1] == fine


def test_a_part_paid_on_the_rolled_date_was_paid_in_time():
    paid = Payment(days(SATURDAY, 2), D("100.00"))  # Monday
    # day 3 after Monday: 2 % of 200; 200 x 1 % x 3/30 = 0.20
    assert owed("300.00", 5, paid, due=SATURDAY) == ("200.00", "4.00", "0.20", "204.20", 3)


def test_settled_within_the_grace_never_costs_anything():
    terms = replace(USUAL, grace_days=5)
    paid = Payment(days(TUESDAY, 5), D("300.00"))
    assert owed("300.00", 200, paid, terms=terms) == ("0.00", "0.00", "0.00", "0.00", 0)


def test_a_part_paid_within_a_lost_grace_bore_interest_until_then():
    terms = replace(USUAL, grace_days=5)
    paid = Payment(days(TUESDAY, 2), D("100.00"))
    assert owed("300.00", 5, paid, terms=terms) == ("200.00", "0.00", "0.00", "200.00", 0)
    # fine 2 % of 300; 300 x 1 % x 2/30 = 0.20, 200 x 1 % x 8/30 = 0.5333 -> 0.53
    assert owed("300.00", 10, paid, terms=terms) == ("200.00", "6.00", "0.73", "206.73", 10)


def test_waived_charges_are_not_owed():
    waived = Payment(days(TUESDAY, 10), D("100.00"), waived_interest=D("1.00"), waived_fine=D(6))
    assert owed("300.00", 10, waived) == ("200.00", "0.00", "0.00", "200.00", 10)
    assert owed("300.00", 25, waived) == ("200.00", "0.00", "1.00", "201.00", 25)


def test_a_waiver_forgives_no_more_than_was_owed():
    # 1.00 was owed on day 10, 5.00 were waived: day 25 still owes its own 300 x 1 % x 15/30 = 1.50
    waived = Payment(days(TUESDAY, 10), D("0.00"), waived_interest=D("5.00"))
    assert owed("300.00", 25, waived)[2] == "1.50"


def test_interest_paid_too_much_counts_against_later_interest():
    # 1.00 was owed on day 10, 1.40 was paid; day 25: 1.50 - 0.40
    paid = Payment(days(TUESDAY, 10), D("0.00"), interest=D("1.40"))
    assert owed("300.00", 10, paid)[2] == "0.00"
    assert owed("300.00", 25, paid)[2] == "1.10"


@pytest.mark.parametrize("paid_on", [-20, 0])
def test_interest_of_an_earlier_due_date_does_not_pay_that_of_the_extended_one(paid_on):
    # paid before the extended date: its interest belongs to the old one, the fine was charged once
    paid = Payment(days(TUESDAY, paid_on), D("100.00"), interest=D("1.00"), fine=D("6.00"))
    assert owed("300.00", 30, paid) == ("200.00", "0.00", "2.00", "202.00", 30)


def test_too_much_principal_is_no_debt():
    paid = Payment(days(TUESDAY, 3), D("400.00"))
    assert owed("300.00", 9, paid)[0] == "0.00"


def test_nothing_is_owed_of_nothing():
    assert AmountToday.nothing() == AmountToday(D("0.00"), D("0.00"), D("0.00"), 0, D("0.00"))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: ChargeTerms(D("2.01"), D(1)), ErrorCode.FINE_ABOVE_LIMIT),
        (lambda: ChargeTerms(D("-0.01"), D(1)), ErrorCode.NEGATIVE_VALUE),
        (lambda: ChargeTerms(D(2), D("-0.01")), ErrorCode.NEGATIVE_VALUE),
        (lambda: ChargeTerms(D(2), D(1), -1), ErrorCode.NEGATIVE_VALUE),
        (lambda: Payment(TUESDAY, D(-1)), ErrorCode.NEGATIVE_VALUE),
        (lambda: Payment(TUESDAY, D(0), interest=D(-1)), ErrorCode.NEGATIVE_VALUE),
        (lambda: Payment(TUESDAY, D(0), fine=D(-1)), ErrorCode.NEGATIVE_VALUE),
        (lambda: Payment(TUESDAY, D(0), waived_interest=D(-1)), ErrorCode.NEGATIVE_VALUE),
        (lambda: Payment(TUESDAY, D(0), waived_fine=D(-1)), ErrorCode.NEGATIVE_VALUE),
        (lambda: owed("-1.00", 1), ErrorCode.NEGATIVE_VALUE),
        (lambda: apply_payment(D(-1), AmountToday.nothing()), ErrorCode.NEGATIVE_VALUE),
    ],
)
def test_unlawful_or_senseless_values_are_refused(make, code):
    with pytest.raises(ChargeError) as caught:
        make()
    assert caught.value.code is code


def test_a_fine_above_the_law_names_the_limit():
    with pytest.raises(ChargeError) as caught:
        ChargeTerms(D("2.01"), D(1))
    assert caught.value.values == {"fine_percent": D("2.01"), "limit": D("2.00")}


@pytest.mark.parametrize(
    ("amount", "interest", "fine", "principal", "excess"),
    [
        # 300 owed 10 days late: 1.00 interest, 6.00 fine
        ("0.40", "0.40", "0.00", "0.00", "0.00"),
        ("1.00", "1.00", "0.00", "0.00", "0.00"),
        ("5.00", "1.00", "4.00", "0.00", "0.00"),
        ("107.00", "1.00", "6.00", "100.00", "0.00"),
        ("307.00", "1.00", "6.00", "300.00", "0.00"),
        ("310.00", "1.00", "6.00", "300.00", "3.00"),
        ("0.00", "0.00", "0.00", "0.00", "0.00"),
    ],
)
def test_a_payment_covers_interest_then_fine_then_principal(
    amount, interest, fine, principal, excess
):
    state = amount_today(D("300.00"), TUESDAY, USUAL, days(TUESDAY, 10), CALENDAR)
    spread = apply_payment(D(amount), state)
    figures = (spread.interest, spread.fine, spread.principal, spread.excess)
    assert tuple(str(figure) for figure in figures) == (interest, fine, principal, excess)
    assert spread.payment(TUESDAY) == Payment(TUESDAY, D(principal), D(interest), D(fine))


MONEY = st.decimals("0.01", 5000, places=2)
TERMS = st.builds(
    ChargeTerms,
    st.decimals(0, 2, places=2),
    st.decimals(0, 4, places=2),
    st.integers(0, 10),
)
VISITS = st.lists(st.tuples(st.integers(-30, 200), MONEY), max_size=6)


def pay_by_visits(principal, due, terms, visits):
    """The history of someone who comes on these days with these amounts, spread by the rules."""
    history = []
    for offset, amount in sorted(visits):
        on = days(due, offset)
        state = amount_today(principal, due, terms, on, CALENDAR, history)
        history.append(apply_payment(amount, state).payment(on))
    return history


@given(MONEY, st.dates(date(2026, 1, 1), date(2026, 12, 31)), TERMS, VISITS, st.integers(-40, 400))
def test_whatever_is_paid_lowers_the_total_by_as_much(principal, due, terms, visits, offset):
    on = days(due, offset)
    history = [p for p in pay_by_visits(principal, due, terms, visits) if p.on <= on]
    state = amount_today(principal, due, terms, on, CALENDAR, history)
    amount = min(D("50.00"), state.total)
    after = amount_today(
        principal, due, terms, on, CALENDAR, [*history, apply_payment(amount, state).payment(on)]
    )
    assert after.total == state.total - amount
    assert state.total == state.principal + state.fine + state.interest


@given(MONEY, st.dates(date(2026, 1, 1), date(2026, 12, 31)), TERMS, VISITS, st.integers(-40, 400))
def test_who_pays_the_total_is_free_for_ever(principal, due, terms, visits, offset):
    on = days(due, offset)
    history = [p for p in pay_by_visits(principal, due, terms, visits) if p.on <= on]
    state = amount_today(principal, due, terms, on, CALENDAR, history)
    history.append(apply_payment(state.total, state).payment(on))
    later = amount_today(principal, due, terms, days(on, 500), CALENDAR, history)
    assert later == AmountToday.nothing()


@given(MONEY, TERMS, VISITS, st.integers(-40, 300))
def test_a_figure_is_a_function_of_the_past_only(principal, terms, visits, offset):
    history = pay_by_visits(principal, TUESDAY, terms, visits)
    on = days(TUESDAY, offset)
    known = [payment for payment in history if payment.on <= on]
    expected = amount_today(principal, TUESDAY, terms, on, CALENDAR, known)
    backwards = list(reversed(history))
    assert amount_today(principal, TUESDAY, terms, on, CALENDAR, backwards) == expected


@given(MONEY, TERMS, st.integers(1, 400))
def test_charges_stay_within_what_the_contract_allows(principal, terms, offset):
    amount = amount_today(principal, TUESDAY, terms, days(TUESDAY, offset), CALENDAR)
    half_cent = D("0.005")
    assert amount.fine <= principal * terms.fine_percent / 100 + half_cent
    most = principal * terms.monthly_interest_percent * offset / 3000
    assert amount.interest <= most + half_cent
    if offset > terms.grace_days:
        assert amount.interest >= most - half_cent
    else:
        assert amount.total == principal
