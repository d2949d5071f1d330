from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain.ladder import STOP_AFTER_DAYS, Level
from ..domain.money import cents


class DunningLevel(models.Model):
    """One rung: so many days before or after the due date these server actions run."""

    _name = "dunning.level"
    _description = "Dunning Level"
    _order = "policy_id, offset_days, id"
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
