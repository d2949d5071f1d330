from odoo import api, fields, models
from odoo.tools import format_date


class ResPartner(models.Model):
    """What a customer promised, and why nothing was paid."""

    _inherit = "res.partner"

    dunning_promise_ids = fields.One2many(
        "dunning.promise", "partner_id", groups="optica_cobranca.group_seller"
    )
    dunning_dispute_ids = fields.One2many(
        "dunning.dispute", "partner_id", groups="optica_cobranca.group_seller"
    )
    promise_count = fields.Integer(
        compute="_compute_figures", groups="optica_cobranca.group_seller"
    )
    open_promise_count = fields.Integer(
        compute="_compute_figures", groups="optica_cobranca.group_seller"
    )
    recent_broken_promise_count = fields.Integer(
        string="Recently Broken Promises",
        compute="_compute_figures",
        groups="optica_cobranca.group_seller",
        help="In the last 12 months.",
    )
    promise_summary = fields.Char(
        compute="_compute_promise_summary", groups="optica_cobranca.group_seller"
    )
    dispute_count = fields.Integer(
        compute="_compute_figures", groups="optica_cobranca.group_seller"
    )
    open_dispute_count = fields.Integer(
        compute="_compute_figures", groups="optica_cobranca.group_seller"
    )
    dispute_summary = fields.Char(
        compute="_compute_dispute_summary", groups="optica_cobranca.group_seller"
    )

    # ------------------------------------------------------------- compute

    @api.depends("open_promise_count")
    @api.depends_context("company", "lang")
    def _compute_promise_summary(self):
        """Of the company the user works in, as every figure on a customer is."""
        promising = self.filtered("open_promise_count")
        promises = promising._open_of_customers("dunning.promise").grouped("partner_id")
        nothing = self.env["dunning.promise"]
        for partner in self:
            own = promises.get(partner.commercial_partner_id._origin, nothing)
            partner.promise_summary = ", ".join(
                self.env._(
                    "%(amount)s until %(date)s",
                    amount=promise.currency_id._text(promise.amount),
                    date=format_date(self.env, promise.date),
                )
                for promise in own.sorted("date")
            )

    @api.depends("open_dispute_count")
    @api.depends_context("company", "uid", "lang")
    def _compute_dispute_summary(self):
        """What the user may see of them: reasons about health are for collectors."""
        disputing = self.filtered("open_dispute_count")
        disputes = disputing._open_of_customers("dunning.dispute").grouped("partner_id")
        nothing = self.env["dunning.dispute"]
        for partner in self:
            own = disputes.get(partner.commercial_partner_id._origin, nothing)
            partner.dispute_summary = ", ".join(own.reason_id.mapped("name"))

    # ------------------------------------------------------------- actions

    def action_view_promises(self):
        """Open this customer's promises."""
        return self._claims_action("action_dunning_promise")

    def action_view_disputes(self):
        """Open this customer's reasons for not paying."""
        return self._claims_action("action_dunning_dispute")

    # ------------------------------------------------------------- helpers

    def _open_of_customers(self, model):
        if not self:
            return self.env[model]
        return self.env[model].search(
            [
                ("partner_id", "in", self.commercial_partner_id._origin.ids),
                ("company_id", "=", self.env.company.id),
                ("state", "=", "open"),
            ]
        )

    def _claims_action(self, name):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"optica_cobranca.{name}")
        domain = [("partner_id", "in", self.commercial_partner_id.ids)]
        return {**action, "domain": domain, "context": {}}
