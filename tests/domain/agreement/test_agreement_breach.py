from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.agreement.agreement import Debt
from odoo.addons.optica_cobranca.domain.agreement.agreement_breach import (
    AgreementPart,
    Credit,
    breach,
    is_breached,
)
from odoo.addons.optica_cobranca.domain.shop.business_days import BusinessCalendar
from odoo.addons.optica_cobranca.domain.shop.errors import AgreementError, ErrorCode

D = Decimal
FRIDAY = date(2026, 4, 10)
OLDER = Debt("1/10", date(2026, 1, 10), D("105.58"), D("2.11"), D("3.17"))
NEWER = Debt("2/10", date(2026, 2, 10), D("105.58"), D("2.11"), D("2.08"))


def parts(*paid, amount="110.00"):
    return [
        AgreementPart(k, FRIDAY + timedelta(days=30 * k), D(amount), D(value))
        for k, value in enumerate(paid)
    ]


def credited(result):
    return [
        (credit.key, str(credit.interest), str(credit.fine), str(credit.principal))
        for credit in result.credits
    ]


@pytest.mark.parametrize(
    ("paid", "older", "newer", "surplus"),
    [
        # 50.00 + 50.89 = 100.89; less 3.17 and 2.11: 95.61 of the principal
        (("50.00", "50.89"), ("3.17", "2.11", "95.61"), ("0.00", "0.00", "0.00"), "0.00"),
        (("2.00",), ("2.00", "0.00", "0.00"), ("0.00", "0.00", "0.00"), "0.00"),
        (("5.00",), ("3.17", "1.83", "0.00"), ("0.00", "0.00", "0.00"), "0.00"),
        # 110.86 settles the older: 9.14 are left, less 2.08 and 2.11: 4.95
        (("110.00", "10.00"), ("3.17", "2.11", "105.58"), ("2.08", "2.11", "4.95"), "0.00"),
        # 110.86 + 109.77 = 220.63 settles both; 225 - 220.63 = 4.37
        (
            ("110.00", "110.00", "5.00"),
            ("3.17", "2.11", "105.58"),
            ("2.08", "2.11", "105.58"),
            "4.37",
        ),
        ((), ("0.00", "0.00", "0.00"), ("0.00", "0.00", "0.00"), "0.00"),
    ],
)
def test_credits_worked_out_by_hand(paid, older, newer, surplus):
    result = breach(parts(*paid), [OLDER, NEWER])
    assert credited(result) == [("1/10", *older), ("2/10", *newer)]
    assert str(result.surplus) == surplus
    assert result.paid == sum(map(D, paid))


def test_the_oldest_comes_first_whatever_the_order():
    result = breach(parts("3.00"), [NEWER, OLDER])
    assert credited(result) == [("2/10", "0.00", "0.00", "0.00"), ("1/10", "3.00", "0.00", "0.00")]
    assert result.credits[1] == Credit("1/10", D("3.00"), D(0), D(0))
    assert result.credits[1].total == D("3.00")


def test_of_two_with_one_due_date_the_first_given_comes_first():
    twin = Debt("twin", OLDER.due, D("10.00"))
    result = breach(parts("12.00"), [twin, OLDER])
    assert credited(result) == [("twin", "0.00", "0.00", "10.00"), ("1/10", "2.00", "0.00", "0.00")]


@pytest.mark.parametrize(
    ("due", "days", "tolerance", "expected"),
    [
        (FRIDAY, 15, 15, False),
        (FRIDAY, 16, 15, True),
        (FRIDAY, 0, 0, False),
        (FRIDAY, 1, 0, True),
        # due on a Saturday: counts from Monday
        (FRIDAY + timedelta(days=1), 2, 0, False),
        (FRIDAY + timedelta(days=1), 3, 0, True),
    ],
)
def test_a_part_unpaid_for_too_long_breaks_the_agreement(due, days, tolerance, expected):
    on = due + timedelta(days=days)
    missing = AgreementPart(1, due, D("10.00"), D("9.99"))
    paid = AgreementPart(0, due - timedelta(days=100), D("10.00"), D("10.00"))
    calendar = BusinessCalendar()
    assert is_breached([paid, missing], on, tolerance, calendar) is expected
    assert not is_breached([paid], on, tolerance, calendar)


@pytest.mark.parametrize(
    ("amount", "paid", "code"),
    [
        ("-1", "0", ErrorCode.NEGATIVE_VALUE),
        ("1", "-1", ErrorCode.NEGATIVE_VALUE),
        ("1", "1.01", ErrorCode.PAID_ABOVE_AMOUNT),
    ],
)
def test_parts_that_make_no_sense_are_refused(amount, paid, code):
    with pytest.raises(AgreementError) as caught:
        AgreementPart(1, FRIDAY, D(amount), D(paid))
    assert caught.value.code is code


amounts = st.decimals(0, 10**4, places=2)


@given(
    st.lists(st.tuples(amounts, st.decimals(0, 1, places=2)), max_size=12),
    st.lists(st.tuples(st.integers(0, 600), amounts, amounts, amounts), max_size=12),
)
def test_what_was_paid_is_credited_to_the_cent(paid, owed):
    agreed = [
        AgreementPart(k, FRIDAY, amount, (amount * share).quantize(D("0.01")))
        for k, (amount, share) in enumerate(paid)
    ]
    originals = [
        Debt(k, FRIDAY - timedelta(days=days), *figures) for k, (days, *figures) in enumerate(owed)
    ]
    result = breach(agreed, originals)
    assert result.paid == sum(part.paid for part in agreed)
    assert sum(credit.total for credit in result.credits) + result.surplus == result.paid
    missing = []
    for credit, original in zip(result.credits, originals, strict=True):
        assert credit.key == original.key
        assert 0 <= credit.interest <= original.interest
        assert 0 <= credit.fine <= original.fine
        assert 0 <= credit.principal <= original.principal
        assert not credit.fine or credit.interest == original.interest
        assert not credit.principal or credit.fine == original.fine
        if credit.total < original.principal + original.charges:
            missing.append(original.due)
    # What is older than a debt not fully credited is fully credited; none is credited after it.
    for credit, original in zip(result.credits, originals, strict=True):
        assert not missing or original.due <= min(missing) or not credit.total
    assert not missing or not result.surplus
