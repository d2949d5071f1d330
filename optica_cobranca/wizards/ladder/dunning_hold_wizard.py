from odoo import api, fields, models
from odoo.exceptions import UserError

# Where the wizard is opened from, and the column of a pause that the records belong in.
TARGETS = {
    "res.partner": "partner_id",
    "account.move": "move_id",
    "account.move.line": "move_line_id",
    "dunning.notice": "partner_id",
}


class DunningHoldWizard(models.TransientModel):
    """Pause the ladder for the chosen customers, contracts or installments, or resume it."""

    _name = "dunning.hold.wizard"
    _description = "Pause the Ladder"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(required=True, readonly=True)
    target_count = fields.Integer(compute="_compute_targets")
    target_names = fields.Char(compute="_compute_targets")
    hold_ids = fields.Many2many("dunning.hold", string="Paused Already", compute="_compute_targets")
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_until = fields.Date(
        string="Until", help="Last day of the pause. Empty: until somebody resumes the ladder."
    )
    reason = fields.Char()

    # ------------------------------------------------------------ defaults

    @api.model
    def default_get(self, fields_list):
        """The records chosen on the screen this was opened from."""
        values = super().default_get(fields_list)
        context = self.env.context
        values.setdefault("res_model", context.get("active_model"))
        values.setdefault("res_ids", context.get("active_ids") or [])
        if values["res_model"] not in TARGETS or not values["res_ids"]:
            raise UserError(
                self.env._(
                    "Choose the customers, contracts, installments or notices to pause first."
                )
            )
        return values

    # ------------------------------------------------------------- compute

    @api.depends("res_model", "res_ids")
    def _compute_targets(self):
        for wizard in self:
            targets = wizard._targets()
            wizard.target_count = len(targets)
            wizard.target_names = ", ".join(targets[:5].mapped("display_name")) + (
                "…" if len(targets) > 5 else ""
            )
            wizard.hold_ids = wizard._current_holds()

    # ------------------------------------------------------------- actions

    def action_pause(self):
        """Make one pause for each record that is not paused already for these days."""
        self.ensure_one()
        if not self.reason:
            raise UserError(
                self.env._(
                    "Write why the ladder is paused: whoever sees the customer next will ask."
                )
            )
        column = TARGETS[self.res_model]
        self.env["dunning.hold"].create(
            [
                {
                    column: target.id,
                    "company_id": self._company_of(target).id,
                    "date_from": self.date_from,
                    "date_until": self.date_until,
                    "reason": self.reason,
                }
                for target in self._targets()
            ]
        )
        return {"type": "ir.actions.act_window_close"}

    def action_resume(self):
        """End the pauses of the chosen records."""
        self._current_holds().action_resume()
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------- helpers

    def _targets(self):
        """What is paused: a notice stands for its customer."""
        records = self.env[self.res_model].browse(self.res_ids).exists()
        if self.res_model == "dunning.notice":
            return records.partner_id
        if self.res_model == "res.partner":
            return records.commercial_partner_id
        return records

    def _current_holds(self):
        """Pauses of exactly these records that have not ended."""
        today = fields.Date.context_today(self)
        return self.env["dunning.hold"].search(
            [
                (TARGETS[self.res_model], "in", self._targets().ids),
                ("company_id", "in", self.env.companies.ids),
                "|",
                ("date_until", "=", False),
                ("date_until", ">=", today),
            ]
        )

    def _company_of(self, target):
        return target.company_id if self.res_model.startswith("account.") else self.env.company
