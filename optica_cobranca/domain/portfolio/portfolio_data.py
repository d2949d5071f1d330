"""What passes between the parts of the portfolio import: plain data and the book of customers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ..shop.phone import match_key
from ..shop.plain_text import words
from .portfolio import PortfolioRow, first_name


@dataclass(slots=True)
class Customer:
    """Somebody in the file or in the database. ``phone`` is E.164, ``vat`` without punctuation."""

    name: str
    vat: str | None = None
    phone: str | None = None
    email: str | None = None
    birthdate: date | None = None
    partner_id: int | None = None
    archived: bool = False

    @classmethod
    def of(cls, row: PortfolioRow) -> "Customer":
        """The customer as one row describes them."""
        return cls(row.name, row.vat, row.phone, row.email, row.birthdate)

    def complete(self, other: "Customer") -> None:
        """Take over from another description what is not known yet."""
        self.vat = self.vat or other.vat
        self.phone = self.phone or other.phone
        self.email = self.email or other.email
        self.birthdate = self.birthdate or other.birthdate

    def signs(self) -> Iterable[tuple]:
        """Keys by which the customer is told from others, the strongest first."""
        name = words(self.name)
        if self.vat:
            yield ("vat", self.vat)
        if self.phone:
            yield ("phone", name, match_key(self.phone))
        if self.birthdate:
            yield ("birthdate", name, self.birthdate)
        if self.email:
            yield ("email", name, self.email.lower())

    def has_same_first_name(self, other: "Customer") -> bool:
        """Whether the names may be the same person's, married or abbreviated."""
        return first_name(self.name) == first_name(other.name)


class CustomerBook:
    """Customers found by CPF/CNPJ, or else by name with telephone, birthdate or e-mail.

    A customer with a CPF is never taken for one with another CPF, whatever else agrees. Without
    any sign a name stands for one customer within the file, and for nobody in the database.
    """

    def __init__(self, known: Iterable[Customer] = ()) -> None:
        self._by_sign: dict[tuple, Customer] = {}
        for customer in known:
            self._enter(customer)

    def find(self, customer: Customer) -> Customer | None:
        """The entry for a customer, None when there is none yet."""
        for sign in customer.signs():
            found = self._by_sign.get(sign)
            if found and not (found.vat and customer.vat and found.vat != customer.vat):
                return found
        return (
            self._by_sign.get(("name", words(customer.name))) if not any(customer.signs()) else None
        )

    def find_or_add(self, customer: Customer) -> Customer:
        """The entry for a customer, completed by this description, or this one as a new entry."""
        found = self.find(customer)
        if found is None:
            found = customer
            if not any(customer.signs()):
                self._by_sign[("name", words(customer.name))] = customer
        else:
            found.complete(customer)
        self._enter(found)
        return found

    def _enter(self, customer: Customer) -> None:
        for sign in customer.signs():
            self._by_sign.setdefault(sign, customer)


@dataclass(slots=True)
class Contract:
    """Installments of one contract that are to be booked.

    ``count`` is the number of installments of the whole contract; ``entry_id`` the entry that
    already holds others of them, 0 for a new contract.
    """

    reference: str
    customer: Customer
    count: int
    entry_id: int = 0
    rows: list[PortfolioRow] = field(default_factory=list)

    @property
    def value(self) -> Decimal:
        """What the contract was worth, in BRL."""
        return sum((row.value for row in self.rows), Decimal(0))

    @property
    def paid(self) -> Decimal:
        """What was paid of it, in BRL."""
        return sum((row.paid for row in self.rows), Decimal(0))


@dataclass(frozen=True, slots=True)
class ImportedInstallment:
    """An installment that an earlier import booked; amounts in BRL cents as they were booked."""

    due_date: date
    value: Decimal
    paid: Decimal


@dataclass(slots=True)
class ImportedContract:
    """A contract that an earlier import booked."""

    entry_id: int
    count: int
    customer: Customer
    installments: dict[int, ImportedInstallment] = field(default_factory=dict)


@dataclass(slots=True)
class Comparison:
    """A file's good rows held against the database.

    ``foreign`` rows belong to a contract of another customer, ``different`` ones were imported
    with other values, ``renamed`` customers were found by CPF under another name, ``archived`` ones
    among the archived contacts.
    """

    contracts: list[Contract] = field(default_factory=list)
    already: int = 0
    foreign: list[tuple[PortfolioRow, ImportedContract]] = field(default_factory=list)
    different: list[tuple[PortfolioRow, ImportedInstallment]] = field(default_factory=list)
    renamed: list[tuple[PortfolioRow, str]] = field(default_factory=list)
    archived: list[tuple[PortfolioRow, str]] = field(default_factory=list)


def by_contract(rows: Iterable[PortfolioRow]) -> dict[str, list[PortfolioRow]]:
    """Rows grouped by contract, in the order of the file."""
    groups: defaultdict[str, list[PortfolioRow]] = defaultdict(list)
    for row in rows:
        groups[row.contract].append(row)
    return dict(groups)
