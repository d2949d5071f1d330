from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, formatLang

from ...domain.agreement.agreement import ApprovalReason, Discount, Proposal, propose
from ...domain.crediario.schedule import LAST_YEAR
from ...domain.shop.errors import DomainError, ErrorCode
from ...domain.shop.money import MOST_PARTS, cents, exact
from ...tools.receiving.customer_proof import CUSTOMER

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
    "breach_days",
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
    note = fields.Text(
        help="What was talked about with the customer.", groups="optica_cobranca.group_collector"
    )
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
    breach_days = fields.Integer(
        string="Ends when Late by (Days)",
        readonly=True,
        copy=False,
        help="As agreed: with an installment later than this the agreement ends and the original "
        "debts are owed again.",
    )
    breached_on = fields.Date(readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False, tracking=True)
    surplus = fields.Monetary(
        readonly=True, copy=False, help="Paid beyond the original debts: the customer's credit."
    )

    merged = fields.Boolean(
        readonly=True,
        copy=False,
        help="Another customer's, until both became one: it goes on beside the agreement there is.",
    )

    _one_a_customer = models.UniqueIndex(
        "(company_id, partner_id)"
        " WHERE state IN ('draft', 'to_approve', 'approved', 'waiting', 'open')"
        " AND merged IS NOT TRUE",
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
        """Bring the debt up to today, and the validity: another proposal, to be offered anew."""
        for agreement in self:
            agreement._check_state("draft", "to_approve", "approved")
            agreement.sudo().write(
                {
                    "date": fields.Date.context_today(self),
                    "valid_until": agreement._default_valid_until(),
                    "state": "draft",
                    "offered_at": False,
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
        """A manager agrees to terms beyond the limits; what the customer asked for is offered."""
        self._check_role("manager")
        for agreement in self:
            agreement._check_state("to_approve")
            agreement.sudo().write({"state": "approved", "approved_by_id": self.env.uid})
        self.filtered(lambda agreement: agreement.origin in CUSTOMER)._offer()

    def action_back_to_proposal(self):
        """Change the terms again; what was approved needs approval anew.

        While they change, the customer cannot accept it.
        """
        for agreement in self:
            agreement._check_state("to_approve", "approved")
            agreement.sudo().write({"state": "draft", "approved_by_id": False, "offered_at": False})

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

    # ---- The proposal worked out live: debt, discount, new installments, what needs a manager

    amount_principal = fields.Monetary(compute="_compute_proposal", store=True)
    amount_fine = fields.Monetary(compute="_compute_proposal", store=True)
    amount_interest = fields.Monetary(compute="_compute_proposal", store=True)
    limit_charges = fields.Monetary(
        string="Charges up to",
        compute="_compute_proposal",
        store=True,
        help="Fine and interest that a collector may forgive.",
    )
    limit_principal = fields.Monetary(
        string="Principal up to", compute="_compute_proposal", store=True
    )
    amount_net = fields.Monetary(
        string="Debt Agreed",
        compute="_compute_proposal",
        store=True,
        help="Principal and charges less the discount.",
    )
    finance_charge = fields.Monetary(
        compute="_compute_proposal", store=True, help="Price of the new credit."
    )
    amount_total = fields.Monetary(
        string="To Pay", compute="_compute_proposal", store=True, help="Down payment included."
    )
    cost_percent = fields.Float(
        string="CET (% a Year)",
        digits=(16, 2),
        compute="_compute_proposal",
        store=True,
        help="Effective yearly cost of the credit (Custo Efetivo Total).",
    )
    installment_preview = fields.Json(compute="_compute_proposal", store=True)
    approval_reasons = fields.Json(compute="_compute_proposal", store=True)
    approval_text = fields.Char(string="Needs a Manager", compute="_compute_approval_text")
    problem = fields.Char(compute="_compute_proposal", store=True)

    @api.depends(
        "line_ids.principal",
        "line_ids.fine",
        "line_ids.interest",
        "line_ids.due_date",
        "date",
        "plan_id",
        "installment_count",
        "first_due_date",
        "down_payment",
        "discount_charges",
        "discount_principal",
        "origin",
        "move_id",
    )
    def _compute_proposal(self):
        for agreement in self:
            lines = agreement.line_ids
            agreement.amount_principal = sum(lines.mapped("principal"))
            agreement.amount_fine = sum(lines.mapped("fine"))
            agreement.amount_interest = sum(lines.mapped("interest"))
            try:
                values = agreement._proposal_values(agreement._proposal())
            except DomainError as error:
                values = {**agreement._no_proposal_values(), "problem": agreement._refusal(error)}
            agreement.update(values)

    @api.depends("approval_reasons")
    def _compute_approval_text(self):
        labels = {
            ApprovalReason.DISCOUNT_OF_CHARGES: self.env._("discount of charges above the limit"),
            ApprovalReason.DISCOUNT_OF_PRINCIPAL: self.env._(
                "discount of principal above the limit"
            ),
            ApprovalReason.DOWN_PAYMENT: self.env._("down payment below the limit"),
            ApprovalReason.INSTALLMENTS: self.env._("too many installments"),
            ApprovalReason.SMALL_INSTALLMENT: self.env._("installments below the limit"),
            ApprovalReason.RATE: self.env._("rate above 1% a month"),
        }
        for agreement in self:
            reasons = agreement.approval_reasons or []
            agreement.approval_text = "; ".join(labels[reason] for reason in reasons)

    def _proposal(self) -> Proposal:
        """The terms worked out by the domain.

        :raise DomainError: for terms that make no agreement.
        """
        self.ensure_one()
        plan = self.plan_id
        return propose(
            self.line_ids._debts(),
            self.company_id._agreement_limits(),
            cents(self.down_payment),
            self.installment_count,
            plan.method or "none",
            exact(plan.monthly_rate),
            self.first_due_date or self.date,
            self.date,
            discount=Discount(cents(self.discount_charges), cents(self.discount_principal)),
        )

    def _proposal_or_refusal(self) -> Proposal:
        """:raise UserError: with what to change."""
        try:
            return self._proposal()
        except DomainError as error:
            raise UserError(self._refusal(error)) from error

    def _reasons(self, proposal):
        """Why a manager has to agree; a rate that one has confirmed for the plan is no reason."""
        confirmed = {ApprovalReason.RATE} if self.plan_id.rate_confirmed else set()
        return [str(reason) for reason in proposal.reasons if reason not in confirmed]

    def _proposal_values(self, proposal):
        return {
            "limit_charges": float(proposal.limit.charges),
            "limit_principal": float(proposal.limit.principal),
            "amount_net": float(proposal.net),
            "finance_charge": float(proposal.offer.finance_charge),
            "amount_total": float(proposal.offer.total),
            "cost_percent": float(proposal.offer.cet or 0),
            "installment_preview": self._preview(proposal),
            "approval_reasons": self._reasons(proposal),
            "problem": False,
        }

    def _no_proposal_values(self):
        amounts = (
            "limit_charges",
            "limit_principal",
            "amount_net",
            "finance_charge",
            "amount_total",
            "cost_percent",
        )
        return {
            **dict.fromkeys(amounts, 0.0),
            "installment_preview": False,
            "approval_reasons": [],
        }

    def _preview(self, proposal):
        """Rows and totals for the ``optica_installment_table`` widget, formatted for the reader."""
        money = self.currency_id._text
        offer = proposal.offer
        rows = [
            {"number": number, "label": f"{number}/{offer.n}", "date": due, "value": value}
            for number, (due, value) in enumerate(
                zip(offer.dates, offer.parts, strict=True), start=1
            )
        ]
        if offer.down_payment:
            down = {"number": 0, "label": self.env._("Down payment")}
            rows.insert(0, {**down, "date": self._down_payment_due(), "value": offer.down_payment})
        return {
            "rows": [
                {**row, "date": format_date(self.env, row["date"]), "value": money(row["value"])}
                for row in rows
            ],
            "finance_charge": money(offer.finance_charge),
            "total": money(offer.total),
            "late_terms": self._late_terms(),
        }

    @api.model
    def _freeze_breach_days(self):
        """Agreements accepted before the days were kept take the company's once; safe to repeat.

        Straight to the table: an agreement that is accepted is not edited any more.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE crediario_agreement agreement"
                " SET breach_days = company.agreement_breach_days"
                " FROM res_company company WHERE company.id = agreement.company_id"
                " AND agreement.accepted_on IS NOT NULL AND agreement.breach_days IS NULL"
            )
        )
        self.invalidate_model(["breach_days"])

    def _tolerance_days(self):
        """Days late beyond which the agreement ends: as agreed, once it is."""
        self.ensure_one()
        agreed = self.sudo().accepted_on
        return self.breach_days if agreed else self.company_id.sudo().agreement_breach_days

    def _rules(self):
        """What the customer agrees to: the plan's terms, those signed once it is in force."""
        self.ensure_one()
        entry = self.sudo().move_id
        return entry._crediario_rules() if entry.crediario_terms_id else self.plan_id

    def _late_terms(self):
        plan = self._rules()
        return self.env._(
            "When late: fine of %(fine)s%% and interest of %(interest)s%% a month.",
            fine=formatLang(self.env, plan.fine_percent, digits=2),
            interest=formatLang(self.env, plan.late_interest_percent, digits=2),
        )

    def _refusal(self, error):
        """What to change where the terms make no agreement."""
        sentences = {
            ErrorCode.NOTHING_OWED: self.env._("Choose what is owed: nothing is left to agree on."),
            ErrorCode.DISCOUNT_ABOVE_DEBT: self.env._("The discount is higher than the debt."),
            ErrorCode.DOWN_PAYMENT_TOO_HIGH: self.env._(
                "The down payment must be smaller than the debt."
            ),
            ErrorCode.FIRST_DUE_TOO_EARLY: self.env._(
                "The first installment cannot be due before the day of the agreement."
            ),
            ErrorCode.PARTS_BELOW_ONE: self.env._("Choose at least one installment."),
            ErrorCode.PARTS_ABOVE_MOST: self.env._(
                "Choose at most %(most)s installments.", most=MOST_PARTS
            ),
            ErrorCode.YEAR_TOO_FAR: self.env._(
                "Choose a first due date up to the year %(year)s.", year=LAST_YEAR
            ),
            ErrorCode.NEGATIVE_VALUE: self.env._("Amounts cannot be negative."),
        }
        return sentences.get(
            error.code, self.env._("These terms make no agreement. Check amounts and dates.")
        )
