"""Where payments happen: whatever is paid, or undone, makes its promises look again at commit."""

from odoo import api, models


class AccountPartialReconcile(models.Model):
    """A payment that is undone may break a promise."""

    _inherit = "account.partial.reconcile"

    def unlink(self):
        """A payment was undone."""
        self.env["dunning.promise"]._note_payment(self.debit_move_id)
        return super().unlink()


class CrediarioReceipt(models.Model):
    """A receipt that is booked may keep a promise."""

    _inherit = "crediario.receipt"

    @api.model_create_multi
    def create(self, vals_list):
        """Charges that were paid are on the receipt only."""
        receipts = super().create(vals_list)
        self.env["dunning.promise"]._note_payment(receipts.line_ids.move_line_id)
        return receipts

    def write(self, vals):
        """An undone receipt takes its charges back."""
        if "state" in vals:
            self.env["dunning.promise"]._note_payment(self.line_ids.move_line_id)
        return super().write(vals)
