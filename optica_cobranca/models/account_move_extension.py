from odoo import api, fields, models


class AccountMove(models.Model):
    """A contract keeps its moved due dates, also through a reset to draft."""

    _inherit = "account.move"

    extension_ids = fields.One2many(
        "crediario.extension",
        "move_id",
        string="Extensions",
        readonly=True,
        groups="optica_cobranca.group_seller,account.group_account_readonly",
    )
    extension_count = fields.Integer(
        compute="_compute_extension_count",
        groups="optica_cobranca.group_seller,account.group_account_readonly",
    )

    # ------------------------------------------------------------- compute

    @api.depends("extension_ids")
    def _compute_extension_count(self):
        counts = dict(
            self.env["crediario.extension"]._read_group(
                [("move_id", "in", self.ids)], ["move_id"], ["__count"]
            )
        )
        for move in self:
            move.extension_count = counts.get(move._origin, 0)

    @api.depends("extension_ids.state", "extension_ids.new_due_date")
    def _compute_needed_terms(self):
        return super()._compute_needed_terms()

    # ------------------------------------------------------------ business

    def _crediario_due_dates(self, schedule):
        """The extended date of each installment that has one.

        With sudo: whoever touches the invoice, its dates are the same.
        """
        moved = {
            extension.installment_number: extension.new_due_date
            for extension in self.sudo().extension_ids.sorted("id")
            if extension.state == "applied"
        }
        if not moved:
            return super()._crediario_due_dates(schedule)
        return [(number, moved.get(number, due), part) for number, due, part in schedule]

    # ------------------------------------------------------------- actions

    def action_extend(self):
        """Move due dates of this contract."""
        return self.installment_ids.action_extend()

    def action_view_extensions(self):
        """Open the extensions of this contract."""
        return self.extension_ids._get_records_action(
            name=self.env._("Extensions"), views=[(False, "list"), (False, "form")]
        )
