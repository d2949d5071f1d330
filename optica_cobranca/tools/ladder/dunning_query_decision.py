"""The second half of the ladder's SQL: what holds an installment, who advances, what is listed."""

from collections.abc import Sequence
from decimal import Decimal

from odoo.tools import SQL

from ...domain.ladder.ladder import HoldReason
from ..crediario.late_charges import late_charge_sql
from .dunning_query import (
    AMOUNTS,
    HOLD_RANK,
    INTEGERS,
    LadderRules,
    Scope,
    held_by_document,
    held_by_itself,
    installment_part,
    portfolio_part,
    rules_part,
    unnest,
)


def decision_parts(rules: LadderRules, scope: Scope, *, everybody: bool) -> SQL:
    """CTEs up to ``decision`` (would it advance, what holds it) and ``winner``.

    ``winner`` is the customer's one level: the highest, on a tie that of the oldest installment.
    Customers of whom nothing would advance are left out early, unless ``everybody`` is asked for.
    """
    concerned = SQL("TRUE") if everybody else SQL("partner_id IN (SELECT partner_id FROM firing)")
    return SQL(
        """
        %(rules)s, %(portfolio)s, %(installment)s,
        firing AS (SELECT DISTINCT partner_id FROM installment WHERE fires),
        %(document)s, %(decision)s,
        winner AS (
            SELECT partner_id, best[1] AS level_offset, best[4] AS level_id
              FROM (SELECT partner_id,
                           max(ARRAY[level_offset, days, -line_id, level_id]) AS best
                      FROM decision WHERE advances GROUP BY partner_id) AS b
        )
        """,
        rules=rules_part(rules, scope),
        portfolio=portfolio_part(rules, scope),
        installment=installment_part(rules),
        document=_documents(concerned),
        decision=_decisions(rules, concerned),
    )


def _documents(concerned: SQL) -> SQL:
    """CTE ``document``: the contracts concerned, and what accounting says of them.

    An array lets the primary key find them, however many contracts there are.
    """
    return SQL(
        """
        document AS MATERIALIZED (
            SELECT id, COALESCE(contract_reference, name) AS contract,
                   crediario_terms_id AS terms_id,
                   move_type = 'out_invoice' AS is_invoice, %(rank)s AS rank
              FROM account_move m
             WHERE id = ANY(ARRAY(SELECT DISTINCT move_id FROM installment WHERE %(concerned)s))
        )
        """,
        concerned=concerned,
        rank=held_by_document(SQL("m")),
    )


def _decisions(rules: LadderRules, concerned: SQL) -> SQL:
    """CTE ``decision``: what holds each installment concerned, and whether it advances."""
    return SQL(
        """
        decision AS MATERIALIZED (
            SELECT d.*, d.fires AND d.hold IS NULL AND %(enough)s AS advances
              FROM (
                SELECT i.*, m.contract, m.terms_id,
                       LEAST(hp.rank, hm.rank, hl.rank, m.rank, %(itself)s, %(awaited)s) AS hold
                  FROM (SELECT * FROM installment WHERE %(concerned)s) AS i
             LEFT JOIN document m ON m.id = i.move_id
             LEFT JOIN held_partner hp ON hp.partner_id = i.partner_id
             LEFT JOIN held_move hm ON hm.move_id = i.move_id
             LEFT JOIN held_line hl ON hl.line_id = i.line_id
            ) AS d
        )
        """,
        concerned=concerned,
        enough=_enough(rules),
        itself=held_by_itself(
            days=SQL("i.days"),
            no_followup=SQL("i.no_followup"),
            is_invoice=SQL("m.is_invoice"),
            excluded=SQL("i.dunning_excluded"),
        ),
        awaited=_awaited(rules),
    )


def _enough(rules: LadderRules) -> SQL:
    """Whether what the customer's notice would list reaches the level's minimum."""
    if not rules.has_minimum:
        return SQL("TRUE")
    return SQL(
        """COALESCE(d.min_amount, 0) <= sum(CASE WHEN d.hold IS NULL AND (d.fires OR d.days > 0)
                                                 THEN d.residual ELSE 0 END)
                                        OVER (PARTITION BY d.partner_id)"""
    )


def _awaited(rules: LadderRules) -> SQL:
    """Rank of the hold of a level that waits until the contract's glasses are delivered."""
    if not rules.awaits_delivery:
        return SQL("NULL")
    contracts = SQL(" UNION ALL ").join(rules.undelivered)
    return SQL(
        """CASE WHEN i.only_delivered
                     AND EXISTS (SELECT FROM (%s) AS u (move_id) WHERE u.move_id = i.move_id)
                THEN %s END""",
        contracts,
        HOLD_RANK[HoldReason.DELIVERY],
    )


def listed_part(rules: LadderRules, charged: Sequence[tuple[int, Decimal, Decimal]]) -> SQL:
    """CTE ``listed``: what each notice mentions, with charges to the cent.

    ``charged``: rows (line id, fine, interest) of the installments with a history, worked out
    by ``domain.late_charges``; the others follow the same formula in SQL.
    """
    fine, interest = (
        late_charge_sql(
            kind,
            residual=SQL("d.residual"),
            percent=SQL("t.%s", SQL.identifier(f"{kind}_percent")),
            days=SQL("d.charged_days"),
            grace=SQL("t.grace_days"),
        )
        for kind in ("fine", "interest")
    )
    return SQL(
        """
        charged (line_id, fine, interest) AS (%(charged)s),
        listed AS MATERIALIZED (
            SELECT d.*,
                   COALESCE(c.fine, %(fine)s, 0) AS fine,
                   COALESCE(c.interest, %(interest)s, 0) AS interest
              FROM (SELECT *, (%(charged_days)s::int[])[days] AS charged_days FROM decision) AS d
              JOIN winner USING (partner_id)
         LEFT JOIN signed t ON t.id = d.terms_id
         LEFT JOIN charged c USING (line_id)
             WHERE d.advances OR (d.hold IS NULL AND d.days > 0)
        )
        """,
        # A PostgreSQL array counts from 1, and so do the days on which anything is charged.
        charged_days=[charged_days for days, charged_days in rules.days if days > 0],
        fine=fine,
        interest=interest,
        charged=unnest(charged, INTEGERS, AMOUNTS, AMOUNTS),
    )
