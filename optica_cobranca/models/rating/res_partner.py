import operator as comparison
from collections.abc import Callable

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...domain.rating.rating import months_between
from .dunning_rating import LETTERS

COMPARISONS = {
    "<": (SQL("<"), comparison.lt),
    "<=": (SQL("<="), comparison.le),
    ">": (SQL(">"), comparison.gt),
    ">=": (SQL(">="), comparison.ge),
}


def customers_with(figure: SQL, operator: str, value, query: Callable[[SQL], SQL]):
    """The domain of partners whose customer's ``figure`` compares with ``value``.

    :param query: gives the query of the customers' ids (never NULL) that fulfil a condition; who
        is in none of its rows has a figure of 0
    :return: NotImplemented for operators that figures do not have
    """
    if operator == "in":
        values = [item or 0 for item in value]
        condition, zero_fits = SQL("%s = ANY(%s)", figure, values), 0 in values
    elif operator in COMPARISONS:
        sign, compare = COMPARISONS[operator]
        condition, zero_fits = SQL("%s %s %s", figure, sign, value), compare(0, value)
    else:
        return NotImplemented
    if zero_fits:
        return ~_among(query(SQL("NOT (%s)", condition)))
    return _among(query(condition))


def customers_in_query(query: SQL):
    """The domain of partners whose customer is in ``query``."""
    return _among(query)


def _among(query):
    return Domain("commercial_partner_id", "in", SQL("(%s)", query))


class ResPartner(models.Model):
    """The customer's rating in the company the user works in, and why it is so."""

    _inherit = "res.partner"

    dunning_rating_id = fields.Many2one(
        "dunning.rating",
        string="Current Rating",
        compute="_compute_dunning_rating",
        groups="optica_cobranca.group_seller",
    )
    dunning_rating = fields.Selection(
        LETTERS,
        string="Rating",
        compute="_compute_dunning_rating",
        search="_search_dunning_rating",
        groups="optica_cobranca.group_seller",
        help="How the customer pays, A to E, worked out every night. Empty: fewer than three "
        "installments came due, so nothing can be said yet.",
    )
    dunning_rating_points = fields.Integer(
        string="Rating Points",
        compute="_compute_dunning_rating",
        search="_search_dunning_rating_points",
        groups="optica_cobranca.group_seller",
        help="Points of 100 that the rating rests on.",
    )
    dunning_rating_explanation = fields.Html(
        string="Why this Rating",
        compute="_compute_dunning_rating_explanation",
        sanitize=False,
        groups="optica_cobranca.group_collector",
    )

    # ------------------------------------------------------------- compute

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_dunning_rating(self):
        """Contacts show their company's. With sudo: a seller reads the letter, not the table."""
        ratings = self.env["dunning.rating"].sudo()
        domain = [
            ("company_id", "=", self.env.company.id),
            ("partner_id", "in", self.commercial_partner_id._origin.ids),
            ("current", "=", True),
        ]
        told = ["partner_id", "letter", "points", "explanation"]
        found = ratings.search_fetch(domain, told, order="id")
        current = {rating.partner_id.id: rating for rating in found}
        for partner in self:
            rating = current.get(partner.commercial_partner_id._origin.id, ratings)
            partner.dunning_rating_id = rating.sudo(False)
            partner.dunning_rating = rating.letter
            partner.dunning_rating_points = rating.points

    @api.depends("dunning_rating_id")
    def _compute_dunning_rating_explanation(self):
        for partner in self:
            partner.dunning_rating_explanation = partner.dunning_rating_id.explanation

    def _search_dunning_rating(self, operator, value):
        if operator != "in":
            return NotImplemented
        letters = [letter for letter in value if letter]
        found = customers_in_query(self._rated(SQL("letter = ANY(%s)", letters)))
        if False in value:
            found |= ~customers_in_query(self._rated(SQL("TRUE")))
        return found

    def _search_dunning_rating_points(self, operator, value):
        return customers_with(SQL("points"), operator, value, self._rated)

    # ------------------------------------------------------------- actions

    def action_rate_now(self):
        """Work out the rating of these customers with everything known by now."""
        self._check_role("collector")
        # With sudo: ratings are nobody's to write by hand.
        self.env["dunning.rating"].sudo()._rate_partners(self, self.env.company)

    def action_view_ratings(self):
        """Open this customer's ratings month by month."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_dunning_rating_history"
        )
        return {**action, "domain": [("partner_id", "in", self.commercial_partner_id.ids)]}

    # ------------------------------------------------------------- helpers

    def _rated(self, condition):
        """The query of customers whose current rating in this company fulfils ``condition``."""
        self.env["dunning.rating"].flush_model()
        return SQL(
            "SELECT partner_id FROM dunning_rating WHERE company_id = %s AND current AND %s",
            self.env.company.id,
            condition,
        )

    # ---- What segments choose customers by: figures of the current company that can be searched
    # Searches are one statement over the whole ledger, never a customer at a time.

    crediario_months = fields.Integer(
        string="Customer for (months)",
        compute="_compute_crediario_months",
        search="_search_crediario_months",
        groups="optica_cobranca.group_seller",
        help="Whole months since the first contract in installments.",
    )
    open_installment_amount = fields.Monetary(search="_search_open_installment_amount")
    open_installment_count = fields.Integer(search="_search_open_installment_count")
    overdue_days = fields.Integer(search="_search_overdue_days")
    open_plan_ids = fields.Many2many(
        "crediario.plan",
        string="Plans of Open Contracts",
        compute="_compute_open_contracts",
        search="_search_open_plan_ids",
        groups="optica_cobranca.group_seller",
    )
    open_team_ids = fields.Many2many(
        "crm.team",
        string="Sales Teams of Open Contracts",
        compute="_compute_open_contracts",
        search="_search_open_team_ids",
        groups="optica_cobranca.group_seller",
        help="The teams, or stores, that sold what is still to be paid.",
    )

    broken_promise_count = fields.Integer(search="_search_broken_promise_count")

    def _search_broken_promise_count(self, operator, value):
        self.env["dunning.promise"].flush_model()
        return customers_with(
            SQL("count(*)"),
            operator,
            value,
            lambda condition: SQL(
                """SELECT partner_id FROM dunning_promise
                    WHERE company_id = %s AND state = 'broken' AND deadline >= %s
                 GROUP BY partner_id HAVING %s""",
                self.env.company.id,
                fields.Date.context_today(self) - relativedelta(months=12),
                condition,
            ),
        )

    @api.depends_context("company")
    def _compute_crediario_months(self):
        today = fields.Date.context_today(self)
        customers = self._customer_ids()
        condition = SQL("partner_id = ANY(%s)", customers)
        query = SQL(
            "SELECT partner_id, min(LEAST(date, date_maturity)) %s", self._contract_lines(condition)
        )
        first = dict(self.env.execute_query(query)) if customers else {}
        for partner in self:
            since = first.get(partner.commercial_partner_id._origin.id)
            partner.crediario_months = months_between(since, today)

    @api.depends_context("company")
    def _compute_open_contracts(self):
        by_customer = self._open_installments().grouped("partner_id")
        nothing = self.env["account.move.line"]
        for partner in self:
            lines = by_customer.get(partner.commercial_partner_id._origin, nothing)
            partner.open_plan_ids = lines.crediario_plan_id
            partner.open_team_ids = lines.move_id.team_id

    def _search_crediario_months(self, operator, value):
        today = fields.Date.context_today(self)
        # The greatest number of months that fit between the two days, as the rule counts them.
        first = SQL("min(LEAST(date, date_maturity))")
        months = SQL(
            """(SELECT max(n) FROM generate_series(
                    0, 12 * (1 + date_part('year', age(%(today)s::date, %(first)s)))::int) AS n
                 WHERE %(first)s + make_interval(months => n) <= %(today)s::date)""",
            today=today,
            first=first,
        )
        return customers_with(
            SQL("months"),
            operator,
            value,
            lambda condition: SQL(
                "SELECT partner_id FROM (SELECT partner_id, %s AS months %s) AS customer WHERE %s",
                months,
                self._contract_lines(SQL("LEAST(date, date_maturity) < %s", today)),
                condition,
            ),
        )

    def _search_open_installment_amount(self, operator, value):
        return self._search_open(SQL("sum(amount_residual)"), operator, value)

    def _search_open_installment_count(self, operator, value):
        return self._search_open(SQL("count(*)"), operator, value)

    def _search_overdue_days(self, operator, value):
        days = SQL("GREATEST(%s::date - min(date_maturity), 0)", fields.Date.context_today(self))
        return self._search_open(days, operator, value)

    def _search_open_plan_ids(self, operator, value):
        return self._search_contracts("open_plan_ids", SQL("l.crediario_plan_id"), operator, value)

    def _search_open_team_ids(self, operator, value):
        return self._search_contracts("open_team_ids", SQL("m.team_id"), operator, value)

    def _customer_ids(self):
        return self.commercial_partner_id._origin.ids

    def _contract_lines(self, condition):
        """FROM … GROUP BY customer: installments of this company, paid or not."""
        self._flush_installments()
        return SQL(
            """FROM account_move_line
              WHERE company_id = %s AND crediario_plan_id IS NOT NULL AND parent_state = 'posted'
                AND partner_id IS NOT NULL AND %s GROUP BY partner_id""",
            self.env.company.id,
            condition,
        )

    def _search_open(self, figure, operator, value):
        """Partners by a figure over their open installments."""
        self._flush_installments()
        return customers_with(
            figure,
            operator,
            value,
            lambda condition: SQL(
                """SELECT partner_id FROM account_move_line
                    WHERE company_id = %s AND crediario_plan_id IS NOT NULL
                      AND parent_state = 'posted' AND amount_residual > 0
                      AND partner_id IS NOT NULL GROUP BY partner_id HAVING %s""",
                self.env.company.id,
                condition,
            ),
        )

    def _search_contracts(self, name, column, operator, value):
        """Partners with an open installment whose contract has one of these plans or teams."""
        if operator not in ("in", "any"):
            return NotImplemented
        if operator == "any":
            value = self.env[self._fields[name].comodel_name].search(value).ids
        self._flush_installments()
        self.env["account.move"].flush_model(["team_id"])
        query = SQL(
            """SELECT l.partner_id FROM account_move_line l JOIN account_move m ON m.id = l.move_id
                WHERE l.company_id = %s AND l.crediario_plan_id IS NOT NULL
                  AND l.parent_state = 'posted' AND l.amount_residual > 0
                  AND l.partner_id IS NOT NULL""",
            self.env.company.id,
        )
        wanted = [item for item in value if item]
        found = customers_in_query(SQL("%s AND %s = ANY(%s)", query, column, wanted))
        if False in value:
            found |= ~customers_in_query(SQL("%s AND %s IS NOT NULL", query, column))
        return found

    def _flush_installments(self):
        self.env["account.move.line"].flush_model(
            ["company_id", "crediario_plan_id", "parent_state", "partner_id", "date"]
            + ["date_maturity", "amount_residual", "move_id"]
        )
