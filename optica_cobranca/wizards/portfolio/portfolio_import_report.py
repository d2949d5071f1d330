from odoo import Command, models

from ...domain.shop.money import cents
from .portfolio_reasons import (
    archived_reason,
    column_label,
    different_reason,
    foreign_reason,
    refusal_reason,
    renamed_reason,
    sign_label,
)
from .portfolio_report import problem_file

SAMPLE_ROWS = 10


class PortfolioImport(models.TransientModel):
    """What the import tells about a file: counts, amounts, problems and the first rows."""

    _inherit = "crediario.portfolio.import"

    def _show(self, reading, comparison):
        problems = self._problems(reading, comparison)
        contracts = comparison.contracts
        customers = {id(contract.customer): contract.customer for contract in contracts}.values()
        known = sum(1 for customer in customers if customer.partner_id)
        value = sum((contract.value for contract in contracts), cents(0))
        paid = sum((contract.paid for contract in contracts), cents(0))
        refused = {problem["line"] for problem in problems if problem["kind"] == "error"}
        self.write(
            {
                "decimal_sign_found": sign_label(self.env, reading.sign),
                "row_count": len(reading.table.rows),
                "contract_count": len(contracts),
                "installment_count": sum(len(contract.rows) for contract in contracts),
                "known_customer_count": known,
                "new_customer_count": len(customers) - known,
                "already_count": comparison.already,
                "error_count": len(refused),
                "value_total": float(value),
                "paid_total": float(paid),
                "open_total": float(value - paid),
                "problem_ids": [Command.clear(), *map(Command.create, problems)],
                "sample_ids": [Command.clear(), *map(Command.create, self._sample(comparison))],
                "problem_file": problem_file(self.env, reading, problems),
            }
        )

    def _problems(self, reading, comparison):
        """Values of the problems of every line, in the order of the file."""
        problems = [
            self._problem(
                reading,
                refusal.line,
                refusal.column,
                refusal.value,
                "warning" if refusal.dropped else "error",
                refusal_reason(self.env, refusal.code, refusal.column),
            )
            for refusal in reading.refusals
        ]
        for row, owner in comparison.foreign:
            reason = foreign_reason(self.env, owner.customer.name)
            problems.append(
                self._problem(reading, row.line, "contract", row.contract, "error", reason)
            )
        for row, booked in comparison.different:
            reason = different_reason(self.env, row, booked, self.currency_id)
            problems.append(
                self._problem(reading, row.line, "contract", row.contract, "different", reason)
            )
        for row, name in comparison.renamed:
            reason = renamed_reason(self.env, name)
            problems.append(self._problem(reading, row.line, "vat", row.name, "warning", reason))
        for row, name in comparison.archived:
            reason = archived_reason(self.env, name)
            problems.append(self._problem(reading, row.line, "vat", row.name, "warning", reason))
        return sorted(problems, key=lambda problem: problem["line"])

    def _problem(self, reading, line, column, value, kind, reason):
        header = reading.table.header_of(column) if column else False
        return {
            "line": line,
            "column": header or (column and column_label(self.env, column)),
            "value": value,
            "kind": kind,
            "reason": reason,
        }

    def _sample(self, comparison):
        rows = [row for contract in comparison.contracts for row in contract.rows][:SAMPLE_ROWS]
        names = (
            "line",
            "name",
            "vat",
            "phone",
            "email",
            "birthdate",
            "contract",
            "number",
            "due_date",
        )
        return [
            {
                **{name: getattr(row, name) for name in names},
                "value": float(row.value),
                "paid": float(row.paid),
            }
            for row in sorted(rows, key=lambda row: row.line)
        ]
