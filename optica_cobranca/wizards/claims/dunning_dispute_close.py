from odoo import fields, models


class DunningDisputeClose(models.TransientModel):
    """Close disputes: how it ended, and what prevents it next time."""

    _name = "dunning.dispute.close"
    _description = "Close a Dispute"

    dispute_ids = fields.Many2many("dunning.dispute", required=True)
    state = fields.Selection(
        [("resolved", "Resolved"), ("rejected", "Not Accepted")], required=True, default="resolved"
    )
    resolution = fields.Text()
    prevention = fields.Char(
        string="What Prevents It Next Time",
        help="One sentence: what the shop changes so that this does not happen again.",
    )

    def action_close(self):
        """Close them; the ladder goes on with its next level."""
        self.ensure_one()
        self.dispute_ids._close(self.state, self.resolution, self.prevention)
        return {"type": "ir.actions.act_window_close"}
