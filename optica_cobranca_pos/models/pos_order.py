import re
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from odoo.addons.optica_cobranca.domain.crediario.simulation import simulate
from odoo.addons.optica_cobranca.domain.shop.errors import DomainError
from odoo.addons.optica_cobranca.domain.shop.money import cents, exact

# Plan, number of installments and first due date, as the screen of the counter sends them.
TERMS = re.compile(r"(\d+)/(\d+)/(\d{4}-\d{2}-\d{2})")


class PosOrder(models.Model):
    """What is paid on the customer's account at the counter is a contract, or is not sold.

    The invoice of the order carries plan, number and first due date; what was paid otherwise is
    its down payment.
    """

    _inherit = "pos.order"

    crediario_terms = fields.Char(
        copy=False,
        help="Plan, number of installments and first due date, such as 3/10/2026-02-10.",
    )
    # Not stored: what the screen of the counter sends back of them counts for nothing.
    crediario_plan_id = fields.Many2one(
        "crediario.plan", string="Crediário Plan", compute="_compute_crediario"
    )
    crediario_count = fields.Integer(string="Installments", compute="_compute_crediario")
    crediario_first_due = fields.Date(string="First Due Date", compute="_compute_crediario")

    # ------------------------------------------------------------- compute

    @api.depends("crediario_terms")
    def _compute_crediario(self):
        for order in self:
            plan, count, first_due = order._crediario_read()
            order.crediario_plan_id = plan
            order.crediario_count = count
            order.crediario_first_due = first_due

    def _crediario_read(self):
        """(plan, number, first due date); an empty plan where the terms cannot be read.

        With sudo: who sells at the counter need not have the right to the plans.
        """
        plans = self.env["crediario.plan"].sudo()
        found = TERMS.fullmatch(self.crediario_terms or "")
        if not found:
            return plans, 0, False
        plan_id, count, day = found.groups()
        try:
            first_due = date.fromisoformat(day)
        except ValueError:
            return plans, 0, False
        return plans.browse(int(plan_id)).exists(), int(count), first_due

    # ------------------------------------------------------------ business

    def action_pos_order_paid(self):
        """Every door to a paid order: the screen of the counter and the back office's window."""
        self._check_on_account()
        return super().action_pos_order_paid()

    def _on_account(self):
        """What is paid on the customer's account (order's currency); negative for a refund."""
        lines = self.payment_ids.filtered(
            lambda payment: payment.payment_method_id.type == "pay_later"
        )
        return sum(lines.mapped("amount"))

    def _check_on_account(self):
        """A debt needs terms, a debtor and an invoice.

        :raises UserError: with what is to be chosen, or who is to be asked
        """
        self.ensure_one()
        if self.currency_id.compare_amounts(self._on_account(), 0.0) <= 0:
            return
        if not self.crediario_plan_id:
            raise UserError(
                self.env._(
                    "%(amount)s of this sale are on the customer's account: choose the plan, the "
                    "number of installments and the first due date first. Take the payment line "
                    "off and choose “%(method)s” again, or take another way to pay. To sell "
                    "nothing on credit here, remove this payment method from the point of sale.",
                    amount=format_amount(self.env, self._on_account(), self.currency_id),
                    method=self.payment_ids.payment_method_id.filtered(
                        lambda method: method.type == "pay_later"
                    )[:1].name,
                )
            )
        if not self.partner_id:
            raise UserError(
                self.env._("A sale on the customer's account needs the customer: choose one first.")
            )
        if problem := self.partner_id._registration_problem(self.crediario_plan_id):
            raise UserError(problem)
        self.to_invoice = True

    def _prepare_invoice_vals(self):
        """The terms go to the invoice of this order, which is the contract."""
        values = super()._prepare_invoice_vals()
        on_account = self._on_account()
        if len(self) != 1 or not self.crediario_plan_id or on_account <= 0:
            return values
        paid = self.currency_id.round(self.amount_total - on_account)
        return {
            **values,
            "crediario_plan_id": self.crediario_plan_id.id,
            "installment_count": self.crediario_count,
            "first_due_date": self.crediario_first_due,
            "down_payment": max(paid, 0.0),
        }

    # ------------------------------------------------- screen of the counter

    @api.model
    def crediario_choices(self, config_id, partner_id, total, on_account):
        """What a sale at the counter may be paid by, for the screen.

        With sudo after the right to sell at this counter was checked: plans are the managers'.

        :param total: price of the order (currency of the counter)
        :param on_account: the part of it that is to be financed
        :return: ``{"problem": sentence or False, "offers": [{"key", "label", "description",
            "dates": [{"key", "label"}]}]}``; key is plan and number, a date's is ISO
        """
        config = self.env["pos.config"].browse(config_id)
        config.check_access("read")
        self.check_access("create")
        partner = self.env["res.partner"].browse(partner_id).exists()
        plans = (
            self.env["crediario.plan"]
            .sudo()
            .search([("company_id", "in", [False, config.company_id.id])])
        )
        usable = plans.filtered(lambda plan: plan.rate_confirmed or not plan.above_usual_rate)
        problems = {plan: partner._registration_problem(plan) for plan in usable}
        open_plans = usable.filtered(lambda plan: not problems[plan])
        offers = [
            offer
            for plan in open_plans
            for offer in self._crediario_offers(config, plan, total, on_account)
        ]
        problem = False
        if not offers:
            problem = next(filter(None, problems.values()), False) or self.env._(
                "No plan allows installments of this amount. Choose another way to pay."
            )
        return {"problem": problem, "offers": offers}

    def _crediario_offers(self, config, plan, total, on_account):
        today = fields.Date.context_today(self)
        dates = plan._first_due_dates(today)
        if not dates:
            return []
        try:
            offers = simulate(
                cents(total),
                cents(total) - cents(on_account),
                plan.method,
                exact(plan.monthly_rate),
                plan.max_installments,
                plan._least_part(config.currency_id, config.company_id, today),
                today,
                dates[0],
            )
        except DomainError:
            return []
        shown = [{"key": str(day), "label": format_date(self.env, day)} for day in dates]
        return [
            {
                "key": f"{plan.id}/{offer.n}",
                "label": f"{offer.n} × {self._crediario_money(offer.part, config)}",
                "description": self.env._(
                    "%(plan)s · total %(total)s",
                    plan=plan.name,
                    total=self._crediario_money(offer.total, config),
                ),
                "dates": shown,
            }
            for offer in offers
        ]

    @api.model
    def _crediario_money(self, amount, config):
        return format_amount(self.env, float(amount), config.currency_id)
