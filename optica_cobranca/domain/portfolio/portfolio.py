"""Rows of an imported portfolio: one installment of one contract of one customer each.

Columns may be named in Portuguese or English; `ALIASES` lists what is understood. The rules
speak of canonical columns (`Column`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from ..shop.errors import ErrorCode, PortfolioError
from ..shop.money import ZERO
from ..shop.phone import to_e164
from ..shop.plain_text import words
from ..shop.vocabulary import Vocabulary
from .portfolio_cells import (
    Cell,
    DecimalSign,
    parse_date,
    parse_installment_number,
    parse_money,
    parse_text,
    parse_vat,
)

_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]{2,}")


class Column(Vocabulary):
    """Canonical columns of a portfolio."""

    NAME = "name"
    VAT = "vat"
    PHONE = "phone"
    EMAIL = "email"
    BIRTHDATE = "birthdate"
    CONTRACT = "contract"
    NUMBER = "number"
    DUE_DATE = "due_date"
    VALUE = "value"
    PAID = "paid"


class RowCode(Vocabulary):
    """Why a cell was refused."""

    MISSING = "missing"  # nothing in a required column
    BAD_MONEY = "bad_money"
    BAD_DATE = "bad_date"
    BAD_VAT = "bad_vat"  # no valid CPF or CNPJ
    BAD_PHONE = "bad_phone"  # no number, or one without area code
    BAD_EMAIL = "bad_email"
    BAD_NUMBER = "bad_number"  # installment number is not 1 to 999
    NOT_POSITIVE = "not_positive"  # value of the installment is zero or less
    NEGATIVE = "negative"  # paid value below zero
    PAID_ABOVE_VALUE = "paid_above_value"
    BORN_AFTER_DUE = "born_after_due"  # birthdate is not before the due date
    REPEATED = "repeated"  # contract and number stand in an earlier line too
    OTHER_CUSTOMER = "other_customer"  # the contract belongs to another customer further up
    OTHER_NAME = "other_name"  # the CPF or CNPJ stands further up with somebody else's name


REQUIRED = (Column.NAME, Column.CONTRACT, Column.NUMBER, Column.DUE_DATE, Column.VALUE)
MONEY = (Column.VALUE, Column.PAID)
DATES = (Column.DUE_DATE, Column.BIRTHDATE)
ALIASES: dict[Column, str] = {
    Column.NAME: "name|customer|customer name|client|nome|cliente|nome do cliente|nome cliente"
    "|nome completo|razao social",
    Column.VAT: "vat|tax id|cpf|cnpj|cpf cnpj|cpf ou cnpj|documento|cpf do cliente",
    Column.PHONE: "phone|mobile|telephone|whatsapp|telefone|celular|fone|telefone celular",
    Column.EMAIL: "email|e mail|mail|correio eletronico",
    Column.BIRTHDATE: "birthdate|birthday|birth date|date of birth|nascimento|data nascimento"
    "|data de nascimento|dt nascimento|aniversario",
    Column.CONTRACT: "contract|contract number|reference|contrato|numero do contrato|n contrato"
    "|no contrato|num contrato|carne|venda|pedido",
    Column.NUMBER: "number|installment|installment number|parcela|numero da parcela|n parcela"
    "|no parcela|num parcela|nr parcela",
    Column.DUE_DATE: "due date|due|vencimento|data vencimento|data de vencimento|data do vencimento"
    "|dt vencimento|vence em",
    Column.VALUE: "value|amount|installment value|valor|valor parcela|valor da parcela|vl parcela"
    "|valor original",
    Column.PAID: "paid|paid value|paid amount|amount paid|pago|valor pago|vl pago|recebido"
    "|valor recebido",
}
_COLUMNS = {name: column for column, names in ALIASES.items() for name in names.split("|")}


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """One installment. `vat` without punctuation, `phone` E.164, money in BRL cents."""

    line: int
    name: str
    contract: str
    number: int
    due_date: date
    value: Decimal
    paid: Decimal = ZERO
    vat: str | None = None
    phone: str | None = None
    email: str | None = None
    birthdate: date | None = None


@dataclass(frozen=True, slots=True)
class RowError:
    """One refused cell: line of the file, canonical column, why, and what stood there."""

    line: int
    column: Column
    code: RowCode
    value: str


@lru_cache(maxsize=1024)
def column_for(header: str) -> Column | None:
    """The canonical column that a header means; case, accents and punctuation do not matter."""
    # "º" and "ª" would otherwise vanish: "Nº Parcela" means "no parcela".
    return _COLUMNS.get(words(str(header).replace("_", " ").replace("º", "o").replace("ª", "a")))


def read_header(headers: Sequence[str]) -> dict[str, Column]:
    """The canonical column of each header that is understood; the others are left out.

    :raise PortfolioError: MISSING_COLUMN (with all missing required columns), REPEATED_COLUMN (two
        headers mean one column)
    """
    found: dict[str, Column] = {}
    for header in headers:
        column = column_for(header)
        if column is None:
            continue
        same = [other for other, taken in found.items() if taken is column]
        if same or header in found:
            raise PortfolioError(ErrorCode.REPEATED_COLUMN, column=column, headers=(*same, header))
        found[header] = column
    missing = tuple(column for column in REQUIRED if column not in found.values())
    if missing:
        raise PortfolioError(ErrorCode.MISSING_COLUMN, columns=missing)
    return found


def read_row(
    mapping: Mapping[str, Cell],
    line: int,
    default_ddd: str | None = None,
    sign: DecimalSign = DecimalSign.COMMA,
) -> PortfolioRow | list[RowError]:
    """One row of the file, or everything that is wrong with it.

    `mapping` is header -> cell (any header `column_for` understands, or canonical names), `line`
    the line of the file, `default_ddd` the shop's area code for numbers without one, `sign` what
    stands before the cents in this file (`portfolio_cells.decimal_sign`). Name, contract, number,
    due date and value are required; an empty optional cell is None (paid: 0).
    """
    cells = {column_for(header): cell for header, cell in mapping.items()}
    values: dict[str, object] = {}
    errors: list[RowError] = []
    for column in Column:
        raw = cells.get(column)
        try:
            values[column.value] = _read_cell(column, raw, default_ddd, sign)
        except _CellError as refused:
            errors.append(RowError(line, column, refused.code, parse_text(raw)))
    errors += [
        RowError(line, column, code, parse_text(cells.get(column)))
        for column, code in _contradictions(values)
    ]
    return errors or PortfolioRow(line=line, **values)


def check_rows(rows: Iterable[PortfolioRow]) -> list[RowError]:
    """What is wrong between rows.

    A repeated contract and number, a contract of two customers, a CPF or CNPJ of two people.
    Customers of a contract are told apart by CPF/CNPJ where both rows have one, by name otherwise.
    One CPF with two first names is a typing error that would make somebody owe what another
    bought; surnames change. Memory grows with the number of rows' keys only.
    """
    numbers: set[tuple[str, int]] = set()
    owners: dict[str, tuple[str | None, str]] = {}
    holders: dict[str, str] = {}
    errors = []
    for row in rows:
        name = words(row.name)
        if (row.contract, row.number) in numbers:
            errors.append(RowError(row.line, Column.NUMBER, RowCode.REPEATED, str(row.number)))
        numbers.add((row.contract, row.number))
        owner_vat, owner_name = owners.setdefault(row.contract, (row.vat, name))
        same = row.vat == owner_vat if row.vat and owner_vat else name == owner_name
        if not same:
            errors.append(RowError(row.line, Column.NAME, RowCode.OTHER_CUSTOMER, row.name))
        elif row.vat and first_name(holders.setdefault(row.vat, name)) != first_name(name):
            errors.append(RowError(row.line, Column.NAME, RowCode.OTHER_NAME, row.name))
    return errors


def first_name(name: str) -> str:
    """The first word of a name, without case and accents."""
    return words(name).split(" ")[0]


class _CellError(Exception):
    def __init__(self, code: RowCode) -> None:
        self.code = code
        super().__init__(code)


def _email(raw: Cell) -> str | None:
    text = parse_text(raw)
    return text if _EMAIL.fullmatch(text) else None


_READERS: dict[Column, tuple[Callable[[Cell], object], RowCode]] = {
    Column.NAME: (parse_text, RowCode.MISSING),
    Column.VAT: (parse_vat, RowCode.BAD_VAT),
    Column.EMAIL: (_email, RowCode.BAD_EMAIL),
    Column.BIRTHDATE: (parse_date, RowCode.BAD_DATE),
    Column.CONTRACT: (parse_text, RowCode.MISSING),
    Column.NUMBER: (parse_installment_number, RowCode.BAD_NUMBER),
    Column.DUE_DATE: (parse_date, RowCode.BAD_DATE),
    Column.VALUE: (parse_money, RowCode.BAD_MONEY),
    Column.PAID: (parse_money, RowCode.BAD_MONEY),
}


def _read_cell(column: Column, raw: Cell, default_ddd: str | None, sign: DecimalSign) -> object:
    """The value of a cell, None (or 0 paid) for an empty optional one.

    :raise _CellError: it is no value of its column
    """
    if not parse_text(raw):
        if column in REQUIRED:
            raise _CellError(RowCode.MISSING)
        return ZERO if column is Column.PAID else None
    if column is Column.PHONE:
        value, code = to_e164(parse_text(raw), default_ddd), RowCode.BAD_PHONE
    else:
        reader, code = _READERS[column]
        try:
            value = reader(raw, sign) if column in MONEY else reader(raw)
        except PortfolioError as error:
            raise _CellError(code) from error
    if value is None:
        raise _CellError(code)
    return value


def _contradictions(values: Mapping[str, object]) -> Iterator[tuple[Column, RowCode]]:
    """What cannot be, among the cells that could be read (the others are absent)."""
    value, paid = values.get(Column.VALUE), values.get(Column.PAID)
    born, due = values.get(Column.BIRTHDATE), values.get(Column.DUE_DATE)
    if value is not None and value <= 0:
        yield Column.VALUE, RowCode.NOT_POSITIVE
    if paid is not None and paid < 0:
        yield Column.PAID, RowCode.NEGATIVE
    if value is not None and paid is not None and paid > value > 0:
        yield Column.PAID, RowCode.PAID_ABOVE_VALUE
    if born is not None and due is not None and born >= due:
        yield Column.BIRTHDATE, RowCode.BORN_AFTER_DUE
