from odoo import api, fields, models

AMOUNTS = ("principal", "fine", "interest", "total")


class StatementReport(models.AbstractModel):
    """Everything a customer bought on credit: what was paid, is open, is late, costs today."""

    _name = "report.optica_cobranca.report_statement"
    _description = "Statement of a Customer"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        partners = self.env["res.partner"].browse(docids)
        partners.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": "res.partner",
            "papers": [self._paper(partner) for partner in partners.commercial_partner_id],
        }

    def _paper(self, partner):
        today = fields.Date.context_today(self)
        rows = self._installments(partner)._portal_values(today)
        by_contract = {}
        for row in rows:
            by_contract.setdefault(row["line"].move_id, []).append(row)
        return {
            "partner": partner,
            "lang": self._language(partner),
            "shop": self._shop(self.env.company),
            "customer": self._person(partner),
            "currency": self.env.company.currency_id,
            "today": today,
            "contracts": [
                {
                    "name": rows[0]["contract"],
                    "sold": move.invoice_date or move.date,
                    "rows": rows,
                    "totals": _totals(rows),
                }
                for move, rows in by_contract.items()
            ],
            "totals": _totals(rows),
        }

    def _installments(self, partner):
        """All posted installments in the company at hand, whoever sold them.

        With sudo: the statement is the customer's, not one seller's; who may read the customer
        may print it.
        """
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.env.company.id),
                    ("partner_id", "=", partner.id),
                    ("crediario_plan_id", "!=", False),
                    ("parent_state", "=", "posted"),
                ],
                order="date, move_id, installment_number, id",
            )
        )


def _totals(rows):
    """Sums for the foot of a table, BRL: value, principal, fine, interest, total, late."""
    return {
        "value": sum(row["line"].balance for row in rows),
        "late": sum(row["total"] for row in rows if row["status"] == "late"),
        **{
            key: sum(row[key] for row in rows) for key in ("principal", "fine", "interest", "total")
        },
    }
