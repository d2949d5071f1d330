"""The contracts that the demo shop brings along from its former system, as a portfolio file.

Dates are relative to today, so that every situation of the ladder exists on the day on which
the demo is installed.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from .people import PEOPLE, birthdate, cpf

FIRST_REFERENCE = 1001
HEADER = (
    "Cliente", "CPF/CNPJ", "Telefone", "E-mail", "Nascimento",
    "Contrato", "Parcela", "Vencimento", "Valor", "Valor pago",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OldContract:
    """``count`` installments of ``value`` BRL, number ``number`` due ``late`` days ago.

    A negative ``late`` is a due date ahead. Installments before ``open_from`` are paid, and
    ``part`` BRL of this one; with ``open_from`` above ``count`` everything is paid.
    """

    first_name: str
    count: int
    value: Decimal
    number: int
    late: int
    open_from: int
    part: Decimal

    def rows(self, today: date) -> Iterator[tuple[int, date, Decimal, Decimal]]:
        """Number, due date, value and paid value of each installment."""
        due = today - timedelta(days=self.late)
        for number in range(1, self.count + 1):
            paid = self.value if number < self.open_from else Decimal(0)
            if number == self.open_from:
                paid = self.part
            yield number, due + relativedelta(months=number - self.number), self.value, paid


# customer | installments | value | number | days late | first open one | part of it paid
_TABLE = """
Adriana|10|105.58|4|-5|4|
Alberto|6|89.90|2|-5|2|
Aline|8|120.00|8|12|8|
Antônio|10|64.50|6|-1|6|
Beatriz|5|150.00|2|-1|2|
Benedito|12|79.90|12|30|12|
Bruna|4|210.00|1|0|1|
Caio|10|99.00|7|0|7|
Camila|6|133.20|6|1|6|
Carlos|10|87.45|10|1|10|
Cecília|3|240.00|3|5|3|
Cláudio|10|112.30|10|5|10|
Daniela|8|95.00|8|10|8|
Diego|10|74.80|10|10|10|
Edna|6|68.00|6|15|6|
Eduardo|10|156.70|10|15|10|
Fabiana|5|180.00|5|25|5|
Felipe|10|59.90|10|25|10|
Fernanda|10|142.00|10|30|10|
Francisco|12|83.33|12|45|12|
Gabriela|6|115.00|6|95|6|
Geraldo|10|91.20|8|120|8|
Helena|10|125.40|6|8|4|
Iara|4|199.90|4|200|4|
Igor|6|77.70|6|17|6|
Isabel|10|101.00|9|6|7|
João|10|66.60|10|3|10|26.60
Jorge|8|140.00|8|15|8|90.00
Juliana|10|88.00|10|20|10|
Larissa|6|123.45|6|5|6|
Leonardo|10|104.00|10|33|10|
Luciana|5|160.00|5|61|5|60.00
Marcelo|10|97.50|3|-12|3|
Márcia|6|135.00|2|-20|2|
Nelson|10|72.00|10|10|11|
Patrícia|8|110.00|8|40|9|
Rafael|10|93.00|4|-2|4|
Sandra|5|145.00|3|-8|3|
Tereza|4|175.00|4|75|5|
Vinícius|10|82.90|1|-27|1|
Adriana|6|58.00|2|-18|2|
Camila|10|49.90|9|1|9|
Eduardo|5|62.00|3|45|2|
Francisco|3|130.00|3|400|4|
Helena|3|90.00|3|90|4|
Leonardo|4|85.00|2|-4|2|
Nelson|6|119.00|2|-15|2|
Tereza|10|64.00|5|-6|5|
"""


def _contract(line: str) -> OldContract:
    name, count, value, number, late, open_from, part = line.split("|")
    return OldContract(
        name, int(count), Decimal(value), int(number), int(late), int(open_from), Decimal(part or 0)
    )


OLD_CONTRACTS = tuple(_contract(line) for line in _TABLE.strip().splitlines())


def portfolio_file(today: date) -> bytes:
    """The contracts as a Brazilian spreadsheet program saves them: `;`, decimal comma, Latin-1."""
    positions = {person.name.split()[0]: index for index, person in enumerate(PEOPLE)}
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    for reference, contract in enumerate(OLD_CONTRACTS, start=FIRST_REFERENCE):
        index = positions[contract.first_name]
        person = PEOPLE[index]
        customer = (
            person.name,
            cpf(index),
            person.phone,
            person.email,
            birthdate(person, today).strftime("%d/%m/%Y"),
        )
        for number, due, value, paid in contract.rows(today):
            amounts = (f"{amount:.2f}".replace(".", ",") for amount in (value, paid))
            installment = f"{number}/{contract.count}"
            writer.writerow(
                (*customer, f"BV-{reference}", installment, due.strftime("%d/%m/%Y"), *amounts)
            )
    return text.getvalue().encode("latin-1")
