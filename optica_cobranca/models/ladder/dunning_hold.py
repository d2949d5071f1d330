from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...domain.ladder.ladder import HoldReason


class DunningHold(models.Model):
    """A pause of the ladder for a customer, a contract or one installment."""

    _name = "dunning.hold"
    _description = "Dunning Pause"
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _system_fields = frozenset(["resumed_at", "resumed_by_id", "user_id"])

    kind = fields.Selection(
        [("customer", "Customer"), ("contract", "Contract"), ("installment", "Installment")],
        compute="_compute_kind",
        store=True,
        precompute=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index="btree_not_null", ondelete="cascade"
    )
    move_id = fields.Many2one(
        "account.move",
        string="Contract",
        check_company=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Installment",
        check_company=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    customer_id = fields.Many2one(
        "res.partner", string="Who", compute="_compute_customer_id", search="_search_customer_id"
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_until = fields.Date(
        string="Until", help="Last day of the pause. Empty: until somebody resumes the ladder."
    )
    reason = fields.Char(required=True, groups="optica_cobranca.group_collector")
    user_id = fields.Many2one(
        "res.users", string="Paused By", default=lambda self: self.env.user, readonly=True
    )
    active = fields.Boolean(default=True, help="Unset when the ladder was resumed before the end.")
    resumed_by_id = fields.Many2one("res.users", readonly=True)
    resumed_at = fields.Datetime(string="Resumed On", readonly=True)
    state = fields.Selection(
        [("future", "Not Yet"), ("holding", "Paused"), ("over", "Over"), ("resumed", "Resumed")],
        compute="_compute_state",
        search="_search_state",
    )

    _one_target = models.Constraint(
        "CHECK(num_nonnulls(partner_id, move_id, move_line_id) = 1)",
        "A pause is for one customer, one contract or one installment: choose exactly one of them.",
    )
    _dates = models.Constraint(
        "CHECK(date_until IS NULL OR date_until >= date_from)",
        "The pause cannot end before it starts.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("partner_id", "move_id", "move_line_id")
    def _compute_kind(self):
        for hold in self:
            hold.kind = (
                "installment" if hold.move_line_id else "contract" if hold.move_id else "customer"
            )

    @api.depends("partner_id", "move_id.partner_id", "move_line_id.partner_id")
    def _compute_customer_id(self):
        for hold in self:
            hold.customer_id = (
                hold.partner_id
                or hold.move_id.commercial_partner_id
                or hold.move_line_id.partner_id
            )

    def _search_customer_id(self, operator, value):
        paths = ("partner_id", "move_id.commercial_partner_id", "move_line_id.partner_id")
        return fields.Domain.OR([(path, operator, value)] for path in paths)

    @api.depends("date_from", "date_until", "active")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for hold in self:
            # One that is being typed holds nothing yet.
            hold.state = hold._origin and hold._state_on(today)

    def _state_on(self, day):
        if not self.active:
            return "resumed"
        if self.date_from and self.date_from > day:
            return "future"
        return "over" if self.date_until and self.date_until < day else "holding"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        domains = {
            "resumed": [("active", "=", False)],
            "future": [("active", "=", True), ("date_from", ">", today)],
            "over": [("active", "=", True), ("date_until", "<", today)],
            "holding": self._holding_domain(today),
        }
        return fields.Domain.OR(domains[state] for state in value if state in domains)

    @api.depends("kind", "customer_id")
    def _compute_display_name(self):
        for hold in self:
            hold.display_name = (
                hold.move_line_id.name or hold.move_id.name or hold.partner_id.display_name
            )

    # --------------------------------------------------------- constraints

    @api.constrains("move_id", "move_line_id")
    def _check_is_crediario(self):
        for hold in self:
            if hold.move_line_id and not hold.move_line_id.crediario_plan_id:
                raise ValidationError(
                    self.env._("Only an installment can be paused; this journal item is none.")
                )
            if hold.move_id and not hold.move_id.crediario_plan_id:
                raise ValidationError(
                    self.env._(
                        "Only a contract in installments can be paused; %s is none.",
                        hold.move_id.name,
                    )
                )

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Installments belong to the commercial partner, so that is who is paused."""
        Partner = self.env["res.partner"]
        vals_list = [
            {**vals, "partner_id": Partner.browse(vals["partner_id"]).commercial_partner_id.id}
            if vals.get("partner_id")
            else vals
            for vals in vals_list
        ]
        return super().create(vals_list)

    def write(self, vals):
        """Whoever ends a pause stands there, whatever button or list ended it."""
        ended = self.filtered("active") if vals.get("active") is False else self.browse()
        written = super().write(vals)
        if ended:
            # With sudo: who it was, and when, is nobody's to say.
            ended.sudo().write({"resumed_by_id": self.env.uid, "resumed_at": fields.Datetime.now()})
        return written

    # ------------------------------------------------------------- actions

    def action_resume(self):
        """End the pause now."""
        self.filtered("active").write({"active": False})

    # ------------------------------------------------------------ business

    @api.model
    def _holding_domain(self, day):
        """Pauses in force on ``day``."""
        return fields.Domain(
            [
                ("active", "=", True),
                ("date_from", "<=", day),
                "|",
                ("date_until", "=", False),
                ("date_until", ">=", day),
            ]
        )

    @api.model
    def _hold_reason_labels(self):
        """What each reason to stay silent is called on screen."""
        return {
            HoldReason.SETTLED: self.env._("Settled or payment on its way"),
            HoldReason.EXCLUDED: self.env._("Customer never reminded"),
            HoldReason.TIME_BARRED: self.env._("More than five years late"),
            HoldReason.AGENCY: self.env._("Handed over to an agency"),
            HoldReason.DISPUTE: self.env._("Open dispute"),
            HoldReason.AGREEMENT: self.env._("Agreement being negotiated"),
            HoldReason.PROMISE: self.env._("Promise to pay"),
            HoldReason.PAUSED_CUSTOMER: self.env._("Customer paused"),
            HoldReason.PAUSED_CONTRACT: self.env._("Contract paused"),
            HoldReason.PAUSED_INSTALLMENT: self.env._("Installment paused"),
            HoldReason.DELIVERY: self.env._("Glasses not delivered yet"),
        }
