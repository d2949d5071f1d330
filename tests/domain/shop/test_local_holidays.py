"""The days that are proposed to a shop as closed."""

from datetime import date

import pytest

from odoo.addons.optica_cobranca.domain.shop.local_holidays import usual_closed_days


def test_carnival_and_corpus_christi_everywhere():
    days = usual_closed_days(None, None)
    assert [(day["rule"], day["easter_days"]) for day in days] == [
        ("easter", -48),
        ("easter", -47),
        ("easter", 60),
    ]


@pytest.mark.parametrize("town", ["São Paulo", "SAO PAULO", " são  paulo "])
def test_the_town_adds_its_own(town):
    (own,) = usual_closed_days(town, "sp")[3:]
    assert (own["date"].day, own["date"].month, own["yearly"]) == (25, 1, True)


@pytest.mark.parametrize(("town", "state"), [("São Paulo", "RS"), ("Sorocaba", "SP"), ("", "SP")])
def test_no_town_gets_the_days_of_another(town, state):
    assert len(usual_closed_days(town, state)) == 3


def test_dates_are_dates():
    assert all(isinstance(day["date"], date) for day in usual_closed_days("Recife", "PE")[3:])
