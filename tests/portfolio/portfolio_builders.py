"""Portfolio files as the tests need them, and a wizard that imports them."""

import base64
import io

from openpyxl import Workbook

from tests.common import CollectionCommon

HEADER = (
    "Cliente", "CPF/CNPJ", "Telefone", "E-mail", "Nascimento",
    "Contrato", "Parcela", "Vencimento", "Valor", "Valor pago",
)  # fmt: skip
ANA, BRUNO = "529.982.247-25", "111.444.777-35"
SHOP = "11.222.333/0001-81"


def row(
    contract, number, due="10/01/2026", value="100,00", paid="", name="Ana Júlia Conceição", **more
):
    """The cells of one installment in the order of ``HEADER``."""
    return [
        name,
        more.get("vat", ANA),
        more.get("phone", "(11) 96123-4567"),
        more.get("email", ""),
        more.get("birthdate", ""),
        contract,
        number,
        due,
        value,
        paid,
    ]


def csv_bytes(*rows, header=HEADER, separator=";", encoding="utf-8"):
    """A CSV file; ``encoding`` "utf-8-sig" writes the mark that Excel does."""
    lines = [separator.join(str(cell) for cell in cells) for cells in (header, *rows)]
    return "\r\n".join(lines).encode(encoding)


def xlsx_bytes(*rows, header=HEADER):
    """An XLSX file whose cells keep their types."""
    workbook = Workbook()
    for cells in (header, *rows):
        workbook.active.append(list(cells))
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


class PortfolioCommon(CollectionCommon):
    """Imports files on 1 March 2026 with the company's general journal."""

    @classmethod
    def wizard(cls, content, company=None, user=None, **values):
        """The wizard with a file chosen."""
        company = company or cls.company
        env = cls.env(user=user or cls.env.user, context={"allowed_company_ids": company.ids})
        return env["crediario.portfolio.import"].create(
            {
                "file": base64.b64encode(content),
                "file_name": "portfolio.csv",
                "plan_id": cls.plan.id if company == cls.company else False,
                "date": "2026-03-01",
                **values,
            }
        )

    @classmethod
    def run_import(cls, content, **values):
        """Check a file, import it, and return the wizard."""
        wizard = cls.wizard(content, **values)
        wizard.action_check()
        wizard.action_import()
        return wizard

    @classmethod
    def moves(cls, wizard):
        return cls.env["account.move"].browse(wizard.move_ids or [])

    @classmethod
    def booked(cls, wizard):
        """``[(contract, number, due date, value, residual)]`` of what the wizard imported."""
        lines = cls.moves(wizard).line_ids.filtered("crediario_plan_id")
        return [
            (
                line.contract_reference,
                line.installment_number,
                str(line.date_maturity),
                f"{line.balance:.2f}",
                f"{line.amount_residual:.2f}",
            )
            for line in lines.sorted(
                lambda line: (line.contract_reference, line.installment_number)
            )
        ]

    @staticmethod
    def problems(wizard):
        """``[(line, kind, column, value)]`` in the order of the file."""
        return [
            (problem.line, problem.kind, problem.column, problem.value or "")
            for problem in wizard.problem_ids
        ]
