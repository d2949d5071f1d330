from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.optica_occurrence_mark import RESULTS


class OpticaOccurrenceHandle(models.TransientModel):
    """Mark occurrences as handled, with what came of them."""

    _name = "optica.occurrence.handle"
    _description = "Mark as Handled"

    occurrence_ids = fields.Json(required=True, readonly=True)
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
        self._occurrences()._mark_handled(self.result, self.note)
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------- helpers

    def _occurrences(self):
        return self.env["optica.occurrence"].browse(self.occurrence_ids or []).exists()
