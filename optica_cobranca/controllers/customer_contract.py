import re

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request

from ..models.crediario.account_move_line import quote_totals
from .customer_access import customer_page

PAPERS = {
    "contract": "optica_cobranca.report_contract",
    "carne": "optica_cobranca.report_carne_all",
}


class ContractPages(http.Controller):
    """One contract with its installments, receipts and papers."""

    @customer_page("/contract/<int:move_id>")
    def customer_contract(self, access, move_id, **_params):
        """By link only what is open shows, and no papers: they name the customer in full."""
        found = access.find(("move_id", "=", move_id)).sudo()
        if not found:
            raise NotFound()
        move = found.move_id
        lines = found.filtered(lambda line: line.amount_residual > 0) if access.is_link else found
        amounts = lines._amounts_today(access.today)
        rows = access.rows(lines, amounts)
        settlement = lines._payment_quote(access.today, amounts)
        late = [row for row in rows if row["status"] == "late"]
        return access.render(
            "optica_cobranca.customer_contract",
            {
                "contract": move,
                "rows": rows,
                "late": {"count": len(late), "total": sum(row["total"] for row in late)},
                "settlement": quote_totals(settlement),
                "receipts": lines.browse() if access.is_link else _receipts(lines),
            },
        )

    @customer_page("/contract/<int:move_id>/<string:paper>.pdf", by=["login"])
    def customer_contract_paper(self, access, move_id, paper, **_params):
        """The contract or its carnê as PDF."""
        move = access.contract(move_id)
        if paper not in PAPERS:
            raise NotFound()
        return pdf(PAPERS[paper], move, f"{paper}-{move.contract_reference or move.name}")

    @customer_page("/receipt/<int:receipt_id>.pdf", by=["login"])
    def customer_receipt(self, access, receipt_id, **_params):
        """A receipt of the customer's own installments."""
        receipt = access.env["crediario.receipt"].browse(receipt_id).exists()
        family = receipt.partner_id.commercial_partner_id
        if not receipt or receipt.state != "posted" or family != access.partner:
            raise NotFound()
        if receipt.company_id not in access.companies:
            raise NotFound()
        return pdf("optica_cobranca.report_receipt", receipt, receipt.name)

    @customer_page("/statement.pdf", by=["login"])
    def customer_statement(self, access, **_params):
        """Everything bought on credit in the company at hand."""
        company = request.env.company
        partner = access.partner.with_company(company)
        return pdf("optica_cobranca.report_statement", partner, f"extrato-{access.today}")


def pdf(report, record, name):
    """A report of one record, as a file; with the rights of the system, which found the record."""
    reports = request.env["ir.actions.report"].sudo()
    company = record.company_id if record._name != "res.partner" else record.env.company
    content, _kind = reports.with_company(company)._render_qweb_pdf(report, record.ids)
    filename = re.sub(r"[^\w.-]+", "-", name).strip("-") + ".pdf"
    return request.make_response(
        content,
        headers=[
            ("Content-Type", "application/pdf"),
            ("Content-Length", len(content)),
            ("Content-Disposition", content_disposition(filename)),
        ],
    )


def _receipts(lines):
    receipts = lines.receipt_line_ids.receipt_id
    return receipts.filtered(lambda receipt: receipt.state == "posted").sorted("id", reverse=True)
