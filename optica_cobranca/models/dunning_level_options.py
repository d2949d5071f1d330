from odoo import api, fields, models


class DunningLevel(models.Model):
    """When a level keeps still, how long its notices wait, and what it proposes to do next."""

    _inherit = "dunning.level"

    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    min_amount = fields.Monetary(
        string="Minimum Amount",
        help="The level waits while all that the customer's notice would list comes to less. 0: "
        "any amount.",
    )
    only_delivered = fields.Boolean(
        string="Only After Delivery",
        help="The level waits while the glasses of the contract are promised and not delivered.",
    )
    step_ids = fields.Many2many(
        "dunning.step",
        string="Suggested Next Steps",
        help="Proposed on the notice and on the work list; nothing happens by itself.",
    )
    approval_days = fields.Integer(
        string="Approval Expires After",
        help="Days after which a notice that nobody approved is closed. 0: it waits for ever.",
    )

    _limits_not_negative = models.Constraint(
        "CHECK (min_amount >= 0 AND approval_days >= 0)",
        "The minimum amount and the days of approval cannot be negative.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for level in self:
            level.currency_id = (level.company_id or self.env.company).currency_id
