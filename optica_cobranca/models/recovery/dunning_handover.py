from odoo import api, fields, models
from odoo.exceptions import UserError

from ...domain.recovery.agency import recovery
from ...domain.shop.csv_text import csv_file
from ...domain.shop.money import exact

WITH_AGENCY = ("handed_over", "partly")
LIVE = ("draft", "handed_over", "partly")
# What an agency needs to collect, and nothing more (LGPD art. 6 III): no birthday, no
# prescription, no other purchase.
COLUMNS = (
    "referencia",
    "nome",
    "cpf_cnpj",
    "telefone",
    "email",
    "endereco",
    "cidade",
    "uf",
    "cep",
    "contrato",
    "parcela",
    "vencimento",
    "principal",
    "multa",
    "juros",
    "total",
)


class DunningHandover(models.Model):
    """Late installments of one customer that an agency collects instead of the shop.

    Users have no right to write; each step is a method with its check.
    """

    _name = "dunning.handover"
    _description = "Hand-over to an Agency"
    _inherit = ["collection.record", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_names_search = ["partner_id"]
    _mail_post_access = "read"

    agency_id = fields.Many2one(
        "dunning.agency", readonly=True, ondelete="restrict", tracking=True, index=True
    )
    notice_id = fields.Many2one(
        "dunning.notice", string="Proposed by", readonly=True, ondelete="restrict"
    )
    line_ids = fields.One2many(
        "dunning.handover.line", "handover_id", string="Debts", readonly=True
    )
    state = fields.Selection(
        [
            ("draft", "Proposed"),
            ("handed_over", "With the Agency"),
            ("partly", "Paid in Part"),
            ("recovered", "Recovered"),
            ("returned", "Taken Back"),
            ("cancelled", "Not Handed Over"),
        ],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    amount = fields.Monetary(
        string="Handed Over",
        compute="_compute_amount",
        store=True,
        help="Principal and late charges on the day of the hand-over.",
    )
    commission_percent = fields.Float(
        string="Commission (%)", digits=(16, 2), readonly=True, help="As agreed on that day."
    )
    amount_recovered = fields.Monetary(
        string="Paid Since", readonly=True, help="Principal and charges paid since the hand-over."
    )
    commission = fields.Monetary(readonly=True, help="On what was paid since the hand-over.")
    last_payment_on = fields.Date(string="Last Payment", readonly=True)
    approved_by_id = fields.Many2one("res.users", readonly=True, tracking=True)
    handed_over_on = fields.Date(readonly=True, tracking=True)
    returned_on = fields.Date(string="Taken Back On", readonly=True, tracking=True)
    reason = fields.Char(readonly=True, tracking=True)
    export_id = fields.Many2one("dunning.export", string="File", readonly=True, ondelete="restrict")

    _approved = models.Constraint(
        "CHECK(state IN ('draft', 'cancelled') OR (approved_by_id IS NOT NULL"
        " AND agency_id IS NOT NULL AND handed_over_on IS NOT NULL))",
        "Nothing goes to an agency without a manager's approval.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("partner_id", "agency_id")
    def _compute_display_name(self):
        for handover in self:
            names = (handover.partner_id.name, handover.agency_id.name)
            handover.display_name = " → ".join(filter(None, names))

    @api.depends("line_ids.total")
    def _compute_amount(self):
        for handover in self:
            handover.amount = sum(handover.line_ids.mapped("total"))

    # ---------------------------------------------------------------- CRUD

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Hand-overs stay on record: take them back instead."))

    # ------------------------------------------------------------- actions

    def action_hand_over(self):
        """Choose the agency and hand over."""
        return self._open_wizard("hand_over")

    def action_take_back(self):
        """Ask for the reason and take back."""
        return self._open_wizard("take_back")

    def action_download(self):
        """Save the agency's file once more."""
        self.ensure_one()
        return self.export_id.action_download()

    # ------------------------------------------------------------ business

    @api.model
    def _propose(self, lines, notice=None):
        """One proposal for each customer and company of these late installments.

        Left out is what is paid, not late, or proposed already.
        """
        self._check_role("collector", allow_system=True)
        today = fields.Date.context_today(self)
        late = lines.sudo().filtered(
            lambda line: (
                line.crediario_plan_id
                and line.parent_state == "posted"
                and line.amount_residual > 0
                and line.date_maturity < today
            )
        )
        taken = self.env["dunning.handover.line"].sudo()
        late -= taken.search([("move_line_id", "in", late.ids), ("live", "=", True)]).move_line_id
        handovers = self.browse()
        for (company, partner), debts in late.grouped(
            lambda line: (line.company_id, line.partner_id.commercial_partner_id)
        ).items():
            handovers |= self.sudo().create(
                {
                    "company_id": company.id,
                    "partner_id": partner.id,
                    "notice_id": notice.id if notice else False,
                    "line_ids": [
                        fields.Command.create(values) for values in debts._handover_values(today)
                    ],
                }
            )
        return handovers.with_env(self.env)

    def _hand_over(self, agency):
        """A manager hands these proposals to ``agency``: amounts of today, file, ladder stops.

        :return: the file, one for each company
        """
        today = fields.Date.context_today(self)
        drafts = self._for("manager").filtered(lambda handover: handover.state == "draft")
        for draft in drafts:
            draft._refresh(today)
        drafts = drafts.filtered("line_ids")
        if not drafts:
            raise UserError(self.env._("Nothing to hand over: paid, or with an agency already."))
        exports = self.env["dunning.export"]
        for company, handovers in drafts.grouped("company_id").items():
            export = handovers._export(agency, company, today)
            handovers.write(
                {
                    "state": "handed_over",
                    "agency_id": agency.id,
                    "commission_percent": agency.commission_percent,
                    "approved_by_id": self.env.uid,
                    "handed_over_on": today,
                    "export_id": export.id,
                }
            )
            exports |= export
        self.env["contact.message"].sudo()._cancel_queued(
            drafts.partner_id, ("collection",), "held"
        )
        return exports

    def _take_back(self, reason):
        """End the agency's work: the shop's ladder goes on with the next level."""
        today = fields.Date.context_today(self)
        handovers = self._for("manager")
        handovers._review()
        for handover in handovers:
            if handover.state == "draft":
                handover.write({"state": "cancelled", "reason": reason})
            elif handover.state in WITH_AGENCY:
                handover.write({"state": "returned", "returned_on": today, "reason": reason})

    @api.model
    def _cron_review(self):
        """Nightly: what customers paid of what an agency has."""
        self.search([("state", "in", WITH_AGENCY)])._review()

    def _review(self):
        """Count what was paid since the hand-over, with its commission; idempotent."""
        living = self.sudo().filtered(lambda handover: handover.state in WITH_AGENCY)
        histories = living.line_ids.move_line_id._installment_payments()
        for handover in living:
            payments = [
                payment
                for line in handover.line_ids.move_line_id
                for payment in histories[line.id].later
            ]
            got = recovery(payments, handover.handed_over_on, exact(handover.commission_percent))
            is_open = any(line.amount_open > 0 for line in handover.line_ids)
            handover.write(
                {
                    "amount_recovered": float(got.paid),
                    "commission": float(got.commission),
                    "last_payment_on": got.last_on or False,
                    "state": "partly" if is_open and got.paid else handover._still(is_open),
                }
            )

    # ------------------------------------------------------------- helpers

    def _still(self, is_open):
        return "handed_over" if is_open else "recovered"

    def _for(self, group):
        """These with the right to write them, for a user of ``group`` who may read them."""
        self._check_role(group, allow_system=True)
        self.check_access("read")
        return self.sudo()

    def _refresh(self, day):
        """The amounts of ``day``; what was paid meanwhile leaves the proposal."""
        lines = self.line_ids.move_line_id.filtered(lambda line: line.amount_residual > 0)
        self.line_ids.unlink()
        self.write(
            {"line_ids": [fields.Command.create(vals) for vals in lines._handover_values(day)]}
        )
        if not lines:
            self.write({"state": "cancelled", "reason": self.env._("Paid before the hand-over.")})

    def _open_wizard(self, mode):
        names = {
            "hand_over": self.env._("Hand Over to an Agency"),
            "take_back": self.env._("Take Back from the Agency"),
        }
        return {
            "type": "ir.actions.act_window",
            "name": names[mode],
            "res_model": "dunning.handover.decision",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_handover_ids": self.ids, "default_mode": mode},
        }

    # ----------------------------------------------------- dunning handover line

    @api.private  # for papers and files of ours
    def reference(self):
        """The number that names the hand-over in the agency's file."""
        return f"COB{self._origin.id or 0:06d}"

    def _export(self, agency, company, day):
        """The agency's file of these hand-overs, kept as handed over by the present user."""
        content = csv_file(
            COLUMNS,
            (row for handover in self for row in handover._export_rows()),
            brazilian=agency.export_format == "br",
        )
        return self.env["dunning.export"]._store(
            "agency",
            f"cobranca-externa-{day:%Y%m%d}.csv",
            content,
            company,
            self.partner_id,
            amount=sum(self.mapped("amount")),
            agency=agency,
        )

    def _export_rows(self):
        partner = self.partner_id
        person = (
            self.reference(),
            partner.name,
            "".join(filter(str.isalnum, partner.vat or "")),
            # A plus in front would be a formula.
            "".join(filter(str.isdigit, partner.phone or "")),
            partner.email,
            ", ".join(filter(None, (partner.street, partner.street2))),
            partner.city,
            partner.state_id.code,
            partner.zip,
        )
        for line in self.line_ids:
            yield (
                *person,
                line.contract,
                line.installment,
                line.due_date,
                line.principal,
                line.fine,
                line.interest,
                line.total,
            )

    @api.model
    def action_eligible(self):
        """List what is late enough for an agency and not proposed for, or with, one."""
        self._check_role("collector", allow_system=True)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_installments"
        )
        return {
            **action,
            "name": self.env._("Eligible for Agency"),
            "path": False,
            "domain": list(self._eligible_domain()),
            "context": {"create": False},
            "help": self.env._("Nothing is late enough for an agency"),
        }

    @api.model
    def _eligible_domain(self):
        """Installments late enough in their company, each company on its own day."""
        late = fields.Domain.OR(
            fields.Domain("company_id", "=", company.id)
            & fields.Domain(
                "date_maturity",
                "<=",
                fields.Date.subtract(
                    company._today(),
                    days=company.sudo().agency_min_days_late,
                ),
            )
            for company in self.env.companies
        )
        owed = fields.Domain(
            [
                ("crediario_plan_id", "!=", False),
                ("parent_state", "=", "posted"),
                ("amount_residual", ">", 0),
            ]
        )
        return owed & late & fields.Domain("handover_line_ids", "not any", [("live", "=", True)])


class DunningHandoverLine(models.Model):
    """One installment as it was when the agency got it."""

    _name = "dunning.handover.line"
    _description = "Debt with an Agency"
    _order = "due_date, id"

    handover_id = fields.Many2one(
        "dunning.handover", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="handover_id.company_id", store=True)
    currency_id = fields.Many2one(related="handover_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line", string="Installment", readonly=True, ondelete="set null"
    )
    contract = fields.Char(readonly=True)
    installment = fields.Char(string="No.", readonly=True)
    due_date = fields.Date(readonly=True)
    principal = fields.Monetary(readonly=True)
    fine = fields.Monetary(string="Late Fee", readonly=True)
    interest = fields.Monetary(string="Late Interest", readonly=True)
    total = fields.Monetary(readonly=True)
    amount_open = fields.Monetary(
        string="Open Now", compute="_compute_amount_open", compute_sudo=True
    )
    live = fields.Boolean(compute="_compute_live", store=True)

    _one_agency = models.UniqueIndex(
        "(move_line_id) WHERE live", "This installment is proposed for, or with, an agency already."
    )

    # ------------------------------------------------------------- compute

    @api.depends("move_line_id.amount_residual", "move_line_id.parent_state")
    def _compute_amount_open(self):
        for line in self:
            entry = line.move_line_id
            is_open = entry.parent_state == "posted"
            line.amount_open = max(entry.amount_residual, 0.0) if is_open else 0.0

    @api.depends("handover_id.state")
    def _compute_live(self):
        for line in self:
            line.live = line.handover_id.state in LIVE


class AccountMoveLine(models.Model):
    """Whether an installment is with an agency."""

    _inherit = "account.move.line"

    handover_line_ids = fields.One2many(
        "dunning.handover.line", "move_line_id", groups="optica_cobranca.group_collector"
    )

    def _handover_values(self, day):
        """What a hand-over keeps of these installments, on the amounts of ``day``."""
        amounts = self._amounts_today(day)
        return [
            {
                "move_line_id": line.id,
                "contract": line.contract_reference or line.move_id.name,
                "installment": line.installment_label,
                "due_date": line.date_maturity,
                "principal": float(amounts[line.id].principal),
                "fine": float(amounts[line.id].fine),
                "interest": float(amounts[line.id].interest),
                "total": float(amounts[line.id].total),
            }
            for line in self._sorted_for_receiving()
        ]


class DunningAgency(models.Model):
    """A collection agency that the shop hands late debts to."""

    _name = "dunning.agency"
    _description = "Collection Agency"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Leave empty to use it in every company.")
    partner_id = fields.Many2one("res.partner", string="Contact", ondelete="restrict")
    email = fields.Char(
        compute="_compute_email",
        store=True,
        readonly=False,
        help="Where the file is sent to, by the person who saves it.",
    )
    commission_percent = fields.Float(
        string="Commission (%)", digits=(16, 2), help="Of what customers pay after the hand-over."
    )
    export_format = fields.Selection(
        [("br", "CSV, Brazilian (31/12/2026; 1234,56)"), ("iso", "CSV, ISO (2026-12-31; 1234.56)")],
        default="br",
        required=True,
        help="Separated by semicolons, UTF-8; the columns are in the manual.",
    )
    handover_ids = fields.One2many("dunning.handover", "agency_id")
    handover_count = fields.Integer(compute="_compute_handover_count")
    note = fields.Text()

    _commission = models.Constraint(
        "CHECK(commission_percent >= 0 AND commission_percent <= 100)",
        "A commission lies between 0% and 100%.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("partner_id.email")
    def _compute_email(self):
        for agency in self:
            agency.email = agency.partner_id.email or agency.email

    def _compute_handover_count(self):
        rows = self.env["dunning.handover"]._read_group(
            [("agency_id", "in", self.ids)], ["agency_id"], ["__count"]
        )
        counts = dict(rows)
        for agency in self:
            agency.handover_count = counts.get(agency, 0)

    # ------------------------------------------------------------- actions

    def action_view_handovers(self):
        """Open what this agency got."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_dunning_handover"
        )
        return {**action, "domain": [("agency_id", "in", self.ids)], "context": {}}
