from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ...domain.crediario.simulation import Offer, simulate
from ...domain.shop.errors import DomainError, ErrorCode
from ...domain.shop.money import cents, exact


class CrediarioSimulation(models.TransientModel):
    """The seller's table: the same sale in 1×, 2×, … N×; a chosen row fills the document."""

    _name = "crediario.simulation"
    _description = "Simulation of Installments"

    sale_order_id = fields.Many2one("sale.order", readonly=True)
    move_id = fields.Many2one("account.move", readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    sale_date = fields.Date(required=True, readonly=True)
    cash_total = fields.Monetary(string="Cash Price", readonly=True)
    plan_ids = fields.Many2many(
        "crediario.plan", string="Plans", domain="[('id', 'in', usable_plan_ids)]"
    )
    usable_plan_ids = fields.Many2many("crediario.plan", compute="_compute_usable_plan_ids")
    down_payment = fields.Monetary()
    first_due_date = fields.Date(
        help="Empty: the first date that each plan allows. A plan that does not allow this date "
        "keeps its own."
    )
    offers = fields.Json(compute="_compute_offers")
    chosen = fields.Char()
    may_apply = fields.Boolean(
        compute="_compute_may_apply", help="Sellers see the table of an invoice that others write."
    )

    # ------------------------------------------------------------- compute

    @api.depends("company_id")
    def _compute_usable_plan_ids(self):
        """Plans of the company whose rates need no manager's word, or have it."""
        for simulation in self:
            plans = self.env["crediario.plan"].search(
                [("company_id", "in", [False, simulation.company_id.id])]
            )
            simulation.usable_plan_ids = plans.filtered(
                lambda plan: plan.rate_confirmed or not plan.above_usual_rate
            )

    @api.depends("plan_ids", "down_payment", "first_due_date", "cash_total")
    def _compute_offers(self):
        for simulation in self:
            simulation.offers = [
                simulation._plan_block(plan) for plan in simulation.plan_ids.sorted()
            ]

    @api.depends_context("uid")
    @api.depends("sale_order_id", "move_id")
    def _compute_may_apply(self):
        for simulation in self:
            simulation.may_apply = simulation._document().has_access("write")

    # ------------------------------------------------------------- actions

    def action_apply(self):
        """Write the chosen row to the quotation or the invoice."""
        self.ensure_one()
        plan, offer = self._chosen_offer()
        if not offer:
            raise UserError(self.env._("Choose a row of the table first."))
        document = self._document()
        if not document._crediario_is_open():
            raise UserError(
                self.env._("The terms of %(document)s are closed.", document=document.display_name)
            )
        document.write(
            {
                "crediario_plan_id": plan.id,
                "installment_count": offer.n,
                "first_due_date": offer.dates[0],
                "down_payment": self.down_payment,
            }
        )
        return {"type": "ir.actions.act_window_close"}

    def action_print(self):
        """The offer on paper: the chosen row with its dates, or the whole table."""
        return self.env.ref("optica_cobranca.action_report_offer").report_action(self)

    # ------------------------------------------------------------ business

    @api.model
    def _open_for(self, document):
        """The window for a quotation or an invoice.

        :raise UserError: when there is nothing to sell yet, or the terms are closed.
        """
        document.ensure_one()
        total = document._crediario_cash_total()
        if not document._crediario_is_open() or total <= 0:
            raise UserError(
                self.env._("Add what is sold first: installments are worked out from its price.")
            )
        field = "sale_order_id" if document._name == "sale.order" else "move_id"
        simulation = self.create(
            {
                field: document.id,
                "company_id": document.company_id.id,
                "currency_id": document.currency_id.id,
                "partner_id": document.partner_id.id,
                "sale_date": document._crediario_sale_date(),
                "cash_total": float(total),
                "down_payment": document.down_payment,
                "first_due_date": document.first_due_date,
            }
        )
        simulation.plan_ids = simulation.usable_plan_ids | document.crediario_plan_id
        if document.crediario_plan_id:
            simulation.chosen = _key(document.crediario_plan_id, document.installment_count)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Simulate Installments"),
            "res_model": self._name,
            "res_id": simulation.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _document(self):
        return self.sale_order_id or self.move_id

    def _goods(self):
        """Name, quantity and price with taxes of what the table is worked out for."""
        document = self._document()
        is_sale = document._name == "sale.order"
        lines = document.order_line if is_sale else document.invoice_line_ids
        goods = lines.filtered(
            lambda line: (
                not line.is_finance_charge
                and line.display_type in (False, "product")
                and line.price_total
            )
        )
        return [
            {
                "name": line.name or line.product_id.display_name,
                "quantity": line.product_uom_qty if is_sale else line.quantity,
                "price": line.price_total,
            }
            for line in goods
        ]

    def _offers_of(self, plan) -> list[Offer]:
        """Every row of one plan, in order; raises the domain's errors."""
        allowed = plan._first_due_dates(self.sale_date)
        if not allowed:
            return []
        document = self._document()
        first = self.first_due_date if self.first_due_date in allowed else allowed[0]
        keeps_anchor = first == document.first_due_date and document._due_day_fits()
        return simulate(
            cents(self.cash_total),
            cents(self.down_payment),
            plan.method,
            exact(plan.monthly_rate),
            plan.max_installments,
            document._crediario_least_part(plan),
            self.sale_date,
            first,
            anchor_day=document.due_day if keeps_anchor else None,
        )

    def _chosen_offer(self):
        """(plan, offer) of the chosen row; empty plan and None without one."""
        for plan in self.plan_ids:
            try:
                offers = self._offers_of(plan)
            except DomainError:
                continue
            for offer in offers:
                if _key(plan._origin, offer.n) == self.chosen:
                    return plan._origin, offer
        return self.plan_ids.browse(), None

    def _plan_block(self, plan):
        """One plan for the ``optica_simulation_table`` widget: its rows, or why it has none."""
        block = {"key": plan._origin.id, "plan": plan.name, "rows": [], "problem": False}
        try:
            offers = self._offers_of(plan)
        except DomainError as error:
            block["problem"] = self._problem_text(error)
            return block
        block["rows"] = [self._row(plan, offer) for offer in offers]
        if not offers:
            block["problem"] = self.env._(
                "This plan allows no installments of this sale: they would be smaller than "
                "%(least)s, or no due day is left.",
                least=self.currency_id._text(self._document()._crediario_least_part(plan)),
            )
        return block

    def _row(self, plan, offer):
        """One row, every text formatted for the reader."""
        money = self.currency_id._text

        def percent(value):
            return "—" if value is None else f"{formatLang(self.env, float(value), digits=2)}%"

        return {
            "key": _key(plan._origin, offer.n),
            "count": f"{offer.n}×",
            "part": money(offer.part),
            "last_part": money(offer.last_part) if offer.last_part != offer.part else False,
            "finance_charge": money(offer.finance_charge),
            "total": money(offer.total),
            "monthly_rate": percent(offer.monthly_rate),
            "cet": percent(offer.cet),
            "first": format_date(self.env, offer.dates[0]),
            "last": format_date(self.env, offer.dates[-1]),
        }

    def _problem_text(self, error):
        if error.code in (ErrorCode.DOWN_PAYMENT_TOO_HIGH, ErrorCode.NEGATIVE_VALUE):
            return self.env._(
                "The down payment must lie between 0 and less than the cash price of %(price)s.",
                price=self.currency_id._text(self.cash_total),
            )
        return self.env._("This plan cannot be worked out for this sale. Check its rate and dates.")


def _key(plan, count):
    """What names a row: the plan and the number of installments."""
    return f"{plan.id}:{count}"
