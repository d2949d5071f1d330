from odoo import fields, models


class AccountMove(models.Model):
    """What was promised or disputed about a contract."""

    _inherit = "account.move"

    promise_count = fields.Integer(compute="_compute_claims", groups="optica_cobranca.group_seller")
    dispute_count = fields.Integer(compute="_compute_claims", groups="optica_cobranca.group_seller")

    # ------------------------------------------------------------- compute

    def _compute_claims(self):
        for move in self:
            move.promise_count = len(move._promises())
            move.dispute_count = len(move._disputes())

    # ------------------------------------------------------------- actions

    def action_register_promise(self):
        """Note what the customer promises about this contract."""
        return self._claim_dialog("action_dunning_promise_wizard")

    def action_register_dispute(self):
        """Note why this contract is not paid."""
        return self._claim_dialog("action_dunning_dispute_wizard")

    def action_view_promises(self):
        """Open the promises about this contract."""
        return self._promises()._get_records_action(name=self.env._("Promises to Pay"))

    def action_view_disputes(self):
        """Open the reasons for not paying this contract."""
        return self._disputes()._get_records_action(name=self.env._("Reasons for Not Paying"))

    # ------------------------------------------------------------- helpers

    def _claim_dialog(self, name):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"optica_cobranca.{name}")
        return {**action, "context": {"active_model": self._name, "active_ids": self.ids}}

    def _promises(self):
        if not self.crediario_plan_id:
            return self.env["dunning.promise"]
        return self.env["dunning.promise"].search(
            [("move_line_ids.move_id", "in", self.ids), ("state", "!=", "cancelled")]
        )

    def _disputes(self):
        if not self.crediario_plan_id:
            return self.env["dunning.dispute"]
        return self.env["dunning.dispute"].search(
            ["|", ("move_id", "in", self.ids), ("move_line_ids.move_id", "in", self.ids)]
        )
