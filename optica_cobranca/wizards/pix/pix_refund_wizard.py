from odoo import api, fields, models


class PixRefundWizard(models.TransientModel):
    """Give a received Pix back, wholly or in part."""

    _name = "pix.refund.wizard"
    _description = "Refund a Received Pix"

    pix_payment_id = fields.Many2one("pix.payment", string="Received Pix", required=True)
    currency_id = fields.Many2one(related="pix_payment_id.currency_id")
    partner_id = fields.Many2one(related="pix_payment_id.partner_id")
    amount_left = fields.Monetary(related="pix_payment_id.amount_left")
    amount = fields.Monetary(
        required=True, compute="_compute_amount", store=True, readonly=False, precompute=True
    )
    reason = fields.Char(required=True, help="The customer's bank shows it.", size=140)

    # ------------------------------------------------------------- compute

    @api.depends("pix_payment_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.pix_payment_id.amount_left

    # ------------------------------------------------------------- actions

    def action_refund(self):
        """Ask the bank, at once and until it answers."""
        self.ensure_one()
        self.env["pix.refund"]._decide(self.pix_payment_id, self.amount, self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
