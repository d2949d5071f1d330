from odoo import fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Entries of agreements, and contracts that agreements closed."""

    _inherit = "account.move"

    agreement_id = fields.Many2one(
        "crediario.agreement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The agreement that made this entry.",
    )
    closing_agreement_text = fields.Char(
        string="Closed by Agreement", compute="_compute_closing_agreement_text"
    )

    def _compute_closing_agreement_text(self):
        for move in self:
            agreements = move.installment_ids.sudo().closing_agreement_id
            move.closing_agreement_text = ", ".join(agreements.mapped("name"))

    def action_propose_agreement(self):
        """Propose an agreement on what is open of this contract."""
        return self.installment_ids.action_propose_agreement()

    def action_view_agreements(self):
        """Open the agreements that took in installments of this contract."""
        lines = self.env["crediario.agreement.line"].search(
            [("move_line_id", "in", self.installment_ids.ids)]
        )
        return (lines.agreement_id | self.agreement_id)._get_records_action(
            name=self.env._("Agreements")
        )

    def _check_draftable(self):
        """An agreement in force holds its entries, and the contracts that it closed."""
        lines = self.env["crediario.agreement.line"].sudo()
        # The breach needs its entries too: they credit the originals.
        for move in self.sudo():
            agreements = move.agreement_id | (
                lines.search([("move_line_id.move_id", "=", move.id)]).agreement_id
                if move.crediario_plan_id
                else move.agreement_id
            )
            holding = agreements.filtered(
                lambda agreement: agreement.state in ("open", "kept", "breached")
            )
            if holding:
                raise UserError(
                    self.env._(
                        "Agreement %(names)s rests on this entry. Cancel the agreement first.",
                        names=", ".join(holding.mapped("name")),
                    )
                )
        return super()._check_draftable()
