from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.agreement.agreement import (
    AgreementLimits,
    ApprovalReason,
    Debt,
    Discount,
    DiscountTier,
    Forgiven,
    largest_discount,
    propose,
)
from odoo.addons.optica_cobranca.domain.crediario.schedule import installment_dates
from odoo.addons.optica_cobranca.domain.shop.errors import DomainError, ErrorCode

D = Decimal
TODAY = date(2026, 4, 10)
FIRST = date(2026, 5, 10)

# 90 and 59 days late at 2 % and 1 % a month: 105.58 x 1 % x 90/30 = 3.17; x 59/30 = 2.08
OLDER = Debt("1/10", date(2026, 1, 10), D("105.58"), D("2.11"), D("3.17"))
NEWER = Debt("2/10", date(2026, 2, 10), D("105.58"), D("2.11"), D("2.08"))
NOT_DUE = Debt("5/10", date(2026, 5, 10), D("105.58"))
STEPS = (
    DiscountTier(60, D(100), D(10)),
    DiscountTier(30, D(50), D(0)),
)
LIMITS = AgreementLimits(STEPS)


def proposal(debts=(OLDER, NEWER), limits=LIMITS, down="50.00", n=3, **options):
    terms = {"method": "none", "monthly_rate": D(0), "first_due": FIRST, "on": TODAY, **options}
    return propose(debts, limits, D(down), n, **terms)


def test_an_agreement_worked_out_by_hand():
    found = proposal()
    assert (found.principal, found.charges) == (D("211.16"), D("9.47"))
    # 5.28 + 4.19 x 50 % = 2.10 (2.095 rounded up); 105.58 x 10 % = 10.56
    assert found.discount == found.limit == Discount(D("7.38"), D("10.56"))
    # the interest of 2.08 goes before two cents of the fine
    assert found.forgiven == (
        Forgiven("1/10", D("2.11"), D("3.17"), D("10.56")),
        Forgiven("2/10", D("0.02"), D("2.08"), D("0.00")),
    )
    # 211.16 + 9.47 - 7.38 - 10.56
    assert found.net == D("202.69")
    # (202.69 - 50) / 3 = 50.8966
    assert [str(part) for part in found.offer.parts] == ["50.89", "50.89", "50.91"]
    assert found.offer.dates == (date(2026, 5, 10), date(2026, 6, 10), date(2026, 7, 10))
    assert (found.offer.total, found.offer.finance_charge) == (D("202.69"), 0)
    assert found.offer.down_payment == D("50.00")
    assert (found.reasons, found.needs_approval) == ((), False)


def test_the_new_schedule_may_bear_interest():
    # net without discount 220.63; 170.63 x (1 + 1 % x 3) = 175.7489
    found = proposal(discount=Discount(), method="linear", monthly_rate=D(1))
    assert found.net == D("220.63")
    assert found.offer.finance_charge == D("5.12")
    assert [str(part) for part in found.offer.parts] == ["58.58", "58.58", "58.59"]
    assert found.offer.total == D("225.75")
    assert found.offer.cet > 12


def test_an_anchor_keeps_the_day():
    found = proposal(first_due=date(2026, 4, 30), anchor_day=31)
    assert found.offer.dates == (date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30))


@pytest.mark.parametrize(
    ("days_late", "charges", "principal"),
    [
        (-5, "0.00", "0.00"),
        (29, "0.00", "0.00"),
        (30, "5.00", "0.00"),
        (59, "5.00", "0.00"),
        (60, "10.00", "10.00"),
        (900, "10.00", "10.00"),
    ],
)
def test_the_limit_grows_with_the_days_late(days_late, charges, principal):
    debt = Debt(1, TODAY - timedelta(days=days_late), D("100.00"), D("4.00"), D("6.00"))
    assert largest_discount([debt], LIMITS, TODAY) == Discount(D(charges), D(principal))


def test_without_steps_nothing_may_be_forgiven():
    assert largest_discount([OLDER], AgreementLimits(), TODAY) == Discount(0, 0)


def test_a_discount_within_the_limits_follows_each_limit():
    found = proposal(debts=(OLDER, NEWER, NOT_DUE), discount=Discount(D("3.69"), D("4.00")))
    # 3.69 x 5.28/7.38 = 2.64, x 2.10/7.38 = 1.05; interest before the fine
    assert found.forgiven == (
        Forgiven("1/10", D("0.00"), D("2.64"), D("4.00")),
        Forgiven("2/10", D("0.00"), D("1.05"), D("0.00")),
        Forgiven("5/10", D("0.00"), D("0.00"), D("0.00")),
    )
    assert not found.needs_approval


def test_a_discount_beyond_the_limits_follows_the_amounts_and_needs_approval():
    found = proposal(discount=Discount(D("9.47"), D("20.00")))
    assert found.reasons == (
        ApprovalReason.DISCOUNT_OF_CHARGES,
        ApprovalReason.DISCOUNT_OF_PRINCIPAL,
    )
    assert found.forgiven == (
        Forgiven("1/10", D("2.11"), D("3.17"), D("10.00")),
        Forgiven("2/10", D("2.11"), D("2.08"), D("10.00")),
    )
    assert found.net == D("191.16")


@pytest.mark.parametrize(
    ("limits", "options", "reasons"),
    [
        ({}, {"discount": Discount(D("7.38"), D("10.56"))}, []),
        ({}, {"discount": Discount(D("7.39"), D(0))}, [ApprovalReason.DISCOUNT_OF_CHARGES]),
        ({}, {"discount": Discount(D(0), D("10.57"))}, [ApprovalReason.DISCOUNT_OF_PRINCIPAL]),
        # 202.69 x 20 % = 40.538
        ({"min_down_payment_percent": D(20)}, {"down": "40.54"}, []),
        ({"min_down_payment_percent": D(20)}, {"down": "40.53"}, [ApprovalReason.DOWN_PAYMENT]),
        ({"max_installments": 3}, {}, []),
        ({"max_installments": 2}, {}, [ApprovalReason.INSTALLMENTS]),
        ({"min_part": D("50.89")}, {}, []),
        ({"min_part": D("50.90")}, {}, [ApprovalReason.SMALL_INSTALLMENT]),
        ({}, {"method": "price", "monthly_rate": D(1)}, []),
        ({}, {"method": "price", "monthly_rate": D("1.01")}, [ApprovalReason.RATE]),
        ({}, {"method": "none", "monthly_rate": D(5)}, []),
    ],
)
def test_what_needs_approval(limits, options, reasons):
    found = proposal(limits=AgreementLimits(STEPS, **limits), **options)
    assert list(found.reasons) == reasons
    assert found.needs_approval is bool(reasons)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"down": "-0.01"}, ErrorCode.NEGATIVE_VALUE),
        ({"down": "202.69"}, ErrorCode.DOWN_PAYMENT_TOO_HIGH),
        ({"discount": Discount(D("-1"), D(0))}, ErrorCode.NEGATIVE_VALUE),
        ({"discount": Discount(D("9.48"), D(0))}, ErrorCode.DISCOUNT_ABOVE_DEBT),
        ({"discount": Discount(D(0), D("211.17"))}, ErrorCode.DISCOUNT_ABOVE_DEBT),
        ({"discount": Discount(D("9.47"), D("211.16"))}, ErrorCode.NOTHING_OWED),
        ({"debts": ()}, ErrorCode.NOTHING_OWED),
        ({"n": 0}, ErrorCode.PARTS_BELOW_ONE),
        ({"first_due": TODAY - timedelta(days=1)}, ErrorCode.FIRST_DUE_TOO_EARLY),
        ({"method": "sac"}, ErrorCode.UNKNOWN_METHOD),
    ],
)
def test_what_is_no_agreement_is_refused(options, code):
    with pytest.raises(DomainError) as caught:
        proposal(**options)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: Debt(1, TODAY, D(-1)), ErrorCode.NEGATIVE_VALUE),
        (lambda: Debt(1, TODAY, D(1), D(-1)), ErrorCode.NEGATIVE_VALUE),
        (lambda: Debt(1, TODAY, D(1), D(0), D(-1)), ErrorCode.NEGATIVE_VALUE),
        (lambda: DiscountTier(1, D(101), D(0)), ErrorCode.BAD_PERCENT),
        (lambda: DiscountTier(1, D(0), D(-1)), ErrorCode.BAD_PERCENT),
    ],
)
def test_figures_that_make_no_sense_are_refused(make, code):
    with pytest.raises(DomainError) as caught:
        make()
    assert caught.value.code is code


amounts = st.decimals(0, 10**4, places=2)
percents = st.decimals(0, 100, places=2)
debt_lists = st.lists(
    st.builds(
        Debt,
        st.just("k"),
        st.integers(-60, 900).map(lambda days: TODAY - timedelta(days=days)),
        amounts,
        amounts,
        amounts,
    ),
    min_size=1,
    max_size=12,
)
step_lists = st.lists(
    st.builds(DiscountTier, st.integers(0, 400), percents, percents), max_size=4
).map(tuple)


@given(
    debt_lists,
    step_lists,
    st.booleans(),
    st.tuples(percents, percents, percents),
    st.integers(1, 48),
    st.sampled_from(["none", "linear", "price"]),
    st.decimals(0, 5, places=2),
)
def test_not_a_cent_appears_or_vanishes(debts, tiers, asks, shares, n, method, rate):
    principal = sum(debt.principal for debt in debts)
    charges = sum(debt.fine + debt.interest for debt in debts)
    of_charges, of_principal, of_net = (share / 100 for share in shares)
    discount = None
    if asks:
        discount = Discount(
            min(charges, (charges * of_charges).quantize(D("0.01"))),
            min(principal, (principal * of_principal).quantize(D("0.01"))),
        )
    limits = AgreementLimits(tiers)
    given_up = discount or largest_discount(debts, limits, TODAY)
    net = principal + charges - given_up.charges - given_up.principal
    down = (net * of_net).quantize(D("0.01"))
    assume(down < net)
    found = propose(debts, limits, down, n, method, rate, FIRST, TODAY, discount=discount)

    assert found.discount == given_up
    assert found.net == net
    assert down + sum(found.offer.parts) == found.offer.total == net + found.offer.finance_charge
    assert list(found.offer.dates) == installment_dates(FIRST, n)
    assert sum(share.fine + share.interest for share in found.forgiven) == given_up.charges
    assert sum(share.principal for share in found.forgiven) == given_up.principal
    for share, debt in zip(found.forgiven, debts, strict=True):
        assert 0 <= share.fine <= debt.fine
        assert 0 <= share.interest <= debt.interest
        assert 0 <= share.principal <= debt.principal
        if not found.needs_approval:
            assert share.fine + share.interest <= limits.of_charges(debt, TODAY)
            assert share.principal <= limits.of_principal(debt, TODAY)
    assert asks or not {
        ApprovalReason.DISCOUNT_OF_CHARGES,
        ApprovalReason.DISCOUNT_OF_PRINCIPAL,
    } & set(found.reasons)
