from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.crediario.late_charges import (
    MAX_FINE_PERCENT,
    USUAL_MONTHLY_INTEREST,
    AmountToday,
    ChargeTerms,
    DueMove,
    Payment,
    amount_today,
    apply_payment,
)
from odoo.addons.optica_cobranca.domain.shop.business_days import BusinessCalendar
from odoo.addons.optica_cobranca.domain.shop.errors import ChargeError, ErrorCode

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
    return (*(str(figure) for figure in money), amount.days_charged)


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
    # not yet paid on day 9; its interest and fine are paid, later, and not asked again
    assert owed("300.00", 9, paid)[-2:] == ("300.00", 9)


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


def test_interest_paid_too_much_is_owed_back_and_counts_against_later_interest():
    # 1.00 was owed on day 10, 1.40 was paid; day 25: 1.50 - 0.40
    paid = Payment(days(TUESDAY, 10), D("0.00"), interest=D("1.40"))
    assert owed("300.00", 10, paid) == ("300.00", "6.00", "-0.40", "305.60", 10)
    assert owed("300.00", 25, paid)[2] == "1.10"


def test_no_more_is_given_back_than_the_debt():
    # 5.00 principal left; 2.00 of fine and 9.00 of interest were paid of 0.10 + 0.02 owed
    paid = Payment(days(TUESDAY, 10), D("0.00"), interest=D("9.00"), fine=D("2.00"))
    assert owed("5.00", 10, paid) == ("5.00", "-1.90", "-3.10", "0.00", 10)
    settled = Payment(days(TUESDAY, 10), D("5.00"), interest=D("9.00"), fine=D("2.00"))
    assert owed("5.00", 10, settled) == ("0.00", "0.00", "0.00", "0.00", 0)


@pytest.mark.parametrize("spread", [True, False])
@pytest.mark.parametrize("paid_on", [-20, 0])
def test_interest_of_an_earlier_due_date_does_not_pay_that_of_the_extended_one(paid_on, spread):
    # due 5 February, moved 10 days later: 300 x 1 % x 10/30 = 1.00 and 6.00 by the old date
    moves = [DueMove(date(2026, 2, 15), TUESDAY)]
    paid = Payment(
        days(TUESDAY, paid_on), D("100.00"), interest=D("1.00"), fine=D("6.00"), spread=spread
    )
    on = days(TUESDAY, 30)
    found = amount_today(D("300.00"), date(2026, 2, 5), USUAL, on, CALENDAR, [paid], moves)
    # 200 x 1 % x 30/30 = 2.00, no second fine
    assert [str(x) for x in (found.fine, found.interest, found.total)] == ["0.00", "2.00", "202.00"]
    assert found.days_charged == 30


def test_too_much_principal_is_no_debt():
    paid = Payment(days(TUESDAY, 3), D("400.00"))
    assert owed("300.00", 9, paid)[0] == "0.00"


@pytest.mark.parametrize(
    ("fine", "interest", "left"),
    [
        ("6.00", "1.00", ("6.00", "1.00")),
        ("0.00", "0.40", ("0.00", "0.40")),
        ("0.50", "0.00", ("0.50", "0.00")),
        # 1.00 is owed back of the one: the other is so much less
        ("-1.00", "3.00", ("0.00", "2.00")),
        ("3.00", "-1.00", ("2.00", "0.00")),
        # more is owed back than is left to pay
        ("-3.00", "1.00", ("0.00", "0.00")),
        ("1.00", "-3.00", ("0.00", "0.00")),
        ("-0.01", "-0.01", ("0.00", "0.00")),
    ],
)
def test_what_a_new_debt_takes_over_has_no_credit_in_it(fine, interest, left):
    taken = AmountToday(D("300.00"), D(fine), D(interest), 10).without_credit()
    assert (taken.principal, taken.days_charged) == (D("300.00"), 10)
    assert (str(taken.fine), str(taken.interest)) == left
    assert taken.total == D("300.00") + D(left[0]) + D(left[1])


def test_nothing_is_owed_of_nothing():
    assert AmountToday.nothing() == AmountToday(D("0.00"), D("0.00"), D("0.00"), 0)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: ChargeTerms(D("2.01"), D(1)), ErrorCode.FINE_ABOVE_LIMIT),
        (lambda: ChargeTerms(D("-0.01"), D(1)), ErrorCode.NEGATIVE_VALUE),
        (lambda: ChargeTerms(D(2), D("-0.01")), ErrorCode.NEGATIVE_VALUE),
        (lambda: ChargeTerms(D(2), D(1), -1), ErrorCode.NEGATIVE_VALUE),
        (lambda: Payment(TUESDAY, D(-1)), ErrorCode.NEGATIVE_VALUE),
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
    paid = Payment(TUESDAY, D(principal), D(interest), D(fine), spread=True)
    assert spread.payment(TUESDAY) == paid


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
def test_the_order_of_what_is_known_does_not_matter(principal, terms, visits, offset):
    history = pay_by_visits(principal, TUESDAY, terms, visits)
    on = days(TUESDAY, offset)
    known = [payment for payment in history if payment.on <= on]
    then = amount_today(principal, TUESDAY, terms, on, CALENDAR, known)
    found = amount_today(principal, TUESDAY, terms, on, CALENDAR, history)
    assert amount_today(principal, TUESDAY, terms, on, CALENDAR, list(reversed(history))) == found
    # What is paid later is not paid yet; charges that it covered are not asked again.
    assert found.principal == then.principal
    assert found.fine <= then.fine
    assert found.interest <= then.interest


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


# ---------------------------------------------------- what turns up afterwards

FIRST_DUE = date(2026, 3, 2)  # a Monday


class Booking:
    """One installment of 100.00 due on 2 March, 2 % and 1 % a month, as a shop books it."""

    def __init__(self, principal="100.00", due=FIRST_DUE, terms=USUAL):
        self.principal, self.due, self.terms = D(principal), due, terms
        self.history, self.moves = [], []

    def owed(self, on):
        return amount_today(
            self.principal, self.due, self.terms, on, CALENDAR, self.history, self.moves
        )

    def open(self):
        return max(D(0), self.principal - sum(p.principal for p in self.history))

    def pay(self, amount, on, waive=()):
        """Receive money that counts for `on`: what was asked that day, waiving parts of it."""
        owed = self.owed(on)
        waived = {name: max(D(0), getattr(owed, name)) for name in waive}
        fine = owed.fine - waived.get("fine", 0)
        interest = owed.interest - waived.get("interest", 0)
        principal = min(owed.principal, self.open())
        state = AmountToday(principal, fine, interest)
        paid = apply_payment(D(amount), state).payment(on)
        given = {f"waived_{name}": value for name, value in waived.items()}
        self.history.append(replace(paid, **given))
        return self.history[-1]

    def credit(self, amount, on):
        """A credit note: principal and nothing else."""
        self.history.append(Payment(on, D(amount)))

    def extend(self, on, due):
        self.moves.append(DueMove(on, due))

    def figures(self, on):
        owed = self.owed(on)
        return tuple(str(x) for x in (owed.principal, owed.fine, owed.interest, owed.total))

    def fines(self):
        return sum(p.fine for p in self.history)


def test_the_fine_is_paid_once_when_earlier_money_turns_up():
    # 12/4: 41 days 1.37 + 2.00, 46.63 of principal; then 30.00 of 20/3, all of it principal
    shop = Booking()
    assert shop.pay("50.00", date(2026, 4, 12)).fine == D("2.00")
    late_known = shop.pay("30.00", date(2026, 3, 20))
    assert (late_known.fine, late_known.interest) == (D(0), D(0))
    assert shop.fines() == D("2.00")
    # In order: 20/3 0.60 + 2.00 + 27.40; 12/4 72.60 x 1 % x 23/30 = 0.56 + 49.44; 23.16 are left.
    # 23.37 of principal are open, and of the 1.37 of interest only 1.16 were owed.
    assert shop.figures(date(2026, 4, 12)) == ("23.37", "0.00", "-0.21", "23.16")
    in_order = Booking()
    in_order.pay("30.00", date(2026, 3, 20))
    in_order.pay("50.00", date(2026, 4, 12))
    assert in_order.figures(date(2026, 4, 12)) == ("23.16", "0.00", "0.00", "23.16")
    # Whoever pays now gets the interest back.
    last = shop.pay("23.16", date(2026, 4, 12))
    assert (last.principal, last.interest) == (D("23.37"), D("-0.21"))
    assert shop.owed(date(2026, 12, 31)) == AmountToday.nothing()


def test_a_waived_fine_is_not_charged_on_earlier_money():
    shop = Booking()
    shop.pay("50.00", date(2026, 4, 12), waive=("fine",))
    assert shop.pay("30.00", date(2026, 3, 20)).fine == 0
    assert shop.fines() == 0
    assert shop.owed(date(2026, 12, 31)).fine == 0


def test_waived_interest_is_not_charged_on_earlier_money():
    # All of 3.37 waived on 12/4, 50.00 of principal paid; 30.00 of 20/3 owe no interest either.
    shop = Booking()
    shop.pay("50.00", date(2026, 4, 12), waive=("fine", "interest"))
    assert shop.pay("30.00", date(2026, 3, 20)).principal == D("30.00")
    assert shop.figures(date(2026, 4, 12)) == ("20.00", "0.00", "0.00", "20.00")


def test_a_part_of_the_interest_that_was_waived_is_forgiven_once():
    """0.80 waived on 12/4; 20.00 of 12/3 and of 22/3 turn up, booked as 0.33 and 0.27 interest.

    Owed are 0.33 (10 days of 100.00), 0.27 (10 days of 82.00) and 0.44 (21 days of 62.24): 1.04.
    So 0.24 are paid, 2.00 of fine, and 37.76 of principal: 62.24 are left.
    """
    shop = Booking()
    shop.history = [
        Payment(date(2026, 4, 12), D(0), waived_interest=D("0.80")),
        Payment(date(2026, 3, 12), D("17.67"), D("0.33"), D("2.00"), spread=True),
        Payment(date(2026, 3, 22), D("19.73"), D("0.27"), spread=True),
    ]
    assert shop.figures(date(2026, 4, 12)) == ("62.60", "0.00", "-0.36", "62.24")


def test_a_cheque_of_a_later_day_pays_the_fine_for_the_balance_too():
    shop = Booking()
    assert shop.pay("50.00", date(2026, 4, 12)).fine == D("2.00")
    assert shop.pay("53.37", date(2026, 3, 27)).fine == 0
    assert shop.fines() == D("2.00")


def test_from_the_day_of_its_extension_an_installment_is_late_no_more():
    shop = Booking()
    assert shop.owed(date(2026, 3, 12)).days_charged == 10
    shop.extend(date(2026, 3, 12), date(2026, 4, 30))
    assert shop.owed(date(2026, 3, 11)).days_charged == 9
    assert shop.owed(date(2026, 3, 12)).days_charged == 0
    assert shop.figures(date(2026, 3, 12)) == ("100.00", "2.00", "0.33", "102.33")


def test_what_an_extension_kept_follows_later_knowledge():
    # kept on 12/3: 2.00 + 100 x 1 % x 10/30 = 0.33; then 60.00 turns up as paid on the due date
    shop = Booking()
    shop.extend(date(2026, 3, 12), date(2026, 4, 30))
    assert shop.figures(date(2026, 3, 13)) == ("100.00", "2.00", "0.33", "102.33")
    assert shop.pay("60.00", date(2026, 3, 2)).principal == D("60.00")
    # 40 x 2 % = 0.80; 40 x 1 % x 10/30 = 0.13
    assert shop.figures(date(2026, 3, 13)) == ("40.00", "0.80", "0.13", "40.93")


def test_money_of_a_day_before_the_extension_pays_the_fine_once():
    shop = Booking()
    shop.extend(date(2026, 3, 20), date(2026, 4, 30))
    paid = shop.pay("50.00", date(2026, 3, 12))
    assert (paid.interest, paid.fine, paid.principal) == (D("0.33"), D("2.00"), D("47.67"))
    # 52.33 x 1 % x 8/30 = 0.14: with 0.33 paid, 0.47 in all
    assert shop.figures(date(2026, 3, 21)) == ("52.33", "0.00", "0.14", "52.47")


def test_a_credit_note_of_a_day_before_the_extension_lowers_what_it_kept():
    shop = Booking()
    shop.extend(date(2026, 3, 20), date(2026, 4, 30))
    shop.credit("90.00", date(2026, 3, 1))
    # 10 x 2 % = 0.20; 10 x 1 % x 18/30 = 0.06
    assert shop.figures(date(2026, 3, 21)) == ("10.00", "0.20", "0.06", "10.26")


def test_a_fine_paid_too_much_is_given_back():
    # 30.00 on 12/3: 0.33 + 2.00 + 27.67; then 60.00 of the due date: 40.00 bore 0.80 and 0.13
    shop = Booking()
    shop.pay("30.00", date(2026, 3, 12))
    assert shop.pay("60.00", date(2026, 3, 2)).principal == D("60.00")
    assert shop.figures(date(2026, 3, 12)) == ("12.33", "-1.20", "-0.20", "10.93")
    # the same in order: 100 - 60 - (30 - 0.80 - 0.13) = 10.93
    in_order = Booking()
    in_order.pay("60.00", date(2026, 3, 2))
    in_order.pay("30.00", date(2026, 3, 12))
    assert in_order.figures(date(2026, 3, 12)) == ("10.93", "0.00", "0.00", "10.93")


MONEYS = st.lists(
    st.tuples(st.integers(-10, 120), st.decimals("0.01", 60, places=2)), min_size=1, max_size=5
)


@given(MONEYS, TERMS, st.randoms(use_true_random=False), st.integers(0, 200))
def test_the_same_money_known_in_any_order_leaves_the_same_to_pay(moneys, terms, random, wait):
    """Unless the debt is settled in between: what is settled is settled."""
    on = days(FIRST_DUE, 120 + wait)
    totals = []
    for order in (sorted(moneys), random.sample(moneys, len(moneys))):
        shop = Booking("400.00", terms=terms)
        for offset, amount in order:
            shop.pay(amount, days(FIRST_DUE, offset))
        totals.append(shop.owed(on).total)
        assert shop.fines() <= shop.principal * terms.fine_percent / 100 + D("0.005")
    assert totals[0] == totals[1]


@given(
    MONEYS,
    TERMS,
    st.lists(st.tuples(st.integers(0, 120), st.booleans(), st.booleans()), max_size=2),
    st.lists(st.tuples(st.integers(-10, 120), st.decimals("0.01", 60, places=2)), max_size=2),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 40)), max_size=2),
    st.randoms(use_true_random=False),
)
def test_one_fine_whatever_happens_in_whatever_order(moneys, terms, waivers, notes, moves, random):
    shop = Booking("900.00", terms=terms)
    acts = [("pay", *money) for money in moneys]
    acts += [("credit", *note) for note in notes]
    acts += [("waive", *waiver) for waiver in waivers]
    random.shuffle(acts)
    on, due = 0, FIRST_DUE
    for later, longer in moves:
        on += later
        due = max(due, days(FIRST_DUE, on)) + timedelta(days=longer)
        shop.extend(days(FIRST_DUE, on), due)
    for act, offset, *how in acts:
        day = days(FIRST_DUE, offset)
        if act == "pay":
            shop.pay(how[0], day)
        elif act == "credit":
            shop.credit(how[0], day)
        else:
            shop.pay(
                "0.00", day, [n for n, yes in zip(("fine", "interest"), how, strict=True) if yes]
            )
    most = shop.principal * terms.fine_percent / 100 + D("0.005")
    assert shop.fines() <= most
    waived = sum(p.waived_fine for p in shop.history)
    assert shop.fines() + waived <= most
    last = days(FIRST_DUE, 200)
    shop.pay(shop.owed(last).total, last)
    assert shop.owed(days(last, 300)) == AmountToday.nothing()
    assert 0 <= shop.fines() <= most
