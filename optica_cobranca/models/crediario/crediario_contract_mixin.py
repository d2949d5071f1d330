from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date, formatLang

from ...domain.crediario.credit_price import effective_annual_cost
from ...domain.crediario.schedule import LAST_YEAR, installment_dates
from ...domain.crediario.simulation import Offer, make_offer
from ...domain.shop.errors import DomainError
from ...domain.shop.money import MOST_PARTS, cents, exact


class CrediarioContractMixin(models.AbstractModel):
    """What a quotation and an invoice share when they are paid in installments.

    The model that inherits defines ``company_id``, ``currency_id`` and ``partner_id`` in full and
    tells its sale date, its cash price and whether its terms may still change.
    """

    _name = "crediario.contract.mixin"
    _description = "Crediário Contract"

    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one("res.currency")
    partner_id = fields.Many2one("res.partner")
    crediario_plan_id = fields.Many2one(
        "crediario.plan",
        compute="_compute_crediario_plan_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain="[('company_id', 'in', [False, company_id])]",
        help="Sells in installments on the shop's own credit, by the rules of this plan.",
    )
    installment_count = fields.Integer(
        string="Installments",
        compute="_compute_installment_count",
        store=True,
        readonly=False,
        precompute=True,
        help="How many installments, the down payment not counted.",
    )
    first_due_date = fields.Date(
        compute="_compute_first_due_date",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="Every other installment is due on the same day of the following months.",
    )
    due_day = fields.Integer(
        compute="_compute_due_day",
        inverse="_inverse_due_day",
        store=True,
        readonly=False,
        copy=False,
        help="Day of the month on which installments fall due; 31 means the last of each month.",
    )
    down_payment = fields.Monetary(help="Part of the price paid at once, without any charge.")
    finance_charge = fields.Monetary(
        compute="_compute_crediario_price", help="Price of the credit."
    )
    cost_percent = fields.Float(
        string="CET (% a Year)",
        digits=(16, 2),
        compute="_compute_crediario_price",
        help="Effective yearly cost of the credit (Custo Efetivo Total).",
    )
    installment_preview = fields.Json(compute="_compute_crediario_price")
    crediario_summary = fields.Char(string="Crediário", compute="_compute_crediario_price")
    crediario_problem = fields.Char(compute="_compute_crediario_price")
    partner_overdue_amount = fields.Monetary(
        compute="_compute_partner_overdue_amount", groups="optica_cobranca.group_seller"
    )

    # --------------------------------------------------------------- hooks

    def _crediario_sale_date(self):
        """The day from which due dates and the cost of the credit are counted."""
        raise NotImplementedError

    def _crediario_cash_total(self):
        """Total with taxes before the finance charge, in the document's currency (Decimal)."""
        raise NotImplementedError

    def _crediario_is_open(self):
        """Whether the terms may still change."""
        raise NotImplementedError

    def _crediario_rules(self):
        """What the customer agrees to: the plan's terms (see ``crediario.terms.mixin``)."""
        self.ensure_one()
        return self.crediario_plan_id

    # ------------------------------------------------------------- compute

    @api.depends("partner_id")
    def _compute_crediario_plan_id(self):
        """The customer's own plan, where one is set; a plan already chosen stays."""
        for contract in self:
            partner = contract.partner_id.with_company(contract.company_id)
            contract.crediario_plan_id = contract.crediario_plan_id or (
                partner.commercial_partner_id.crediario_plan_id
                if contract._takes_partner_plan()
                else False
            )

    @api.depends("partner_id", "company_id")
    def _compute_partner_overdue_amount(self):
        for contract in self:
            partner = contract.partner_id.commercial_partner_id.with_company(contract.company_id)
            contract.partner_overdue_amount = partner.overdue_amount

    def _takes_partner_plan(self):
        return True

    @api.depends("crediario_plan_id")
    def _compute_installment_count(self):
        for contract in self:
            plan = contract.crediario_plan_id
            if not plan:
                contract.installment_count = 0
            elif not 1 <= contract.installment_count <= plan.max_installments:
                contract.installment_count = plan.max_installments

    @api.depends("crediario_plan_id")
    def _compute_first_due_date(self):
        for contract in self:
            plan = contract.crediario_plan_id
            if not plan:
                contract.first_due_date = False
                continue
            allowed = plan._first_due_dates(contract._crediario_sale_date())
            if contract.first_due_date not in allowed:
                contract.first_due_date = allowed[0] if allowed else False

    @api.depends("first_due_date")
    def _compute_due_day(self):
        for contract in self:
            if not contract._due_day_fits():
                contract.due_day = contract.first_due_date.day if contract.first_due_date else 0

    def _due_day_fits(self):
        """Whether it gives the first due date: the same day, or a shorter month's last."""
        first = self.first_due_date
        if not first or not self.due_day:
            return False
        return first.day == self.due_day or (
            first.day < self.due_day and (first + timedelta(days=1)).day == 1
        )

    def _crediario_has_dates(self):
        """Whether number and first date make a schedule, be it one that the plan does not allow."""
        return bool(
            1 <= self.installment_count <= MOST_PARTS
            and self.first_due_date
            and self.first_due_date.year <= LAST_YEAR
        )

    def _crediario_dates(self):
        """Due dates of installments 1 to n."""
        return installment_dates(
            self.first_due_date,
            self.installment_count,
            anchor_day=self.due_day if self._due_day_fits() else None,
        )

    def _inverse_due_day(self):
        for contract in self:
            contract._choose_due_day()

    @api.onchange("due_day")
    def _onchange_due_day(self):
        self._choose_due_day()

    def _choose_due_day(self):
        """Move the first due date to the first allowed date with the chosen day of the month."""
        plan = self.crediario_plan_id
        if not plan or not self.due_day or self._due_day_fits():
            return
        allowed = plan._first_due_dates(self._crediario_sale_date())
        match = next((day for day in allowed if day.day == self.due_day), None)
        if not match:
            raise ValidationError(
                self.env._(
                    "Due day %(day)s is not offered by plan %(plan)s for this sale. "
                    "Allowed: %(allowed)s.",
                    day=self.due_day,
                    plan=plan.name,
                    allowed=", ".join(str(day) for day in sorted({day.day for day in allowed}))
                    or "—",
                )
            )
        self.first_due_date = match

    def _compute_crediario_price(self):
        for contract in self:
            contract.update(contract._crediario_price_values())

    def _crediario_price_values(self):
        """Values of the computed price fields: charge, CET, preview rows and what is wrong."""
        empty = {
            "finance_charge": 0.0,
            "cost_percent": 0.0,
            "installment_preview": False,
            "crediario_summary": False,
            "crediario_problem": False,
        }
        if not self.crediario_plan_id:
            return empty
        problem = (
            self._crediario_terms_problem()
            or self._crediario_value_problem()
            or (self._crediario_is_open() and self._crediario_buyer_problem())
        )
        principal = self._crediario_cash_total() - self._crediario_down_payment()
        if principal <= 0 or not self._crediario_has_dates():
            return {**empty, "crediario_problem": problem}
        sale_date = self._crediario_sale_date()
        price = self._crediario_rules()._price(principal, self.installment_count)
        dated = list(zip(self._crediario_dates(), price.parts, strict=True))
        return {
            "finance_charge": float(price.finance_charge),
            "cost_percent": float(effective_annual_cost(principal, dated, sale_date)),
            "installment_preview": self._crediario_preview(dated, price),
            "crediario_summary": self._crediario_summary(price),
            "crediario_problem": problem,
        }

    def _crediario_preview(self, dated, price):
        """Rows and totals for the ``optica_installment_table`` widget, formatted for the reader."""
        currency = self.currency_id or self.env.company.currency_id

        money = currency._text
        rows = []
        if self._crediario_down_payment():
            rows.append(
                {
                    "number": 0,
                    "label": self.env._("Down payment"),
                    "date": format_date(self.env, self._crediario_sale_date()),
                    "value": money(self._crediario_down_payment()),
                }
            )
        rows += [
            {
                "number": number,
                "label": f"{number}/{len(dated)}",
                "date": format_date(self.env, due),
                "value": money(value),
            }
            for number, (due, value) in enumerate(dated, start=1)
        ]
        return {
            "rows": rows,
            "cash": money(self._crediario_cash_total()),
            "finance_charge": money(price.finance_charge),
            "total": money(price.total + self._crediario_down_payment()),
            "late_terms": self._crediario_late_terms(),
        }

    def _crediario_summary(self, price):
        """One line for the form's head: down payment and number times value."""
        currency = self.currency_id or self.env.company.currency_id
        value = currency._text(price.parts[0])
        parts = f"{len(price.parts)} × {value}"
        if not self._crediario_down_payment():
            return parts
        return f"{currency._text(self.down_payment)} + {parts}"

    def _crediario_late_terms(self):
        """What the customer must know before agreeing: rate, fine, interest (CDC 52, 54-B)."""
        rules = self._crediario_rules()
        return self.env._(
            "Rate of the credit: %(rate)s%% a month. When late: fine of %(fine)s%% and interest of "
            "%(interest)s%% a month. Paying early reduces the price of the credit.",
            rate=formatLang(self.env, float(rules._credit_rate()), digits=2),
            fine=formatLang(self.env, rules.fine_percent, digits=2),
            interest=formatLang(self.env, rules.late_interest_percent, digits=2),
        )

    def _crediario_down_payment(self):
        return cents(self.down_payment or 0)

    # ------------------------------------------------------------ business

    def _crediario_finance_charge(self):
        """The charge that the document's own line must carry (document currency, Decimal)."""
        self.ensure_one()
        principal = self._crediario_cash_total() - self._crediario_down_payment()
        if (
            not self.crediario_plan_id
            or principal <= 0
            or not 1 <= self.installment_count <= MOST_PARTS
        ):
            return cents(0)
        return self._crediario_rules()._price(principal, self.installment_count).finance_charge

    # ---- The agreed terms as the law wants them told: price, number, dates, rates, cost

    def action_simulate(self):
        """Open the table of what this sale costs in 1, 2, … N installments."""
        self.ensure_one()
        return self.env["crediario.simulation"]._open_for(self)

    def _crediario_schedule(self):
        """What is paid when, for papers and the customer's pages, the down payment first.

        :return: list of ``{"number", "date", "amount", "left"}``, amounts in the document's
            currency (float); ``left`` is what is still to be paid of it, None before there is a
            debt. Empty without a plan or while the terms are incomplete.
        """
        self.ensure_one()
        offer = self.sudo()._crediario_offer()
        if not offer:
            return []
        parts = [(0, self._crediario_sale_date(), offer.down_payment)] if offer.down_payment else []
        parts += zip(range(1, offer.n + 1), offer.dates, offer.parts, strict=True)
        return [
            {"number": number, "date": due, "amount": float(part), "left": None}
            for number, due, part in parts
        ]

    def _crediario_terms(self):
        """Price and cost of the credit as a paper tells them; None while they are incomplete.

        :return: ``{"offer", "schedule", "late_terms"}``
        """
        self.ensure_one()
        document = self.sudo()
        offer = document._crediario_offer()
        schedule = document._crediario_schedule()
        if not offer or not schedule:
            return None
        return {
            "offer": offer,
            "cash": float(offer.total - offer.finance_charge),
            "schedule": schedule,
            "late_terms": document._crediario_late_terms(),
        }

    def _crediario_offer(self) -> Offer | None:
        """What this document's terms come to; None while they are incomplete or impossible."""
        self.ensure_one()
        rules = self._crediario_rules()
        down = self._crediario_down_payment()
        principal = self._crediario_cash_total() - down
        if not rules or principal <= 0 or self.installment_count < 1 or not self.first_due_date:
            return None
        try:
            return make_offer(
                principal,
                down,
                rules.method,
                exact(rules.monthly_rate),
                self._crediario_sale_date(),
                self._crediario_dates(),
            )
        except DomainError:
            return None

    # ---- Which terms a plan allows, said in sentences that name what is allowed

    @api.constrains("crediario_plan_id", "installment_count", "first_due_date", "down_payment")
    def _check_crediario_terms(self):
        for contract in self:
            problem = contract._crediario_is_open() and contract._crediario_terms_problem()
            if problem:
                raise ValidationError(problem)

    def _crediario_terms_problem(self):
        """A sentence on what is wrong with number, dates or down payment, and what is allowed."""
        plan = self.crediario_plan_id
        if not plan:
            return False
        if not 1 <= self.installment_count <= plan.max_installments:
            return self.env._(
                "Plan %(plan)s allows from 1 to %(most)s installments; %(count)s were asked for.",
                plan=plan.name,
                most=plan.max_installments,
                count=self.installment_count,
            )
        if self.down_payment < 0:
            return self.env._(
                "The down payment cannot be negative. Leave it at 0 to sell without one."
            )
        return self._crediario_date_problem()

    def _crediario_date_problem(self):
        plan = self.crediario_plan_id
        allowed = plan._first_due_dates(self._crediario_sale_date())
        if not allowed:
            return self.env._(
                "Plan %(plan)s offers no due day between %(least)s and %(most)s days after the "
                "sale. Widen this range or its list of due days.",
                plan=plan.name,
                least=plan.first_due_min_days,
                most=plan.first_due_max_days,
            )
        if self.first_due_date in allowed:
            return False
        shown = [format_date(self.env, day) for day in allowed]
        return self.env._(
            "The first due date must be one that plan %(plan)s allows for this sale: %(dates)s.",
            plan=plan.name,
            dates=", ".join(shown)
            if len(shown) <= 6
            else self.env._("from %(first)s to %(last)s", first=shown[0], last=shown[-1]),
        )

    def _crediario_value_problem(self):
        """A sentence on an amount that the plan does not allow, once there is an amount."""
        plan = self.crediario_plan_id
        total = self._crediario_cash_total()
        if not plan or not total or self.installment_count < 1:
            return False
        principal = total - self._crediario_down_payment()
        if principal <= 0:
            return self.env._(
                "The down payment must be smaller than the total of %(total)s.",
                total=self.currency_id._text(total),
            )
        least = self._crediario_least_part(plan)
        if min(plan._price(principal, self.installment_count).parts) >= least:
            return False
        fitting = (
            count
            for count in range(self.installment_count - 1, 0, -1)
            if min(plan._price(principal, count).parts) >= least
        )
        return self.env._(
            "Plan %(plan)s needs installments of at least %(least)s; this total allows up to "
            "%(most)s installments.",
            plan=plan.name,
            least=self.currency_id._text(least),
            most=next(fitting, 0),
        )

    def _crediario_buyer_problem(self):
        """A sentence on what the plan wants to know of the buyer before there is a debt."""
        if not self.crediario_plan_id or not self.partner_id:
            return False
        return self.partner_id._registration_problem(self.crediario_plan_id)

    def _crediario_least_part(self, plan):
        """The smallest installment that ``plan`` allows on this document (its currency)."""
        return plan._least_part(self.currency_id, self.company_id, self._crediario_sale_date())

    def _check_crediario_ready(self):
        """Last check before the document binds the customer.

        :raise ValidationError: with a sentence on what is allowed.
        """
        for contract in self.filtered("crediario_plan_id"):
            contract.crediario_plan_id._check_usable()
            problem = (
                contract._crediario_terms_problem()
                or contract._crediario_value_problem()
                or contract._crediario_buyer_problem()
            )
            if problem:
                raise ValidationError(problem)
