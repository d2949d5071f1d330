import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...domain.crediario.birthdays import is_day_of_year
from ...domain.shop import phone

# Of an installment, what its figures and the lists of them are made of: fetched with the search.
SHOWN = (
    "amount_residual",
    "balance",
    "company_currency_id",
    "company_id",
    "crediario_plan_id",
    "currency_id",
    "date_maturity",
    "installment_number",
    "move_id",
    "parent_state",
    "partner_id",
)
MONTHS = [
    ("01", "January"),
    ("02", "February"),
    ("03", "March"),
    ("04", "April"),
    ("05", "May"),
    ("06", "June"),
    ("07", "July"),
    ("08", "August"),
    ("09", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]
NUMBERS_ONLY = re.compile(r"[\d\s().+-]+")
LOCAL_DIGITS = (8, 9)
CPF_DIGITS = 11
CPF_END = 4
PHONE_END = 4
CNPJ_DIGITS = 14


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
            .search_fetch(domain, SHOWN, order="date_maturity, installment_number, id")
        )

    @api.model
    def _open_installments_domain(self):
        return [
            ("company_id", "=", self.env.company.id),
            ("crediario_plan_id", "!=", False),
            ("parent_state", "=", "posted"),
            ("amount_residual", ">", 0),
        ]

    # ------ A customer's birthday; of many a shop knows the day and not the year

    birthdate = fields.Date(
        help="Shown in the calendar of occurrences; no collection message leaves on this day."
    )
    birth_day = fields.Integer(
        string="Day of Birth",
        compute="_compute_birth_day",
        store=True,
        readonly=False,
        aggregator=None,
        help="Of somebody who does not tell the year. With a birthdate it follows from that.",
    )
    birth_month = fields.Selection(
        MONTHS,
        string="Month of Birth",
        compute="_compute_birth_day",
        store=True,
        readonly=False,
    )
    birth_month_day = fields.Integer(
        compute="_compute_birth_month_day",
        store=True,
        aggregator=None,
        help="Month × 100 + day of the birthday, 0 when unknown: finds the birthdays of a day.",
    )
    last_purchase_date = fields.Date(
        string="Last Purchase",
        compute="_compute_last_purchase_date",
        groups="optica_cobranca.group_seller",
        help="The day of the latest invoice to this customer.",
    )

    # Birthdays of a day. Most partners have none, so they stay out of the index. What comes along
    # lets the calendar count those of a month, or of one responsible, without reading the partners.
    _birthday = models.Index(
        "(birth_month_day, user_id) INCLUDE (id, company_id, birthdate, payer_id)"
        " WHERE birth_month_day > 0 AND active"
    )

    @api.depends("birthdate")
    def _compute_birth_day(self):
        """Follows the birthdate; what was entered without a year stays."""
        for partner in self.filtered("birthdate"):
            partner.birth_day = partner.birthdate.day
            partner.birth_month = f"{partner.birthdate.month:02d}"

    @api.onchange("birthdate")
    def _onchange_birthdate(self):
        """A birthdate that is taken away takes day and month with it, on the form at once."""
        if not self.birthdate and self._origin.birthdate:
            self.birth_day, self.birth_month = 0, False

    @api.depends("birth_day", "birth_month")
    def _compute_birth_month_day(self):
        for partner in self:
            is_known = partner.birth_day and partner.birth_month
            partner.birth_month_day = is_known and int(partner.birth_month) * 100 + (
                partner.birth_day
            )

    @api.depends_context("company")
    def _compute_last_purchase_date(self):
        """With sudo: when a customer bought last is no secret of the colleague who sold it."""
        customers = self.commercial_partner_id
        found = dict(
            self.env["account.move"]
            .sudo()
            ._read_group(
                [
                    ("commercial_partner_id", "in", customers.ids),
                    ("move_type", "=", "out_invoice"),
                    ("state", "=", "posted"),
                    ("company_id", "in", self.env.companies.ids),
                ],
                ["commercial_partner_id"],
                ["invoice_date:max"],
            )
        )
        for partner in self:
            partner.last_purchase_date = found.get(partner.commercial_partner_id._origin, False)

    @api.constrains("birth_day", "birth_month", "birthdate")
    def _check_birthday(self):
        for partner in self:
            day, month = partner.birth_day, partner.birth_month
            if (day or month) and not (day and month and is_day_of_year(int(month), day)):
                raise ValidationError(
                    self.env._(
                        "%(customer)s: a birthday without a year has a day and a month, such as 29 "
                        "and February.",
                        customer=partner.display_name or "",
                    )
                )
            born = partner.birthdate
            if born and (born.day, f"{born.month:02d}") != (day, month):
                raise ValidationError(
                    self.env._(
                        "%(customer)s: day and month follow from the birthdate. Change that one.",
                        customer=partner.display_name or "",
                    )
                )

    def write(self, vals):
        """Whose birthdate is taken away has no birthday any more, unless one is given with it."""
        if "birthdate" not in vals or vals["birthdate"]:
            return super().write(vals)
        dated = self.filtered("birthdate")
        super(ResPartner, dated).write({"birth_day": 0, "birth_month": False, **vals})
        return super(ResPartner, self - dated).write(vals)

    def _birthday_parts(self):
        """(month, day) of the birthday, or None when it is not known."""
        self.ensure_one()
        return divmod(self.birth_month_day, 100) if self.birth_month_day else None

    # ------------------------------------------- What was forgiven to a customer

    forgiveness_count = fields.Integer(
        compute="_compute_figures",
        groups="optica_cobranca.group_collector,account.group_account_invoice",
    )

    def action_view_forgiveness(self):
        """Open what was forgiven to this customer."""
        found = self.env["crediario.forgiveness"].search(
            [("partner_id", "in", self.commercial_partner_id.ids)]
        )
        return found._get_records_action(name=self.env._("Forgiven"))

    # ---- A customer is found by whatever is at hand: name, CPF/CNPJ, telephone, contract, slip

    @api.depends_context("optica_counter_details", "company")
    def _compute_display_name(self):
        """In the list of the counter people of one name are told apart.

        The key concerns the text of that list alone, as core's own ``show_vat`` does.
        """
        result = super()._compute_display_name()
        context = self.env.context
        if context.get("optica_counter_details") and context.get("formatted_display_name"):
            for partner in self:
                details = partner._counter_details()
                partner.display_name = f"{partner.display_name} \t --{details}--"
        return result

    def _counter_details(self):
        """End of CPF/CNPJ and telephone, and what settles everything today."""
        owed = self._owed_today()
        digits = re.sub(r"\D", "", self.vat or "")
        number = re.sub(r"\D", "", self.phone or "")
        return " · ".join(
            filter(
                None,
                (
                    digits and f"CPF …{digits[-CPF_END:-2]}-{digits[-2:]}"
                    if len(digits) == CPF_DIGITS
                    else self.vat,
                    number and self.env._("phone …%s", number[-PHONE_END:]),
                    self.env._("owes %s", self.env.company.currency_id._text(owed))
                    if owed
                    else self.env._("owes nothing"),
                ),
            )
        )

    def _owed_today(self):
        """BRL with charges; with sudo: see ``_open_installments``."""
        return sum(self._open_installments().mapped("amount_today"))

    def action_receive(self):
        """Open the cashier with this customer's installments."""
        return self.env["crediario.cashier"]._open(self)

    def action_settle_early(self):
        """Open the early settlement of everything this customer owes."""
        return self.env["crediario.cashier"]._open(self, settle=True)

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if operator in Domain.NEGATIVE_OPERATORS or not isinstance(value, str):
            return domain
        others = (self._domain_by_numbers(value.strip()), self._domain_by_words(value, operator))
        return Domain.OR([domain, *filter(None, others)])

    @api.model
    def _domain_by_words(self, text, operator):
        """Customers whose name has all of these words, in any order; None for a single one."""
        words = text.split()
        if operator != "ilike" or len(words) < 2:
            return None
        return Domain.AND([Domain("complete_name", "ilike", word) for word in words])

    @api.model
    def _domain_by_numbers(self, text):
        """Customers whose CPF/CNPJ, telephone, contract or slip ``text`` is; None if it is none."""
        digits = re.sub(r"\D", "", text)
        if not digits:
            return None
        domains = [Domain("id", "in", self._partners_of_reference(text))]
        documents = self._spellings_of_document(digits)
        if documents:
            domains.append(Domain("vat", "in", documents))
        number = phone.to_e164(text)
        if number:
            domains.append(Domain("contact_phone_key", "=", phone.match_key(number)))
        elif NUMBERS_ONLY.fullmatch(text) and len(digits) in LOCAL_DIGITS:
            domains += self._domains_of_local_number(digits)
        return Domain.OR(domains)

    @api.model
    def _domains_of_local_number(self, digits):
        """A telephone without its DDD, with or without the ninth digit."""
        ends = {digits, digits[-min(LOCAL_DIGITS) :]} if digits.startswith("9") else {digits}
        return [Domain("contact_phone_key", "=like", f"%{end}") for end in sorted(ends)]

    @api.model
    def _spellings_of_document(self, digits):
        """A CPF or CNPJ as it may be stored: with and without punctuation."""
        if len(digits) == CPF_DIGITS:
            return [digits, f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"]
        if len(digits) == CNPJ_DIGITS:
            return [
                digits,
                f"{digits[:2]}.{digits[2:5]}.{digits[5:8]}/{digits[8:12]}-{digits[12:]}",
            ]
        return []

    @api.model
    def _partners_of_reference(self, text):
        """Ids of the customers of the contracts that ``text`` names.

        With sudo: who may look for customers learns whose contract it is, and no more of it.
        """
        return (
            self.env["account.move.line"]
            .sudo()
            ._find_installments(text)
            .partner_id.commercial_partner_id.ids
        )
