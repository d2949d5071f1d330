"""What a customer who is written to without a notice is asked for."""

from datetime import date

from odoo.addons.optica_cobranca.domain.ladder.ladder import due_or_next

JAN, FEB, MAR = (date(2026, month, 10) for month in (1, 2, 3))


def test_what_is_due():
    dues = {1: MAR, 2: JAN, 3: FEB}
    assert due_or_next(dues, date(2026, 2, 11)) == [2, 3]
    assert due_or_next(dues, FEB) == [2, 3]


def test_the_next_day_of_payment_when_nothing_is_due():
    assert due_or_next({1: MAR, 2: FEB, 3: FEB}, JAN) == [2, 3]


def test_nothing():
    assert due_or_next({}, JAN) == []
