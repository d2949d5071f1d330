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


@pytest.mark.parametrize(
    ("town", "state", "days"),
    [
        ("São Paulo", "SP", [(25, 1)]),
        ("Rio de Janeiro", "RJ", [(20, 1)]),
        ("Belo Horizonte", "MG", [(15, 8), (8, 12)]),
        ("Porto Alegre", "RS", [(2, 2)]),
        ("Curitiba", "PR", [(8, 9)]),
        ("Recife", "PE", [(16, 7), (8, 12)]),
        ("Fortaleza", "CE", [(15, 8)]),
        ("Salvador", "BA", [(8, 12)]),
    ],
)
def test_the_days_of_each_town(town, state, days):
    own = usual_closed_days(town, state)[3:]
    # a leap year, so that every day of a calendar is a date
    assert [day["date"] for day in own] == [date(2024, month, day) for day, month in days]
    assert all(day["rule"] == "date" and day["yearly"] for day in own)


def test_the_days_by_easter_stand_in_their_order():
    assert usual_closed_days("", "") == [
        {
            "name": "Segunda-feira de Carnaval",
            "rule": "easter",
            "easter_days": -48,
            "sequence": 10,
        },
        {"name": "Terça-feira de Carnaval", "rule": "easter", "easter_days": -47, "sequence": 20},
        {"name": "Corpus Christi", "rule": "easter", "easter_days": 60, "sequence": 30},
    ]
