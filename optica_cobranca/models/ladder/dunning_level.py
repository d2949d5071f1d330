from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...domain.crediario.late_charges import STOP_AFTER_DAYS
from ...domain.ladder.ladder import Level
from ...domain.shop.money import cents

COLOURS = {"friendly": "success", "cordial": "info", "firm": "warning", "final": "danger"}
# Actions that come with the product and take a next step, by their XML ids.
STEP_ICONS = {
    "optica_cobranca.action_server_letter": "fa-print",
    "optica_cobranca.action_server_bureau": "fa-flag-o",
}
ICONS = {
    "contact_message": "fa-commenting-o",
    "mail_post": "fa-envelope-o",
    "sms": "fa-mobile",
    "next_activity": "fa-check-square-o",
}


class DunningLevel(models.Model):
    """One rung: so many days before or after the due date these server actions run."""

    _name = "dunning.level"
    _description = "Dunning Level"
    _order = "policy_id, offset_days, id"
    _given_defaults = frozenset(["policy_id"])
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(related="offset_days", string="Order")
    policy_id = fields.Many2one("dunning.policy", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    offset_days = fields.Integer(
        string="Days",
        required=True,
        help="Days from the due date: -5 is five days before it, 0 the day itself, 10 ten days "
        "late.",
    )
    timing = fields.Char(string="When", compute="_compute_timing")
    tone = fields.Selection(
        [
            ("friendly", "Friendly reminder"),
            ("cordial", "Cordial"),
            ("firm", "Firm"),
            ("final", "Last step"),
        ],
        default="cordial",
        required=True,
    )
    action_ids = fields.Many2many(
        "ir.actions.server",
        string="Actions",
        domain=[("model_name", "=", "dunning.notice"), ("usage", "=", "ir_actions_server")],
        help="What happens for each customer who reaches this level. Runs on the notice.",
    )
    needs_approval = fields.Boolean(
        help="Notices of this level wait until a manager approves them; nothing is sent before."
    )
    note = fields.Text(
        string="Script", help="What to say to the customer at this point; shown on the notice."
    )

    _offset_unique = models.UniqueIndex(
        "(policy_id, offset_days) WHERE active",
        "This policy already has a level on that day. Change the days of one of them.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("name", "policy_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """The name, with its policy where levels of several policies have that name."""
        everything = self.with_context(active_test=False)
        names = [name for name in set(self.mapped("name")) if name]
        groups = everything._read_group(
            [("name", "in", names)], ["name"], ["policy_id:count_distinct"]
        )
        shared = {name for name, policies in groups if policies > 1}
        for level in self:
            level.display_name = (
                self.env._("%(level)s (%(policy)s)", level=level.name, policy=level.policy_id.name)
                if level.name in shared
                else level.name
            )

    @api.depends("offset_days")
    def _compute_timing(self):
        for level in self:
            days = abs(level.offset_days)
            if level.offset_days == -1:
                level.timing = self.env._("the day before")
            elif level.offset_days == 1:
                level.timing = self.env._("the day after")
            elif level.offset_days < 0:
                level.timing = self.env._("%(days)s days before", days=days)
            elif level.offset_days:
                level.timing = self.env._("%(days)s days after", days=days)
            else:
                level.timing = self.env._("on the due date")

    # --------------------------------------------------------- constraints

    @api.constrains("offset_days")
    def _check_offset_days(self):
        for level in self:
            if abs(level.offset_days) > STOP_AFTER_DAYS:
                raise ValidationError(
                    self.env._(
                        "Level “%(level)s” lies beyond the five years after which nobody is "
                        "reminded any more: choose days between %(first)s and %(last)s.",
                        level=level.name,
                        first=-STOP_AFTER_DAYS,
                        last=STOP_AFTER_DAYS,
                    )
                )

    # ---------------------------------------------------------------- CRUD

    def unlink(self):
        """A level that notices refer to is archived: their history keeps its name."""
        used = self._used()
        used.active = False
        return super(DunningLevel, self - used).unlink()

    # ------------------------------------------------------------- helpers

    def _as_domain(self):
        """These levels as the rules in ``domain`` know them."""
        return [
            Level(level.id, level.offset_days, cents(level.min_amount), level.only_delivered)
            for level in self
        ]

    def _used(self):
        """Those of these levels that a notice, or a line of one, has reached."""
        reached = (
            self.env["dunning.notice"]
            .sudo()
            ._read_group([("level_id", "in", self.ids)], ["level_id"])
        )
        lines = (
            self.env["dunning.notice.line"]
            .sudo()
            ._read_group([("level_id", "in", self.ids)], ["level_id"])
        )
        used_ids = {level.id for (level,) in [*reached, *lines]}
        return self.filtered(lambda level: level.id in used_ids)

    # ---- When a level keeps still, how long its notices wait, and what it proposes to do next

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

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for level in self:
            level.currency_id = (level.company_id or self.env.company).currency_id

    # ---- The ladder as a picture: its levels on a rail, as far apart as the days between them

    def _stops(self):
        """What the picture shows, in order of days; the due date is a stop of its own.

        :return: list of dicts: ``offset``, ``label`` (+10), ``name``, ``colour`` (of Bootstrap),
            ``marks`` [(icon, text)], ``steps`` (texts), ``gap`` (days to the next stop, at least
            1) and ``due`` (True for a due date without a level)
        """
        stops = [level._stop() for level in self.sorted("offset_days")]
        if stops and not any(stop["offset"] == 0 for stop in stops):
            due = {"offset": 0, "label": "0", "name": self.env._("Due date"), "due": True}
            stops.append({**due, "colour": "secondary", "marks": [], "steps": []})
            stops.sort(key=lambda stop: stop["offset"])
        following = [*stops[1:], *stops[-1:]]
        for stop, after in zip(stops, following, strict=True):
            stop["gap"] = max(after["offset"] - stop["offset"], 1)
        return stops

    def _stop(self):
        self.ensure_one()
        return {
            "offset": self.offset_days,
            "label": f"{self.offset_days:+d}" if self.offset_days else "0",
            "name": self.name or "",
            "colour": COLOURS.get(self.tone, "secondary"),
            "marks": [*self._action_marks(), *self._condition_marks()],
            "steps": self.step_ids.mapped("name"),
            "due": False,
        }

    def _action_marks(self):
        """(icon, text) of each action. With sudo: server actions are the managers' to read."""
        return [(action._ladder_icon(), action.name) for action in self.sudo().action_ids]

    def _condition_marks(self):
        marks = []
        if self.needs_approval:
            marks.append(("fa-lock", self.env._("Waits for a manager's approval")))
        if self.min_amount:
            amount = self.currency_id._text(self.min_amount)
            marks.append(("fa-filter", self.env._("Only from %s", amount)))
        if self.only_delivered:
            marks.append(("fa-truck", self.env._("Only after delivery of the glasses")))
        return marks


class IrActionsServer(models.Model):
    """Tells a phone call from other activities."""

    _inherit = "ir.actions.server"

    def _ladder_icon(self):
        """The icon that tells what the action does."""
        if self._is_call():
            return "fa-phone"
        known = self._origin.get_external_id().get(self._origin.id)
        return STEP_ICONS.get(known) or ICONS.get(self.state, "fa-cog")

    def _is_call(self):
        self.ensure_one()
        return self.state == "next_activity" and self.activity_type_id.category == "phonecall"
