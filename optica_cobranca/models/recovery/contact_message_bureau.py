import logging

from odoo import models

from ...domain.messaging.gate import Action
from ...tools.shop.lost_races import TRANSIENT
from .dunning_bureau_steps import MODEL

_logger = logging.getLogger(__name__)

TOLD = ("sent", "delivered", "read", "failed")


class ContactMessage(models.Model):
    """Messages that carry the notice before the bureau: their case hears what becomes of them."""

    _inherit = "contact.message"

    # ----------------------------------------------------------- about what

    def _installment_ids(self, now=None):
        """Such a message is about the debts of its case, and no others."""
        of_cases = self.filtered(lambda message: message.res_model == MODEL)
        found = super(ContactMessage, self - of_cases)._installment_ids(now)
        cases = self.env[MODEL].sudo().browse(of_cases.mapped("res_id"))
        debts = {case.id: case.line_ids.move_line_id.ids for case in cases.exists()}
        for message in of_cases:
            found[message.id] = debts.get(message.res_id, [])
        return found

    # ------------------------------------------------------ what became of it

    def _write_states(self, rows, now):
        result = super()._write_states(rows, now)
        self._tell_cases(
            row["res_id"] for row in rows if row["res_model"] == MODEL and row["state"] in TOLD
        )
        return result

    def _write_verdicts(self, verdicts, key, now):
        refused = [
            verdict.message.res_id
            for verdict in verdicts
            if verdict.message.res_model == MODEL
            and verdict.action not in (Action.SEND, Action.POSTPONE)
        ]
        written = super()._write_verdicts(verdicts, key, now)
        self._tell_cases(refused)
        return written

    def _resolve(self, state, values):
        result = super()._resolve(state, values)
        self._tell_cases(self.filtered(lambda message: message.res_model == MODEL).mapped("res_id"))
        return result

    def _withdraw(self, reason):
        """Take those of these messages that wait out of the queue, and let none follow them."""
        waiting = self.filtered(lambda message: message.state == "queued")
        waiting.write(
            {"state": "cancelled", "reason": reason, "claim_key": False, "by_hand": False}
        )
        self.filtered("fallback_at").write({"fallback_at": False})

    def _tell_cases(self, case_ids):
        """A case that cannot be moved must not lose what a provider said: the night repeats it."""
        case_ids = set(case_ids)
        if not case_ids:
            return
        cases = self.env[MODEL].sudo().browse(case_ids).exists()
        try:
            with self.env.cr.savepoint():
                cases._follow_messages()
        except TRANSIENT:
            raise
        except Exception:
            _logger.exception("Bureau cases %s could not follow their messages", cases.ids)
