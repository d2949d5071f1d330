from odoo import fields, models

ADDRESS = {"street", "street2", "zip", "city", "state_id"}


class ResPartner(models.Model):
    """A customer's letters, bureau cases and hand-overs."""

    _inherit = "res.partner"

    letter_returned_on = fields.Date(
        string="Letter Came Back",
        copy=False,
        help="No letter is printed while this is set. Changing the address clears it.",
    )
    letter_count = fields.Integer(
        compute="_compute_recovery_counts", groups="optica_cobranca.group_collector"
    )
    bureau_case_count = fields.Integer(
        compute="_compute_recovery_counts", groups="optica_cobranca.group_collector"
    )
    handover_count = fields.Integer(
        compute="_compute_recovery_counts", groups="optica_cobranca.group_collector"
    )

    export_count = fields.Integer(
        compute="_compute_export_count", groups="optica_cobranca.group_manager"
    )

    # ------------------------------------------------------------- compute

    def _compute_export_count(self):
        for partner in self:
            partner.export_count = self.env["dunning.export"].search_count(
                [("partner_ids", "in", partner.commercial_partner_id.ids)]
            )

    def _compute_recovery_counts(self):
        for name, model in (
            ("letter_count", "dunning.letter"),
            ("bureau_case_count", "dunning.bureau.case"),
            ("handover_count", "dunning.handover"),
        ):
            rows = self.env[model]._read_group(
                [("partner_id", "in", self.commercial_partner_id.ids)], ["partner_id"], ["__count"]
            )
            counts = dict(rows)
            for partner in self:
                partner[name] = counts.get(partner.commercial_partner_id, 0)

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """Letters go out again once the address was corrected."""
        if ADDRESS & vals.keys() and "letter_returned_on" not in vals:
            vals = {**vals, "letter_returned_on": False}
        return super().write(vals)

    # ------------------------------------------------------------- actions

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
