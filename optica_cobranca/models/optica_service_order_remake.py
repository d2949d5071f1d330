from odoo import api, fields, models
from odoo.exceptions import UserError


class OpticaServiceOrder(models.Model):
    """Warranty: glasses made a second time, why, and at whose cost."""

    _inherit = "optica.service.order"

    origin_id = fields.Many2one(
        "optica.service.order",
        string="Remake Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    remake_ids = fields.One2many("optica.service.order", "origin_id", string="Remakes")
    remake_count = fields.Integer(compute="_compute_remake_count")
    is_remake = fields.Float(
        string="Remakes (share)",
        compute="_compute_is_remake",
        store=True,
        aggregator="avg",
        help="1 for a remake under warranty: the average is the share of remakes.",
    )
    remake_reason = fields.Char(readonly=True, copy=False)
    cost_borne_by = fields.Selection(
        [("shop", "Shop"), ("lab", "Lab"), ("customer", "Customer")], copy=False, tracking=True
    )
    remake_cost = fields.Monetary(
        copy=False, groups="optica_cobranca.group_manager", help="What the remake cost the shop."
    )

    # ------------------------------------------------------------- compute

    @api.depends("remake_ids")
    def _compute_remake_count(self):
        for order in self:
            order.remake_count = len(order.remake_ids)

    @api.depends("origin_id")
    def _compute_is_remake(self):
        for order in self:
            order.is_remake = float(bool(order.origin_id))

    # ------------------------------------------------------------- actions

    def action_open_remakes(self):
        """Open what was made again under warranty."""
        return self.remake_ids._get_records_action(name=self.env._("Remakes"))

    def action_open_origin(self):
        """Open the order that this one makes again."""
        return self.origin_id._get_records_action()

    # ------------------------------------------------------------ business

    def _remake(self, reason, cost_borne_by, promised_date):
        """A new order for the same glasses, linked to this one, at the counter.

        :raises UserError: when there is nothing to make again yet
        """
        self.ensure_one()
        self.check_access("write")
        if self.state not in ("ready", "delivered"):
            raise UserError(self.env._("Only glasses that were finished are made again."))
        [remake] = self.copy({"promised_date": promised_date})
        remake.sudo().write(
            {"origin_id": self.id, "remake_reason": reason, "cost_borne_by": cost_borne_by}
        )
        self.message_post(
            body=self.env._(
                "Made again under warranty as %(number)s: %(reason)s",
                number=remake.name,
                reason=reason,
            )
        )
        return remake
