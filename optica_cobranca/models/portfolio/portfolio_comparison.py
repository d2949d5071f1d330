from odoo import api, models
from odoo.tools import SQL

from ...domain.portfolio.portfolio_data import (
    Comparison,
    Contract,
    Customer,
    ImportedContract,
    ImportedInstallment,
    by_contract,
)
from ...domain.shop.money import cents


class PortfolioComparison(models.AbstractModel):
    """Holds the rows of a portfolio against what is in the database."""

    _name = "crediario.portfolio.comparison"
    _description = "Comparison of a Portfolio with the Database"

    @api.model
    def _compare(self, rows, counts, company) -> Comparison:
        """What of these rows is new, known or contradictory in this company.

        :param rows: good rows of a file (``PortfolioRow``)
        :param counts: installments of each contract, by its number
        """
        groups = by_contract(rows)
        imported = self._imported(list(groups), company)
        described = {reference: self._describe(group) for reference, group in groups.items()}
        customers = self.env["crediario.portfolio.customers"]
        book = customers._book_of_known(list(described.values()), company)
        comparison = Comparison()
        for reference, group in groups.items():
            existing = imported.get(reference)
            count = max(counts.get(reference, 0), *(row.number for row in group))
            if existing:
                self._compare_imported(comparison, group, existing, count)
                continue
            given = described[reference]
            customer = book.find_or_add(given)
            if customer.partner_id and not customer.has_same_first_name(given):
                comparison.renamed.append((group[0], customer.name))
            if customer.archived:
                comparison.archived.append((group[0], customer.name))
            comparison.contracts.append(Contract(reference, customer, count, rows=group))
        return comparison

    def _describe(self, group):
        customer = Customer.of(group[0])
        for row in group[1:]:
            customer.complete(Customer.of(row))
        return customer

    def _compare_imported(self, comparison, group, existing, count):
        """Rows of a contract that was imported: known, different, foreign or further ones."""
        further = []
        for row in group:
            booked = existing.installments.get(row.number)
            if not self._is_customer(existing.customer, row):
                comparison.foreign.append((row, existing))
            elif not booked:
                further.append(row)
            else:
                comparison.already += 1
                if (row.due_date, row.value, row.paid) != (
                    booked.due_date,
                    booked.value,
                    booked.paid,
                ):
                    comparison.different.append((row, booked))
        if further:
            count = max(existing.count, count)
            contract = Contract(
                group[0].contract, existing.customer, count, existing.entry_id, further
            )
            comparison.contracts.append(contract)

    def _is_customer(self, customer, row):
        given = Customer.of(row)
        if customer.vat and given.vat:
            return customer.vat == given.vat
        return customer.has_same_first_name(given)

    @api.model
    def _imported(self, references, company) -> dict[str, ImportedContract]:
        """What earlier imports booked under these contract numbers, in one query.

        The paid value is what the import itself credited; payments received since don't count.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT move.contract_reference, COALESCE(move.imported_contract_id, move.id),
                       move.installment_count, partner.id, partner.name,
                       upper(regexp_replace(partner.vat, '[^0-9A-Za-z]', '', 'g')),
                       line.installment_number, line.date_maturity, line.balance,
                       (SELECT SUM(partial.amount)
                          FROM account_partial_reconcile partial
                          JOIN account_move_line credit ON credit.id = partial.credit_move_id
                         WHERE partial.debit_move_id = line.id AND credit.move_id = move.id)
                  FROM account_move move
                  JOIN account_move_line line
                    ON line.move_id = move.id AND line.installment_number > 0
                  JOIN res_partner partner ON partner.id = move.partner_id
                 WHERE move.move_type = 'entry' AND move.state != 'cancel'
                   AND move.company_id = %(company)s
                   AND move.contract_reference = ANY(%(references)s)
              ORDER BY move.id
                """,
                company=company.id,
                references=references,
            )
        )
        found: dict[str, ImportedContract] = {}
        for (
            reference, entry_id, count, partner_id, name, vat, number, due_date, value, paid
        ) in self.env.cr.fetchall():  # fmt: skip
            if reference not in found:
                customer = Customer(name or "", vat or None, partner_id=partner_id)
                found[reference] = ImportedContract(entry_id, count, customer)
            found[reference].count = max(found[reference].count, count)
            found[reference].installments[number] = ImportedInstallment(
                due_date, cents(value), cents(paid or 0)
            )
        return found
