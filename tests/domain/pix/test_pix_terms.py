"""What the bank is told of a contract's rules, and what it then asks on each day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.crediario.credit_price import PriceMethod
from odoo.addons.optica_cobranca.domain.crediario.early_settlement import (
    OpenInstallment,
    SettlementRule,
    settle,
)
from odoo.addons.optica_cobranca.domain.crediario.late_charges import (
    AmountToday,
    ChargeTerms,
    amount_today,
)
from odoo.addons.optica_cobranca.domain.pix.pix_charge import Part, sum_of
from odoo.addons.optica_cobranca.domain.pix.pix_terms import (
    DueTerms,
    asked_on,
    due_terms,
    fits_due_date,
    last_payable_day,
)
from odoo.addons.optica_cobranca.domain.shop.business_days import BusinessCalendar, bank_holidays

DUE = date(2026, 3, 2)  # a Monday
LATE = ChargeTerms(Decimal("2.00"), Decimal("1.00"))
NO_INTEREST = SettlementRule(PriceMethod.NONE, Decimal(0))
PRICE = SettlementRule(PriceMethod.PRICE, Decimal("1.00"))
P = Decimal("105.58")
CALENDAR = BusinessCalendar()


def test_no_discount_without_interest():
    terms = due_terms(P, DUE, date(2026, 1, 1), LATE, NO_INTEREST, 60)
    assert (terms.original, terms.due, terms.valid_days) == (P, DUE, 60)
    assert (terms.fine_percent, terms.monthly_interest_percent) == (
        Decimal("2.00"),
        Decimal("1.00"),
    )
    assert terms.discounts == ()


def test_asked_when_late_is_the_rule_of_the_house():
    """105.58 at 2 % and 1 % a month, 17 days: 2.11 and 0.60, 108.29 in all."""
    terms = due_terms(P, DUE, date(2026, 1, 1), LATE, NO_INTEREST, 60)
    asked = asked_on(terms, date(2026, 3, 19), CALENDAR)
    assert (asked.fine, asked.interest, asked.total) == (
        Decimal("2.11"),
        Decimal("0.60"),
        Decimal("108.29"),
    )
    assert asked_on(terms, DUE, CALENDAR).total == P


def test_discounts_are_the_present_values_of_three_months():
    """At 1 % a month, 28, 59 and 90 days before 2 March 2026: worked out by hand to the cent."""
    terms = due_terms(P, DUE, date(2025, 11, 1), LATE, PRICE, 60)
    # 105.58 / 1.01 ** (90/30) = 102.47; (59/30): 103.53; (28/30): 104.60
    assert terms.discounts == (
        (date(2025, 12, 2), Decimal("3.11")),
        (date(2026, 1, 2), Decimal("2.05")),
        (date(2026, 2, 2), Decimal("0.98")),
    )
    assert asked_on(terms, date(2026, 1, 2), CALENDAR).total == Decimal("103.53")
    assert asked_on(terms, date(2026, 1, 3), CALENDAR).total == Decimal("104.60")
    assert asked_on(terms, date(2026, 2, 3), CALENDAR).total == P


def test_days_gone_by_have_no_discount_any_more():
    terms = due_terms(P, DUE, date(2026, 1, 3), LATE, PRICE, 60)
    assert [day for day, _less in terms.discounts] == [date(2026, 2, 2)]


def test_a_discount_of_all_of_it_is_no_discount_of_a_bank():
    """Half for each whole month: one month early half is left, two months early nothing."""
    rule = SettlementRule(PriceMethod.NONE, Decimal(0), percent_per_whole_month=Decimal(50))
    terms = due_terms(Decimal("100.00"), DUE, date(2025, 11, 1), LATE, rule, 60)
    assert terms.discounts == ((date(2026, 2, 2), Decimal("50.00")),)


@pytest.mark.parametrize(
    ("asked_for", "told"), [(-1, 0), (0, 0), (1, 1), (3650, 3650), (3651, 3650)]
)
def test_days_of_validity_are_none_to_ten_years(asked_for, told):
    assert due_terms(P, DUE, DUE, LATE, None, asked_for).valid_days == told


def test_a_grace_is_not_told_but_kept():
    """Nothing is charged within the grace, and the code ends with it."""
    terms = due_terms(P, DUE, date(2026, 1, 1), ChargeTerms(Decimal(2), Decimal(1), 5), None, 60)
    assert (terms.fine_percent, terms.monthly_interest_percent, terms.valid_days) == (0, 0, 5)
    assert asked_on(terms, DUE + timedelta(days=5), CALENDAR).total == P


def test_percentages_are_cut_for_the_customer():
    terms = due_terms(P, DUE, DUE, ChargeTerms(Decimal("1.999"), Decimal("0.999")), None, 60)
    assert (str(terms.fine_percent), str(terms.monthly_interest_percent)) == ("1.99", "0.99")


def test_another_term_another_signature():
    one = due_terms(P, DUE, DUE, LATE, None, 60)
    assert one.signature == due_terms(P, DUE, DUE, LATE, None, 60).signature
    moved = due_terms(P, DUE + timedelta(days=30), DUE, LATE, None, 60)
    assert (
        len({one.signature, moved.signature, due_terms(P / 2, DUE, DUE, LATE, None, 60).signature})
        == 3
    )


@pytest.mark.parametrize(
    ("parts", "on", "amount", "fits"),
    [
        ((Part(1, P),), DUE, (P, "0", "0"), True),
        ((Part(1, P),), DUE + timedelta(days=1), (P, "0", "0"), False),
        ((Part(1, P, Decimal("2.11")),), DUE, (P, "2.11", "0"), False),
        ((Part(1, P, reduction=Decimal("1.05")),), DUE, (P, "0", "0"), False),
        ((Part(1, Decimal("50.00")),), DUE, ("50.00", "0", "0"), False),
        ((Part(1, P), Part(2, P)), DUE, (P, "0", "0"), False),
    ],
)
def test_when_a_due_date_says_it_all(parts, on, amount, fits):
    principal, fine, interest = map(Decimal, amount)
    now = AmountToday(principal, fine, interest)
    assert fits_due_date(parts, DUE, on, P, now) is fits


MONEY = st.integers(100, 10**7).map(lambda value: Decimal(value) / 100)


@given(MONEY, st.integers(-120, 120), st.sampled_from(["0", "1", "2"]), st.integers(0, 3))
def test_never_more_than_the_law_early_and_exactly_the_rule_late(principal, days, rate, fine):
    on = DUE + timedelta(days=days)
    terms = ChargeTerms(Decimal(fine) / 2, Decimal("1.00"))
    rule = SettlementRule(PriceMethod.PRICE, Decimal(rate))
    asked = asked_on(due_terms(principal, DUE, on, terms, rule, 60), on, CALENDAR)
    owed = amount_today(principal, DUE, terms, on, CALENDAR)
    [worth] = settle([OpenInstallment(None, principal, DUE)], on, rule)
    assert asked.principal == principal
    assert (asked.fine, asked.interest) == (owed.fine, owed.interest)
    assert Decimal(0) <= asked.reduction <= worth.reduction


@given(st.lists(st.tuples(MONEY, MONEY, MONEY), min_size=1, max_size=5))
def test_sums(rows):
    parts = [Part(key, *row) for key, row in enumerate(rows)]
    assert sum_of(parts).total == sum(part.total for part in parts)


@pytest.mark.parametrize(
    ("due", "valid_days", "last"),
    [
        ("2020-10-20", 4, "2020-10-26"),  # A: the 24th is a Saturday
        ("2020-12-25", 0, "2020-12-28"),  # B: Christmas is a Friday
        ("2020-12-25", 1, "2020-12-29"),  # C
        ("2020-12-25", 3, "2020-12-31"),  # D
        ("2020-12-25", 4, "2021-01-04"),  # E: the fourth day is New Year's
        ("2021-08-27", 5, "2021-09-01"),  # F: a Friday with business
        ("2021-08-28", 5, "2021-09-06"),  # G: a Saturday, and the fifth day another one
        ("2026-02-14", 0, "2026-02-18"),  # Carnival: banks open on Ash Wednesday
        ("2026-06-04", 0, "2026-06-05"),  # Corpus Christi
    ],
)
def test_last_payable_day_as_published(due, valid_days, last):
    """API Pix 2.9.0, validadeAposVencimento, examples A to G; Resolução CMN 4.880/2020."""
    terms = DueTerms(Decimal("100.00"), date.fromisoformat(due), valid_days)
    calendar = BusinessCalendar(bank_holidays(range(2020, 2027), None))
    assert last_payable_day(terms, calendar) == date.fromisoformat(last)
