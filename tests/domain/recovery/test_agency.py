from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.crediario.late_charges import Payment
from odoo.addons.optica_cobranca.domain.recovery.agency import Recovery, recovery

D = Decimal
SINCE = date(2026, 3, 2)
AMOUNTS = st.decimals(0, 1000, places=2)
PAYMENTS = st.builds(
    Payment,
    on=st.dates(date(2026, 1, 1), date(2026, 6, 1)),
    principal=AMOUNTS,
    interest=AMOUNTS,
    fine=AMOUNTS,
)


def test_only_what_came_after_the_hand_over_counts():
    payments = [
        Payment(date(2026, 3, 1), D("50.00")),
        Payment(SINCE, D("100.00"), D("3.10"), D("2.00")),
        Payment(date(2026, 3, 20), D("33.33")),
    ]
    # 100.00 + 3.10 + 2.00 + 33.33 = 138.43; 12.5% = 17.30375
    assert recovery(payments, SINCE, D("12.5")) == Recovery(
        D("138.43"), date(2026, 3, 20), D("17.30")
    )
    assert recovery(payments[:1], SINCE, D("12.5")) == Recovery(D("0.00"), None, D("0.00"))


@given(st.lists(PAYMENTS), st.decimals(0, 100, places=2))
def test_commission_never_exceeds_what_was_paid(payments, percent):
    got = recovery(payments, SINCE, percent)
    assert D(0) <= got.commission <= got.paid
    assert got.paid <= sum(p.principal + p.interest + p.fine for p in payments)
