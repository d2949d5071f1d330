from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.shop.notification import CLOSE, notification


class DunningRefuse(models.TransientModel):
    """Refuse waiting notices, with the reason."""

    _name = "dunning.refuse"
    _description = "Refuse Notices"

    notice_ids = fields.Many2many("dunning.notice", required=True)
    notice_count = fields.Integer(string="Notices", compute="_compute_totals")
    currency_id = fields.Many2one("res.currency", compute="_compute_totals")
    amount_total = fields.Monetary(string="Total", compute="_compute_totals")
    reason = fields.Char(required=True)

    # ------------------------------------------------------------- compute

    @api.depends("notice_ids")
    def _compute_totals(self):
        for wizard in self:
            waiting = wizard.notice_ids.filtered(lambda notice: notice.state == "waiting")
            wizard.notice_count = len(waiting)
            wizard.currency_id = waiting.currency_id[:1]
            wizard.amount_total = sum(waiting.mapped("amount_total"))

    # ------------------------------------------------------------- actions

    def action_refuse(self):
        """Refuse them; the level counts as reached, so the ladder goes on with the next one."""
        refused = self.notice_ids._refuse(self.reason)
        if not refused:
            raise UserError(self.env._("None of these notices waits for approval."))
        return notification(
            self.env._(
                "%(count)s refused. Until tonight you can undo it: filter Refused Today.",
                count=len(refused),
            ),
            then=CLOSE,
        )
