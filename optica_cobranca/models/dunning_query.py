"""The one SQL text of the ladder: who reaches which level on a day.

The rules stay in ``domain``: level ranges, rolled due dates and charge terms arrive as arrays.
:mod:`.dunning_statements` puts the parts together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo.tools import SQL

from ..domain.ladder import HoldReason

# Policy 0 stands for "no policy": its days are charged like any other, no level fires on them.
NO_POLICY = 0
# Holds travel as their rank, the most lasting first, so that the least of several is reported.
HOLD_RANK = {reason.value: rank for rank, reason in enumerate(HoldReason)}
REASON_OF_RANK = dict(enumerate(HoldReason))

# Which customers: a condition on the column with the customer's id.
Scope = Callable[[SQL], SQL]

INTEGERS = "%s::int[]"
AMOUNTS = "%s::numeric[]"


def customers_between(first: int, last: int) -> Scope:
    """The customers of a batch: a range of ids, both ends included."""
    return lambda column: SQL("%s BETWEEN %s AND %s", column, first, last)


def customers_in(ids: list[int]) -> Scope:
    """Chosen customers."""
    return lambda column: SQL("%s = ANY(%s)", column, ids)


@dataclass(frozen=True)
class LadderTerms:
    """What holds for every installment of one company on one day.

    ``levels``: rows (policy id, level id, offset, first offset, last offset).
    ``days``: rows (days since the due date, days that charges count from the rolled due date).
    ``plans``: rows (plan id, active policy id or None, fine %, monthly interest %, grace days).
    ``partner_policy``: SQL of the policy set for this company on the partner with alias ``p``.
    ``holds``: queries with the columns partner_id, move_id, move_line_id, rank.
    """

    company_id: int
    date: date
    levels: list[tuple[int, int, int, int, int]]
    days: list[tuple[int, int]]
    plans: list[tuple[int, int | None, Decimal, Decimal, int]]
    partner_policy: SQL
    holds: list[SQL]

    @property
    def policies(self) -> list[int]:
        """Active policies with levels, and NO_POLICY."""
        return sorted({NO_POLICY, *(policy for policy, *_rest in self.levels)})

    @property
    def in_reach(self) -> SQL:
        """Condition on ``l``: open installments that some level can concern on this day."""
        return SQL(
            """l.company_id = %s AND l.crediario_plan_id IS NOT NULL AND l.parent_state = 'posted'
               AND l.amount_residual > 0 AND l.date_maturity <= %s::date - %s""",
            self.company_id,
            self.date,
            self.days[0][0],
        )


def _unnest(rows: Sequence[tuple], *types: str) -> SQL:
    """A query that yields ``rows``, one array per column, each of its type."""
    columns = ([row[index] for row in rows] for index in range(len(types)))
    arrays = [SQL(cast, column) for cast, column in zip(types, columns, strict=True)]
    return SQL("SELECT * FROM unnest(%s)", SQL(", ").join(arrays))


def _rules(terms: LadderTerms) -> SQL:
    """CTEs of everything that is the same for all installments."""
    return SQL(
        """
        level_range (policy_id, level_id, level_offset, first_offset, last_offset) AS (%(levels)s),
        day (days, charged_days) AS (%(days)s),
        policy (id) AS (SELECT unnest(%(policies)s::int[])),
        step AS MATERIALIZED (
            SELECT policy.id AS policy_id, day.days, day.charged_days, r.level_id, r.level_offset
              FROM policy CROSS JOIN day
         LEFT JOIN level_range r
                ON r.policy_id = policy.id AND day.days BETWEEN r.first_offset AND r.last_offset
        ),
        plan (id, policy_id, fine_percent, interest_percent, grace_days) AS (%(plans)s),
        hold (partner_id, move_id, line_id, rank) AS MATERIALIZED (%(holds)s),
        held_partner AS (SELECT partner_id, min(rank) AS rank FROM hold GROUP BY partner_id),
        held_move AS (SELECT move_id, min(rank) AS rank FROM hold GROUP BY move_id),
        held_line AS (SELECT line_id, min(rank) AS rank FROM hold GROUP BY line_id)
        """,
        levels=_unnest(terms.levels, INTEGERS, INTEGERS, INTEGERS, INTEGERS, INTEGERS),
        days=_unnest(terms.days, INTEGERS, INTEGERS),
        policies=terms.policies,
        plans=_unnest(terms.plans, INTEGERS, INTEGERS, AMOUNTS, AMOUNTS, INTEGERS),
        holds=SQL(" UNION ALL ").join(terms.holds),
    )


def _installments(terms: LadderTerms, scope: Scope) -> SQL:
    """Open installments with their policy, candidate level and whether it is new to them."""
    return SQL(
        """
        SELECT c.*, c.level_id IS NOT NULL AND NOT EXISTS (
                   SELECT FROM dunning_notice_line n
                    WHERE n.move_line_id = c.line_id AND n.due_date = c.due_date
                      AND n.level_offset >= c.level_offset
               ) AS fires
          FROM (
            SELECT l.id AS line_id, l.partner_id, l.move_id, l.date_maturity AS due_date,
                   %(date)s::date - l.date_maturity AS days, l.amount_residual AS residual,
                   l.installment_number, l.no_followup, p.dunning_excluded,
                   s.days IS NULL AS time_barred, s.policy_id, s.level_id, s.level_offset,
                   CASE WHEN s.charged_days > t.grace_days THEN s.charged_days END AS charged_days,
                   t.fine_percent, t.interest_percent
              FROM account_move_line l
              JOIN res_partner p ON p.id = l.partner_id AND %(partners)s
              JOIN plan t ON t.id = l.crediario_plan_id
         LEFT JOIN policy own ON own.id = %(partner_policy)s
         LEFT JOIN step s ON s.policy_id = COALESCE(own.id, t.policy_id, %(no_policy)s)
                         AND s.days = %(date)s::date - l.date_maturity
             WHERE %(in_reach)s AND %(lines)s
        ) AS c
        """,
        date=terms.date,
        partner_policy=terms.partner_policy,
        no_policy=NO_POLICY,
        in_reach=terms.in_reach,
        lines=scope(SQL("l.partner_id")),
        partners=scope(SQL("p.id")),
    )


def decision_parts(terms: LadderTerms, scope: Scope, *, everybody: bool) -> SQL:
    """CTEs up to ``decision`` (would it advance, what holds it) and ``winner``.

    ``winner`` is the customer's one level: the highest, on a tie that of the oldest installment.
    Customers of whom nothing would advance are left out early, unless ``everybody`` is asked for.
    """
    concerned = SQL("TRUE") if everybody else SQL("partner_id IN (SELECT partner_id FROM firing)")
    return SQL(
        """
        %(rules)s,
        installment AS MATERIALIZED (%(installments)s),
        firing AS (SELECT DISTINCT partner_id FROM installment WHERE fires),
        decision AS MATERIALIZED (
            SELECT d.*, d.fires AND d.hold IS NULL AS advances
              FROM (
                SELECT i.*, COALESCE(m.contract_reference, m.name) AS contract,
                       LEAST(hp.rank, hm.rank, hl.rank,
                             CASE WHEN i.dunning_excluded THEN %(excluded)s END,
                             CASE WHEN i.time_barred THEN %(time_barred)s END,
                             CASE WHEN m.move_type = 'out_invoice' THEN
                                  CASE WHEN m.payment_state IN ('in_payment', 'paid', 'reversed')
                                            THEN %(settled)s
                                       WHEN m.payment_state = 'blocked' THEN %(paused_contract)s
                                       WHEN i.no_followup THEN %(paused_installment)s END
                             END) AS hold
                  FROM (SELECT * FROM installment WHERE %(concerned)s) AS i
                  JOIN account_move m ON m.id = i.move_id
             LEFT JOIN held_partner hp ON hp.partner_id = i.partner_id
             LEFT JOIN held_move hm ON hm.move_id = i.move_id
             LEFT JOIN held_line hl ON hl.line_id = i.line_id
            ) AS d
        ),
        winner AS (
            SELECT partner_id, best[1] AS level_offset, best[4] AS level_id, best[5] AS policy_id
              FROM (SELECT partner_id,
                           max(ARRAY[level_offset, days, -line_id, level_id, policy_id]) AS best
                      FROM decision WHERE advances GROUP BY partner_id) AS b
        )
        """,
        rules=_rules(terms),
        installments=_installments(terms, scope),
        concerned=concerned,
        **HOLD_RANK,
    )


def listed_part(charged: Sequence[tuple[int, Decimal, Decimal]]) -> SQL:
    """CTE ``listed``: what each notice mentions, with charges to the cent.

    ``charged``: rows (line id, fine, interest) of the installments with a history, worked out
    by ``domain.late_charges``; the others follow the same formula with the same rounding here.
    """
    return SQL(
        """
        charged (line_id, fine, interest) AS (%(charged)s),
        listed AS MATERIALIZED (
            SELECT d.*,
                   COALESCE(c.fine, CASE WHEN d.charged_days > 0
                       THEN round(d.residual * d.fine_percent / 100, 2) END, 0) AS fine,
                   COALESCE(c.interest, CASE WHEN d.charged_days > 0
                       THEN round(d.residual * d.interest_percent * d.charged_days / 3000, 2) END, 0
                   ) AS interest
              FROM decision d
              JOIN winner USING (partner_id)
         LEFT JOIN charged c USING (line_id)
             WHERE d.advances OR (d.hold IS NULL AND d.days > 0)
        )
        """,
        charged=_unnest(charged, INTEGERS, AMOUNTS, AMOUNTS),
    )
