from odoo import api, models
from odoo.tools import SQL

from ..domain.money import cents
from ..domain.rating import ON_TIME_DAYS, Facts, windows


class DunningRating(models.Model):
    """The facts of many customers in one statement, as they were on a day.

    Settled is an installment whose credits reach its amount; its day is that of the last credit
    from outside its own entry. One that its own entry settled was imported as paid, on a day
    nobody knows: in doubt for the customer, on its due date. Moved due dates count as moved.
    Down payments and reversed contracts are left out.
    """

    _inherit = "dunning.rating"

    @api.model
    def _facts(self, company, day, scope) -> dict[int, Facts]:
        """What is known of each customer in ``scope`` (see :mod:`.dunning_query`) on ``day``."""
        self._flush_facts()
        self.env.cr.execute(self._facts_query(company, day, scope))
        return {
            partner_id: Facts(
                due_count=due_count,
                on_time_count=on_time_count,
                delay_days=int(delay_days),
                worst_delay=worst_delay,
                broken_promises=broken,
                first_contract=first,
                open_amount=cents(open_amount),
                repaid_amount=cents(repaid),
            )
            for (
                partner_id,
                due_count,
                on_time_count,
                delay_days,
                worst_delay,
                broken,
                first,
                open_amount,
                repaid,
            ) in self.env.cr.fetchall()
        }

    def _flush_facts(self):
        """Write what the facts' query reads."""
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["payment_state"])
        self.env["dunning.promise"].flush_model()

    def _facts_query(self, company, day, scope):
        since = windows(day)
        return SQL(
            """
            WITH line AS (%(lines)s), counted AS (
                SELECT line.*, GREATEST(COALESCE(settled_on, %(day)s::date) - due, 0) AS delay,
                       due >= %(oldest)s
                       AND CASE WHEN settled_on IS NULL THEN due < %(day)s::date - %(on_time)s
                                ELSE settled_on >= %(since)s END AS counts
                  FROM line
            )
            SELECT c.partner_id,
                   count(*) FILTER (WHERE counts),
                   count(*) FILTER (WHERE counts AND delay <= %(on_time)s),
                   COALESCE(sum(delay) FILTER (WHERE counts), 0),
                   COALESCE(max(delay) FILTER (
                       WHERE counts AND COALESCE(settled_on, %(day)s) >= %(worst_since)s), 0),
                   COALESCE(max(b.broken), 0)::int,
                   min(c.date), sum(GREATEST(c.open, 0)), sum(c.repaid)
              FROM counted c
         LEFT JOIN (%(broken)s) AS b ON b.partner_id = c.partner_id
          GROUP BY c.partner_id
            """,
            lines=self._lines_query(company, day, scope),
            day=day,
            on_time=ON_TIME_DAYS,
            oldest=since.oldest,
            since=since.installments,
            worst_since=since.worst_delay,
            broken=self._broken_query(company, day, since.installments, scope),
        )

    def _lines_query(self, company, day, scope):
        """Installments with what was credited until ``day``, and when the last of it was."""
        return SQL(
            """
               SELECT l.partner_id, LEAST(l.date, l.date_maturity) AS date,
                      l.date_maturity AS due, l.balance - COALESCE(paid.credited, 0) AS open,
                      COALESCE(paid.credited, 0) AS repaid,
                      CASE WHEN paid.credited >= l.balance
                           THEN COALESCE(paid.last_on, LEAST(l.date_maturity, %(day)s))
                           END AS settled_on
                 FROM account_move_line l
                 JOIN account_move m ON m.id = l.move_id
            LEFT JOIN LATERAL (
                   SELECT sum(r.amount) AS credited,
                          max(c.date) FILTER (WHERE c.move_id <> l.move_id) AS last_on
                     FROM account_partial_reconcile r
                     JOIN account_move_line c ON c.id = r.credit_move_id
                    WHERE r.debit_move_id = l.id AND c.date <= %(day)s
                 ) AS paid ON TRUE
                WHERE l.company_id = %(company)s AND l.crediario_plan_id IS NOT NULL
                  AND l.parent_state = 'posted' AND l.installment_number > 0 AND l.balance > 0
                  AND l.date <= %(day)s AND m.payment_state IS DISTINCT FROM 'reversed'
                  AND %(scope)s
            """,
            company=company.id,
            day=day,
            scope=scope(SQL("l.partner_id")),
        )

    def _broken_query(self, company, day, since, scope):
        """Rows (partner_id, broken): promises broken in the window, of customers in ``scope``."""
        return SQL(
            """
            SELECT partner_id, count(*) AS broken FROM dunning_promise
             WHERE company_id = %s AND state = 'broken' AND deadline BETWEEN %s AND %s AND %s
          GROUP BY partner_id
            """,
            company.id,
            since,
            day,
            scope(SQL("partner_id")),
        )
