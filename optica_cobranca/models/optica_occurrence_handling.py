from odoo import models


class OpticaOccurrence(models.Model):
    """Occurrences that somebody took care of."""

    _inherit = "optica.occurrence"

    # ------------------------------------------------------------- actions

    def action_mark_handled(self):
        """Ask for the result and a note, for one or many."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mark as Handled"),
            "res_model": "optica.occurrence.handle",
            "views": [(False, "form")],
            "target": "new",
            "context": {"active_model": self._name, "active_ids": self.ids},
        }

    def action_undo_handled(self):
        """Back to what is to do."""
        self._undo_handled()

    # ------------------------------------------------------------ business

    def _mark_handled(self, result="done", note=""):
        """Mark these occurrences as handled by the present user.

        A call that stands in Odoo's own activities is done there, too.

        :return: the marks that are new; those handled before keep who, when and what
        """
        self.check_access("read")
        occurrences = self.filtered(lambda occurrence: not occurrence.is_handled)
        marks = self.env["optica.occurrence.mark"]._add(
            [
                {
                    "kind": occurrence.kind,
                    "source_model": occurrence.source_model,
                    "source_id": occurrence.source_id,
                    "date": occurrence.event_date,
                    "partner_id": occurrence.partner_id.id,
                    "company_id": occurrence.company_id.id,
                }
                for occurrence in occurrences
            ],
            result,
            note,
        )
        occurrences._source_activities().filtered("active").action_feedback(feedback=note or False)
        self._forget()
        return marks

    def _undo_handled(self):
        """Take the marks of these occurrences back; what the activities' list had comes back."""
        self.check_access("read")
        handled = self.filtered("is_handled")
        handled._source_activities().filtered(lambda activity: not activity.active).write(
            {"active": True}
        )
        handled.mark_id._undo()
        self._forget()

    # ------------------------------------------------------------- helpers

    def _source_activities(self):
        ids = self.filtered(lambda occurrence: occurrence.source_model == "mail.activity").mapped(
            "source_id"
        )
        return self.env["mail.activity"].with_context(active_test=False).browse(ids).exists()

    def _forget(self):
        """Nothing of an occurrence is stored, so its values are read again after a change."""
        self.env["optica.occurrence"].invalidate_model()
