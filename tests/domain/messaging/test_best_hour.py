"""The suggested hour of a customer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.messaging.best_hour import (
    ANSWER,
    ENOUGH,
    READING,
    best_hour,
)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([], None),
        ([10] * 4, None),
        ([10] * 5, 10),
        ([9, 10, 10, 10, 11], 10),
        # 9 h: 2 + 1, 10 h: 2 + 1.5, 11 h: 1 + 1; and the other way round
        ([9, 9, 10, 10, 11], 10),
        ([9, 10, 10, 11, 11], 10),
        # two hours away is not around it: 4 of 5
        ([10] * 4 + [12], None),
        ([8] * 4 + [10], None),
        # the first and the last hour, and those outside
        ([8] * 5, 8),
        ([19] * 5, 19),
        ([7] * 5, None),
        ([20] * 5, None),
        # Wilson's lower end at 95% of 4 of 5 is 44%, of 6 of 8 49%, of 7 of 8 59%
        ([10, 10, 10, 10, 15], None),
        ([10] * 6 + [15] * 2, None),
        ([10] * 7 + [15], 10),
        # of 7 of 10 44%, of 8 of 10 54%
        ([10] * 7 + [15] * 3, None),
        ([9, 9, 10, 10, 10, 10, 11, 11, 15, 16], 10),
        ([11] * 5 + [17] * 5, None),
        ([23] * 5 + [10] * 4, None),
        ([23] * 5 + [10] * 5, 10),
    ],
)
def test_readings(hours, expected):
    assert best_hour([(hour, READING) for hour in hours]) == expected


def test_an_answer_weighs_three_readings():
    readings = [(10, READING)] * 4  # weigh 4; one answer at 11 weighs 3, two weigh 6
    assert best_hour([*readings, (11, ANSWER)]) == 10
    assert best_hour([*readings, *[(11, ANSWER)] * 2]) == 11
    # 7 + half of 6 against 6 + half of 7
    assert best_hour([*[(10, READING)] * 7, *[(11, ANSWER)] * 2]) == 10


SIGNALS = st.lists(st.tuples(st.integers(0, 23), st.sampled_from([READING, ANSWER])))


@given(SIGNALS, st.randoms())
def test_it_lies_inside_and_does_not_hang_on_the_order(signals, random):
    shuffled = signals[:]
    random.shuffle(shuffled)
    hour = best_hour(signals)
    assert hour == best_hour(shuffled)
    inside = [known for known, _weight in signals if 8 <= known <= 19]
    around = [known for known in inside if hour is not None and abs(known - hour) <= 1]
    assert hour is None or (len(inside) >= ENOUGH and len(around) > len(inside) / 2)
