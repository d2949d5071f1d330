from odoo import models
from odoo.tools import SQL

from ...domain.ladder.ladder import HoldReason
from ...tools.ladder.dunning_query import HOLD_RANK


class DunningEvaluation(models.AbstractModel):
    """Reminders rest until a promise is due, and while a dispute is open."""

    _inherit = "dunning.evaluation"

    def _hold_queries(self, company, day):
        return [
            *super()._hold_queries(company, day),
            self._promise_holds(company, day),
            self._dispute_holds(company, day),
        ]

    def _promise_holds(self, company, day):
        """Promised installments until the deadline, while nobody has decided the promise.

        A promise that is kept releases at once: what was promised is paid, and what was never
        promised of the same installments goes on as if it had not been spoken of.
        """
        return SQL(
            """
            SELECT NULL::int, NULL::int, rel.move_line_id, %s
              FROM dunning_promise promise
              JOIN dunning_promise_line_rel rel ON rel.promise_id = promise.id
             WHERE promise.company_id = %s AND promise.state = 'open'
               AND promise.deadline >= %s
            """,
            HOLD_RANK[HoldReason.PROMISE],
            company.id,
            day,
        )

    def _dispute_holds(self, company, day):
        """Disputed installments, else the contract, else the customer."""
        return SQL(
            """
            SELECT CASE WHEN rel.move_line_id IS NULL AND dispute.move_id IS NULL
                        THEN dispute.partner_id END,
                   CASE WHEN rel.move_line_id IS NULL THEN dispute.move_id END,
                   rel.move_line_id, %s
              FROM dunning_dispute dispute
         LEFT JOIN dunning_dispute_line_rel rel ON rel.dispute_id = dispute.id
             WHERE dispute.company_id = %s AND dispute.state = 'open' AND dispute.holds
               AND (dispute.hold_until IS NULL OR dispute.hold_until >= %s)
            """,
            HOLD_RANK[HoldReason.DISPUTE],
            company.id,
            day,
        )
