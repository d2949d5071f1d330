import io
import zipfile
from base64 import b64decode

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf

from ..domain.csv_text import csv_file

# While somebody waits; more are made in the background.
AT_ONCE = 3


class ResPartner(models.Model):
    """The legal dossier: everything about a customer's debt, in order, in one file."""

    _inherit = "res.partner"

    # ------------------------------------------------------------- actions

    def action_dossier(self):
        """Make the dossiers of these customers; each is kept and logged with who made it.

        A few at once; of more, the page that shows how far they are.
        """
        self.env["dunning.export"]._check_group("manager")
        customers = self.commercial_partner_id
        customers.check_access("read")
        if len(customers) > AT_ONCE:
            batch = self.env["dunning.dossier.batch"]._start(customers, self.env.company)
            return batch._get_records_action(name=self.env._("Legal Dossiers"))
        files = self.env["dunning.export"]
        for customer in customers:
            files |= customer._make_dossier(self.env.company)
        return files._open_or_download()

    # ------------------------------------------------------------ business

    def _make_dossier(self, company):
        """The dossier, kept as a file handed over."""
        name, content, amount = self._dossier_file(company)
        return self.env["dunning.export"]._store(
            "dossier", name, content, company, self, amount=amount
        )

    def _dossier_file(self, company):
        """One ZIP: the whole as a PDF, its parts, the list of events and the proofs.

        With sudo after the manager was checked: contacts of every salesperson belong to it.

        :return: its name, its bytes, and what is owed today
        """
        contracts = self._dossier_contracts(company)
        if not contracts:
            raise UserError(
                self.env._(
                    "%(customer)s has no contract in %(company)s.",
                    customer=self.name,
                    company=company.name,
                )
            )
        reports = self.env["ir.actions.report"].sudo().with_company(company)
        parts = {
            "00-indice.pdf": ("optica_cobranca.action_report_dossier", self.ids),
            "01-extrato.pdf": ("optica_cobranca.action_report_statement", self.ids),
            **{
                f"02-contrato-{_safe(move.contract_reference or move.name)}.pdf": (
                    "optica_cobranca.action_report_contract",
                    move.ids,
                )
                for move in contracts
            },
        }
        pdfs = {
            name: reports._render_qweb_pdf(report, ids)[0] for name, (report, ids) in parts.items()
        }
        content = _zipped(
            {
                "dossie.pdf": merge_pdf(list(pdfs.values())),
                **{f"partes/{name}": pdf for name, pdf in pdfs.items()},
                "eventos.csv": self._dossier_csv(company),
                **self._dossier_proofs(company),
            }
        )
        owed = (
            self.with_company(company)
            ._open_installments()
            ._amounts_today(fields.Date.context_today(self))
        )
        name = f"dossie-{_safe(self.name)}-{fields.Date.context_today(self):%Y%m%d}.zip"
        return name, content, float(sum(amount.total for amount in owed.values()))

    # ------------------------------------------------------------- helpers

    def _dossier_contracts(self, company):
        return (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("commercial_partner_id", "=", self.id),
                    ("crediario_plan_id", "!=", False),
                    ("state", "=", "posted"),
                ],
                order="invoice_date, date, id",
            )
        )

    def _dossier_csv(self, company):
        columns = [
            self.env._("Date"),
            self.env._("What"),
            self.env._("Details"),
            self.env._("Amount"),
        ]
        events = self._dossier_events(company)
        return csv_file(
            columns,
            ((e["date"], e["kind"], e["text"], e["amount"]) for e in events),
            brazilian=True,
        )

    def _dossier_proofs(self, company):
        """Proofs of delivery of bureau notices, as they were recorded."""
        cases = self.env["dunning.bureau.case"].sudo()
        found = cases.search([("partner_id", "=", self.id), ("company_id", "=", company.id)])
        proven = found.filtered("proof_file").with_context(bin_size=False)
        return {
            f"provas/{case.reference()}-{_safe(case.proof_file_name or 'prova')}": b64decode(
                case.proof_file
            )
            for case in proven
        }


def _zipped(files):
    """A ZIP of ``{name: bytes}``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _safe(name):
    """A file name without anything that could leave the folder."""
    kept = "".join(c if c.isalnum() or c in "-_." else "-" for c in name or "")
    return kept.strip(".-") or "x"
