from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.crediario.allocation import Chosen, Tender, allocate
from odoo.addons.optica_cobranca.domain.crediario.late_charges import AmountToday, Payment
from odoo.addons.optica_cobranca.domain.shop.errors import AllocationError, ErrorCode

D = Decimal
TODAY = date(2026, 4, 10)


def amount(principal, fine="0.00", interest="0.00", days_late=0):
    return AmountToday(D(principal), D(fine), D(interest), days_late)


LATE = Chosen("late", date(2026, 3, 24), amount("105.58", "2.11", "0.60", 17))  # 108.29
DUE = Chosen("due", TODAY, amount("105.58"))
EARLY = Chosen("early", date(2026, 5, 10), amount("105.58"), reduction=D("1.05"))  # 104.53


def pay(installments, *tenders):
    made = [Tender(method, D(value), method == "cash") for method, value in tenders]
    return allocate(installments, made)


def shown(result):
    """Lines as (installment, method, interest, fine, principal, discount), text."""
    return [
        (
            line.key,
            line.method,
            *(str(v) for v in (line.interest, line.fine, line.principal, line.discount)),
        )
        for line in result.lines
    ]


def test_everything_by_one_method():
    result = pay([EARLY, LATE, DUE], ("pix", "318.40"))  # 108.29 + 105.58 + 104.53
    assert shown(result) == [
        ("late", "pix", "0.60", "2.11", "105.58", "0.00"),
        ("due", "pix", "0.00", "0.00", "105.58", "0.00"),
        ("early", "pix", "0.00", "0.00", "105.58", "1.05"),
    ]
    assert [paid.key for paid in result.installments] == ["early", "late", "due"]
    assert [paid.left for paid in result.installments] == [AmountToday.nothing()] * 3
    assert result.change == 0


def test_a_part_payment_covers_interest_then_fine_then_principal():
    # 50.00 - 0.60 - 2.11 = 47.29; 105.58 - 47.29 = 58.29
    result = pay([LATE], ("card", "50.00"))
    assert shown(result) == [("late", "card", "0.60", "2.11", "47.29", "0.00")]
    assert result.installments[0].left == amount("58.29", days_late=17)
    result = pay([LATE], ("card", "1.00"))
    assert shown(result) == [("late", "card", "0.60", "0.40", "0.00", "0.00")]
    assert result.installments[0].left == amount("105.58", "1.71", days_late=17)


def test_a_method_goes_on_where_the_one_before_stopped():
    # card: 100 - 0.60 - 2.11 = 97.29; cash: 105.58 - 97.29 = 8.29, then 91.71 of the next
    result = pay([LATE, DUE], ("card", "100.00"), ("cash", "100.00"))
    assert shown(result) == [
        ("late", "card", "0.60", "2.11", "97.29", "0.00"),
        ("late", "cash", "0.00", "0.00", "8.29", "0.00"),
        ("due", "cash", "0.00", "0.00", "91.71", "0.00"),
    ]
    assert result.installments[1].left.principal == D("13.87")


def test_change_comes_out_of_cash_only():
    result = pay([LATE], ("cash", "100.00"), ("pix", "20.00"))
    # 120.00 - 108.29 = 11.71 back; cash pays 88.29
    assert result.change == D("11.71")
    assert [str(line.amount) for line in result.lines] == ["88.29", "20.00"]
    with pytest.raises(AllocationError) as caught:
        pay([LATE], ("cash", "10.00"), ("pix", "120.00"))
    assert caught.value.code is ErrorCode.TENDER_ABOVE_OWED
    # 130 - 108.29 = 21.71, of which cash gives back 10
    assert caught.value.values == {
        "tendered": D("130.00"),
        "owed": D("108.29"),
        "excess": D("11.71"),
    }


def test_change_comes_out_of_the_last_cash_first():
    result = pay([DUE], ("cash", "100.00"), ("cash", "50.00"))
    assert [(line.tender, str(line.amount)) for line in result.lines] == [
        (0, "100.00"),
        (1, "5.58"),
    ]
    assert result.change == D("44.42")


def test_waived_charges_are_not_paid():
    chosen = Chosen("late", LATE.due, LATE.owed, waived_interest=D("0.60"), waived_fine=D("1.11"))
    assert chosen.to_pay == D("106.58")
    result = pay([chosen], ("cash", "110.00"))
    assert shown(result) == [("late", "cash", "0.00", "1.00", "105.58", "0.00")]
    assert result.change == D("3.42")
    paid = result.installments[0]
    assert (paid.left, paid.waived_interest, paid.waived_fine) == (
        AmountToday.nothing(),
        D("0.60"),
        D("1.11"),
    )
    assert paid.payment(TODAY) == Payment(
        TODAY, D("105.58"), D("0.00"), D("1.00"), D("0.60"), D("1.11")
    )


def test_a_part_payment_earns_its_proportion_of_a_reduction():
    chosen = Chosen("early", EARLY.due, amount("100.00"), reduction=D("10.00"))
    # 30.00 of 90.00 is a third of the reduction: 3.33; then the rest with the last cent
    result = pay([chosen], ("pix", "30.00"))
    assert shown(result) == [("early", "pix", "0.00", "0.00", "33.33", "3.33")]
    assert result.installments[0].left.principal == D("66.67")
    result = pay([chosen], ("pix", "30.00"), ("card", "60.00"))
    assert shown(result) == [
        ("early", "pix", "0.00", "0.00", "33.33", "3.33"),
        ("early", "card", "0.00", "0.00", "66.67", "6.67"),
    ]


def test_what_is_all_forgiven_is_settled_without_money():
    free = Chosen("free", LATE.due, amount("10.00"), reduction=D("10.00"))
    result = pay([free, DUE], ("pix", "5.58"))
    assert shown(result) == [
        ("free", "pix", "0.00", "0.00", "10.00", "10.00"),
        ("due", "pix", "0.00", "0.00", "5.58", "0.00"),
    ]
    # Its charges come first: without them paid, the principal stays.
    charged = Chosen("free", LATE.due, amount("10.00", "2.00"), reduction=D("10.00"))
    result = pay([charged], ("pix", "1.99"))
    assert shown(result) == [("free", "pix", "0.00", "1.99", "0.00", "0.00")]
    assert result.installments[0].left == amount("10.00", "0.01")
    assert len(pay([charged], ("pix", "1.99"), ("cash", "0.01")).lines) == 2
    assert shown(pay([free], ("pix", "0.00"))) == [
        ("free", "pix", "0.00", "0.00", "10.00", "10.00")
    ]


def test_empty_tenders_and_settled_installments_make_no_lines():
    settled = Chosen("settled", LATE.due, amount("0.00"))
    result = pay([settled, DUE], ("card", "0.00"), ("pix", "105.58"))
    assert shown(result) == [("due", "pix", "0.00", "0.00", "105.58", "0.00")]
    assert result.installments[0].left == AmountToday.nothing()
    assert pay([DUE], ("pix", "0.00")).lines == ()


def test_of_one_due_date_the_first_given_is_paid_first():
    twins = [Chosen(key, TODAY, amount("10.00")) for key in ("b", "a")]
    assert [line[0] for line in shown(pay(twins, ("pix", "15.00")))] == ["b", "a"]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: pay([DUE, DUE], ("pix", "1")), ErrorCode.REPEATED_KEY),
        (lambda: pay([DUE]), ErrorCode.NOTHING_TENDERED),
        (lambda: pay([], ("pix", "0.01")), ErrorCode.TENDER_ABOVE_OWED),
        (lambda: pay([DUE], ("pix", "105.59")), ErrorCode.TENDER_ABOVE_OWED),
        (lambda: Tender("pix", D(-1)), ErrorCode.NEGATIVE_VALUE),
        (
            lambda: Chosen(1, TODAY, LATE.owed, waived_interest=D("0.61")),
            ErrorCode.WAIVER_ABOVE_OWED,
        ),
        (lambda: Chosen(1, TODAY, LATE.owed, waived_fine=D("2.12")), ErrorCode.WAIVER_ABOVE_OWED),
        (
            lambda: Chosen(1, TODAY, LATE.owed, reduction=D("105.59")),
            ErrorCode.REDUCTION_ABOVE_PRINCIPAL,
        ),
        (lambda: Chosen(1, TODAY, LATE.owed, waived_fine=D(-1)), ErrorCode.NEGATIVE_VALUE),
        (lambda: Chosen(1, TODAY, LATE.owed, reduction=D(-1)), ErrorCode.NEGATIVE_VALUE),
    ],
)
def test_what_exceeds_or_makes_no_sense_is_refused(make, code):
    with pytest.raises(AllocationError) as caught:
        make()
    assert caught.value.code is code


amounts = st.decimals(0, 1000, places=2)
shares = st.sampled_from([D("0"), D("0.3"), D("1")])


@st.composite
def chosen_installments(draw):
    installments = []
    for key in range(draw(st.integers(1, 8))):
        principal, fine, interest = (draw(amounts) for _figure in range(3))
        of_interest, of_fine, of_principal = (draw(shares) for _figure in range(3))
        installments.append(
            Chosen(
                key,
                TODAY + timedelta(days=draw(st.integers(-40, 40))),
                AmountToday(principal, fine, interest, 1),
                (interest * of_interest).quantize(D("0.01")),
                (fine * of_fine).quantize(D("0.01")),
                (principal * of_principal).quantize(D("0.01")),
            )
        )
    return installments


@given(chosen_installments(), st.data())
def test_sums_match_by_method_and_by_installment(installments, data):
    owed = sum(chosen.to_pay for chosen in installments)
    left, tenders = owed, []
    for method in range(data.draw(st.integers(1, 4))):
        value = data.draw(st.decimals(0, left, places=2))
        tenders.append(Tender(method, value))
        left -= value
    if data.draw(st.booleans()):  # the rest in cash, and more than that
        tenders.append(Tender("cash", left + data.draw(amounts), gives_change=True))
    result = allocate(installments, tenders)

    tendered = sum(tender.amount for tender in tenders)
    assert result.change == max(0, tendered - owed)
    for position, tender in enumerate(tenders):
        paid = sum(line.amount for line in result.lines if line.tender == position)
        assert paid == tender.amount - (result.change if tender.gives_change else 0)
    for chosen, paid in zip(installments, result.installments, strict=True):
        lines = [line for line in result.lines if line.key == chosen.key]
        for field in ("interest", "fine", "principal", "discount"):
            assert getattr(paid, field) == sum(getattr(line, field) for line in lines)
            assert all(getattr(line, field) >= 0 for line in lines)
        assert paid.discount <= chosen.reduction
        assert paid.left.interest == chosen.owed.interest - paid.interest - paid.waived_interest
        assert paid.left.fine == chosen.owed.fine - paid.fine - paid.waived_fine
        assert paid.left.principal == chosen.owed.principal - paid.principal
        assert min(paid.left.interest, paid.left.fine, paid.left.principal) >= 0
        assert not paid.fine or not paid.left.interest
        assert not paid.principal or not paid.left.fine
        assert paid.left.principal or paid.discount == chosen.reduction


@given(chosen_installments(), st.lists(amounts, min_size=1, max_size=4))
def test_only_the_last_installment_of_a_method_stays_partly_paid(installments, values):
    owed = sum(chosen.to_pay for chosen in installments)
    tenders = []
    for method, value in enumerate(values):
        tenders.append(Tender(method, min(value, owed)))
        owed -= tenders[-1].amount
    result = allocate(installments, tenders)
    left = {paid.key: paid.left.total for paid in result.installments}
    lines = result.lines
    assert [line.tender for line in lines] == sorted(line.tender for line in lines)
    dues = {chosen.key: chosen.due for chosen in installments}
    assert [dues[line.key] for line in lines] == sorted(dues[line.key] for line in lines)
    for line, following in zip(lines, lines[1:], strict=False):
        same_installment = line.key == following.key
        assert same_installment or not left[line.key]
        assert not same_installment or line.tender < following.tender
