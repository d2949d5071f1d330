from odoo import fields, models


class CrediarioContractCancel(models.TransientModel):
    """Asks why a contract is cancelled."""

    _name = "crediario.contract.cancel"
    _description = "Cancel Contract"

    move_id = fields.Many2one("account.move", string="Contract", required=True, readonly=True)
    reason = fields.Char(required=True)

    # ------------------------------------------------------------- actions

    def action_cancel(self):
        """Cancel: nothing of the contract is owed any more."""
        self.ensure_one()
        self.move_id._cancel_contract(self.reason)
        return {"type": "ir.actions.act_window_close"}
