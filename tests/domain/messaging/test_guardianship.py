"""Who sees a patient's prescriptions besides the patient."""

from datetime import date

import pytest

from odoo.addons.optica_cobranca.domain.messaging.guardianship import represents

ON = date(2026, 3, 17)


@pytest.mark.parametrize(
    ("kinship", "birthdate", "expected"),
    [
        ("child", date(2010, 1, 1), True),
        ("child", date(2008, 3, 18), True),  # 18 tomorrow
        ("child", date(2008, 3, 17), False),  # 18 today
        ("child", date(2008, 2, 29), False),
        ("child", None, False),  # of unknown age
        ("ward", date(1950, 1, 1), True),
        ("ward", None, True),
        ("spouse", date(1990, 1, 1), False),
        ("parent", date(1950, 1, 1), False),
        ("grandchild", date(2015, 1, 1), False),  # a grandparent pays, the parents represent
        ("other", date(2015, 1, 1), False),
        (None, date(2015, 1, 1), False),
    ],
)
def test_represents(kinship, birthdate, expected):
    assert represents(kinship, birthdate, ON) is expected


def test_born_on_29_february_comes_of_age_on_28_february():
    assert represents("child", date(2008, 2, 29), date(2026, 2, 27))
    assert not represents("child", date(2008, 2, 29), date(2026, 2, 28))
