from odoo import models
from odoo.exceptions import UserError


class CrediarioCashier(models.TransientModel):
    """The customer at the counter pays by Pix."""

    _inherit = "crediario.cashier"

    # ------------------------------------------------------------- actions

    def action_pix(self):
        """Today's code over what is ticked."""
        self.ensure_one()
        chosen = self.line_ids.filtered("selected").move_line_id._origin
        if self.waived:
            raise UserError(
                self.env._(
                    "A Pix code asks for the full amount of today. To waive charges, receive the "
                    "money here and choose the bank's journal."
                )
            )
        return self.env["pix.show"]._open(chosen)
