"""Judging a received Pix: a table of cases, and what holds for all of them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.pix.pix_charge import Part, Sum, sum_of
from odoo.addons.optica_cobranca.domain.pix.pix_received import Debt, Received, Verdict, judge


def money(text):
    return Decimal(text)


def debt(open_principal="100.00", asked="100.00", fine="0", interest="0", less="0", **values):
    part = Part(values.pop("key", 1), *map(money, (asked, fine, interest, less)))
    return Debt(part.key, part, money(open_principal), **values)


def received(amount, *components):
    return Received(money(amount), *map(money, components))


@pytest.mark.parametrize(
    ("pix", "debts", "bank_counts", "verdict"),
    [
        (received("100.00"), [debt()], False, Verdict.EXACT),
        (received("99.99"), [debt()], False, Verdict.WRONG_AMOUNT),
        (received("100.01"), [debt()], False, Verdict.WRONG_AMOUNT),
        (received("100.00"), [], False, Verdict.UNKNOWN_TXID),
        (received("100.00"), [debt("0")], False, Verdict.PAID_TWICE),
        (received("100.00"), [debt("0")], True, Verdict.PAID_TWICE),
        (received("100.00"), [debt("40.00")], False, Verdict.WRONG_AMOUNT),
        (received("100.00"), [debt(renegotiated=True)], False, Verdict.AFTER_AGREEMENT),
        (received("100.00"), [debt("0", renegotiated=True)], True, Verdict.AFTER_AGREEMENT),
        (received("100.00"), [debt(withdrawn=True)], False, Verdict.NOT_OWED),
        (received("150.00"), [debt(), debt("50.00", "50.00", key=2)], False, Verdict.EXACT),
        (received("150.00"), [debt(), debt("0", "50.00", key=2)], False, Verdict.WRONG_AMOUNT),
        (received("150.00"), [debt("0"), debt("0", "50.00", key=2)], False, Verdict.PAID_TWICE),
        # The bank counted by itself: whatever it says, as long as it is this installment.
        (received("102.70", "100.00", "2.00", "0.70"), [debt()], True, Verdict.EXACT),
        (received("102.70", "90.00", "2.00", "10.70"), [debt()], True, Verdict.WRONG_AMOUNT),
        (received("102.70"), [debt(fine="2.00", interest="0.69")], True, Verdict.EXACT),
        (received("99.00"), [debt(less="1.00")], True, Verdict.EXACT),
        (received("98.00"), [debt(less="1.00")], True, Verdict.WRONG_AMOUNT),
    ],
)
def test_verdicts(pix, debts, bank_counts, verdict):
    assert judge(pix, debts, bank_counts=bank_counts).verdict == verdict


def test_components_of_the_bank_are_booked_as_they_are():
    pix = received("101.20", "100.00", "2.00", "0.70", "1.00", "0.50")
    [part] = judge(pix, [debt(fine="2.00", interest="0.60")], bank_counts=True).parts
    assert part == Part(1, money("100.00"), money("2.00"), money("0.70"), money("1.50"))
    assert part.total == money("101.20")


def test_without_components_the_surplus_is_fine_first():
    [part] = judge(received("102.75"), [debt(fine="2.00")], bank_counts=True).parts
    assert (part.fine, part.interest) == (money("2.00"), money("0.75"))


def test_without_components_the_whole_principal_is_taken_though_less_was_asked():
    """The discount had lapsed on the day of the payment: the bank took all 100.00."""
    [part] = judge(received("100.00"), [debt(less="1.00")], bank_counts=True).parts
    assert part == Part(1, money("100.00"))


@pytest.mark.parametrize(
    ("pix", "verdict"),
    [
        # one cent is left of the principal
        (received("0.01", "100.00", "0", "0", "60.00", "39.99"), Verdict.EXACT),
        # nothing is left: no payment of this installment
        (received("1.00", "100.00", "1.00", "0", "60.00", "40.00"), Verdict.WRONG_AMOUNT),
        (received("1.00", "100.00", "2.00", "0", "100.00", "1.00"), Verdict.WRONG_AMOUNT),
    ],
)
def test_a_reduction_is_less_than_the_installment(pix, verdict):
    assert judge(pix, [debt()], bank_counts=True).verdict == verdict


def test_the_sum_of_a_charge():
    """100.00 + 2.00 + 0.70 = 102.70 and 50.00 + 1.00 + 0.35 - 5.25 = 46.10: 148.80 together."""
    late = Part(1, money("100.00"), money("2.00"), money("0.70"))
    early = Part(2, money("50.00"), money("1.00"), money("0.35"), money("5.25"))
    assert (late.total, early.total) == (money("102.70"), money("46.10"))

    both = sum_of([late, early])

    assert both == Sum(money("150.00"), money("3.00"), money("1.05"), money("5.25"))
    assert both.total == money("148.80")
    assert sum_of([]).total == 0


def test_components_that_do_not_add_up_are_no_components():
    pix = received("102.70", "100.00", "9.00")
    [part] = judge(pix, [debt(fine="2.00")], bank_counts=True).parts
    assert (part.fine, part.interest) == (money("2.00"), money("0.70"))


CENTS = st.integers(0, 10**6).map(lambda value: Decimal(value) / 100)


@given(CENTS, st.lists(st.tuples(CENTS, CENTS, CENTS, st.booleans()), max_size=4), st.booleans())
def test_what_is_booked_is_the_money_to_the_cent(amount, rows, bank_counts):
    debts = [
        Debt(key, Part(key, asked, fine), still, renegotiated)
        for key, (asked, still, fine, renegotiated) in enumerate(rows)
    ]
    finding = judge(Received(amount), debts, bank_counts=bank_counts)
    if finding.verdict == Verdict.EXACT:
        assert sum(part.total for part in finding.parts) == amount
        for part, owing in zip(finding.parts, debts, strict=True):
            assert part.principal == owing.open_principal
            assert min(part.fine, part.interest, part.reduction) >= 0
    else:
        assert finding.parts == ()
