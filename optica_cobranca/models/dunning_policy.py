from markupsafe import Markup

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

    @api.depends("level_ids.offset_days", "level_ids.name", "level_ids.needs_approval")
    def _compute_timeline(self):
        for policy in self:
            levels = policy.level_ids.sorted("offset_days")
            policy.level_count = len(levels)
            policy.timeline = self._timeline_of(levels)

    def _timeline_of(self, levels):
        """The levels on a rail, the due date marked; all text is escaped."""
        stops = [(level.offset_days, level.name or "", level._stop_colour()) for level in levels]
        if stops and not any(offset == 0 for offset, *_rest in stops):
            stops = sorted([*stops, (0, self.env._("Due date"), "secondary")], key=lambda s: s[0])
        return Markup('<div class="d-flex gap-1 overflow-x-auto mb-2">%s</div>') % Markup("").join(
            Markup(
                '<div class="text-center border-top border-3 border-%s pt-1 px-1"'
                ' style="flex: 1 1 0; min-width: 6.5rem">'
                '<span class="badge rounded-pill text-bg-%s">%s</span>'
                '<div class="small text-muted text-wrap">%s</div></div>'
            )
            % (colour, colour, f"{offset:+d}" if offset else "0", name)
            for offset, name, colour in stops
        )

    # ------------------------------------------------------------- actions

    def action_set_company_default(self):
        """Make this the policy of the current company."""
        self.ensure_one()
        self.env.company.dunning_policy_id = self
