from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ...domain.crediario.late_charges import STOP_AFTER_DAYS
from ...domain.ladder.ladder import HoldReason, level_ranges
from ...tools.ladder import dunning_statements
from ...tools.ladder.dunning_query import (
    HOLD_RANK,
    NO_POLICY,
    REASON_OF_RANK,
    LadderRules,
    customers_between,
)

# Open installments a batch: large enough for set-based work, small enough for a short transaction.
BATCH_SIZE = 20_000


class DunningEvaluation(models.AbstractModel):
    """Gathers what the ladder's rules need and runs the statements built from them."""

    _name = "dunning.evaluation"
    _description = "Dunning Evaluation"

    # ------------------------------------------------------------- gathering

    def _ladder_rules(self, company, day: date) -> LadderRules:
        """The rules of ``company`` on ``day``, the same for all of its installments."""
        levels = self._level_rows(company)
        policies = {policy for policy, *_rest in levels}
        usual = company.dunning_policy_id.id
        return LadderRules(
            company_id=company.id,
            date=day,
            levels=levels,
            days=self._day_rows(company, day, min((row[2] for row in levels), default=0)),
            plans=self._plan_rows(policies),
            signed=self._signed_rows(),
            usual=usual if usual in policies else NO_POLICY,
            # The field's own SQL would look the policy up for each row; only active ones count.
            partner_policy=SQL("(p.dunning_policy_id->>%s)::int", str(company.id)),
            segments=self._segment_queries(company, policies),
            holds=self._hold_queries(company, day),
            undelivered=self._undelivered_queries(company, day),
        )

    def _level_rows(self, company):
        """Rows (policy, level, offset, first and last offset, minimum, waits for delivery)."""
        policies = self.env["dunning.policy"].search([("company_id", "in", (False, company.id))])
        return [
            (
                policy.id,
                reach.key,
                reach.first_offset,
                reach.first_offset,
                reach.last_offset,
                reach.min_amount,
                reach.only_delivered,
            )
            for policy in policies
            for reach in level_ranges(policy.level_ids._as_domain())
        ]

    def _segment_queries(self, company, policies):
        """(policy, query of its customers) of the ladders by segment, the first to apply first."""
        Policy = self.env["dunning.policy"]
        return [
            (policy.id, Policy._segment_query(domain, company).select())
            for policy, domain in Policy._segments(company)
            if policy.id in policies
        ]

    def _day_rows(self, company, day, first_offset):
        """Rows (days since the due date, days charged since the rolled due date)."""
        calendar = company._business_calendar()
        return [
            (days, (day - calendar.next_business_day(day - timedelta(days=days))).days)
            for days in range(min(first_offset, 0), STOP_AFTER_DAYS + 1)
        ]

    def _plan_rows(self, policies):
        """Rows (plan, the plan's own policy)."""
        every_plan = self.env["crediario.plan"].with_context(active_test=False)
        plans = every_plan.search([])  # pylint: disable=no-search-all; a shop has a handful, and lines of any
        return [
            (plan.id, own if (own := plan.dunning_policy_id.id) in policies else None)
            for plan in plans
        ]

    def _signed_rows(self):
        """Rows (signed rules, fine %, monthly interest %, grace days)."""
        return self.env["account.move.line"]._term_rows("crediario.terms")

    def _history_queries(self) -> list[SQL]:
        """Queries of installments (ids) whose charges depend on what else happened to them."""
        return []

    def _hold_queries(self, company, day) -> list[SQL]:
        """Queries of what holds the ladder: partner_id, move_id, move_line_id, rank of the reason.

        One column of the three is set on a row. Whatever else may hold it adds its query here.
        """
        return [
            SQL(
                """
                SELECT partner_id, move_id, move_line_id,
                       CASE kind WHEN 'customer' THEN %s WHEN 'contract' THEN %s ELSE %s END
                  FROM dunning_hold
                 WHERE company_id = %s AND active AND date_from <= %s
                   AND (date_until IS NULL OR date_until >= %s)
                """,
                HOLD_RANK[HoldReason.PAUSED_CUSTOMER],
                HOLD_RANK[HoldReason.PAUSED_CONTRACT],
                HOLD_RANK[HoldReason.PAUSED_INSTALLMENT],
                company.id,
                day,
                day,
            )
        ]

    def _undelivered_queries(self, company, day) -> list[SQL]:
        """Queries of the contracts (move_id) whose glasses the customer still awaits.

        Asked only for installments whose level waits for the delivery. Whoever knows more than
        the sales orders do adds its query here.
        """
        return [
            SQL(
                """
                SELECT l.move_id
                  FROM account_move_line l
                  JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
                  JOIN sale_order_line o ON o.id = r.order_line_id
                  JOIN product_product v ON v.id = o.product_id
                  JOIN product_template t ON t.id = v.product_tmpl_id
                 WHERE o.company_id = %s AND o.state = 'sale' AND t.type = 'consu'
                   AND o.is_finance_charge IS NOT TRUE AND o.qty_delivered < o.product_uom_qty
                """,
                company.id,
            )
        ]

    def _charged(self, rules, scope) -> list[tuple[int, Decimal, Decimal]]:
        """Fine and interest of the installments with a history (few), worked out by ``domain``."""
        self.env.cr.execute(dunning_statements.with_history(rules, scope, self._history_queries()))
        lines = self.env["account.move.line"].browse(row[0] for row in self.env.cr.fetchall())
        amounts = lines._amounts_today(rules.date)
        return [(line_id, amount.fine, amount.interest) for line_id, amount in amounts.items()]

    # ------------------------------------------------------------ statements

    def _batches(self, rules) -> list[tuple[int, int, int]]:
        """Customer ranges (from, to, installments) of about ``BATCH_SIZE`` open installments."""
        self.env.flush_all()
        self.env.cr.execute(dunning_statements.batches(rules, BATCH_SIZE))
        return [(first, last, int(lines)) for first, last, lines in self.env.cr.fetchall()]

    def _decision_query(self, rules, scope) -> SQL:
        """The query of what becomes of every open installment in ``scope``; it writes nothing."""
        self.env.flush_all()
        return dunning_statements.decisions(rules, scope, self._charged(rules, scope))

    def _decide(self, rules, scope) -> list[dict]:
        """What becomes of every open installment in ``scope``; see ``_decision_query``."""
        return self.env.execute_query_dict(self._decision_query(rules, scope))

    def _insert_notices(self, rules, scope, header) -> list[tuple[str, int, int, list[int] | None]]:
        """Write notices and lines of ``scope``; see :func:`dunning_statements.insert_notices`."""
        self.env.flush_all()
        approval = self.env["dunning.level"].search([("needs_approval", "=", True)]).ids
        query = dunning_statements.insert_notices(
            rules, scope, self._charged(rules, scope), header=header, approval=approval
        )
        # A few milliseconds of work a row: compiling the plan costs more than it saves.
        self.env.cr.execute(SQL("SET LOCAL jit = off"))
        self.env.cr.execute(query)
        written = self.env.cr.fetchall()
        self.env["dunning.notice"].invalidate_model()
        self.env["dunning.notice.line"].invalidate_model()
        return written

    def _foresee(self, company, day) -> tuple[Counter, Counter]:
        """What a run would count: notices by level id, held installments by reason."""
        rules = self._ladder_rules(company, day)
        notices, holds = Counter(), Counter()
        for first, last, _lines in self._batches(rules):
            noticed = {}
            for row in self._decide(rules, customers_between(first, last)):
                if row["fires"] and row["hold"] is not None:
                    holds[REASON_OF_RANK[row["hold"]].value] += 1
                if row["advances"] and not row["noticed"]:
                    noticed[row["partner_id"]] = row["notice_level_id"]
            notices.update(noticed.values())
        return notices, holds
