from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.calendar.optica_occurrence_mark import RESULTS
from ...tools.shop.notification import CLOSE, done_with_undo


class OpticaOccurrenceHandle(models.TransientModel):
    """Mark occurrences as handled, with what came of them."""

    _name = "optica.occurrence.handle"
    _description = "Mark as Handled"

    occurrence_ids = fields.Json(string="Chosen", required=True, readonly=True)
    occurrence_count = fields.Integer(string="Occurrences", compute="_compute_occurrences")
    occurrence_name = fields.Char(string="Occurrence", compute="_compute_occurrences")
    handled_count = fields.Integer(string="Handled before", compute="_compute_occurrences")
    result = fields.Selection(RESULTS, required=True, default="done")
    note = fields.Text()

    @api.model
    def default_get(self, fields):
        """Take the occurrences that the dialog was opened for."""
        values = super().default_get(fields)
        context = self.env.context
        ids = values.get("occurrence_ids") or context.get("active_ids")
        if not ids or context.get("active_model", "optica.occurrence") != "optica.occurrence":
            raise UserError(self.env._("Choose the occurrences first."))
        return {**values, "occurrence_ids": ids}

    # ------------------------------------------------------------- compute

    @api.depends("occurrence_ids")
    def _compute_occurrences(self):
        for wizard in self:
            occurrences = wizard._occurrences()
            handled = occurrences.filtered("is_handled")
            wizard.occurrence_count = len(occurrences) - len(handled)
            wizard.handled_count = len(handled)
            wizard.occurrence_name = len(occurrences) == 1 and occurrences.display_name

    # ------------------------------------------------------------- actions

    def action_apply(self):
        """Mark them; what a colleague marked meanwhile stays the colleague's."""
        self.ensure_one()
        occurrences = self._occurrences()
        marks = occurrences._mark_handled(self.result, self.note)
        if not marks:
            return CLOSE
        keys = {(mark.kind, mark.source_model, mark.source_id, mark.date) for mark in marks}
        mine = occurrences.filtered(lambda one: one._mark_key() in keys)
        return done_with_undo(
            self.env._("Marked as handled: %s.", len(marks)), mine, "action_undo_handled"
        )

    # ------------------------------------------------------------- helpers

    def _occurrences(self):
        return self.env["optica.occurrence"].browse(self.occurrence_ids or []).exists()
