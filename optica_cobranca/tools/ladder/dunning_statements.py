"""The statements of the ladder: batches, what becomes of every installment, and the day's notices.

All are built from the parts of :mod:`.dunning_query_decision`, so that the run, the preview and
whatever else asks "who would hear from us" cannot disagree.
"""

from collections.abc import Sequence

from odoo.tools import SQL

from .dunning_query import LadderRules, Scope
from .dunning_query_decision import decision_parts, listed_part


def with_history(rules: LadderRules, scope: Scope, told: Sequence[SQL] = ()) -> SQL:
    """Installments whose charges depend on more than their due date, few among the open ones.

    Late ones with part payments or receipts, and all whose due date was moved (charges that an
    extension kept are owed before the new due date, too).

    :param told: queries of further ones
    """
    further = SQL().join(SQL(" OR l.id IN (%s)", query) for query in told)
    return SQL(
        """
        SELECT l.id FROM account_move_line l
         WHERE %(in_reach)s AND %(scope)s
           AND ((l.date_maturity < %(date)s
                 AND (l.amount_residual <> l.balance
                      OR EXISTS (SELECT FROM crediario_receipt_line r
                                  WHERE r.move_line_id = l.id)))
                OR (l.move_id, l.installment_number) IN (
                       SELECT e.move_id, e.installment_number FROM crediario_extension e
                        WHERE e.state = 'applied')
                %(further)s)
        """,
        in_reach=rules.in_reach,
        scope=scope(SQL("l.partner_id")),
        date=rules.date,
        further=further,
    )


def batches(rules: LadderRules, size: int) -> SQL:
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
        rules.in_reach,
    )


def decisions(rules: LadderRules, scope: Scope, charged: Sequence[tuple]) -> SQL:
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
           AND e.merged IS NOT TRUE
      ORDER BY d.partner_id, d.due_date, d.line_id
        """,
        decision_parts(rules, scope, everybody=True),
        listed_part(rules, charged),
        rules.company_id,
        rules.date,
    )


def insert_notices(
    rules: LadderRules,
    scope: Scope,
    charged: Sequence[tuple],
    *,
    header: dict,
    approval: list[int],
) -> SQL:
    """Write the notices and lines of ``scope`` in one statement and report what was written.

    ``header``: run_id. ``approval``: levels whose notices wait for a person.
    A customer who has a notice of this day already gets none.

    :return: rows (kind, key, count, ids): ('notice', level id, count, notice ids), ('line',
        advanced 0/1, count, None), ('hold', rank, count, None) for what would have advanced
    """
    return SQL(
        """
        WITH %(decisions)s, %(listed)s, %(notice)s, %(line)s
        SELECT 'notice', level_id, count(*), array_agg(id ORDER BY id) FROM notice GROUP BY level_id
         UNION ALL
        SELECT 'line', advanced::int, count(*), NULL FROM line GROUP BY advanced
         UNION ALL
        SELECT 'hold', hold, count(*), NULL FROM decision
         WHERE fires AND hold IS NOT NULL GROUP BY hold
        """,
        decisions=decision_parts(rules, scope, everybody=False),
        listed=listed_part(rules, charged),
        notice=_notice_part(rules, header, approval),
        line=_line_part(),
    )


def _notice_part(rules: LadderRules, header: dict, approval: list[int]) -> SQL:
    """CTE ``notice``: one row inserted for each customer of whom something advances.

    No user is named as its author: the ladder made it, and checking that the same user exists
    for each of thousands of rows takes longer than writing the row.
    """
    return SQL(
        """
        notice AS (
            INSERT INTO dunning_notice (
                run_id, company_id, partner_id, date,
                level_id, level_offset, state, installment_count, oldest_due_date,
                amount_residual, amount_fine, amount_interest, amount_total,
                create_date, write_date)
            SELECT %(run_id)s, %(company_id)s, w.partner_id, %(date)s,
                   w.level_id, w.level_offset,
                   -- The actions run before this transaction ends: what is seen is the outcome.
                   CASE WHEN w.level_id = ANY(%(approval)s::int[]) THEN 'waiting' ELSE 'done' END,
                   s.lines, s.oldest,
                   s.residual, s.fine, s.interest, s.residual + s.fine + s.interest,
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM winner w
              JOIN (SELECT partner_id, count(*) AS lines, min(due_date) AS oldest,
                           sum(residual) AS residual, sum(fine) AS fine, sum(interest) AS interest
                      FROM listed GROUP BY partner_id) AS s USING (partner_id)
          ORDER BY w.partner_id
                ON CONFLICT (company_id, partner_id, date) WHERE merged IS NOT TRUE DO NOTHING
         RETURNING id, partner_id, level_id
        )
        """,
        company_id=rules.company_id,
        date=rules.date,
        approval=approval,
        **header,
    )


def _line_part() -> SQL:
    """CTE ``line``: lines of the notices just inserted; a level is written when it is reached."""
    return SQL(
        """
        line AS (
            INSERT INTO dunning_notice_line (
                notice_id, move_line_id, contract, installment_number, level_id, level_offset,
                advanced, due_date, days_late, residual, fine, interest, total)
            SELECT notice.id, l.line_id, l.contract, l.installment_number,
                   CASE WHEN l.advances THEN l.level_id END,
                   CASE WHEN l.advances THEN l.level_offset END,
                   l.advances, l.due_date, GREATEST(l.days, 0), l.residual, l.fine, l.interest,
                   l.residual + l.fine + l.interest
              FROM listed l
              JOIN notice USING (partner_id)
         RETURNING advanced
        )
        """
    )
