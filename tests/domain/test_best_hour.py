"""The suggested hour of a customer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.best_hour import ANSWER, ENOUGH, READING, best_hour


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([], None),
        ([10, 10], None),
        ([10, 10, 15], 10),
        ([9, 10, 10, 15, 15], 10),
        ([11, 11, 17, 17], 11),
        ([23, 23, 23, 10, 10], None),
        ([9, 11, 15, 15], 15),
        ([9, 10, 11, 15], 10),
    ],
)
def test_readings(hours, expected):
    assert best_hour([(hour, READING) for hour in hours]) == expected


def test_an_answer_weighs_three_readings():
    readings = [(9, READING)] * 2
    assert best_hour([*readings, (18, ANSWER)]) == 18


SIGNALS = st.lists(st.tuples(st.integers(0, 23), st.sampled_from([READING, ANSWER])))


@given(SIGNALS, st.randoms())
def test_it_lies_inside_and_does_not_hang_on_the_order(signals, random):
    shuffled = signals[:]
    random.shuffle(shuffled)
    hour = best_hour(signals)
    assert hour == best_hour(shuffled)
    inside = [known for known, _weight in signals if 8 <= known <= 19]
    assert (hour is None) == (len(inside) < ENOUGH)
    assert hour is None or hour in inside or {hour - 1, hour + 1} & set(inside)
