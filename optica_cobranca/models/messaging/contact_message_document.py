import logging
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools.safe_eval import safe_eval

from ...domain.shop import clock
from ...tools.shop.lost_races import TRANSIENT, unless_lost
from .contact_message_facts import Facts

_logger = logging.getLogger(__name__)

REPORT_OF_SOURCE = {
    "slip": "optica_cobranca.action_report_carne",
    "carne": "optica_cobranca.action_report_carne_open",
    "receipt": "optica_cobranca.action_report_crediario_receipt",
    "agreement": "optica_cobranca.action_report_agreement",
    "statement": "optica_cobranca.action_report_statement",
}
# Providers whose clients send files; the others send the text alone.
FILE_PROVIDERS = ("whatsapp_cloud", "sandbox")
WAITING = "document"
# Longest wait for the printer; it wakes the dispatcher as soon as a document is ready.
WAIT = timedelta(minutes=10)
BATCH = 20


class ContactMessage(models.Model):
    """PDFs that go with messages.

    Printing takes a second, sending must not wait for it: a message that may leave but lacks its
    document steps aside (reason *document*), a job of its own prints it, and the message comes
    back at once. The document is kept with the message and printed anew only when the day or what
    is owed has changed meanwhile.
    """

    _inherit = "contact.message"

    document_key = fields.Char(
        readonly=True, copy=False, help="Day and amounts for which the document was printed."
    )

    # ------------------------------------------------------------- sending

    def _lacks_document(self, gateway, facts):
        if not self.template_id.document_source or not isinstance(self.id, int):
            return False  # a preview prints nothing
        if not gateway or gateway.channel != "whatsapp" or gateway.provider not in FILE_PROVIDERS:
            return False
        return not self.attachment_id or self.document_key != self._document_key(facts)

    def _document_key(self, facts):
        """What the document depends on: the day, and what is open of which installments."""
        day = self.company_id._local_day(facts.now)
        debt = facts.debts.get(self.id)
        lines = ",".join(map(str, sorted(debt.open_ids))) if debt else ""
        return f"{day} {lines} {debt.residual if debt else ''}"

    # ------------------------------------------------------------ printing

    @api.model
    def _cron_print_documents(self):
        """Print what messages wait for; commits after each."""
        waiting = [("state", "=", "queued"), ("reason", "=", WAITING), ("claim_key", "=", False)]
        outbox = self.sudo()
        messages = outbox.search(waiting, order="scheduled_at, id", limit=BATCH)
        remaining = outbox.search_count(waiting)
        for message in messages:
            remaining -= 1
            # Who loses a race is printed in its next turn.
            unless_lost(self.env, partial(message._print_in_turn, remaining))
        if messages:
            self._trigger_dispatch()

    def _print_in_turn(self, remaining):
        if self.try_lock_for_update() and self.reason == WAITING:
            self._print_or_give_up()
        self.env["ir.cron"]._commit_progress(processed=1, remaining=remaining)

    def _print_or_give_up(self):
        try:
            with self.env.cr.savepoint():
                self._print_document()
        except TRANSIENT:
            raise
        except Exception as error:
            _logger.exception("The document of message %s could not be printed", self.id)
            self.write(
                {
                    "state": "failed",
                    "reason": "error",
                    "failed_at": fields.Datetime.now(),
                    "error_detail": f"{type(error).__name__}: {error}"[:250],
                }
            )

    def _print_document(self):
        """Print, keep and bring the message back to the queue."""
        self.ensure_one()
        facts = Facts(now=clock.aware(fields.Datetime.now()))
        self._gather_debts(facts)
        records = self._records_to_print(facts)
        if not records:
            self.write(
                {
                    "state": "cancelled",
                    "reason": "template",
                    "error_detail": self.env._("There is nothing to print for this message."),
                }
            )
            return
        report = self.env.ref(REPORT_OF_SOURCE[self.template_id.document_source])
        content, _kind = report.with_company(self.company_id)._render_qweb_pdf(
            report.report_name, records.ids
        )
        self.attachment_id.unlink()
        self.write(
            {
                "attachment_id": self.env["ir.attachment"]
                .create(
                    {
                        "name": _file_name(report, records[0]),
                        "raw": content,
                        "mimetype": "application/pdf",
                        "res_model": self._name,
                        "res_id": self.id,
                    }
                )
                .id,
                "document_key": self._document_key(facts),
                "reason": False,
                "scheduled_at": clock.stored(facts.now),
            }
        )

    def _records_to_print(self, facts):
        """The records of the template's report that this message is about."""
        source = self.template_id.document_source
        if source == "statement":
            return self.partner_id.commercial_partner_id
        if source in ("receipt", "agreement"):
            return self._latest(f"crediario.{source}")
        debt = facts.debts.get(self.id)
        ids = debt.open_ids if debt else self._installment_ids()[self.id]
        lines = self.env["account.move.line"].browse(ids)
        return lines if source == "slip" else lines.move_id

    def _latest(self, model):
        """The record the message is about, or the customer's latest of that kind."""
        if self.res_model == model:
            return self.env[model].browse(self.res_id).exists()
        return self.env[model].search(
            [
                ("partner_id", "child_of", self.partner_id.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
            ],
            order="id desc",
            limit=1,
        )


def _file_name(report, record):
    name = report.print_report_name and safe_eval(report.print_report_name, {"object": record})
    return f"{(name or report.name).strip().replace('/', '-')}.pdf"
