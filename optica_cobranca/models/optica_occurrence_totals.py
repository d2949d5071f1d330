from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .optica_occurrence_branches import INSTALLMENT_USER, OPEN_INSTALLMENT

# All that counting asks for as a rule, and all that a day's total of installments knows.
TOTALLED = frozenset(["kind", "date", "is_handled", "company_id"])


class OpticaOccurrence(models.Model):
    """Counts and sums for the calendar and the page of today."""

    _inherit = "optica.occurrence"

    @api.model
    def _query_totals(self, domain, groupby, before=None):
        """Rows of ``groupby``, count and sum of amounts; through the reader's record rules.

        Only the columns that are needed are asked for, so that PostgreSQL leaves out joins and
        reads indexes instead of rows. Where nothing of a single installment is asked for, such as
        its customer, not even the marks are joined to every installment.

        :param before: a day; adds, in front of the count, how many are of earlier days
        """
        users, rest = self._split_responsible(domain)
        is_totalled = self._is_totalled(rest)
        query = self._search(rest if is_totalled else domain)
        alias = SQL.identifier(query.table)
        table, count = query.from_clause, SQL("1")
        if is_totalled:
            totals = self._totals(fields.Date.context_today(self), users)
            table = SQL("(%s) AS %s", totals, alias, to_flush=table.to_flush)
            count = SQL("%s.count", alias)
        columns = [self._field_to_sql(query.table, name, query) for name in groupby]
        figures = [
            SQL("sum(%s)::bigint", count),
            SQL("sum(%s)", self._field_to_sql(query.table, "amount", query)),
        ]
        if before:
            day = self._field_to_sql(query.table, "date", query)
            earlier = SQL("COALESCE(sum(%s) FILTER (WHERE %s < %s), 0)::bigint", count, day, before)
            figures.insert(0, earlier)
        return SQL(
            "SELECT %s FROM %s WHERE %s GROUP BY %s HAVING sum(%s) > 0",
            SQL(", ").join([*columns, *figures]),
            table,
            query.where_clause or SQL("TRUE"),
            SQL(", ").join(columns),
            count,
        )

    @api.model
    def _is_totalled(self, domain):
        """Whether the domain, and the reader's record rules, ask for nothing but totals know."""
        rules = Domain.TRUE if self.env.su else self.env["ir.rule"]._compute_domain(self._name)
        conditions = (Domain(domain) & rules).iter_conditions()
        return all(condition.field_expr in TOTALLED for condition in conditions)

    def _totals(self, today: date, users: list[int] | None = None) -> SQL:
        """Occurrences as rows of a kind and day with their ``count``.

        Each occurrence is a row of its own, but installments are one row for each day and company.

        :param users: only what these are responsible for
        """
        theirs = SQL("TRUE") if users is None else SQL("user_id = ANY(%s)", users)
        rows = [
            SQL(
                """SELECT kind, date, company_id, is_handled, CAST(1 AS bigint) AS count, amount
                     FROM (%s) AS occurrence WHERE %s""",
                branch,
                theirs,
            )
            for branch in self._branches(today) or [self._nothing()]
        ]
        shown = self.env["optica.occurrence.type"]._settings()
        for kind, days in self._days_of_installments(today).items():
            if kind in shown:
                theirs = self._of_responsible(kind, users)
                rows += [self._total_installments(kind, SQL("%s AND %s", days, theirs))]
                rows += [self._move_handled_installments(kind, days, users)]
        return SQL(" UNION ALL ").join(rows)

    @staticmethod
    def _total_installments(kind: str, condition: SQL) -> SQL:
        """All that are open, as if nobody had taken care of any."""
        return SQL(
            """
            SELECT CAST(%s AS varchar) AS kind, line.date_maturity AS date, line.company_id,
                   FALSE AS is_handled, count(*) AS count, sum(line.amount_residual) AS amount
              FROM account_move_line line
             WHERE %s AND %s
          GROUP BY line.date_maturity, line.company_id
            """,
            kind,
            OPEN_INSTALLMENT,
            condition,
        )

    def _move_handled_installments(self, kind: str, condition: SQL, users: list[int] | None) -> SQL:
        """Those that somebody took care of, from the total to do to the handled ones.

        They are few: whose each of them is may be looked up one by one.
        """
        columns = {"company_id": SQL("line.company_id"), "user_id": INSTALLMENT_USER}
        settings = self.env["optica.occurrence.type"]._settings()[kind]
        theirs = SQL("TRUE")
        if users is not None:
            theirs = SQL("%s = ANY(%s)", self._responsible(settings, columns), users)
        return SQL(
            """
            SELECT CAST(%(kind)s AS varchar) AS kind, line.date_maturity AS date, line.company_id,
                   side.is_handled, CAST(side.count AS bigint) AS count,
                   side.count * line.amount_residual AS amount
              FROM optica_occurrence_mark mark
              JOIN account_move_line line
                ON line.id = mark.source_id AND line.date_maturity = mark.date
         LEFT JOIN account_move move ON move.id = line.move_id
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
        CROSS JOIN (VALUES (FALSE, -1), (TRUE, 1)) AS side (is_handled, count)
             WHERE mark.kind = %(kind)s AND mark.source_model = 'account.move.line'
               AND mark.undone_at IS NULL AND %(open)s AND %(condition)s AND %(theirs)s
            """,
            kind=kind,
            open=OPEN_INSTALLMENT,
            condition=condition,
            theirs=theirs,
        )
