from odoo import api, fields, models


class DunningPolicy(models.Model):
    """A ladder: who hears from the shop on which day before and after a due date."""

    _name = "dunning.policy"
    _description = "Dunning Policy"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Leave empty to use it in every company.")
    level_ids = fields.One2many("dunning.level", "policy_id", string="Levels", copy=True)
    level_count = fields.Integer(compute="_compute_timeline")
    is_company_default = fields.Boolean(
        string="Usual Policy",
        compute="_compute_is_company_default",
        help="Customers and plans without a policy of their own follow this one.",
    )
    timeline = fields.Html(compute="_compute_timeline", sanitize=False)
    note = fields.Text(string="Internal Note")

    # ------------------------------------------------------------- compute

    @api.depends_context("company")
    def _compute_is_company_default(self):
        for policy in self:
            policy.is_company_default = policy == self.env.company.dunning_policy_id

    @api.depends(
        "level_ids.offset_days",
        "level_ids.name",
        "level_ids.tone",
        "level_ids.action_ids",
        "level_ids.needs_approval",
        "level_ids.min_amount",
        "level_ids.only_delivered",
        "level_ids.step_ids",
    )
    def _compute_timeline(self):
        for policy in self:
            policy.level_count = len(policy.level_ids)
            policy.timeline = self.env["ir.qweb"]._render(
                "optica_cobranca.policy_timeline", {"stops": policy.level_ids._stops()}
            )

    # ------------------------------------------------------------- actions

    def action_set_company_default(self):
        """Make this the policy of the current company."""
        self.ensure_one()
        self.env.company.dunning_policy_id = self
