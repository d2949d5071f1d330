from odoo import api, fields, models
from odoo.exceptions import UserError

from ...clients.bureau import BureauDebt, adapter
from ...domain.recovery import bureau
from ...domain.recovery.bureau import BEFORE, LIVE, CaseState, Cause, Obstacle
from ...domain.shop.money import cents

STATES = [
    ("eligible", "Eligible"),
    ("approved", "Approved"),
    ("notice_sent", "Notice Sent"),
    ("waiting", "Waiting"),
    ("registered", "Registered"),
    ("removal_due", "To Remove"),
    ("removed", "Removed"),
    ("refused", "Refused"),
    ("cancelled", "Cancelled"),
]
CAUSES = [
    ("paid", "Paid"),
    ("time_limit", "Five years since the due date"),
    ("dispute", "Open dispute"),
    ("agreement", "Agreement being negotiated"),
    ("part_payment", "Paid in part"),
    ("promise", "Promise to pay"),
    ("not_due", "Due date moved"),
    ("asked", "Decided by a person"),
]


class DunningBureauCase(models.Model):
    """One customer's late installments on their way to the credit bureau, and back.

    Users have no right to write: each step is a method that checks what must come before it.
    Nothing is registered that a manager has not approved; the database refuses it as well.
    """

    _name = "dunning.bureau.case"
    _description = "Credit Bureau Case"
    _inherit = ["collection.record", "mail.thread", "mail.activity.mixin"]
    _order = "removal_deadline, id desc"
    _rec_names_search = ["partner_id"]
    _mail_post_access = "read"

    vat = fields.Char(related="partner_id.vat", string="CPF/CNPJ")
    notice_id = fields.Many2one(
        "dunning.notice", string="Proposed by", readonly=True, ondelete="restrict"
    )
    line_ids = fields.One2many("dunning.bureau.line", "case_id", string="Debts", readonly=True)
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        help="Principal of the debts as it was approved. Charges are not registered.",
    )
    amount_open = fields.Monetary(
        string="Open Now", compute="_compute_amount_open", compute_sudo=True
    )
    oldest_due_date = fields.Date(compute="_compute_amount", store=True)
    state = fields.Selection(
        STATES,
        default="eligible",
        required=True,
        readonly=True,
        tracking=True,
        group_expand=True,
        index=True,
    )
    stop_cause = fields.Selection(
        CAUSES,
        string="Stopped By",
        readonly=True,
        tracking=True,
        help="While this lasts the case goes no further.",
    )
    reason = fields.Char(readonly=True, tracking=True, help="What the manager wrote.")
    approved_by_id = fields.Many2one(
        "res.users", readonly=True, tracking=True, ondelete="restrict", copy=False
    )
    approved_at = fields.Datetime(string="Approved On", readonly=True, copy=False)
    notice_channel = fields.Selection(
        [
            ("letter", "Letter"),
            ("registered", "Registered letter"),
            ("message", "Message"),
            ("email", "E-mail"),
            ("bureau", "The bureau's own notice"),
        ],
        string="Notice by",
        readonly=True,
    )
    notice_on = fields.Date(string="Notice Sent On", readonly=True, tracking=True, copy=False)
    proof_on = fields.Date(
        string="Received On",
        readonly=True,
        tracking=True,
        copy=False,
        help="When it is proven that the notice reached the customer. The waiting period starts.",
    )
    proof_reference = fields.Char(string="Proof", readonly=True, copy=False)
    proof_file = fields.Binary(attachment=True, readonly=True, copy=False)
    proof_file_name = fields.Char(readonly=True, copy=False)
    letter_ids = fields.One2many("dunning.letter", "bureau_case_id", string="Letters")
    may_register_on = fields.Date(
        string="Earliest Registration",
        compute="_compute_may_register_on",
        store=True,
        help="First business day after the waiting period.",
    )
    registered_on = fields.Date(readonly=True, tracking=True, copy=False)
    registered_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    removal_cause = fields.Selection(CAUSES, string="Remove Because", readonly=True, tracking=True)
    removal_deadline = fields.Date(
        string="Remove Until",
        readonly=True,
        tracking=True,
        help="Five business days after the payment (STJ, Súmula 548); for age, five years after "
        "the due date.",
    )
    removal_asked_on = fields.Date(string="Removal Sent On", readonly=True)
    removed_on = fields.Date(readonly=True, tracking=True)
    removal_reference = fields.Char(string="Protocol of Removal", readonly=True)
    is_alarm = fields.Boolean(
        string="Alarm",
        compute="_compute_todo",
        search="_search_is_alarm",
        help="To remove today or tomorrow, or already too late.",
    )
    todo = fields.Selection(
        [
            ("remove", "Remove"),
            ("approve", "Approve or refuse"),
            ("notify", "Send the notice"),
            ("prove", "Record that it was received"),
            ("decide", "Decide: stopped"),
            ("register", "Register"),
            ("wait", "Wait"),
            ("nothing", "Nothing"),
        ],
        string="To Do",
        compute="_compute_todo",
        search="_search_todo",
    )

    _only_approved = models.Constraint(
        "CHECK(registered_on IS NULL OR (approved_by_id IS NOT NULL AND notice_on IS NOT NULL"
        " AND proof_on IS NOT NULL))",
        "Nobody is registered without a manager's approval and a notice that was received.",
    )
    _registered_first = models.Constraint(
        "CHECK(state NOT IN ('registered', 'removal_due', 'removed') OR registered_on IS NOT NULL)",
        "Only a registered case can be removed.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("partner_id")
    def _compute_display_name(self):
        for case in self:
            case.display_name = f"{case.partner_id.name or ''} ({case.reference()})"

    @api.depends("line_ids.amount", "line_ids.due_date")
    def _compute_amount(self):
        for case in self:
            case.amount = sum(case.line_ids.mapped("amount"))
            case.oldest_due_date = min(case.line_ids.mapped("due_date"), default=False)

    @api.depends("line_ids.move_line_id.amount_residual")
    def _compute_amount_open(self):
        for case in self:
            case.amount_open = sum(case.line_ids.mapped("amount_open"))

    @api.depends("proof_on", "company_id.bureau_waiting_days")
    def _compute_may_register_on(self):
        for case in self:
            company = case.company_id
            case.may_register_on = case.proof_on and bureau.first_registration_day(
                case.proof_on, company.sudo().bureau_waiting_days, company._business_calendar()
            )

    @api.depends("state", "stop_cause", "proof_on", "removal_deadline", "may_register_on")
    def _compute_todo(self):
        today = fields.Date.context_today(self)
        for case in self:
            calendar = case.company_id._business_calendar()
            deadline = case.removal_deadline or None
            case.is_alarm = bureau.is_alarm(case.state, deadline, today, calendar)
            case.todo = case._todo_on(today)

    def _todo_on(self, day):
        """What a person does next about this case."""
        fixed = {
            "removal_due": "remove",
            "registered": "nothing",
            "eligible": "approve",
            "removed": "nothing",
            "refused": "nothing",
            "cancelled": "nothing",
        }
        if self.state in fixed:
            return fixed[self.state]
        if self.stop_cause:
            return "decide"
        steps = {
            Obstacle.NO_NOTICE: "notify",
            Obstacle.NO_PROOF: "prove",
            Obstacle.TOO_EARLY: "wait",
            None: "register",
        }
        todo = steps.get(self._obstacle(day), "nothing")
        on_the_way = todo == "notify" and any(m.state == "queued" for m in self.notice_message_ids)
        return "wait" if on_the_way else todo

    def _search_todo(self, operator, value):
        if operator != "in":
            return NotImplemented
        live = self.sudo().search([("state", "in", LIVE)])
        domain = fields.Domain("id", "in", live.filtered(lambda case: case.todo in value).ids)
        if "nothing" in value:
            domain |= fields.Domain("state", "not in", LIVE)
        return domain

    def _search_is_alarm(self, operator, value):
        if operator != "in":
            return NotImplemented
        due = self.sudo().search([("state", "=", CaseState.REMOVAL_DUE)]).filtered("is_alarm")
        domain = fields.Domain("id", "in", due.ids)
        return domain if True in value else ~domain

    # ---------------------------------------------------------------- CRUD

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A case of the credit bureau is evidence: cancel it instead."))

    # ------------------------------------------------------------ business

    @api.private  # for papers and files of ours
    def reference(self):
        """The number that names the case in files and letters."""
        return f"NEG{self._origin.id or 0:06d}"

    def _obstacle(self, day):
        """What stands between this case and its registration on ``day``; None if nothing does."""
        return bureau.obstacle(
            self.state,
            approved=bool(self.approved_by_id),
            notice_on=self.notice_on or None,
            proof_on=self.proof_on or None,
            cause=Cause(self.stop_cause) if self.stop_cause else None,
            waiting_days=self.company_id.sudo().bureau_waiting_days,
            on=day,
            calendar=self.company_id._business_calendar(),
        )

    @api.model
    def _make_eligible(self, lines, notice=None):
        """One eligible case for each customer and company of these installments.

        Left out are installments that are not late enough, too old, paid, or in a case already.
        This is all that the ladder does about the bureau: a person decides on each case.

        :return: the new cases
        """
        self._check_role("collector", allow_system=True)
        today = fields.Date.context_today(self)
        groups = lines.sudo().filtered(lambda line: line._may_go_to_bureau(today))
        taken = self.env["dunning.bureau.line"].sudo()
        taken = taken.search([("move_line_id", "in", groups.ids), ("live", "=", True)])
        groups -= taken.move_line_id
        cases = self.browse()
        for (company, partner), debts in groups.grouped(
            lambda line: (line.company_id, line.partner_id.commercial_partner_id)
        ).items():
            # With sudo: nobody has the right to write cases by hand.
            cases |= self.sudo().create(
                {
                    "company_id": company.id,
                    "partner_id": partner.id,
                    "notice_id": notice.id if notice else False,
                    "line_ids": [
                        fields.Command.create(debt._bureau_line_values()) for debt in debts
                    ],
                }
            )
        cases._review(today)
        return cases.with_env(self.env)

    def _before(self):
        """Those of these cases that are not registered yet."""
        return self.filtered(lambda case: case.state in BEFORE)

    # ---- Registering and removing, by the company's adapter: see :mod:`...clients.bureau`

    def action_register(self):
        """Register those of these cases that nothing stands in the way of, and hand out the file.

        Looks at payments and disputes of this very moment first.
        """
        today = fields.Date.context_today(self)
        cases = self._for("manager")
        cases._review(today)
        ready = cases.filtered(
            lambda case: case.state == "waiting" and case._obstacle(today) is None
        )
        if not ready:
            raise UserError(
                self.env._(
                    "None of these cases can be registered today. Look at “To Do”: a case needs a "
                    "manager's approval, a notice that was received and the whole waiting period, "
                    "and nothing may have been paid, promised or disputed."
                )
            )
        files = ready._hand_over("register", today)
        ready.write(
            {"state": "registered", "registered_on": today, "registered_by_id": self.env.uid}
        )
        return files._open_or_download()

    def action_export_removals(self):
        """Hand out the file of what must be removed; confirm it when the bureau has done it."""
        cases = self._for("manager")._in_state("removal_due")
        today = fields.Date.context_today(self)
        files = cases._hand_over("remove", today)
        cases.filtered(lambda case: not case.removal_asked_on).removal_asked_on = today
        return files._open_or_download()

    def _hand_over(self, what, day):
        """One file for each company, kept as evidence."""
        files = self.env["dunning.export"]
        for company, cases in self.grouped("company_id").items():
            if not company.vat:
                raise UserError(
                    self.env._("Fill in the CNPJ of %s: the bureau asks for it.", company.name)
                )
            cases._check_identified()
            bureau = adapter(company.sudo().bureau_adapter)
            debts = [debt for case in cases for debt in case._bureau_debts(what)]
            made = getattr(bureau, what)(debts, day)
            files |= files._store(
                f"bureau_{what}",
                made.name,
                made.content,
                company,
                cases.partner_id,
                amount=sum(cases.mapped("amount")),
            )
        return files.sudo(False)

    def _check_identified(self):
        unknown = self.partner_id.filtered(lambda partner: not partner.vat)
        if unknown:
            raise UserError(
                self.env._(
                    "The bureau identifies people by CPF or CNPJ. Missing for: %(customers)s.",
                    customers=", ".join(unknown.mapped("name")),
                )
            )

    def _bureau_debts(self, what):
        """What the bureau needs to know of each debt, and nothing more (LGPD art. 6 III)."""
        customer, causes = self.partner_id, dict(self._fields["removal_cause"].selection)
        registering = what == "register"
        return [
            BureauDebt(
                case=self.reference(),
                creditor_tax_number=self.company_id.vat,
                tax_number=customer.vat,
                name=customer.name,
                street=customer.street or "",
                district=customer.street2 or "",
                city=customer.city or "",
                state=customer.state_id.code or "",
                zip=customer.zip or "",
                contract=line.contract or "",
                installment=line.installment or "",
                due=line.due_date,
                amount=cents(line.amount_open if registering else line.amount),
                reason=causes.get(self.removal_cause, ""),
            )
            for line in self.line_ids
        ]


class DunningExport(models.Model):
    """Files for the bureau, opened from the cases."""

    _inherit = "dunning.export"

    def _open_or_download(self):
        """One file is saved at once, several are listed."""
        if len(self) == 1:
            return self.action_download()
        return self._get_records_action(name=self.env._("Files Handed Over"))


class DunningBureauLine(models.Model):
    """One installment in a case: its due date and principal as they were approved."""

    _name = "dunning.bureau.line"
    _description = "Debt in a Credit Bureau Case"
    _order = "due_date, id"

    case_id = fields.Many2one(
        "dunning.bureau.case", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True)
    currency_id = fields.Many2one(related="case_id.currency_id")
    partner_id = fields.Many2one(related="case_id.partner_id")
    # A contract reset to draft may delete its lines; what was registered stays known.
    move_line_id = fields.Many2one(
        "account.move.line", string="Installment", readonly=True, ondelete="set null"
    )
    contract = fields.Char(readonly=True)
    installment = fields.Char(string="No.", readonly=True)
    due_date = fields.Date(readonly=True)
    amount = fields.Monetary(string="Principal", readonly=True)
    amount_open = fields.Monetary(
        string="Open Now", compute="_compute_amount_open", compute_sudo=True
    )
    limit_date = fields.Date(
        string="Registered at Most Until",
        compute="_compute_limit_date",
        help="Five years after the due date (CDC art. 43 §1, STJ Súmula 323).",
    )
    live = fields.Boolean(compute="_compute_live", store=True)

    _one_case = models.UniqueIndex(
        "(move_line_id) WHERE live", "This installment is in a case of the credit bureau already."
    )

    # ------------------------------------------------------------- compute

    @api.depends("due_date")
    def _compute_limit_date(self):
        for line in self:
            line.limit_date = line.due_date and bureau.last_registered_day(line.due_date)

    @api.depends("move_line_id.amount_residual", "move_line_id.parent_state")
    def _compute_amount_open(self):
        for line in self:
            entry = line.move_line_id
            is_open = entry.parent_state == "posted"
            line.amount_open = max(entry.amount_residual, 0.0) if is_open else 0.0

    @api.depends("case_id.state")
    def _compute_live(self):
        for line in self:
            line.live = line.case_id.state in LIVE


class AccountMoveLine(models.Model):
    """An installment that may go to the credit bureau."""

    _inherit = "account.move.line"

    def _may_go_to_bureau(self, day):
        """Late enough for the company, still owed, and not about to be too old."""
        self.ensure_one()
        if (
            not self.crediario_plan_id
            or self.parent_state != "posted"
            or self.company_currency_id.compare_amounts(self.amount_residual, 0.0) <= 0
        ):
            return False
        late = (day - self.date_maturity).days
        calendar = self.company_id._business_calendar()
        return late >= self.company_id.sudo().bureau_min_days_late and day < bureau.limit_alarm(
            self.date_maturity, calendar
        )

    def _bureau_line_values(self):
        """What a case keeps of this installment."""
        return {
            "move_line_id": self.id,
            "contract": self.contract_reference or self.move_id.name,
            "installment": self.installment_label,
            "due_date": self.date_maturity,
            "amount": self.amount_residual,
        }
