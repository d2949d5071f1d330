"""What all rules have in common."""

import dataclasses
import importlib
import pkgutil
from enum import Enum

import pytest

from odoo.addons.optica_cobranca import domain
from odoo.addons.optica_cobranca.domain.shop.errors import DomainError, ErrorCode, MoneyError
from odoo.addons.optica_cobranca.domain.shop.vocabulary import Vocabulary

MODULES = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}.")
]
CLASSES = {
    f"{module.__name__.rpartition('.')[2]}.{name}": item
    for module in MODULES
    for name, item in vars(module).items()
    if isinstance(item, type) and item.__module__ == module.__name__
}


# No facts and no answers: what the import of a portfolio gathers row by row.
GATHERED = {
    f"portfolio_data.{n}" for n in ("Customer", "Contract", "ImportedContract", "Comparison")
}


@pytest.mark.parametrize("name", [n for n, c in CLASSES.items() if dataclasses.is_dataclass(c)])
def test_facts_and_answers_cannot_be_changed(name):
    parameters = CLASSES[name].__dataclass_params__
    assert parameters.frozen is (name not in GATHERED)
    assert "__slots__" in vars(CLASSES[name])


@pytest.mark.parametrize("name", [n for n, c in CLASSES.items() if issubclass(c, Enum)])
def test_closed_vocabularies_are_words(name):
    assert issubclass(CLASSES[name], Vocabulary)


def test_an_error_says_its_code_and_values():
    error = MoneyError(ErrorCode.NOT_AN_AMOUNT, value="ten")
    assert isinstance(error, DomainError)
    assert str(error) == "not_an_amount: value=ten"
    assert str(MoneyError(ErrorCode.NOT_AN_AMOUNT)) == "not_an_amount"
