"""What a late customer may agree to alone: by hand, in a table, and for any debt at all."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.agreement.agreement import (
    AgreementLimits,
    Debt,
    DiscountTier,
)
from odoo.addons.optica_cobranca.domain.agreement.self_service import (
    ASKABLE,
    Choice,
    Credit,
    Objection,
    OpenInstallment,
    Refusal,
    Scope,
    SelfServicePolicy,
    Situation,
    least_down_payment,
    offers,
    taken_in,
    work_out,
)

D = Decimal
TODAY = date(2026, 3, 27)
# 45 and 17 days late at 2 % and 1 % a month.
A = Debt("A", date(2026, 2, 10), D("100.00"), D("2.00"), D("1.50"))
B = Debt("B", date(2026, 3, 10), D("105.58"), D("2.11"), D("0.60"))
C = Debt("C", date(2026, 4, 10), D("50.00"))
LATE = (A, B)
# Half of the charges: 1.75 of A, 1.355 -> 1.36 of B; net 211.79 - 3.11 = 208.68, a fifth is 41.74.
LIMITS = AgreementLimits(
    tiers=(DiscountTier(1, D(50), D(0)),),
    max_installments=4,
    min_part=D("50.00"),
    min_down_payment_percent=D(20),
)
POLICY = SelfServicePolicy(
    LIMITS,
    first_due_min_days=5,
    first_due_max_days=40,
    months_between=6,
    min_debt=D("100.00"),
    max_debt=D("500.00"),
)
FREE = Credit("none", D(0))


def offered(debts=LATE, policy=POLICY, credit=FREE, on=TODAY, **situation):
    return offers(debts, policy, credit, Situation(**situation), on)


def test_offers_worked_out_by_hand():
    """166.94 in parts of at least 50.00: one, two or three, never four."""
    found = offered()
    assert found.refusals == ()
    assert [answer.choice.parts for answer in found.answers] == [1, 2, 3]
    assert {answer.choice.down_payment for answer in found.answers} == {D("41.74")}
    assert {answer.choice.first_due for answer in found.answers} == {date(2026, 4, 26)}
    assert [[str(part) for part in a.proposal.offer.parts] for a in found.answers] == [
        ["166.94"],
        ["83.47", "83.47"],
        ["55.64", "55.64", "55.66"],
    ]
    assert {answer.proposal.offer.total for answer in found.answers} == {D("208.68")}


def test_an_offer_with_a_charge_tells_it():
    """166.94 at 1 % a month in two: 166.94 x 0.01 / (1 - 1.01^-2) = 84.72 each."""
    two = offered(credit=Credit("price", D(1))).answers[1].proposal.offer
    assert [str(part) for part in two.parts] == ["84.72", "84.72"]
    assert (two.finance_charge, two.total) == (D("2.50"), D("211.18"))
    assert two.cet > D("12")


def letting_go(percent_of_principal):
    tier = DiscountTier(1, D(100), D(percent_of_principal))
    return replace(POLICY, limits=replace(LIMITS, tiers=(tier,)))


@pytest.mark.parametrize(
    ("case", "refusals"),
    [
        ({"policy": replace(POLICY, is_on=False)}, [Refusal.OFF]),
        ({"debts": ()}, [Refusal.NOTHING_LATE]),
        ({"has_agreement": True}, [Refusal.HAS_AGREEMENT]),
        ({"debts": (), "has_agreement": True}, [Refusal.HAS_AGREEMENT]),
        # all of 103.50 is let go: nothing to agree on; of 99.99 % a cent is left
        ({"debts": (A,), "policy": letting_go("100")}, [Refusal.NOTHING_LATE]),
        ({"debts": (A,), "policy": letting_go("99.99")}, [Refusal.NO_SCHEDULE]),
        ({"handed_over": True}, [Refusal.HANDED_OVER]),
        ({"last_own": date(2025, 9, 28)}, [Refusal.TOO_SOON]),
        ({"last_own": date(2025, 9, 27)}, []),
        ({"policy": replace(POLICY, min_debt=D("211.80"))}, [Refusal.DEBT_TOO_SMALL]),
        ({"policy": replace(POLICY, min_debt=D("211.79"))}, []),
        ({"policy": replace(POLICY, max_debt=D("211.78"))}, [Refusal.DEBT_TOO_LARGE]),
        ({"policy": replace(POLICY, max_debt=D("211.79"))}, []),
        ({"policy": replace(POLICY, max_debt=None)}, []),
        ({"credit": Credit("price", D("1.01"))}, [Refusal.RATE]),
        ({"credit": Credit("price", D("1.01"), is_confirmed=True)}, []),
        ({"credit": Credit("none", D(9))}, []),
        (
            {"policy": replace(POLICY, limits=replace(LIMITS, min_part=D("166.95")))},
            [Refusal.NO_SCHEDULE],
        ),
        (
            {"has_agreement": True, "last_own": TODAY},
            [Refusal.HAS_AGREEMENT, Refusal.TOO_SOON],
        ),
    ],
)
def test_why_nothing_is_offered(case, refusals):
    found = offered(**case)
    assert list(found.refusals) == refusals
    assert bool(found.answers) is not bool(refusals)
    assert found.may_ask is all(refusal in ASKABLE for refusal in refusals)
    assert bool(found.hindrances) is (refusals not in ([], [Refusal.NO_SCHEDULE]))


def test_a_day_is_told_only_to_who_asks_too_soon():
    """Agreed on 31 January, again from 31 July: the shop's other refusal has no such day."""
    again_on = date(2026, 7, 31)
    found = offered(last_own=date(2026, 1, 31), handed_over=True)
    assert (set(found.refusals), found.again_on) == (
        {Refusal.HANDED_OVER, Refusal.TOO_SOON},
        again_on,
    )
    found = offered(last_own=date(2026, 1, 31), handed_over=True, on=again_on)
    assert (found.refusals, found.again_on) == ((Refusal.HANDED_OVER,), None)


def test_a_policy_that_says_nothing_more():
    """One part or more from tomorrow to 30 days ahead, as often as the customer likes."""
    policy = SelfServicePolicy(AgreementLimits(max_installments=1))
    assert policy.first_due_range(TODAY) == (date(2026, 3, 28), date(2026, 4, 26))
    found = offered(debts=(A,), policy=policy, last_own=TODAY)
    assert [answer.choice.parts for answer in found.answers] == [1]
    assert found.answers[0].proposal.offer.total == D("103.50")
    assert found.answers[0].proposal.offer.down_payment == 0


def test_when_the_customer_may_agree_again():
    assert offered(last_own=date(2026, 1, 31)).again_on == date(2026, 7, 31)
    assert offered(last_own=date(2025, 8, 31), on=date(2026, 2, 27)).again_on == date(2026, 2, 28)
    assert offered().again_on is None


@pytest.mark.parametrize(
    ("choice", "objections"),
    [
        (Choice(3, D("41.74"), date(2026, 4, 26)), []),
        (Choice(3, D("41.73"), date(2026, 4, 26)), [Objection.DOWN_PAYMENT]),
        (Choice(1, D("150.00"), date(2026, 4, 1)), []),
        (Choice(1, D("158.69"), date(2026, 4, 1)), [Objection.SMALL_PART]),
        (Choice(2, D("41.74"), date(2026, 3, 31)), [Objection.FIRST_DUE]),
        (Choice(2, D("41.74"), date(2026, 5, 6)), []),
        (Choice(2, D("41.74"), date(2026, 5, 7)), [Objection.FIRST_DUE]),
        (Choice(5, D("0.00"), date(2026, 4, 26)), ["parts", "small_part", "down_payment"]),
    ],
)
def test_a_choice_outside_the_policy_is_worked_out_and_objected_to(choice, objections):
    answer = work_out(LATE, POLICY, FREE, choice, TODAY)
    assert list(answer.objections) == objections
    assert answer.proposal.offer.total == D("208.68")


def test_what_an_agreement_takes_in():
    installments = [
        OpenInstallment(A, "one", is_late=True),
        OpenInstallment(C, "one", is_late=False),
        OpenInstallment(B, "two", is_late=False),
    ]
    assert taken_in(installments, Scope.LATE) == [A]
    assert taken_in(installments, Scope.CONTRACT) == [A, C]
    assert taken_in(installments[1:], Scope.CONTRACT) == []


def test_never_wider_than_a_collector_may_grant():
    collector = AgreementLimits(
        max_installments=2, min_part=D("60.00"), min_down_payment_percent=D(30)
    )
    limits = POLICY.within(collector).limits
    assert (limits.max_installments, limits.min_part) == (2, D("60.00"))
    assert limits.min_down_payment_percent == D(30)
    assert limits.tiers == LIMITS.tiers
    assert POLICY.within(AgreementLimits()).limits == LIMITS


def test_the_usual_first_due_lies_in_the_range():
    for least, most, expected in ((5, 40, 30), (35, 40, 35), (5, 20, 20)):
        policy = replace(POLICY, first_due_min_days=least, first_due_max_days=most)
        assert policy.usual_first_due(TODAY) == TODAY + timedelta(days=expected)


money = st.decimals("0.00", "3000.00", places=2)
debts = st.lists(
    st.builds(
        lambda key, days, principal, fine, interest: Debt(
            key, TODAY - timedelta(days=days), principal, min(fine, principal), interest
        ),
        st.uuids(),
        st.integers(1, 900),
        st.decimals("0.01", "3000.00", places=2),
        st.decimals("0.00", "60.00", places=2),
        st.decimals("0.00", "90.00", places=2),
    ),
    min_size=1,
    max_size=5,
)
percents = st.decimals("0", "100", places=2)
policies = st.builds(
    lambda charges, down, most, part, fewest: SelfServicePolicy(
        AgreementLimits((DiscountTier(1, charges, D(0)),), most, part, down),
        min_parts=fewest,
        first_due_min_days=5,
        first_due_max_days=40,
    ),
    percents,
    st.decimals("0", "90", places=2),
    st.integers(1, 8),
    st.decimals("0", "200.00", places=2),
    st.integers(1, 4),
)
credits = st.sampled_from([FREE, Credit("price", D(1)), Credit("linear", D("0.5"))])


@given(debts, policies, credits)
def test_every_offer_keeps_the_policy_and_the_cents(owed, policy, credit):
    found = offers(owed, policy, credit, Situation(), TODAY)
    assert bool(found.answers) is not bool(found.refusals)
    for answer in found.answers:
        proposal, limits = answer.proposal, policy.limits
        assert policy.min_parts <= proposal.offer.n <= limits.max_installments
        assert min(proposal.offer.parts) >= limits.min_part
        assert proposal.offer.down_payment >= least_down_payment(owed, policy, TODAY)
        assert proposal.offer.dates[0] - TODAY == timedelta(days=30)
        assert proposal.discount.principal == 0
        total = proposal.principal + proposal.charges - proposal.discount.charges
        assert proposal.offer.total == total + proposal.offer.finance_charge
        # Whoever chooses an offer as it stands meets no objection.
        assert work_out(owed, policy, credit, answer.choice, TODAY) == answer
