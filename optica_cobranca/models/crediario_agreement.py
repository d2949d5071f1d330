from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

# States in which the ladder rests, and those of which a customer has only one at a time.
NEGOTIATING = ("draft", "to_approve", "approved", "waiting")
LIVE = (*NEGOTIATING, "open")
TERMS = {
    "partner_id",
    "company_id",
    "line_ids",
    "plan_id",
    "installment_count",
    "first_due_date",
    "down_payment",
    "discount_charges",
    "discount_principal",
}
# Written by the actions only.
DECISIONS = {
    "name",
    "state",
    "date",
    "valid_until",
    "move_id",
    "breach_move_id",
    "accepted_on",
    "breached_on",
    "approved_by_id",
    "surplus",
    "origin",
    "offered_at",
}


class CrediarioAgreement(models.Model):
    """Renegotiation: open installments of one customer become one new schedule."""

    _name = "crediario.agreement"
    _description = "Agreement"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users", string="Proposed By", default=lambda self: self.env.user, tracking=True
    )
    state = fields.Selection(
        [
            ("draft", "Proposal"),
            ("to_approve", "To Approve"),
            ("approved", "Approved"),
            ("waiting", "Waiting for Down Payment"),
            ("open", "In Force"),
            ("kept", "Kept"),
            ("breached", "Broken"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    date = fields.Date(
        required=True,
        readonly=True,
        default=fields.Date.context_today,
        help="Charges of the debt are those of this day.",
    )
    valid_until = fields.Date(
        required=True,
        readonly=True,
        default=lambda self: self._default_valid_until(),
        help="Reminders rest until then; after it the proposal is cancelled.",
    )
    note = fields.Text(help="What was talked about with the customer.")
    line_ids = fields.One2many("crediario.agreement.line", "agreement_id", string="Debts")

    plan_id = fields.Many2one(
        "crediario.plan",
        required=True,
        check_company=True,
        default=lambda self: self._default_plan(),
        tracking=True,
        help="Gives the price of the credit, the charges when late and the ladder.",
    )
    installment_count = fields.Integer(string="Installments", default=1, required=True)
    first_due_date = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self) + timedelta(days=30),
    )
    down_payment = fields.Monetary(help="Due on the day of the acceptance.")
    discount_charges = fields.Monetary(
        string="Discount of Charges", tracking=True, help="Part of fine and interest forgiven."
    )
    discount_principal = fields.Monetary(string="Discount of Principal", tracking=True)

    move_id = fields.Many2one("account.move", string="Entry", readonly=True, copy=False)
    breach_move_id = fields.Many2one(
        "account.move", string="Entry of the Breach", readonly=True, copy=False
    )
    installment_ids = fields.One2many(related="move_id.installment_ids")
    accepted_on = fields.Date(readonly=True, copy=False)
    breached_on = fields.Date(readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False, tracking=True)
    surplus = fields.Monetary(
        readonly=True, copy=False, help="Paid beyond the original debts: the customer's credit."
    )

    _one_a_customer = models.UniqueIndex(
        "(company_id, partner_id)"
        " WHERE state IN ('draft', 'to_approve', 'approved', 'waiting', 'open')",
        "This customer has an open agreement already. Finish or cancel it first.",
    )
    _name_unique = models.UniqueIndex(
        "(company_id, name) WHERE name != '/'", "An agreement with this number exists already."
    )

    # ------------------------------------------------------------ defaults

    @api.model
    def _default_valid_until(self):
        days = self.env.company.sudo().agreement_offer_days
        return fields.Date.context_today(self) + timedelta(days=days)

    @api.model
    def _default_plan(self):
        domain = self.env["crediario.plan"]._check_company_domain(self.env.company)
        return self.env["crediario.plan"].search(domain, limit=1)

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Numbered from the start; agreements kept meanwhile make room for a new one."""
        Partner = self.env["res.partner"]
        for vals in vals_list:
            if not self.env.su:
                for key in DECISIONS & vals.keys():
                    del vals[key]
            partner = Partner.browse(vals["partner_id"]).commercial_partner_id
            company = vals.get("company_id") or self.env.company.id
            vals["partner_id"] = partner.id
            vals["name"] = self._next_name(self.env["res.company"].browse(company))
            self.sudo().search([("partner_id", "=", partner.id)])._update_kept()
        return super().create(vals_list)

    def write(self, vals):
        """Terms change while they are proposed only; decisions by their actions only."""
        if not self.env.su:
            if DECISIONS & vals.keys():
                raise UserError(self.env._("Use the buttons of the agreement to decide on it."))
            if TERMS & vals.keys() and any(agreement.state != "draft" for agreement in self):
                raise UserError(
                    self.env._("The terms are fixed now. Go back to the proposal to change them.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_proposals(self):
        if any(agreement.move_id or agreement.state != "draft" for agreement in self):
            raise UserError(self.env._("Cancel an agreement instead of deleting it."))

    # ------------------------------------------------------------- actions

    def action_grant_limit(self):
        """Give the whole discount that needs no manager."""
        for agreement in self:
            agreement.write(
                {
                    "discount_charges": agreement.limit_charges,
                    "discount_principal": agreement.limit_principal,
                }
            )

    def action_update(self):
        """Bring the debt up to today, and the validity with it."""
        for agreement in self:
            agreement._check_state("draft", "to_approve", "approved")
            agreement.sudo().write(
                {
                    "date": fields.Date.context_today(self),
                    "valid_until": agreement._default_valid_until(),
                    "state": "draft",
                }
            )
            agreement.line_ids.sudo()._compute_amounts()

    def action_request_approval(self):
        """Ask a manager for what is beyond the limits."""
        for agreement in self:
            agreement._check_state("draft")
            agreement._proposal_or_refusal()
            agreement.sudo().state = "to_approve"

    def action_approve(self):
        """A manager agrees to terms beyond the limits."""
        self._check_manager()
        for agreement in self:
            agreement._check_state("to_approve")
            agreement.sudo().write({"state": "approved", "approved_by_id": self.env.uid})

    def action_back_to_proposal(self):
        """Change the terms again; what was approved needs approval anew."""
        for agreement in self:
            agreement._check_state("to_approve", "approved")
            agreement.sudo().write({"state": "draft", "approved_by_id": False})

    def action_print(self):
        """The debt acknowledgement on paper."""
        report = self.env.ref("optica_cobranca.action_report_agreement")
        return report.report_action(self, config=False)

    def action_print_slips(self):
        """The carnê of the new installments."""
        report = self.env.ref("optica_cobranca.action_report_carne")
        lines = self.installment_ids.filtered(lambda line: line.amount_residual > 0)
        return report.report_action(lines, config=False)

    def action_receive(self):
        """The cashier with what is due at once."""
        self.ensure_one()
        lines = self.installment_ids.filtered(lambda line: line.amount_residual > 0)
        return self.env["crediario.cashier"]._open(
            self.partner_id, lines.sorted("installment_number")[:1]
        )

    def action_view_installments(self):
        """Open the new installments."""
        return self.move_id.action_view_installments()

    def action_view_entries(self):
        """Open the entry of the agreement, and of its breach."""
        return (self.move_id | self.breach_move_id)._get_records_action(name=self.env._("Entries"))

    # ------------------------------------------------------------- helpers

    def _check_state(self, *states):
        self.check_access("write")
        if self.state not in states:
            raise UserError(
                self.env._(
                    "Agreement %(name)s has moved on meanwhile. Open it again and look at its "
                    "state.",
                    name=self.name,
                )
            )

    def _check_manager(self):
        if not self.env.user.has_group("optica_cobranca.group_manager"):
            raise UserError(self.env._("Only a collection manager decides this."))

    @api.model
    def _next_name(self, company):
        """The next number of this company's agreements, such as ACO/2026/00001.

        With sudo: proposing needs no right to configure sequences.
        """
        Sequence = self.env["ir.sequence"].sudo()
        found = Sequence.search(
            [("code", "=", self._name), ("company_id", "=", company.id)], limit=1
        )
        sequence = found or Sequence.create(
            {
                "name": self.env._("Agreements"),
                "code": self._name,
                "company_id": company.id,
                "prefix": "ACO/%(range_year)s/",
                "padding": 5,
                "use_date_range": True,
            }
        )
        return sequence.next_by_id()
