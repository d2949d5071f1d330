import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from odoo import Command, api, models
from odoo.tools import SQL

from ...domain.portfolio.portfolio_data import Contract

_logger = logging.getLogger(__name__)

# Entries created, posted and reconciled together: memory stays that of one batch.
BATCH = 100
# Statistics of tables that just grew mislead the database's planner until they are renewed.
ANALYZE_AFTER = (1, 4, 16, 64, 256)


@dataclass(frozen=True, slots=True)
class Opening:
    """How imported contracts are booked: company, plan, journal, opening account, entry date."""

    company: models.Model
    plan: models.Model
    journal: models.Model
    account: models.Model
    date: date


class PortfolioBooking(models.AbstractModel):
    """Books contracts of a portfolio as posted opening entries."""

    _name = "crediario.portfolio.booking"
    _description = "Booking of an Imported Portfolio"

    @api.model
    def _book(self, contracts: list[Contract], opening: Opening) -> Iterator[int]:
        """Book contracts as posted entries, yielding the ids of the entries as they are made.

        Each entry debits one receivable line per installment, credits what was paid before and
        the opening account with the rest. What was paid is reconciled with its installment.
        """
        self.env["crediario.portfolio.customers"]._ensure_partners(
            self._customers(contracts), opening.company
        )
        started = time.monotonic()
        for number, start in enumerate(range(0, len(contracts), BATCH), start=1):
            part = contracts[start : start + BATCH]
            moves = self._book_batch(part, opening)
            yield from moves.ids
            self.env.flush_all()
            self.env.invalidate_all()
            if number in ANALYZE_AFTER:
                self.env.cr.execute(
                    "ANALYZE account_move, account_move_line, account_partial_reconcile"
                )
            _logger.info(
                "Portfolio of company %s: %s of %s contracts booked in %.1f s",
                opening.company.id, start + len(part), len(contracts), time.monotonic() - started,
            )  # fmt: skip

    def _customers(self, contracts):
        """Each customer once; the book hands out one object per customer."""
        return list({id(contract.customer): contract.customer for contract in contracts}.values())

    def _book_batch(self, contracts, opening):
        partners = self.env["res.partner"].with_company(opening.company)
        partners = partners.browse([contract.customer.partner_id for contract in contracts])
        moves = self.env["account.move"].with_company(opening.company)
        # No creation message on thousands of entries: who imported them stands in create_uid.
        # With sudo: which contract an entry goes on with is nobody's to say but the import's.
        moves = (
            moves.sudo()
            .with_context(tracking_disable=True)
            .create(
                [
                    self._entry_values(contract, opening, partner.property_account_receivable_id)
                    for contract, partner in zip(contracts, partners, strict=True)
                ]
            )
        )
        moves = moves.with_env(partners.env).with_context(tracking_disable=True)
        moves._post(soft=False)
        self._reconcile_paid(contracts, moves)
        self._update_counts(contracts)
        return moves

    def _entry_values(self, contract, opening, receivable):
        counterpart = self._line_values(
            contract, opening, opening.account, contract.paid - contract.value
        )
        counterpart["name"] = self.env._("Contract %s: opening", contract.reference)
        lines = [
            self._installment_values(contract, row, opening, receivable) for row in contract.rows
        ]
        lines += [
            self._paid_values(contract, row, opening, receivable)
            for row in contract.rows
            if row.paid
        ]
        if contract.paid != contract.value:
            lines.append(counterpart)
        return {
            "move_type": "entry",
            "company_id": opening.company.id,
            "journal_id": opening.journal.id,
            "date": opening.date,
            "partner_id": contract.customer.partner_id,
            "ref": contract.reference,
            "contract_reference": contract.reference,
            "imported_contract_id": contract.entry_id,
            "crediario_plan_id": opening.plan.id,
            "installment_count": contract.count,
            "first_due_date": min(row.due_date for row in contract.rows),
            "line_ids": [Command.create(values) for values in lines],
        }

    def _installment_values(self, contract, row, opening, receivable):
        return {
            **self._line_values(contract, opening, receivable, row.value),
            "name": f"{contract.reference} {row.number}/{contract.count}",
            "installment_number": row.number,
            "date_maturity": row.due_date,
        }

    def _paid_values(self, contract, row, opening, receivable):
        return {
            **self._line_values(contract, opening, receivable, -row.paid),
            "name": self.env._(
                "%(contract)s %(number)s/%(count)s: paid before the import",
                contract=contract.reference,
                number=row.number,
                count=contract.count,
            ),
            "date_maturity": row.due_date,
        }

    def _line_values(self, contract, opening, account, amount):
        return {
            "account_id": account.id,
            "partner_id": contract.customer.partner_id,
            "balance": float(amount),
            "amount_currency": float(amount),
            # Given, so that none of these is worked out line by line.
            "currency_id": opening.company.currency_id.id,
            "display_type": "product",
            "tax_ids": [],
            "analytic_distribution": False,
        }

    def _reconcile_paid(self, contracts, moves):
        """Match each paid value with its own installment."""
        plan = []
        for contract, move in zip(contracts, moves, strict=True):
            debits = {
                line.installment_number: line for line in move.line_ids if line.installment_number
            }
            receivable = next(iter(debits.values())).account_id
            credits = move.line_ids.filtered(
                lambda line, account=receivable: (
                    line.account_id == account and not line.installment_number
                )
            )
            # Lines have the order in which they were given, whatever order the list shows them in.
            paid_rows = [row for row in contract.rows if row.paid]
            for row, credit in zip(paid_rows, credits.sorted("id"), strict=True):
                plan.append(debits[row.number] | credit)
        self.env["account.move.line"]._reconcile_plan(plan)

    def _update_counts(self, contracts):
        """A contract that grew by further installments has a new count, in all its entries.

        Written even where it stays the same: of two imports that add to one contract at once the
        later one fails on this row, and starts again with what the first one booked.
        """
        grown = [contract for contract in contracts if contract.entry_id]
        self.env["account.move"].flush_model(["installment_count", "imported_contract_id"])
        for contract in grown:
            self.env.cr.execute(
                SQL(
                    """UPDATE account_move SET installment_count = %(count)s
                        WHERE id = %(entry)s OR imported_contract_id = %(entry)s""",
                    count=contract.count,
                    entry=contract.entry_id,
                )
            )
        self.env["account.move"].invalidate_model(["installment_count"])
