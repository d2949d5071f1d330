from odoo import fields, models
from odoo.exceptions import UserError


class DunningHandoverDecision(models.TransientModel):
    """Hand proposals to an agency, or take them back; many at once."""

    _name = "dunning.handover.decision"
    _description = "Hand Over or Take Back"

    mode = fields.Selection(
        [("hand_over", "Hand over"), ("take_back", "Take back")],
        required=True,
        readonly=True,
        default="hand_over",
    )
    handover_ids = fields.Many2many("dunning.handover", required=True)
    agency_id = fields.Many2one(
        "dunning.agency", default=lambda self: self.env["dunning.agency"].search([], limit=1)
    )
    reason = fields.Char()

    # ------------------------------------------------------------- actions

    def action_apply(self):
        """Do it, and save the agency's file."""
        if self.mode == "take_back":
            if not (self.reason or "").strip():
                raise UserError(self.env._("Write the reason."))
            self.handover_ids._take_back(self.reason)
            return {"type": "ir.actions.act_window_close"}
        if not self.agency_id:
            raise UserError(self.env._("Choose the agency."))
        return self.handover_ids._hand_over(self.agency_id)._open_or_download()
