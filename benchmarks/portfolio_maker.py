"""Makes portfolio files with fictitious customers, for benchmarks and tests of the import."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

HEADER = "Cliente;CPF;Telefone;E-mail;Nascimento;Contrato;Parcela;Vencimento;Valor;Valor pago"
INSTALLMENTS = 10


def cpf(number: int) -> str:
    """The CPF with this number before its two check digits, with punctuation."""
    digits = f"{number:09d}"
    for length in (10, 11):
        weighted = sum(
            int(digit) * weight for digit, weight in zip(digits, range(length, 1, -1), strict=True)
        )
        digits += str(weighted * 10 % 11 % 10)
    return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"


def installments(contract: int, today: date) -> Iterator[tuple[int, date, Decimal, Decimal]]:
    """Number, due date, value and paid value: three paid in full, one in part, the rest open."""
    first = today + timedelta(days=contract % 150 - 150)
    for number in range(1, INSTALLMENTS + 1):
        value = Decimal(5000 + contract * 37 % 15000 + number) / 100
        paid = value if number < 4 else Decimal("10.05") if number == 4 else Decimal(0)
        yield number, first + relativedelta(months=number - 1), value, paid


def portfolio(contracts: int, today: date) -> tuple[bytes, Decimal]:
    """A CSV file in Latin-1 with ten installments a contract, and what is open of it in BRL."""
    lines, residual = [HEADER], Decimal(0)
    for contract in range(contracts):
        customer = (
            f"Conceição Fictícia {contract};{cpf(100_000_000 + contract)}"
            f";(11) 9{80_000_000 + contract};cliente{contract}@example.com;15/03/1980"
        )
        for number, due, value, paid in installments(contract, today):
            residual += value - paid
            amounts = f"{value:.2f};{paid:.2f}".replace(".", ",")
            lines.append(
                f"{customer};B-{contract:05d};{number}/{INSTALLMENTS};{due:%d/%m/%Y};{amounts}"
            )
    return "\n".join(lines).encode("latin-1"), residual
