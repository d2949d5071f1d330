from odoo import api, fields, models
from odoo.exceptions import UserError

# What was said and what was decided: written by the actions only.
FACTS = frozenset(
    {
        "company_id",
        "partner_id",
        "move_id",
        "move_line_ids",
        "notice_id",
        "reason_id",
        "state",
        "amount",
        "user_id",
        "seller_id",
        "team_id",
        "opened_at",
        "resolved_at",
        "resolution",
        "closed_by_id",
    }
)


class DunningDispute(models.Model):
    """A customer's reason for not paying: heard, worked on, closed, and counted.

    About installments, else a contract, else everything the customer owes. The only way in is
    ``_register_dispute``; health is never named outside of the record itself.
    """

    _name = "dunning.dispute"
    _description = "Dispute"
    _inherit = ["collection.record", "mail.thread", "mail.activity.mixin"]
    _order = "opened_at desc, id desc"
    _rec_names_search = ["partner_id", "reason_id"]
    _check_company_auto = True
    _mail_post_access = "read"

    phone = fields.Char(related="partner_id.phone")
    move_id = fields.Many2one(
        "account.move",
        string="Contract",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    move_line_ids = fields.Many2many(
        "account.move.line",
        "dunning_dispute_line_rel",
        "dispute_id",
        "move_line_id",
        string="Installments",
        readonly=True,
        check_company=True,
        help="Empty: the whole contract, or all the customer owes.",
    )
    notice_id = fields.Many2one("dunning.notice", readonly=True, ondelete="set null")
    reason_id = fields.Many2one(
        "dunning.dispute.reason",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    shop_fault = fields.Boolean(related="reason_id.shop_fault", store=True)
    is_health = fields.Boolean(related="reason_id.is_health", store=True)
    description = fields.Text(
        help="What the customer said. Write nothing about health that is not needed."
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", "dunning_dispute_attachment_rel", string="Photos and Files"
    )
    state = fields.Selection(
        [("open", "Open"), ("resolved", "Resolved"), ("rejected", "Not Accepted")],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
    )
    holds = fields.Boolean(
        string="Holds the Ladder", help="No reminder about what is disputed while it is open."
    )
    hold_until = fields.Date(
        help="Last day on which the ladder rests. Empty: until the dispute is closed."
    )
    amount = fields.Monetary(
        string="Disputed Amount",
        readonly=True,
        help="What was left to pay of it when the reason was heard, late charges not counted.",
    )
    user_id = fields.Many2one("res.users", string="Taken By", required=True, readonly=True)
    seller_id = fields.Many2one("res.users", string="Salesperson", readonly=True, index=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    responsible_id = fields.Many2one("res.users", tracking=True, domain="[('share', '=', False)]")
    opened_at = fields.Datetime(string="Opened On", required=True, readonly=True)
    resolved_at = fields.Datetime(string="Closed On", readonly=True)
    closed_by_id = fields.Many2one("res.users", readonly=True)
    resolution = fields.Text(readonly=True, help="How it ended, in words the customer may hear.")
    prevention = fields.Char(
        string="What Prevents It Next Time",
        help="One sentence: what the shop changes so that this does not happen again.",
    )
    days_open = fields.Float(
        string="Days to Close",
        compute="_compute_days_open",
        store=True,
        aggregator="avg",
        digits=(16, 1),
    )

    _open = models.Index("(company_id) WHERE state = 'open'")

    # ------------------------------------------------------------- compute

    @api.depends("opened_at", "resolved_at")
    def _compute_days_open(self):
        for dispute in self:
            passed = dispute.resolved_at and dispute.resolved_at - dispute.opened_at
            dispute.days_open = passed.total_seconds() / 86400 if passed else 0.0

    @api.depends("partner_id", "reason_id")
    def _compute_display_name(self):
        for dispute in self:
            dispute.display_name = self.env._(
                "%(customer)s: %(reason)s",
                customer=dispute.partner_id.name or "",
                reason=dispute.reason_id.name or "",
            )

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """What was said stays as it was; decisions are made by their buttons."""
        if not self.env.su and FACTS & vals.keys():
            raise UserError(
                self.env._("Use the buttons to close or reopen a dispute; the facts of it stay.")
            )
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._own_attachments()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A dispute is part of the customer's history: close it."))

    # ------------------------------------------------------------- actions

    def action_resolve(self):
        """Ask how it was resolved."""
        return self._action_close("resolved")

    def action_reject(self):
        """Ask why the reason is not accepted."""
        return self._action_close("rejected")

    def action_reopen(self):
        """Undo the closing: the ladder rests again as long as the reason says."""
        self._check_collector()
        closed = self.filtered(lambda dispute: dispute.state != "open")
        closed.sudo().write({"state": "open", "resolved_at": False, "closed_by_id": False})
        for dispute in closed:
            dispute._stop_messages()
            dispute._log_customer(self.env._("The reason for not paying is open again."))

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    def action_open_installments(self):
        """Open the installments that this is about."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_installments"
        )
        return {**action, "domain": self._installments_domain(), "context": {}}

    # ------------------------------------------------------------- helpers

    def _action_close(self, state):
        self._check_collector()
        if any(dispute.state != "open" for dispute in self):
            raise UserError(self.env._("Only open disputes can be closed."))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_dunning_dispute_close"
        )
        return {
            **action,
            "context": {"default_dispute_ids": self.ids, "default_state": state},
        }

    def _installments_domain(self):
        """Domain of account.move.line: what the disputes are about."""
        domains = []
        for dispute in self:
            if dispute.move_line_ids:
                domains.append([("id", "in", dispute.move_line_ids.ids)])
            elif dispute.move_id:
                domains.append([("move_id", "=", dispute.move_id.id)])
            else:
                domains.append(
                    [
                        ("partner_id", "=", dispute.partner_id.id),
                        ("company_id", "=", dispute.company_id.id),
                    ]
                )
        return list(
            fields.Domain("crediario_plan_id", "!=", False)
            & fields.Domain("parent_state", "=", "posted")
            & fields.Domain.OR(domains)
        )

    def _own_attachments(self):
        """Files belong to the dispute: who may not read it may not read them."""
        for dispute in self:
            dispute.sudo().attachment_ids.write({"res_model": self._name, "res_id": dispute.id})

    @api.model
    def _check_collector(self):
        if not self.env.su and not self.env.user.has_group("optica_cobranca.group_collector"):
            raise UserError(self.env._("Only a collector registers or closes disputes."))
        self.check_access("read")
