import io
import zipfile
from base64 import b64decode

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf

from ...domain.shop.csv_text import csv_file

# While somebody waits; more are made in the background.
AT_ONCE = 3


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


EMPTY = (False, "", None)
ADDRESS = {"street", "street2", "zip", "city", "state_id"}


class ResPartner(models.Model):
    """The legal dossier: everything about a customer's debt, in order, in one file."""

    _inherit = "res.partner"

    # ------------------------------------------------------------- actions

    def action_dossier(self):
        """Make the dossiers of these customers; each is kept and logged with who made it.

        A few at once; of more, the page that shows how far they are.
        """
        self._check_role("manager", allow_system=True)
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

    # ---- What happened with a customer's debt, one event a row, for dossier and index

    def _dossier_events(self, company):
        """Everything in date order: ``date``, ``kind``, ``text``, ``amount`` (or None)."""
        events = [
            event
            for model, gather in self._dossier_sources().items()
            if model in self.env
            for event in gather(self._dossier_records(model, company))
        ]
        return sorted(events, key=lambda event: event["date"])

    def _dossier_sources(self):
        """By model: the function that turns its records into events."""
        return {
            "account.move": self._contract_events,
            "crediario.receipt": self._receipt_events,
            "crediario.extension": self._extension_events,
            "crediario.agreement": self._agreement_events,
            "dunning.notice": self._notice_events,
            "contact.message": self._message_events,
            "dunning.letter": self._letter_events,
            "dunning.promise": self._promise_events,
            "dunning.dispute": self._dispute_events,
            "dunning.bureau.case": self._bureau_events,
            "dunning.handover": self._handover_events,
        }

    def _dossier_records(self, model, company):
        """With sudo: see ``_make_dossier``."""
        if model == "account.move":
            return self._dossier_contracts(company)
        domain = [
            ("partner_id.commercial_partner_id", "=", self.id),
            ("company_id", "=", company.id),
        ]
        return self.env[model].sudo().search(domain)

    def _event(self, date, kind, *text, amount=None):
        if hasattr(date, "hour"):
            date = fields.Datetime.context_timestamp(self, date).date()
        return {
            "date": date,
            "kind": kind,
            "text": ", ".join(str(part) for part in text if part not in EMPTY),
            "amount": amount,
        }

    def _label(self, record, name):
        return dict(record._fields[name]._description_selection(self.env)).get(record[name], "")

    def _contract_events(self, moves):
        kind = self.env._("Contract")
        return [
            self._event(
                move.invoice_date or move.date,
                kind,
                move.contract_reference or move.name,
                self.env._("installments: %s", len(move.installment_ids)),
                amount=sum(move.installment_ids.mapped("balance")),
            )
            for move in moves
        ]

    def _receipt_events(self, receipts):
        kind = self.env._("Payment")
        return [
            self._event(
                receipt.date,
                kind,
                receipt.name,
                self._label(receipt, "state"),
                amount=receipt.amount_received,
            )
            for receipt in receipts
        ]

    def _extension_events(self, extensions):
        kind = self.env._("Due date moved")
        return [
            self._event(
                extension.date or extension.create_date,
                kind,
                extension.display_name,
                self.env._(
                    "%(old)s to %(new)s",
                    old=fields.Date.to_string(extension.old_due_date),
                    new=fields.Date.to_string(extension.new_due_date),
                ),
                extension.reason,
                self._label(extension, "state"),
            )
            for extension in extensions
        ]

    def _agreement_events(self, agreements):
        kind = self.env._("Agreement")
        return [
            self._event(
                agreement.accepted_on or agreement.date,
                kind,
                agreement.name,
                self._label(agreement, "state"),
            )
            for agreement in agreements
        ]

    def _notice_events(self, notices):
        kind = self.env._("Notice")
        return [
            self._event(
                notice.date,
                kind,
                notice.level_id.name,
                self._label(notice, "state"),
                amount=notice.amount_total,
            )
            for notice in notices
        ]

    def _message_events(self, messages):
        return [
            self._event(
                message.sent_at or message.create_date,
                self.env._("Message by %s", self._label(message, "channel")),
                self._label(message, "state"),
                message.body,
            )
            for message in messages
            if message.purpose == "collection"
        ]

    def _letter_events(self, letters):
        kind = self.env._("Letter")
        return [
            self._event(
                letter.posted_on or letter.printed_at or letter.create_date,
                kind,
                self._label(letter, "kind"),
                self._label(letter, "state"),
                letter.tracking_code,
                (letter.address or "").replace("\n", ", "),
                amount=letter.amount or None,
            )
            for letter in letters
        ]

    def _promise_events(self, promises):
        kind = self.env._("Promise to pay")
        return [
            self._event(
                promise.registered_at or promise.create_date,
                kind,
                self.env._("for %s", fields.Date.to_string(promise.date)),
                self._label(promise, "state"),
                promise.note,
                amount=promise.amount,
            )
            for promise in promises
        ]

    def _dispute_events(self, disputes):
        kind = self.env._("Dispute")
        return [
            self._event(
                dispute.opened_at or dispute.create_date,
                kind,
                *self._dispute_words(dispute),
                self._label(dispute, "state"),
            )
            for dispute in disputes
        ]

    def _dispute_words(self, dispute):
        """What was said, unless it is about health: that stays in the record itself (LGPD 11)."""
        if dispute.is_health:
            return ()
        return (dispute.reason_id.name, dispute.description)

    def _bureau_events(self, cases):
        steps = {
            "approved_at": self.env._("Credit bureau: approved"),
            "notice_on": self.env._("Credit bureau: notice sent"),
            "proof_on": self.env._("Credit bureau: notice received"),
            "registered_on": self.env._("Credit bureau: registered"),
            "removed_on": self.env._("Credit bureau: removed"),
        }
        return [
            self._event(case[name], kind, case.reference(), amount=case.amount)
            for case in cases
            for name, kind in steps.items()
            if case[name]
        ]

    def _handover_events(self, handovers):
        steps = {
            "handed_over_on": self.env._("Agency: handed over"),
            "returned_on": self.env._("Agency: taken back"),
        }
        return [
            self._event(handover[name], kind, handover.agency_id.name, amount=handover.amount)
            for handover in handovers
            for name, kind in steps.items()
            if handover[name]
        ]

    # ------------------------- A customer's letters, bureau cases and hand-overs

    letter_returned_on = fields.Date(
        string="Letter Came Back",
        copy=False,
        help="No letter is printed while this is set. Changing the address clears it.",
    )
    letter_count = fields.Integer(
        compute="_compute_figures", groups="optica_cobranca.group_collector"
    )
    bureau_case_count = fields.Integer(
        compute="_compute_figures", groups="optica_cobranca.group_collector"
    )
    handover_count = fields.Integer(
        compute="_compute_figures", groups="optica_cobranca.group_collector"
    )

    export_count = fields.Integer(
        compute="_compute_figures", groups="optica_cobranca.group_manager"
    )

    def write(self, vals):
        """Letters go out again once the address was corrected."""
        if ADDRESS & vals.keys() and "letter_returned_on" not in vals:
            vals = {**vals, "letter_returned_on": False}
        return super().write(vals)

    def action_view_letters(self):
        """Open this customer's letters."""
        return self._recovery_action("dunning.letter", self.env._("Letters"))

    def action_view_bureau_cases(self):
        """Open this customer's cases at the credit bureau."""
        return self._recovery_action("dunning.bureau.case", self.env._("Credit Bureau"))

    def action_view_handovers(self):
        """Open what of this customer was handed to an agency."""
        return self._recovery_action("dunning.handover", self.env._("Agency"))

    def action_view_exports(self):
        """Open the files about this customer that were handed over, dossiers among them."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Files Handed Over"),
            "res_model": "dunning.export",
            "views": [(False, "list"), (False, "form")],
            "domain": [("partner_ids", "in", self.commercial_partner_id.ids)],
        }

    def _recovery_action(self, model, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": [("partner_id", "in", self.commercial_partner_id.ids)],
        }
