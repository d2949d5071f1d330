"""The one SQL text of the ladder: who reaches which level on a day, and the rows that say so.

The rules stay in ``domain``: level ranges, rolled due dates and charge terms arrive as arrays.
The run, the preview and whatever else asks "who would hear from us" are built from these parts.
"""

from collections.abc import Sequence
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

INTEGERS = "%s::int[]"
AMOUNTS = "%s::numeric[]"


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


def _installments(terms: LadderTerms, scope: SQL) -> SQL:
    """Open installments with their policy, candidate level and strongest hold (its rank)."""
    return SQL(
        """
        SELECT l.id AS line_id, l.partner_id, l.move_id, l.date_maturity AS due_date,
               %(date)s::date - l.date_maturity AS days, l.amount_residual AS residual,
               l.installment_number, COALESCE(m.contract_reference, m.name) AS contract,
               s.policy_id, s.level_id, s.level_offset,
               CASE WHEN s.charged_days > t.grace_days THEN s.charged_days END AS charged_days,
               t.fine_percent, t.interest_percent,
               LEAST(hp.rank, hm.rank, hl.rank,
                     CASE WHEN p.dunning_excluded THEN %(excluded)s END,
                     CASE WHEN s.days IS NULL THEN %(time_barred)s END,
                     CASE WHEN m.move_type = 'out_invoice' THEN
                          CASE WHEN m.payment_state IN ('in_payment', 'paid', 'reversed')
                                    THEN %(settled)s
                               WHEN m.payment_state = 'blocked' THEN %(paused_contract)s
                               WHEN l.no_followup THEN %(paused_installment)s END
                     END) AS hold
          FROM account_move_line l
          JOIN account_move m ON m.id = l.move_id
          JOIN res_partner p ON p.id = l.partner_id
          JOIN plan t ON t.id = l.crediario_plan_id
     LEFT JOIN policy own ON own.id = %(partner_policy)s
     LEFT JOIN step s ON s.policy_id = COALESCE(own.id, t.policy_id, %(no_policy)s)
                     AND s.days = %(date)s::date - l.date_maturity
     LEFT JOIN held_partner hp ON hp.partner_id = l.partner_id
     LEFT JOIN held_move hm ON hm.move_id = l.move_id
     LEFT JOIN held_line hl ON hl.line_id = l.id
         WHERE %(in_reach)s AND %(scope)s
        """,
        date=terms.date,
        partner_policy=terms.partner_policy,
        no_policy=NO_POLICY,
        in_reach=terms.in_reach,
        scope=scope,
        **HOLD_RANK,
    )


def _decisions(terms: LadderTerms, scope: SQL) -> SQL:
    """CTEs up to ``decision`` (does it advance, would it if nothing held it) and ``winner``.

    ``winner`` is the customer's one level: the highest, on a tie that of the oldest installment.
    """
    return SQL(
        """
        %(rules)s,
        installment AS MATERIALIZED (%(installments)s),
        decision AS MATERIALIZED (
            SELECT c.*, c.fires AND c.hold IS NULL AS advances
              FROM (
                SELECT i.*, i.level_id IS NOT NULL AND NOT EXISTS (
                           SELECT FROM dunning_notice_line n
                            WHERE n.move_line_id = i.line_id AND n.due_date = i.due_date
                              AND n.level_offset >= i.level_offset
                       ) AS fires
                  FROM installment i
            ) AS c
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
    )


def _listed(charged: Sequence[tuple[int, Decimal, Decimal]]) -> SQL:
    """CTE ``listed``: what each notice mentions, with charges to the cent.

    ``charged``: rows (line id, fine, interest) of the installments with part payments, worked out
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


def part_paid(terms: LadderTerms, scope: SQL) -> SQL:
    """Late installments that were paid in part: their charges depend on their payments."""
    return SQL(
        """
        SELECT l.id FROM account_move_line l
         WHERE %s AND %s AND l.amount_residual <> l.balance AND l.date_maturity < %s
        """,
        terms.in_reach,
        scope,
        terms.date,
    )


def batches(terms: LadderTerms, size: int) -> SQL:
    """Ranges of customers with about ``size`` installments each: rows (from, to, lines)."""
    return SQL(
        """
        SELECT min(partner_id), max(partner_id), sum(lines)
          FROM (SELECT partner_id, lines,
                       ceil(sum(lines) OVER (ORDER BY partner_id) / %s::numeric) AS batch
                  FROM (SELECT l.partner_id, count(*) AS lines
                          FROM account_move_line l
                         WHERE l.partner_id IS NOT NULL AND %s
                      GROUP BY l.partner_id) AS customer) AS numbered
      GROUP BY batch ORDER BY batch
        """,
        size,
        terms.in_reach,
    )


def decisions(terms: LadderTerms, scope: SQL, charged: Sequence[tuple]) -> SQL:
    """Every installment in reach and what becomes of it; writes nothing.

    Columns: partner_id, line_id, due_date, days, policy_id, level_id (candidate), hold (rank),
    fires, advances, listed, residual, fine, interest, notice_level_id (the customer's level),
    noticed (the customer has a notice of this day already).
    """
    return SQL(
        """
        WITH %s, %s
        SELECT d.partner_id, d.line_id, d.due_date, d.days, d.policy_id, d.level_id, d.hold,
               d.fires, d.advances, l.line_id IS NOT NULL AS listed,
               d.residual, l.fine, l.interest, w.level_id AS notice_level_id,
               e.id IS NOT NULL AS noticed
          FROM decision d
     LEFT JOIN listed l USING (line_id)
     LEFT JOIN winner w ON w.partner_id = d.partner_id
     LEFT JOIN dunning_notice e
            ON e.company_id = %s AND e.partner_id = d.partner_id AND e.date = %s
      ORDER BY d.partner_id, d.due_date, d.line_id
        """,
        _decisions(terms, scope),
        _listed(charged),
        terms.company_id,
        terms.date,
    )


def insert_notices(
    terms: LadderTerms, scope: SQL, charged: Sequence[tuple], *, header: dict, approval: list[int]
) -> SQL:
    """Write the notices and lines of ``scope`` in one statement and report what was written.

    ``header``: run_id, currency_id, uid. ``approval``: levels whose notices wait for a person.
    A customer who has a notice of this day already gets none. Returns rows (kind, key, count,
    ids): ('notice', level id, count, notice ids), ('line', advanced 0/1, count, None),
    ('hold', rank, count, None) for what would have advanced.
    """
    return SQL(
        """
        WITH %(decisions)s, %(listed)s,
        notice AS (
            INSERT INTO dunning_notice (
                run_id, company_id, currency_id, partner_id, date,
                policy_id, level_id, level_offset, state, installment_count, oldest_due_date,
                amount_residual, amount_fine, amount_interest, amount_total,
                create_uid, write_uid, create_date, write_date)
            SELECT %(run_id)s, %(company_id)s, %(currency_id)s, w.partner_id, %(date)s,
                   w.policy_id, w.level_id, w.level_offset,
                   -- The actions run before this transaction ends: what is seen is the outcome.
                   CASE WHEN w.level_id = ANY(%(approval)s::int[]) THEN 'waiting' ELSE 'done' END,
                   s.lines, s.oldest,
                   s.residual, s.fine, s.interest, s.residual + s.fine + s.interest,
                   %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM winner w
              JOIN (SELECT partner_id, count(*) AS lines, min(due_date) AS oldest,
                           sum(residual) AS residual, sum(fine) AS fine, sum(interest) AS interest
                      FROM listed GROUP BY partner_id) AS s USING (partner_id)
          ORDER BY w.partner_id
                ON CONFLICT (company_id, partner_id, date) DO NOTHING
         RETURNING id, partner_id, level_id
        ),
        line AS (
            INSERT INTO dunning_notice_line (
                notice_id, move_line_id, contract, installment_number, level_id, level_offset,
                advanced, due_date, days_late, residual, fine, interest, total)
            SELECT notice.id, l.line_id, l.contract, l.installment_number,
                   CASE WHEN l.advances THEN l.level_id ELSE reached.level_id END,
                   CASE WHEN l.advances THEN l.level_offset ELSE reached.level_offset END,
                   l.advances, l.due_date, GREATEST(l.days, 0), l.residual, l.fine, l.interest,
                   l.residual + l.fine + l.interest
              FROM listed l
              JOIN notice USING (partner_id)
         LEFT JOIN LATERAL (
                SELECT n.level_id, n.level_offset FROM dunning_notice_line n
                 WHERE NOT l.advances AND n.move_line_id = l.line_id AND n.due_date = l.due_date
                   AND n.level_offset IS NOT NULL
              ORDER BY n.level_offset DESC LIMIT 1) AS reached ON TRUE
         RETURNING advanced
        )
        SELECT 'notice', level_id, count(*), array_agg(id ORDER BY id) FROM notice GROUP BY level_id
         UNION ALL
        SELECT 'line', advanced::int, count(*), NULL FROM line GROUP BY advanced
         UNION ALL
        SELECT 'hold', hold, count(*), NULL FROM decision
         WHERE fires AND hold IS NOT NULL GROUP BY hold
        """,
        decisions=_decisions(terms, scope),
        listed=_listed(charged),
        company_id=terms.company_id,
        date=terms.date,
        approval=approval,
        **header,
    )
