from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ...domain.crediario.late_charges import STOP_AFTER_DAYS
from ...tools.crediario.late_charges import late_charge_sql

# What the calculation of a line reads, and how many lines are held in memory at a time.
READ = [
    "balance",
    "amount_residual",
    "date_maturity",
    "crediario_plan_id",
    "company_id",
    "move_id",
    "installment_number",
]
CHUNK = 5_000


class AccountMoveLine(models.Model):
    """Amounts of today in SQL: totals, averages and order of any number of installments.

    The rules stay in ``domain``: charged days by due date (rolled to business days) and the terms
    of plans arrive as arrays. Installments with a history of payments, few among the open ones,
    are worked out by ``domain`` itself, a chunk at a time, and arrive as an array too.
    """

    _inherit = "account.move.line"

    # ------------------------------------------------------------- queries

    def _field_to_sql(self, alias, field_expr, query=None):
        """Fields of today are not stored, yet they can be summed and sorted."""
        if query is None or alias != self._table:
            return super()._field_to_sql(alias, field_expr, query)
        if field_expr == "days_late":
            return self._days_late_sql(query)
        if field_expr == "installment_state":
            return self._state_sql(query)
        if field_expr in ("late_fine", "late_interest", "amount_today"):
            return self._amount_today_sql(field_expr, query)
        return super()._field_to_sql(alias, field_expr, query)

    def _days_late_sql(self, query):
        return SQL(
            "CASE WHEN %s IS NOT NULL AND %s > 0 THEN GREATEST(%s::date - %s, 0) ELSE 0 END",
            *self._columns(query, "crediario_plan_id", "amount_residual"),
            fields.Date.context_today(self),
            *self._columns(query, "date_maturity"),
        )

    def _state_sql(self, query):
        plan, residual, due = self._columns(
            query, "crediario_plan_id", "amount_residual", "date_maturity"
        )
        return SQL(
            """CASE WHEN %(plan)s IS NULL THEN NULL
                    WHEN %(residual)s <= 0 THEN 'paid'
                    WHEN %(due)s < %(today)s::date THEN 'overdue'
                    WHEN %(due)s = %(today)s::date THEN 'due'
                    ELSE 'open' END""",
            plan=plan,
            residual=residual,
            due=due,
            today=fields.Date.context_today(self),
        )

    def _amount_today_sql(self, name, query):
        self._join_rules(query)
        if name == "late_fine":
            return self._charge_sql(query, "fine")
        if name == "late_interest":
            return self._charge_sql(query, "interest")
        return SQL(
            "(CASE WHEN %s IS NOT NULL THEN GREATEST(COALESCE(%s, %s), 0) ELSE 0 END + %s + %s)",
            *self._columns(query, "crediario_plan_id"),
            self._of("known", query, "principal"),
            *self._columns(query, "amount_residual"),
            self._amount_today_sql("late_fine", query),
            self._amount_today_sql("late_interest", query),
        )

    def _charge_sql(self, query, kind):
        """Fine or interest: worked out by ``domain``, or by its formula with its rounding."""
        formula = late_charge_sql(
            kind,
            residual=self._columns(query, "amount_residual")[0],
            percent=self._agreed(query, kind),
            days=self._of("day", query, "days"),
            grace=self._agreed(query, "grace"),
        )
        return SQL("COALESCE(%s, %s, 0)", self._of("known", query, kind), formula)

    def _agreed(self, query, column):
        """As signed; of what is not signed yet, as the plan has it."""
        return SQL(
            "COALESCE(%s, %s)", self._of("signed", query, column), self._of("plan", query, column)
        )

    def _of(self, rule, query, column):
        return SQL.identifier(query.make_alias(self._table, rule), column)

    def _columns(self, query, *names):
        return [self._field_to_sql(self._table, name, query) for name in names]

    # --------------------------------------------------------------- rules

    def _join_rules(self, query):
        """Join charged days, terms and amounts worked out by ``domain``; once a query."""
        if query.make_alias(self._table, "known") in query._joins:
            return
        contract = query.make_alias(self._table, "contract")
        query.add_join(
            "LEFT JOIN",
            contract,
            "account_move",
            SQL("%s = %s", SQL.identifier(contract, "id"), *self._columns(query, "move_id")),
        )
        for rule, columns, rows, condition in self._rules(query):
            alias = query.make_alias(self._table, rule)
            query.add_join("LEFT JOIN", alias, self._table_of(columns, rows), condition)

    def _rules(self, query):
        """What to join: alias, columns with their types, rows, condition."""
        today = fields.Date.context_today(self)
        terms = {"id": "int", "fine": "numeric", "interest": "numeric", "grace": "int"}
        # An empty query only asks whether these fields can be summed or sorted.
        known, days, plans, signed = [], [], [], []
        if not query.is_empty():
            known = self._worked_out(query, today)
            days, plans = self._day_rows(today), self._term_rows("crediario.plan")
            signed = self._term_rows("crediario.terms")
        company, due, plan, key = self._columns(
            query, "company_id", "date_maturity", "crediario_plan_id", "id"
        )
        return [
            (
                "day",
                {"company_id": "int", "late": "int", "days": "int"},
                days,
                SQL(
                    "%s = %s AND %s = %s::date - %s",
                    self._of("day", query, "company_id"),
                    company,
                    self._of("day", query, "late"),
                    today,
                    due,
                ),
            ),
            ("plan", terms, plans, SQL("%s = %s", self._of("plan", query, "id"), plan)),
            (
                "signed",
                terms,
                signed,
                SQL(
                    "%s = %s",
                    self._of("signed", query, "id"),
                    self._of("contract", query, "crediario_terms_id"),
                ),
            ),
            (
                "known",
                {"id": "int", "principal": "numeric", "fine": "numeric", "interest": "numeric"},
                known,
                SQL("%s = %s", self._of("known", query, "id"), key),
            ),
        ]

    def _table_of(self, columns, rows):
        """Rows as a table, one array a column, each of its type."""
        arrays = SQL(", ").join(
            SQL("%s::%s[]", [row[position] for row in rows], SQL(kind))
            for position, kind in enumerate(columns.values())
        )
        names = SQL(", ").join(SQL.identifier(name) for name in columns)
        return SQL("(SELECT * FROM unnest(%s) AS rule (%s))", arrays, names)

    def _day_rows(self, today):
        """Rows (company, days since the due date, days charged) of the user's companies."""
        rows = []
        for company in self.env.companies:
            calendar = company._business_calendar()
            for late in range(1, STOP_AFTER_DAYS + 1):
                rolled = calendar.next_business_day(today - timedelta(days=late))
                rows.append((company.id, late, (today - rolled).days))
        return rows

    def _term_rows(self, model):
        """Rows (id, fine %, interest % a month, grace days) of plans or of signed terms.

        With sudo: a plan of another company may rule a line that the user reads.
        """
        every = self.env[model].sudo().with_context(active_test=False)
        found = every.search([])  # pylint: disable=no-search-all; a shop has a handful, and lines of any
        terms = [(each.id, each._charge_terms()) for each in found]
        return [
            (key, term.fine_percent, term.monthly_interest_percent, term.grace_days)
            for key, term in terms
        ]

    def _worked_out(self, query, today):
        """Rows (line, principal, fine, interest) of late lines with payments or very old."""
        self._flush_history()
        plan, residual, balance, due, company, key = self._columns(
            query,
            "crediario_plan_id",
            "amount_residual",
            "balance",
            "date_maturity",
            "company_id",
            "id",
        )
        found = self.env.execute_query(
            SQL(
                """SELECT DISTINCT %(id)s FROM %(tables)s
                    WHERE %(where)s AND %(plan)s IS NOT NULL AND %(residual)s > 0
                      AND (%(due)s < %(today)s
                           AND (%(residual)s <> %(balance)s
                                OR %(due)s < %(oldest)s OR %(company)s <> ALL(%(companies)s)
                                OR %(received)s)
                           OR %(extended)s)""",
                id=key,
                tables=query.from_clause,
                where=query.where_clause or SQL("TRUE"),
                plan=plan,
                residual=residual,
                balance=balance,
                due=due,
                company=company,
                received=self._is_received_sql(query),
                extended=self._is_extended_sql(query),
                today=today,
                oldest=today - timedelta(days=STOP_AFTER_DAYS),
                companies=self.env.companies.ids,
            )
        )
        return self._work_out([line_id for (line_id,) in found], today)

    def _work_out(self, ids, today):
        """Rows (line, principal, fine, interest) by ``domain``, a chunk in memory at a time."""
        rows = []
        for start in range(0, len(ids), CHUNK):
            lines = self.browse(ids[start : start + CHUNK])
            lines.fetch(READ)
            rows += [
                (key, amount.principal, amount.fine, amount.interest)
                for key, amount in lines._amounts_today(today).items()
            ]
            lines.invalidate_recordset(READ)
        return rows

    def _is_received_sql(self, query):
        """Whether charges were received or forgiven, which the residual does not tell."""
        return SQL("FALSE")

    def _is_extended_sql(self, query):
        """Whether charges may be owed before the due date, too."""
        return SQL("FALSE")
