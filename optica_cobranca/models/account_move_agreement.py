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

    # ------------------------------------------------------------ business

    def _check_draftable(self):
        """Agreements that count hold their entries, and the contracts that they took in."""
        contracts = self.filtered("crediario_plan_id")
        lines = self.env["crediario.agreement.line"].sudo()
        taken_in = contracts and lines.search([("move_line_id.move_id", "in", contracts.ids)])
        self._refuse_for(self.sudo().agreement_id | (taken_in or lines).agreement_id)
        return super()._check_draftable()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """The entry of an agreement is undone by the agreement, never by a reversal."""
        self._refuse_for(self.sudo().agreement_id)
        return super()._reverse_moves(default_values_list, cancel)

    def _refuse_for(self, agreements):
        holding = agreements.filtered(
            lambda agreement: agreement.state in ("waiting", "open", "kept", "breached")
        )
        if holding:
            raise UserError(
                self.env._(
                    "Agreement %(names)s rests on this entry. Cancel the agreement first; once "
                    "something was paid of it, correct the contract by a credit note instead.",
                    names=", ".join(holding.mapped("name")),
                )
            )
