"""Credit bureaus: what every adapter can do, and the one that writes files.

The bureaus' own interfaces are open to their contractors only; a shop uploads the file on the
bureau's site, or converts it. An adapter for an interface is one more class with these methods.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from ..domain.shop.csv_text import csv_file


@dataclass(frozen=True, slots=True)
class BureauDebt:
    """One installment to register or to remove. `tax_number`: CPF or CNPJ; amounts in BRL."""

    case: str
    creditor_tax_number: str
    tax_number: str
    name: str
    street: str
    district: str
    city: str
    state: str
    zip: str
    contract: str
    installment: str
    due: date
    amount: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BureauFile:
    """What an adapter made: a name and a content to hand over, or nothing when it sent it."""

    name: str
    content: bytes


class BureauAdapter(Protocol):
    """What a bureau's adapter offers. Both raise `ClientError` when the bureau refuses."""

    def register(self, debts: Sequence[BureauDebt], on: date) -> BureauFile:
        """Register these debts."""

    def remove(self, debts: Sequence[BureauDebt], on: date) -> BureauFile:
        """Remove these debts."""


COLUMNS = (
    "operacao",
    "caso",
    "cnpj_credor",
    "cpf_cnpj",
    "nome",
    "logradouro",
    "bairro",
    "cidade",
    "uf",
    "cep",
    "contrato",
    "parcela",
    "vencimento",
    "valor",
    "motivo_baixa",
)
INCLUDE, EXCLUDE = "I", "E"


class FileAdapter:
    """A CSV file for each direction: see `COLUMNS`; operation I registers, E removes."""

    def register(self, debts: Sequence[BureauDebt], on: date) -> BureauFile:
        """The file of what to register."""
        return BureauFile(f"negativacao-{on:%Y%m%d}.csv", _content(INCLUDE, debts))

    def remove(self, debts: Sequence[BureauDebt], on: date) -> BureauFile:
        """The file of what to remove."""
        return BureauFile(f"baixa-negativacao-{on:%Y%m%d}.csv", _content(EXCLUDE, debts))


def adapter(kind: str) -> BureauAdapter:
    """The adapter of that name.

    :raise KeyError: unknown
    """
    return {"file": FileAdapter}[kind]()


def _content(operation, debts):
    return csv_file(
        COLUMNS,
        (
            (
                operation,
                debt.case,
                _digits(debt.creditor_tax_number),
                _digits(debt.tax_number),
                debt.name,
                debt.street,
                debt.district,
                debt.city,
                debt.state,
                _digits(debt.zip),
                debt.contract,
                debt.installment,
                debt.due,
                debt.amount,
                debt.reason if operation == EXCLUDE else "",
            )
            for debt in debts
        ),
    )


def _digits(text):
    return "".join(character for character in text or "" if character.isalnum()).upper()
