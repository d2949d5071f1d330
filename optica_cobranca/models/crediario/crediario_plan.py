import hashlib
import json
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, formatLang, is_html_empty

from ...domain.crediario import late_charges
from ...domain.crediario.schedule import allowed_first_due
from ...domain.shop.errors import DomainError
from ...domain.shop.money import cents
from .crediario_terms_mixin import SIGNED


class CrediarioPlan(models.Model):
    """The offer: in how many installments, at what rate, with which rules when late."""

    _name = "crediario.plan"
    _description = "Crediário Plan"
    _inherit = ["mail.thread", "crediario.terms.mixin"]
    _order = "sequence, id"
    _given_defaults = frozenset(
        ["requires_tax_number", "requires_address", "requires_phone", "requires_birthdate"]
    )
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", help="Leave empty to offer it in every company.")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    max_installments = fields.Integer(
        default=10,
        required=True,
        tracking=True,
        help="The longest term the seller may offer.",
    )
    min_installment_value = fields.Monetary(
        default=20.0,
        tracking=True,
        help="No installment of a sale may be smaller than this.",
    )
    due_days = fields.Char(
        tracking=True,
        help="Days of the month on which installments may fall due, such as 5,10,15,20,25. "
        "Leave empty to allow any day.",
    )
    first_due_min_days = fields.Integer(
        string="First Due After",
        default=15,
        help="Least number of days from the sale to the first installment.",
    )
    first_due_max_days = fields.Integer(
        string="First Due Until",
        default=45,
        help="Greatest number of days from the sale to the first installment.",
    )

    method = fields.Selection(tracking=True)
    monthly_rate = fields.Float(tracking=True)
    finance_charge_product_id = fields.Many2one(
        "product.product",
        default=lambda self: self.env.ref(
            "optica_cobranca.product_finance_charge", raise_if_not_found=False
        ),
        help="Its income account receives the finance charge, on an invoice line of its own.",
    )

    fine_percent = fields.Float(default=2.0, tracking=True)
    late_interest_percent = fields.Float(default=1.0, tracking=True)
    grace_days = fields.Integer(tracking=True)
    early_discount_method = fields.Selection(tracking=True)
    early_discount_percent = fields.Float(tracking=True)
    requires_tax_number = fields.Boolean(
        string="CPF", tracking=True, help="Nobody buys with this plan whose CPF is not known."
    )
    requires_address = fields.Boolean(
        string="Address", tracking=True, help="Street and city are on the contract."
    )
    requires_phone = fields.Boolean(
        string="Telephone", tracking=True, help="A number with area code, to remind in time."
    )
    requires_birthdate = fields.Boolean(
        string="Date of Birth", tracking=True, help="Of people; companies have none."
    )
    above_usual_rate = fields.Boolean(compute="_compute_above_usual_rate")
    rate_confirmed = fields.Boolean(
        readonly=True,
        copy=False,
        tracking=True,
        help="A shop is not a bank: rates above 1% a month need a manager's confirmation.",
    )

    _max_installments_positive = models.Constraint(
        "CHECK(max_installments BETWEEN 1 AND 360)",
        "A plan offers from 1 to 360 installments.",
    )
    _fine_within_the_law = models.Constraint(
        "CHECK(fine_percent >= 0 AND fine_percent <= 2)",
        "The late fine must lie between 0% and 2% of the installment (Consumer Code, art. 52 §1).",
    )
    _rates_positive = models.Constraint(
        "CHECK(monthly_rate >= 0 AND late_interest_percent >= 0)",
        "Rates cannot be negative.",
    )
    _grace_positive = models.Constraint("CHECK(grace_days >= 0)", "Grace days cannot be negative.")
    _first_due_range = models.Constraint(
        "CHECK(first_due_min_days >= 0 AND first_due_max_days >= first_due_min_days)",
        "The first due date needs a range of days that starts at 0 and ends after it starts.",
    )

    _early_discount_is_a_share = models.Constraint(
        "CHECK(early_discount_percent >= 0 AND early_discount_percent <= 100)",
        "The discount for paying early lies between 0% and 100%.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for plan in self:
            plan.currency_id = (plan.company_id or self.env.company).currency_id

    @api.depends("monthly_rate", "late_interest_percent", "method")
    def _compute_above_usual_rate(self):
        usual = late_charges.USUAL_MONTHLY_INTEREST
        for plan in self:
            credit_rate = 0.0 if plan.method == "none" else plan.monthly_rate
            highest = max(credit_rate, plan.late_interest_percent)
            plan.above_usual_rate = Decimal(str(highest)) > usual

    # --------------------------------------------------------- constraints

    @api.constrains("due_days")
    def _check_due_days(self):
        for plan in self:
            plan._allowed_due_days()

    @api.constrains("method", "monthly_rate")
    def _check_rate_of_method(self):
        for plan in self:
            if plan.method != "none" and not plan.monthly_rate:
                raise ValidationError(
                    self.env._(
                        "Plan %(plan)s charges for the credit: give it a monthly rate above 0%%, "
                        "or choose “No charge”.",
                        plan=plan.name,
                    )
                )

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """A new rate has to be confirmed anew."""
        rates = {"monthly_rate", "late_interest_percent", "method"}
        if rates & vals.keys() and "rate_confirmed" not in vals:
            vals = {**vals, "rate_confirmed": False}
        return super().write(vals)

    # ------------------------------------------------------------- actions

    def action_confirm_rate(self):
        """The manager takes responsibility for a rate above 1% a month; logged in the chatter."""
        self._check_role("manager")
        for plan in self:
            plan.rate_confirmed = True
            plan.message_post(
                body=self.env._(
                    "%(user)s confirmed the rates of this plan: %(rate)s%% a month on the credit, "
                    "%(late)s%% a month when late.",
                    user=self.env.user.name,
                    rate=formatLang(self.env, plan.monthly_rate, digits=2),
                    late=formatLang(self.env, plan.late_interest_percent, digits=2),
                )
            )

    # ------------------------------------------------------------ business

    def _allowed_due_days(self):
        """Days of the month on which an installment may fall due; None means any.

        :raise ValidationError: when the text is not a list of days between 1 and 31.
        """
        self.ensure_one()
        if not self.due_days:
            return None
        parts = [
            part.strip() for part in self.due_days.replace(";", ",").split(",") if part.strip()
        ]
        if not parts or not all(part.isdecimal() and 1 <= int(part[:3]) <= 31 for part in parts):
            raise ValidationError(
                self.env._(
                    "Due days of plan %(plan)s must be days of the month from 1 to 31, separated "
                    "by commas, such as 5,10,15. Found: %(found)s",
                    plan=self.name,
                    found=self.due_days,
                )
            )
        return sorted({int(part) for part in parts})

    def _first_due_dates(self, sale_date):
        """All first due dates that the plan allows for a sale on ``sale_date``, in order."""
        self.ensure_one()
        try:
            return allowed_first_due(
                sale_date,
                self.first_due_min_days,
                self.first_due_max_days,
                self._allowed_due_days(),
            )
        except DomainError:
            return []

    def _least_part(self, currency, company, day):
        """The smallest installment of a sale, which the plan says in the company's currency.

        :param day: whose rate counts
        :return: in ``currency`` (Decimal)
        """
        self.ensure_one()
        own = self.with_company(company).currency_id
        return cents(own._convert(self.min_installment_value, currency or own, company, day))

    def _check_usable(self):
        """:raise UserError: when the plan's rate waits for a manager's confirmation."""
        for plan in self:
            if plan.above_usual_rate and not plan.rate_confirmed:
                raise UserError(
                    self.env._(
                        "Plan %(plan)s charges more than 1%% a month and waits for a manager: "
                        "open the plan and press “Confirm rates”, or choose another plan.",
                        plan=plan.name,
                    )
                )

    # --------------------- What a plan offers now, and who signed something else

    old_terms_count = fields.Integer(
        compute="_compute_old_terms_count",
        help="Contracts that were signed under other terms than the plan has now, and keep them.",
    )

    @api.depends(*SIGNED)
    def _compute_old_terms_count(self):
        """Also of a plan that is being edited: what is typed is what is compared."""
        for plan in self:
            others = plan._origin._terms_but(plan._terms_fingerprint())
            plan.old_terms_count = sum(others.mapped("contract_count"))

    def action_view_old_terms(self):
        """Open the terms under which contracts of this plan were signed before."""
        terms = self._terms_but(self._terms_fingerprint())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Terms Signed Before"),
            "res_model": "crediario.terms",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", terms.ids)],
        }

    def _terms_but(self, fingerprint):
        """Rows of what was signed of this plan, but those with ``fingerprint``."""
        return self.env["crediario.terms"].search(
            [("plan_id", "in", self.ids), ("fingerprint", "!=", fingerprint)]
        )

    def _terms_fingerprint(self):
        """SHA-256 of all that is agreed under this plan as it is, also while it is edited."""
        self.ensure_one()
        parts = []
        for name in SIGNED:
            field = self._fields[name]
            value = self[name]
            if name == "note":
                value = self._note_in_all_languages()
            elif field.type == "float":
                digits = field.get_digits(self.env)
                value = f"{value:.{digits[1]}f}"
            parts.append((name, value))
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def _note_in_all_languages(self):
        """The text for the customer by language; what is being typed in the user's own."""
        stored = {}
        if self._origin:
            self._origin.flush_recordset(["note"])
            [(stored,)] = self.env.execute_query(
                SQL("SELECT note FROM crediario_plan WHERE id = %s", self._origin.id)
            )
        texts = {language: text for language, text in (stored or {}).items() if text}
        if self._origin != self and self.note != self._origin.note:
            texts[self.env.lang or "en_US"] = self.note
        return {language: str(text) for language, text in texts.items() if not is_html_empty(text)}


class CrediarioTerms(models.Model):
    """The terms of a plan as customers signed them: written once, never changed.

    Contracts signed under the same terms share one row. A plan that is edited gets a new row with
    its next contract; those signed before keep theirs.
    """

    _name = "crediario.terms"
    _description = "Signed Terms of Store Credit"
    _inherit = ["crediario.terms.mixin"]
    _order = "plan_id, id desc"
    _check_company_auto = True

    plan_id = fields.Many2one(
        "crediario.plan", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, readonly=True)
    fingerprint = fields.Char(
        required=True,
        readonly=True,
        help="SHA-256 of all that is agreed, by which rows are shared.",
    )
    is_current = fields.Boolean(
        compute="_compute_is_current", help="The plan still offers exactly these terms."
    )
    contract_count = fields.Integer(string="Contracts", compute="_compute_contract_count")

    _once = models.UniqueIndex(
        "(plan_id, fingerprint)", "These terms of the plan are written down already."
    )

    # ------------------------------------------------------------- compute

    @api.depends("plan_id")
    def _compute_display_name(self):
        for terms in self:
            terms.display_name = self.env._(
                "%(plan)s, as signed (%(number)s)", plan=terms.plan_id.name, number=terms.id
            )

    @api.depends("fingerprint", *(f"plan_id.{name}" for name in SIGNED))
    def _compute_is_current(self):
        for terms in self:
            terms.is_current = terms.fingerprint == terms.plan_id._terms_fingerprint()

    def _compute_contract_count(self):
        counts = dict(
            self.env["account.move"]._read_group(
                [("crediario_terms_id", "in", self.ids), ("state", "=", "posted")],
                ["crediario_terms_id"],
                ["__count"],
            )
        )
        for terms in self:
            terms.contract_count = counts.get(terms, 0)

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """What was signed stays as it was signed, whoever asks."""
        if {*SIGNED, "plan_id", "fingerprint"} & vals.keys():
            raise UserError(
                self.env._(
                    "Signed terms never change. Edit the plan: new contracts take its terms."
                )
            )
        return super().write(vals)

    # ------------------------------------------------------------- actions

    def action_view_contracts(self):
        """Open the contracts signed under these terms."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contracts"),
            "res_model": "account.move",
            "views": [
                (self.env.ref("optica_cobranca.view_crediario_contract_list").id, "list"),
                (False, "form"),
            ],
            "domain": [("crediario_terms_id", "in", self.ids), ("state", "=", "posted")],
            "context": {"create": False},
        }

    # ------------------------------------------------------------ business

    @api.model
    def _of_plan(self, plan):
        """The row of what ``plan`` offers right now, made if no contract was signed under it yet.

        With sudo: nobody has the right to create terms, posting a contract is the one way.
        """
        plan = plan.sudo()
        plan.flush_recordset()
        key = plan._terms_fingerprint()
        known = [("plan_id", "=", plan.id), ("fingerprint", "=", key)]
        if found := self.sudo().search(known, limit=1):
            return found
        # Copied as the table has it, the text in every language: it is that of the customer,
        # whoever posts the contract. Who posts the first one at the same moment tries again.
        columns = SQL(", ").join(SQL.identifier(name) for name in SIGNED)
        self.env.cr.execute(
            SQL(
                "INSERT INTO crediario_terms (plan_id, company_id, fingerprint, create_date, %s)"
                " SELECT id, company_id, %s, now() AT TIME ZONE 'UTC', %s"
                " FROM crediario_plan WHERE id = %s"
                " ON CONFLICT (plan_id, fingerprint) DO NOTHING",
                columns,
                key,
                columns,
                plan.id,
            )
        )
        return self.sudo().search(known, limit=1)

    @api.model
    def _freeze_contracts(self):
        """Contracts posted before terms were kept take those of their plan; safe to repeat."""
        self.env.flush_all()
        Move = self.env["account.move"].sudo()
        every_plan = self.env["crediario.plan"].sudo().with_context(active_test=False)
        for plan in every_plan.search([]):  # pylint: disable=no-search-all; a shop has a handful
            without = [
                ("crediario_plan_id", "=", plan.id),
                ("crediario_terms_id", "=", False),
                ("state", "=", "posted"),
            ]
            if Move.search_count(without, limit=1):
                # Straight to the table: nothing of an entry hangs on it, and there may be many.
                self.env.cr.execute(
                    SQL(
                        "UPDATE account_move SET crediario_terms_id = %s"
                        " WHERE crediario_plan_id = %s AND crediario_terms_id IS NULL"
                        " AND state = 'posted'",
                        self._of_plan(plan).id,
                        plan.id,
                    )
                )
        Move.invalidate_model(["crediario_terms_id"])
