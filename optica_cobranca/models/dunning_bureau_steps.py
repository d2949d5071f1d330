from odoo import api, fields, models
from odoo.exceptions import UserError

from ..domain import bureau
from ..domain.bureau import Cause


class DunningBureauCase(models.Model):
    """The steps that people take with a case, in their order and each with its check.

    With sudo after the check (:meth:`_for`): users have no right to write cases.
    """

    _inherit = "dunning.bureau.case"

    # ------------------------------------------------------------- actions

    def action_decide(self):
        """Open the dialog that approves or refuses these cases, with the reason."""
        return self._open_wizard("decide")

    def action_cancel(self):
        """Open the dialog that gives these cases up, with the reason."""
        return self._open_wizard("cancel")

    def action_record_proof(self):
        """Open the dialog for when and how the notice was received."""
        return self._open_wizard("proof")

    def action_confirm_removal(self):
        """Open the dialog for the day and protocol of the removal."""
        return self._open_wizard("removed")

    def action_send_letter(self):
        """The written notice as a letter, to be printed with the next batch."""
        cases = self._for("collector")
        ready = cases.filtered(lambda case: case.state == "approved" and not case.stop_cause)
        ready = ready.filtered(lambda case: not case._notice_on_the_way())
        if not ready:
            raise UserError(
                self.env._(
                    "None of these cases waits for its notice: approve them first, and look "
                    "whether a letter is on its way already."
                )
            )
        letters = self.env["dunning.letter"].sudo()
        for case in ready:
            letters |= letters._make_for_case(case)
        return letters.with_env(self.env)._get_records_action(name=self.env._("Letters"))

    def action_update_amounts(self):
        """Go on with what is left after a part payment."""
        for case in self._for("manager"):
            if case.state not in ("eligible", "approved", "notice_sent", "waiting"):
                raise UserError(
                    self.env._("Only cases that are not registered can change their amounts.")
                )
            case._fix_amounts()
            case._review(fields.Date.context_today(self))

    def action_view_letters(self):
        """Open the letters of this case."""
        return self.letter_ids._get_records_action(name=self.env._("Letters"))

    # ------------------------------------------------------------ business

    def _approve(self, reason=False):
        """A manager's decision to send the notice, on the amounts of today."""
        cases = self._for("manager")._in_state("eligible")
        cases._fix_amounts()
        cases._review(fields.Date.context_today(self))
        cases = cases.filtered(lambda case: case.state == "eligible" and not case.stop_cause)
        if not cases:
            raise UserError(
                self.env._("Nothing to approve: paid in the meantime, or stopped by another step.")
            )
        cases.write(
            {
                "state": "approved",
                "reason": reason,
                "approved_by_id": self.env.uid,
                "approved_at": fields.Datetime.now(),
            }
        )
        return cases.with_env(self.env)

    def _refuse(self, reason):
        """A manager's decision that these customers stay out of the bureau."""
        self._for("manager")._in_state("eligible").write({"state": "refused", "reason": reason})

    def _cancel(self, reason):
        """Give up before registering; what is registered becomes due to be removed instead."""
        day = fields.Date.context_today(self)
        for case in self._for("manager"):
            if case in case._before():
                case.write({"state": "cancelled", "stop_cause": "asked", "reason": reason})
                case._withdraw_notice()
            elif case.state == "registered":
                calendar = case.company_id._business_calendar()
                case.reason = reason
                case._apply(case._asked_to_remove(day, calendar), day)

    def _notice_sent(self, channel, day):
        """The written notice left on ``day``."""
        self.filtered(lambda case: case.state == "approved").write(
            {"state": "notice_sent", "notice_channel": channel, "notice_on": day}
        )

    def _notice_returned(self):
        """The notice came back: it counts for nothing, another one is needed."""
        self.filtered(lambda case: case.state == "notice_sent").write(
            {"state": "approved", "notice_on": False, "notice_channel": False}
        )

    def _prove(self, day, reference=False, file=False, file_name=False):
        """The customer got the notice on ``day``: the waiting period starts."""
        for case in self.filtered(lambda case: case.state == "notice_sent"):
            if day < case.notice_on:
                raise UserError(
                    self.env._(
                        "%(customer)s cannot have received the notice before it was sent on "
                        "%(day)s.",
                        customer=case.partner_id.name,
                        day=fields.Date.to_string(case.notice_on),
                    )
                )
            case.write(
                {
                    "state": "waiting",
                    "proof_on": day,
                    "proof_reference": reference,
                    "proof_file": file,
                    "proof_file_name": file_name,
                }
            )

    def _removed(self, day, reference):
        """The bureau took these registrations away."""
        cases = self._for("manager")._in_state("removal_due")
        cases.write({"state": "removed", "removed_on": day, "removal_reference": reference})
        cases.activity_feedback(["mail.mail_activity_data_warning"], feedback=reference or "")

    # ------------------------------------------------------------- helpers

    def _for(self, group):
        """These cases with the right to write them, for a user of ``group`` who may read them."""
        self.env["dunning.export"]._check_group(group)
        self.check_access("read")
        return self.sudo()

    def _in_state(self, state):
        found = self.filtered(lambda case: case.state == state)
        if not found:
            label = dict(self._fields["state"]._description_selection(self.env))[state]
            raise UserError(self.env._("None of these cases is in the state “%s”.", label))
        return found

    def _fix_amounts(self):
        """Take over what is open now; installments settled meanwhile leave the case."""
        for case in self:
            settled = case.line_ids.filtered(
                lambda line, case=case: case.currency_id.is_zero(line.amount_open)
            )
            if len(settled) < len(case.line_ids):
                settled.unlink()
            for line in case.line_ids - settled:
                line.amount = line.amount_open

    @api.model
    def _asked_to_remove(self, day, calendar):
        return bureau.Verdict(
            bureau.CaseState.REMOVAL_DUE, Cause.ASKED, bureau.removal_deadline(day, calendar)
        )

    @api.model
    def _wizard_name(self, mode):
        return {
            "decide": self.env._("Approve or Refuse"),
            "cancel": self.env._("Give Up"),
            "proof": self.env._("The Customer Received the Notice"),
            "removed": self.env._("Removed from the Register"),
        }[mode]

    def _open_wizard(self, mode):
        return {
            "type": "ir.actions.act_window",
            "name": self._wizard_name(mode),
            "res_model": "dunning.bureau.decision",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_case_ids": self.ids, "default_mode": mode},
        }
