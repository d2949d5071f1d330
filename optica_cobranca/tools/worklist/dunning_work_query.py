"""The one SQL text of the work list: who is to be called, in which order, and who is not.

The holds are those of the ladder, so that list and ladder cannot disagree; the weights of the
ratings come from ``domain.priority`` as parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from odoo.tools import SQL

from ...domain.crediario.late_charges import STOP_AFTER_DAYS
from ...domain.worklist.priority import RATING_WEIGHTS, UNRATED_WEIGHT
from ..ladder.dunning_query import held_by_document, held_by_itself

# Who is shown, in the order in which the question is asked; all but "todo" rest today.
STATUSES = ("excluded", "held", "no_phone", "later", "contacted", "todo")

# A call that was agreed upon and not made is forgotten after that; the points decide again.
CALLBACK_MEMORY = timedelta(days=30)


@dataclass(frozen=True)
class WorkRules:
    """What holds for everybody in the list.

    ``holds``: for each company a query with the columns partner_id, move_id, move_line_id, rank.
    ``ratings``: a query of the current ratings: company_id, partner_id, letter.
    ``lines``: a condition on ``l``, the late installments. ``customers``: one on ``p`` (partner)
    and ``c`` (company). ``conditions``: on what was worked out for a customer (amount, days …).
    ``now`` and ``day_start``: naive UTC; ``day_start`` is when the reader's day began.
    """

    user_id: int
    today: date
    now: datetime
    day_start: datetime
    holds: dict[int, list[SQL]]
    ratings: SQL
    lines: SQL = field(default_factory=lambda: SQL("TRUE"))
    customers: SQL = field(default_factory=lambda: SQL("TRUE"))
    conditions: Sequence[SQL] = ()


def _holds(rules: WorkRules) -> SQL:
    return SQL(" UNION ALL ").join(
        SQL("SELECT %s, held.* FROM (%s) AS held", company_id, SQL(" UNION ALL ").join(queries))
        for company_id, queries in rules.holds.items()
    )


def _late_part(rules: WorkRules) -> SQL:
    """CTEs up to ``owing``: one row a company and customer with something late."""
    return SQL(
        """
        hold (company_id, partner_id, move_id, line_id, rank) AS MATERIALIZED (%(holds)s),
        held_partner AS (SELECT company_id, partner_id, min(rank) AS rank FROM hold
                          WHERE partner_id IS NOT NULL GROUP BY 1, 2),
        held_move AS (SELECT move_id, min(rank) AS rank FROM hold
                       WHERE move_id IS NOT NULL GROUP BY 1),
        held_line AS (SELECT line_id, min(rank) AS rank FROM hold
                       WHERE line_id IS NOT NULL GROUP BY 1),
        late AS (
            SELECT l.company_id, l.partner_id, l.amount_residual, l.date_maturity,
                   LEAST(hm.rank, hl.rank, %(document)s, %(itself)s) AS hold
              FROM account_move_line l
              JOIN account_move m ON m.id = l.move_id
         LEFT JOIN held_move hm ON hm.move_id = l.move_id
         LEFT JOIN held_line hl ON hl.line_id = l.id
             WHERE l.company_id = ANY(%(companies)s) AND l.crediario_plan_id IS NOT NULL
               AND l.parent_state = 'posted' AND l.amount_residual > 0
               AND l.partner_id IS NOT NULL
               AND l.date_maturity < %(today)s AND l.date_maturity >= %(today)s::date - %(stop)s
               AND %(lines)s
        ),
        owing AS (
            SELECT company_id, partner_id,
                   count(*) FILTER (WHERE hold IS NULL) AS free_count,
                   sum(amount_residual) FILTER (WHERE hold IS NULL) AS free_amount,
                   min(date_maturity) FILTER (WHERE hold IS NULL) AS free_oldest,
                   count(*) FILTER (WHERE hold IS NOT NULL) AS held_count,
                   sum(amount_residual) FILTER (WHERE hold IS NOT NULL) AS held_amount,
                   min(date_maturity) FILTER (WHERE hold IS NOT NULL) AS held_oldest,
                   min(hold) AS hold
              FROM late GROUP BY company_id, partner_id
        )
        """,
        holds=_holds(rules),
        companies=list(rules.holds),
        today=rules.today,
        stop=STOP_AFTER_DAYS,
        lines=rules.lines,
        document=held_by_document(SQL("m")),
        itself=held_by_itself(
            days=SQL("%s::date - l.date_maturity", rules.today),
            no_followup=SQL("l.no_followup"),
            is_invoice=SQL("m.move_type = 'out_invoice'"),
            # Of a customer as a whole: such a customer is not in the list at all.
            excluded=SQL("FALSE"),
        ),
    )


def _contact_part(rules: WorkRules) -> SQL:
    """CTEs of what is known of contacts: calls of today, calls agreed upon, messages of today."""
    return SQL(
        """
        last_call AS MATERIALIZED (
            SELECT partner_id, max(call_again_at) AS call_again_at FROM dunning_call agreed
             WHERE undone_at IS NULL AND call_again_at > %(now)s - %(memory)s
               AND NOT EXISTS (SELECT FROM dunning_call newer
                                WHERE newer.partner_id = agreed.partner_id
                                  AND newer.undone_at IS NULL
                                  AND (newer.started_at, newer.id) > (agreed.started_at, agreed.id))
          GROUP BY partner_id
        ),
        called_today AS MATERIALIZED (
            SELECT DISTINCT partner_id FROM dunning_call
             WHERE undone_at IS NULL AND started_at >= %(day_start)s
        ),
        written_today AS MATERIALIZED (
            SELECT DISTINCT w.commercial_partner_id AS partner_id
              FROM contact_message t JOIN res_partner w ON w.id = t.partner_id
             WHERE t.purpose = 'collection' AND t.sent_at >= %(day_start)s
        ),
        weight (letter, weight) AS (
            SELECT * FROM unnest(%(letters)s::text[], %(weights)s::numeric[])
        )
        """,
        now=rules.now,
        memory=CALLBACK_MEMORY,
        day_start=rules.day_start,
        letters=list(RATING_WEIGHTS),
        weights=list(RATING_WEIGHTS.values()),
    )


def _customer_part(rules: WorkRules) -> SQL:
    """CTE ``customer``: every customer with something late, its points and its status."""
    return SQL(
        """
        customer AS MATERIALIZED (
            SELECT o.company_id, o.partner_id,
                   CASE WHEN o.free_count > 0 AND hp.rank IS NULL
                        THEN o.free_count ELSE o.free_count + o.held_count END AS lines,
                   CASE WHEN o.free_count > 0 AND hp.rank IS NULL THEN o.free_amount
                        ELSE COALESCE(o.free_amount, 0) + COALESCE(o.held_amount, 0) END AS amount,
                   %(today)s::date - CASE WHEN o.free_count > 0 AND hp.rank IS NULL
                        THEN o.free_oldest ELSE LEAST(o.free_oldest, o.held_oldest) END AS days,
                   r.letter, COALESCE(wt.weight, %(unrated)s) AS weight,
                   p.complete_name AS name, COALESCE(p.user_id, c.dunning_user_id) AS user_id,
                   lc.call_again_at, lc.call_again_at <= %(now)s AS callback,
                   LEAST(hp.rank, CASE WHEN o.free_count = 0 THEN o.hold END) AS hold,
                   CASE WHEN p.dunning_excluded THEN 'excluded'
                        WHEN hp.rank IS NOT NULL OR o.free_count = 0 THEN 'held'
                        WHEN COALESCE(p.phone, '') = '' AND NOT EXISTS (
                             SELECT FROM res_partner k
                              WHERE k.parent_id = p.id AND k.active AND COALESCE(k.phone, '') <> '')
                             THEN 'no_phone'
                        WHEN lc.call_again_at > %(now)s THEN 'later'
                        WHEN lc.call_again_at <= %(now)s THEN 'todo'
                        WHEN ct.partner_id IS NOT NULL OR wr.partner_id IS NOT NULL THEN 'contacted'
                        ELSE 'todo' END AS status
              FROM owing o
              JOIN res_partner p ON p.id = o.partner_id
              JOIN res_company c ON c.id = o.company_id
         LEFT JOIN held_partner hp ON hp.company_id = o.company_id AND hp.partner_id = o.partner_id
         LEFT JOIN (%(ratings)s) AS r
                ON r.company_id = o.company_id AND r.partner_id = o.partner_id
         LEFT JOIN weight wt ON wt.letter = r.letter
         LEFT JOIN last_call lc ON lc.partner_id = o.partner_id
         LEFT JOIN called_today ct ON ct.partner_id = o.partner_id
         LEFT JOIN written_today wr ON wr.partner_id = o.partner_id
             WHERE %(customers)s
        ),
        ranked AS (
            SELECT customer.*, round(amount * weight * days) AS points FROM customer
             WHERE %(conditions)s
        )
        """,
        today=rules.today,
        now=rules.now,
        unrated=UNRATED_WEIGHT,
        ratings=rules.ratings,
        customers=rules.customers,
        conditions=SQL(" AND ").join(rules.conditions) if rules.conditions else SQL("TRUE"),
    )


def _parts(rules: WorkRules) -> SQL:
    return SQL(", ").join([_late_part(rules), _contact_part(rules), _customer_part(rules)])


def page(rules: WorkRules, status: str, limit: int, offset: int) -> SQL:
    """One page of the list, and beside every row the counts of the whole list.

    Calls that were agreed upon and are due come first, then by points. Without a row of its own
    the page has one row whose partner_id is NULL, for the counts: a JSON of status -> [customers,
    amount].
    """
    return SQL(
        """
        WITH %(parts)s,
        total AS (
            SELECT json_object_agg(status, json_build_array(customers, amount)) AS counts
              FROM (SELECT status, count(*) AS customers, sum(amount) AS amount
                      FROM ranked GROUP BY status) AS s
        ),
        chosen AS (
            SELECT * FROM ranked WHERE status = %(status)s
          ORDER BY callback IS TRUE DESC, points DESC, days DESC, partner_id, company_id
             LIMIT %(limit)s OFFSET %(offset)s
        )
        SELECT total.counts, chosen.*, k.user_id AS locked_by, k.taken_at AS locked_at
          FROM total
     LEFT JOIN chosen ON TRUE
     LEFT JOIN dunning_work_lock k ON k.partner_id = chosen.partner_id AND k.expires_at > %(now)s
      ORDER BY callback IS TRUE DESC, points DESC, days DESC, chosen.partner_id, company_id
        """,
        parts=_parts(rules),
        status=status,
        limit=limit,
        offset=offset,
        now=rules.now,
    )


def candidates(rules: WorkRules, limit: int) -> SQL:
    """The first customers to call whom no colleague works on: rows (partner, company)."""
    return SQL(
        """
        WITH %(parts)s
        SELECT ranked.partner_id, ranked.company_id FROM ranked
         WHERE status = 'todo' AND NOT EXISTS (
               SELECT FROM dunning_work_lock k
                WHERE k.partner_id = ranked.partner_id AND k.expires_at > %(now)s
                  AND k.user_id <> %(user)s)
      ORDER BY callback IS TRUE DESC, points DESC, days DESC, partner_id, company_id
         LIMIT %(limit)s
        """,
        parts=_parts(rules),
        now=rules.now,
        user=rules.user_id,
        limit=limit,
    )


def standing(rules: WorkRules) -> SQL:
    """Where the customers in scope stand: every row of the list, whatever its status."""
    return SQL("WITH %s SELECT * FROM ranked", _parts(rules))
