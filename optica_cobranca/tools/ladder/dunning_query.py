"""The first half of the ladder's one SQL text: which level each open installment comes to.

The rules stay in ``domain``: level ranges, rolled due dates and charge terms arrive as arrays.
:mod:`.dunning_query_decision` goes on from here, :mod:`.dunning_statements` puts it together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo.tools import SQL

from ...domain.crediario.late_charges import STOP_AFTER_DAYS
from ...domain.ladder.ladder import HoldReason

# Policy 0 stands for "no policy": its days are charged like any other, no level fires on them.
NO_POLICY = 0
# Holds travel as their rank, the most lasting first, so that the least of several is reported.
HOLD_RANK = {reason.value: rank for rank, reason in enumerate(HoldReason)}
REASON_OF_RANK = dict(enumerate(HoldReason))

# Which customers: a condition on the column with the customer's id.
Scope = Callable[[SQL], SQL]

INTEGERS = "%s::int[]"
AMOUNTS = "%s::numeric[]"
BOOLEANS = "%s::bool[]"


def customers_between(first: int, last: int) -> Scope:
    """The customers of a batch: a range of ids, both ends included."""
    return lambda column: SQL("%s BETWEEN %s AND %s", column, first, last)


def customers_in(ids: list[int]) -> Scope:
    """Chosen customers."""
    return lambda column: SQL("%s = ANY(%s)", column, ids)


@dataclass(frozen=True)
class LadderRules:
    """What holds for every installment of one company on one day.

    ``levels``: rows (policy id, level id, offset, first offset, last offset, minimum amount, waits
    for the delivery).
    ``days``: rows (days since the due date, days that charges count from the rolled due date).
    ``plans``: rows (plan id, the plan's own active policy or None).
    ``signed``: rows (id of the terms that contracts were signed under, fine %, monthly interest %,
    grace days).
    ``usual``: the company's active policy, NO_POLICY when it has none.
    ``partner_policy``: SQL of the policy set for this company on the partner with alias ``p``.
    ``segments``: (policy id, query of the customers' ids), the one that applies first in front.
    ``holds``: queries with the columns partner_id, move_id, move_line_id, rank.
    ``undelivered``: queries with the column move_id: contracts whose glasses the customer awaits.
    """

    company_id: int
    date: date
    levels: list[tuple[int, int, int, int, int, Decimal, bool]]
    days: list[tuple[int, int]]
    plans: list[tuple[int, int | None]]
    signed: list[tuple[int, Decimal, Decimal, int]]
    usual: int
    partner_policy: SQL
    segments: list[tuple[int, SQL]]
    holds: list[SQL]
    undelivered: list[SQL]

    @property
    def policies(self) -> list[int]:
        """Active policies with levels, and NO_POLICY."""
        return sorted({NO_POLICY, *(policy for policy, *_rest in self.levels)})

    @property
    def has_minimum(self) -> bool:
        """Whether some level waits for a minimum amount."""
        return any(level[5] for level in self.levels)

    @property
    def awaits_delivery(self) -> bool:
        """Whether some level waits for the delivery of the glasses, and somebody knows of it."""
        return bool(self.undelivered) and any(level[6] for level in self.levels)

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


def unnest(rows: Sequence[tuple], *types: str) -> SQL:
    """A query that yields ``rows``, one array per column, each of its type."""
    columns = ([row[index] for row in rows] for index in range(len(types)))
    arrays = [SQL(cast, column) for cast, column in zip(types, columns, strict=True)]
    return SQL("SELECT * FROM unnest(%s)", SQL(", ").join(arrays))


def held_by_document(move: SQL) -> SQL:
    """Rank of the hold that accounting lays on a contract, NULL when there is none.

    The ladder, the work list and the outbox's last look all ask here and in `held_by_itself`.

    :param move: alias of ``account_move``
    """
    return SQL(
        """CASE WHEN %(move)s.move_type <> 'out_invoice' THEN NULL
                WHEN %(move)s.payment_state IN ('in_payment', 'paid', 'reversed') THEN %(settled)s
                WHEN %(move)s.payment_state = 'blocked' THEN %(paused_contract)s END""",
        move=move,
        **HOLD_RANK,
    )


def held_by_itself(*, days: SQL, no_followup: SQL, is_invoice: SQL, excluded: SQL) -> SQL:
    """Rank of what an installment's own age, mark and customer say, NULL for nothing.

    :param days: days since the due date
    :param no_followup: Odoo's mark on the line; only invoices have it for the shop to set
    :param excluded: the customer is never reminded
    """
    return SQL(
        """LEAST(CASE WHEN %(excluded)s THEN %(is_excluded)s END,
                 CASE WHEN %(days)s > %(stop)s THEN %(time_barred)s END,
                 CASE WHEN %(no_followup)s AND %(is_invoice)s THEN %(paused_installment)s END)""",
        days=days,
        no_followup=no_followup,
        is_invoice=is_invoice,
        excluded=excluded,
        stop=STOP_AFTER_DAYS,
        is_excluded=HOLD_RANK[HoldReason.EXCLUDED],
        time_barred=HOLD_RANK[HoldReason.TIME_BARRED],
        paused_installment=HOLD_RANK[HoldReason.PAUSED_INSTALLMENT],
    )


def rules_part(rules: LadderRules, scope: Scope) -> SQL:
    """CTEs of what is the same for many installments: levels, plans, choice of policy, holds."""
    return SQL(
        """
        level_range (policy_id, level_id, level_offset, first_offset, last_offset, min_amount,
                     only_delivered) AS (%(levels)s),
        plan (id, policy_id) AS (%(plans)s),
        signed (id, fine_percent, interest_percent, grace_days) AS (%(signed)s),
        contract (move_id, policy_id) AS MATERIALIZED (
            SELECT id, dunning_policy_id FROM account_move
             WHERE dunning_policy_id = ANY(%(policies)s::int[]) AND company_id = %(company_id)s
        ),
        segment (partner_id, policy_id) AS (%(segments)s),
        hold (partner_id, move_id, line_id, rank) AS MATERIALIZED (%(holds)s),
        held_partner AS (SELECT partner_id, min(rank) AS rank FROM hold GROUP BY partner_id),
        held_move AS (SELECT move_id, min(rank) AS rank FROM hold GROUP BY move_id),
        held_line AS (SELECT line_id, min(rank) AS rank FROM hold GROUP BY line_id)
        """,
        levels=unnest(
            rules.levels, INTEGERS, INTEGERS, INTEGERS, INTEGERS, INTEGERS, AMOUNTS, BOOLEANS
        ),
        policies=rules.policies,
        plans=unnest(rules.plans, INTEGERS, INTEGERS),
        signed=unnest(rules.signed, INTEGERS, AMOUNTS, AMOUNTS, INTEGERS),
        company_id=rules.company_id,
        segments=_segments(rules, scope),
        holds=SQL(" UNION ALL ").join(rules.holds),
    )


def _segments(rules: LadderRules, scope: Scope) -> SQL:
    """The first segment that each customer in ``scope`` belongs to; an empty set without segments.

    Each segment's domain is searched once for the whole scope, never by customer.
    """
    if not rules.segments:
        return SQL("SELECT NULL::int, NULL::int WHERE FALSE")
    members = SQL(" UNION ALL ").join(
        SQL(
            "SELECT s.id, %s::int AS policy_id, %s::int AS place FROM (%s) AS s (id) WHERE %s",
            policy_id,
            place,
            query,
            scope(SQL("s.id")),
        )
        for place, (policy_id, query) in enumerate(rules.segments)
    )
    return SQL(
        "SELECT DISTINCT ON (id) id, policy_id FROM (%s) AS member ORDER BY id, place", members
    )


def portfolio_part(rules: LadderRules, scope: Scope) -> SQL:
    """CTEs of the open lines and of the customers in ``scope``, each read once and by itself.

    Joined at once, the planner would look the lines up customer by customer.
    """
    return SQL(
        """
        open_line AS MATERIALIZED (
            SELECT l.id AS line_id, l.partner_id, l.move_id, l.date_maturity AS due_date,
                   %(date)s::date - l.date_maturity AS days, l.amount_residual AS residual,
                   l.installment_number, l.no_followup, l.crediario_plan_id AS plan_id
              FROM account_move_line l WHERE %(in_reach)s AND %(lines)s
        ),
        customer AS MATERIALIZED (
            SELECT p.id, p.dunning_excluded,
                   CASE WHEN %(partner_policy)s = ANY(%(policies)s::int[])
                        THEN %(partner_policy)s END AS policy_id
              FROM res_partner p WHERE %(partners)s
        )
        """,
        date=rules.date,
        partner_policy=rules.partner_policy,
        policies=rules.policies,
        in_reach=rules.in_reach,
        lines=scope(SQL("l.partner_id")),
        partners=scope(SQL("p.id")),
    )


def installment_part(rules: LadderRules) -> SQL:
    """CTE ``installment``: the open lines with policy, candidate level, and if it is new to them.

    What every row has is joined on the left all the same, here and below: the planner knows
    nothing of the rows of a CTE, and a left join keeps it from expecting too few and looping.
    """
    return SQL(
        """
        installment AS MATERIALIZED (
            SELECT c.*, r.level_id, r.level_offset, r.min_amount, r.only_delivered,
                   r.level_id IS NOT NULL AND NOT EXISTS (
                       SELECT FROM dunning_notice_line n
                        WHERE n.move_line_id = c.line_id AND n.due_date = c.due_date
                          AND n.level_offset >= r.level_offset
                   ) AS fires
              FROM (
                SELECT l.*, p.dunning_excluded,
                       COALESCE(p.policy_id, contract.policy_id, t.policy_id, %(segment_policy)s,
                                %(usual)s) AS policy_id
                  FROM open_line l
                  JOIN customer p ON p.id = l.partner_id
             LEFT JOIN plan t ON t.id = l.plan_id
             LEFT JOIN contract ON contract.move_id = l.move_id
             %(segment)s
            ) AS c
         LEFT JOIN level_range r
                ON r.policy_id = c.policy_id AND c.days BETWEEN r.first_offset AND r.last_offset
        )
        """,
        segment_policy=SQL("segment.policy_id") if rules.segments else SQL("NULL"),
        segment=SQL("LEFT JOIN segment ON segment.partner_id = l.partner_id")
        if rules.segments
        else SQL(""),
        usual=rules.usual,
    )
