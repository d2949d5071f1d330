"""Days on which shops usually close without a law of the country or the state: a proposal.

Source: Lei 9.093/1995 art. 1 III and art. 2 (a town may have its foundation day once a century and
up to four religious holidays a year, Good Friday among them; Corpus Christi is one in most towns);
Carnival is no holiday by federal law, and shops close by custom. The towns' own days are those of
their municipal laws, in the largest capitals; the person who adopts them checks them.
"""

from datetime import date

from .plain_text import words

# Any year does: only day and month count.
_YEAR = 2024

# (town, state): days and what they are called
_TOWNS: dict[tuple[str, str], tuple[tuple[int, int, str], ...]] = {
    ("sao paulo", "SP"): ((25, 1, "Aniversário de São Paulo"),),
    ("rio de janeiro", "RJ"): ((20, 1, "São Sebastião"),),
    ("belo horizonte", "MG"): (
        (15, 8, "Assunção de Nossa Senhora"),
        (8, 12, "Imaculada Conceição"),
    ),
    ("porto alegre", "RS"): ((2, 2, "Nossa Senhora dos Navegantes"),),
    ("curitiba", "PR"): ((8, 9, "Nossa Senhora da Luz dos Pinhais"),),
    ("recife", "PE"): ((16, 7, "Nossa Senhora do Carmo"), (8, 12, "Imaculada Conceição")),
    ("fortaleza", "CE"): ((15, 8, "Nossa Senhora da Assunção"),),
    ("salvador", "BA"): ((8, 12, "Nossa Senhora da Conceição da Praia"),),
}
_EVERYWHERE = (
    (-48, "Segunda-feira de Carnaval"),
    (-47, "Terça-feira de Carnaval"),
    (60, "Corpus Christi"),
)


def usual_closed_days(town: str | None, state: str | None) -> list[dict[str, object]]:
    """Values of the days to propose: `name`, `rule` ("easter" or "date") and what belongs to it.

    :param town: in any case, with or without accents
    :param state: two letters
    """
    key = (words(town or ""), (state or "").strip().upper())
    return [
        *(
            {"name": name, "rule": "easter", "easter_days": days, "sequence": 10 * place}
            for place, (days, name) in enumerate(_EVERYWHERE, start=1)
        ),
        *(
            {"name": name, "rule": "date", "date": date(_YEAR, month, day), "yearly": True}
            for day, month, name in _TOWNS.get(key, ())
        ),
    ]
