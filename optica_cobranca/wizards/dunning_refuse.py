from odoo import fields, models


class DunningRefuse(models.TransientModel):
    """Refuse waiting notices, with the reason."""

    _name = "dunning.refuse"
    _description = "Refuse Notices"

    notice_ids = fields.Many2many("dunning.notice", required=True)
    reason = fields.Char(required=True)

    def action_refuse(self):
        """Refuse them; the level counts as reached, so the ladder goes on with the next one."""
        self.notice_ids._refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
