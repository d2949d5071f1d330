from odoo import fields, models


class CrediarioReceiptCancel(models.TransientModel):
    """Asks why a receipt is undone."""

    _name = "crediario.receipt.cancel"
    _description = "Undo Receipt"

    receipt_id = fields.Many2one("crediario.receipt", required=True, readonly=True)
    reason = fields.Char(required=True)

    # ------------------------------------------------------------- actions

    def action_undo(self):
        """Undo the receipt: its payments are cancelled, its installments are open again."""
        self.ensure_one()
        self.receipt_id._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
