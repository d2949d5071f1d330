from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    """The customer: plan, and what is open in installments."""

    _inherit = "res.partner"

    crediario_plan_id = fields.Many2one(
        "crediario.plan",
        string="Usual Plan",
        company_dependent=True,
        check_company=True,
        help="Proposed on this customer's quotations.",
    )

    open_installment_ids = fields.Many2many(
        "account.move.line",
        string="Open Installments",
        compute="_compute_installments",
        groups="optica_cobranca.group_seller",
        help="Installments that are not paid in full, oldest first.",
    )
    open_installment_count = fields.Integer(
        compute="_compute_installments", groups="optica_cobranca.group_seller"
    )
    open_installment_amount = fields.Monetary(
        string="Open Principal",
        compute="_compute_installments",
        groups="optica_cobranca.group_seller",
        help="What is left to pay of all open installments, late charges not counted.",
    )
    installment_total_today = fields.Monetary(
        string="Total Today",
        compute="_compute_installments",
        groups="optica_cobranca.group_seller",
        help="What settles every open installment today: principal, late fine and late interest.",
    )
    overdue_installment_count = fields.Integer(
        compute="_compute_installments", groups="optica_cobranca.group_seller"
    )
    overdue_amount = fields.Monetary(
        string="Late Today",
        compute="_compute_installments",
        groups="optica_cobranca.group_seller",
        help="What settles the late installments today: principal, late fine and late interest.",
    )
    overdue_days = fields.Integer(
        string="Days Late",
        compute="_compute_installments",
        groups="optica_cobranca.group_seller",
        help="Days since the oldest late installment was due.",
    )

    has_overdue_installments = fields.Boolean(
        compute="_compute_installments",
        search="_search_has_overdue_installments",
        groups="optica_cobranca.group_seller",
    )

    # ------------------------------------------------------------- compute

    @api.depends_context("company")
    def _compute_installments(self):
        """One search and one calculation for all partners; contacts show their company's."""
        by_customer = self._open_installments().grouped("partner_id")
        nothing = self.env["account.move.line"]
        for partner in self:
            open_lines = by_customer.get(partner.commercial_partner_id._origin, nothing)
            late = open_lines.filtered(lambda line: line.installment_state == "overdue")
            partner.open_installment_ids = open_lines.with_env(self.env)
            partner.open_installment_count = len(open_lines)
            partner.open_installment_amount = sum(open_lines.mapped("amount_residual"))
            partner.installment_total_today = sum(open_lines.mapped("amount_today"))
            partner.overdue_installment_count = len(late)
            partner.has_overdue_installments = bool(late)
            partner.overdue_amount = sum(late.mapped("amount_today"))
            partner.overdue_days = max(late.mapped("days_late"), default=0)

    def _search_has_overdue_installments(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        late = (
            self.env["account.move.line"]
            .sudo()
            ._search([*self._open_installments_domain(), ("date_maturity", "<", today)])
        )
        wanted = Domain("id", "in", late.subselect("partner_id"))
        return wanted if True in value else ~wanted

    # ------------------------------------------------------------- actions

    def action_view_installments(self):
        """Open this customer's installments, the open ones first."""
        return self._installments_action({"search_default_open": 1})

    def action_view_overdue_installments(self):
        """Open this customer's late installments."""
        return self._installments_action({"search_default_overdue": 1})

    def _action_send_message(self):
        """The wizard that writes to these customers by template."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_contact_send"
        )
        context = {"active_model": self._name, "active_ids": self.ids, "active_id": self[:1].id}
        return {**action, "context": context}

    def _installments_action(self, filters):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_installments"
        )
        return {
            **action,
            "domain": [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("crediario_plan_id", "!=", False),
            ],
            "context": {"create": False, **filters},
        }

    # ------------------------------------------------------------ business

    def _open_installments(self):
        """Installments of these customers that are not paid in full, oldest first.

        With sudo, because the total of a customer counts the sales of every seller while a seller
        without wider rights reads the figures. Of the company the user works in, as every figure
        on a customer is.
        """
        customers = self.commercial_partner_id._origin
        domain = [*self._open_installments_domain(), ("partner_id", "in", customers.ids)]
        return (
            self.env["account.move.line"]
            .sudo()
            .search(domain, order="date_maturity, installment_number, id")
        )

    @api.model
    def _open_installments_domain(self):
        return [
            ("company_id", "=", self.env.company.id),
            ("crediario_plan_id", "!=", False),
            ("parent_state", "=", "posted"),
            ("amount_residual", ">", 0),
        ]
