from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..domain import late_charges
from ..domain.credit_price import Price, price_credit
from ..domain.errors import DomainError
from ..domain.late_charges import ChargeTerms
from ..domain.schedule import allowed_first_due


class CrediarioPlan(models.Model):
    """The offer: in how many installments, at what rate, with which rules when late."""

    _name = "crediario.plan"
    _description = "Crediário Plan"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", help="Leave empty to offer it in every company.")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    note = fields.Html(string="Terms for the Customer", translate=True)

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

    method = fields.Selection(
        [
            ("none", "No charge"),
            ("linear", "Simple interest (linear)"),
            ("price", "Compound interest (Price table)"),
        ],
        default="none",
        required=True,
        tracking=True,
        help="How the price of the credit is worked out. Without charge the cash price is split.",
    )
    monthly_rate = fields.Float(
        string="Monthly Rate (%)",
        digits=(16, 4),
        tracking=True,
        help="Interest on the credit, in percent a month.",
    )
    finance_charge_product_id = fields.Many2one(
        "product.product",
        default=lambda self: self.env.ref(
            "optica_cobranca.product_finance_charge", raise_if_not_found=False
        ),
        help="Its income account receives the finance charge, on an invoice line of its own.",
    )

    fine_percent = fields.Float(
        string="Late Fine (%)",
        digits=(16, 2),
        default=2.0,
        tracking=True,
        help="Charged once on a late installment; 2% at most (Consumer Code, art. 52 §1).",
    )
    late_interest_percent = fields.Float(
        string="Late Interest (% a Month)",
        digits=(16, 4),
        default=1.0,
        tracking=True,
        help="Simple interest for each day late, a thirtieth of this rate a day.",
    )
    grace_days = fields.Integer(
        tracking=True,
        help="Days after the due date within which paying late costs nothing.",
    )
    above_usual_rate = fields.Boolean(compute="_compute_above_usual_rate")
    rate_confirmed = fields.Boolean(
        readonly=True,
        copy=False,
        tracking=True,
        help="A shop is not a bank: rates above 1% a month need a manager's confirmation.",
    )

    _max_installments_positive = models.Constraint(
        "CHECK(max_installments >= 1)", "A plan offers at least one installment."
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
        if not self.env.user.has_group("optica_cobranca.group_manager"):
            raise UserError(
                self.env._("Only a collection manager may confirm rates above 1% a month.")
            )
        for plan in self:
            plan.rate_confirmed = True
            plan.message_post(
                body=self.env._(
                    "%(user)s confirmed the rates of this plan: %(rate)s%% a month on the credit, "
                    "%(late)s%% a month when late.",
                    user=self.env.user.name,
                    rate=f"{plan.monthly_rate:.2f}",
                    late=f"{plan.late_interest_percent:.2f}",
                )
            )

    # ------------------------------------------------------------ business

    def _allowed_due_days(self):
        """Days of the month on which an installment may fall due; None means any.

        :raises ValidationError: when the text is not a list of days between 1 and 31.
        """
        self.ensure_one()
        if not self.due_days:
            return None
        parts = [
            part.strip() for part in self.due_days.replace(";", ",").split(",") if part.strip()
        ]
        if not parts or not all(part.isdigit() and 1 <= int(part) <= 31 for part in parts):
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

    def _charge_terms(self) -> ChargeTerms:
        """What a late installment costs under this plan (domain terms)."""
        self.ensure_one()
        return ChargeTerms(
            fine_percent=Decimal(str(self.fine_percent)),
            monthly_interest_percent=Decimal(str(self.late_interest_percent)),
            grace_days=self.grace_days,
        )

    def _price(self, principal, installments) -> Price:
        """Price of ``principal`` (company currency) in ``installments`` parts under this plan."""
        self.ensure_one()
        return price_credit(
            Decimal(str(principal)),
            installments,
            self.method,
            Decimal(str(self.monthly_rate)),
        )

    def _check_usable(self):
        """:raises UserError: when the plan's rate waits for a manager's confirmation."""
        for plan in self:
            if plan.above_usual_rate and not plan.rate_confirmed:
                raise UserError(
                    self.env._(
                        "Plan %(plan)s charges more than 1%% a month and waits for a manager: "
                        "open the plan and press “Confirm rates”, or choose another plan.",
                        plan=plan.name,
                    )
                )
