from odoo import api, fields, models

from ...domain.shop.money import ZERO


class PixAssign(models.TransientModel):
    """Whose money is a received Pix, and what does it pay?"""

    _name = "pix.assign"
    _description = "Assign a Received Pix"

    pix_payment_id = fields.Many2one("pix.payment", string="Received Pix", required=True)
    currency_id = fields.Many2one(related="pix_payment_id.currency_id")
    company_id = fields.Many2one(related="pix_payment_id.company_id")
    amount = fields.Monetary(related="pix_payment_id.amount")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        compute="_compute_partner_id",
        store=True,
        precompute=True,
        readonly=False,
    )
    line_ids = fields.Many2many(
        "account.move.line",
        string="Installments to Pay",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        domain="[('partner_id', 'child_of', partner_id), ('company_id', '=', company_id),"
        " ('crediario_plan_id', '!=', False), ('parent_state', '=', 'posted'),"
        " ('amount_residual', '>', 0)]",
        help="The oldest are paid first; what is left over stays the customer's credit.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("pix_payment_id")
    def _compute_partner_id(self):
        for wizard in self:
            wizard.partner_id = wizard.pix_payment_id.partner_id

    @api.depends("partner_id", "pix_payment_id")
    def _compute_line_ids(self):
        """As many of the oldest as the money reaches."""
        for wizard in self:
            wizard.line_ids = wizard._oldest() if wizard.partner_id else False

    def _oldest(self):
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "child_of", self.partner_id.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("crediario_plan_id", "!=", False),
                ("parent_state", "=", "posted"),
                ("amount_residual", ">", 0),
            ]
        )
        day = self.pix_payment_id._day()
        amounts = lines._amounts_today(day)
        chosen, reached = lines.browse(), ZERO
        for line in lines._sorted_for_receiving():
            if reached >= self.amount:
                break
            chosen |= line
            reached += amounts[line.id].total
        return chosen

    # ------------------------------------------------------------- actions

    def action_assign(self):
        """Pay the installments; the receipt opens."""
        self.ensure_one()
        receipt = self.pix_payment_id._assign(self.partner_id.commercial_partner_id, self.line_ids)
        if receipt:
            return receipt.sudo(False).with_env(self.env)._get_records_action()
        return {"type": "ir.actions.act_window_close"}

    def action_credit(self):
        """All of it stays the customer's credit."""
        self.ensure_one()
        self.pix_payment_id._assign(
            self.partner_id.commercial_partner_id, self.env["account.move.line"]
        )
        return {"type": "ir.actions.act_window_close"}
