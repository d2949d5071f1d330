from odoo import models
from odoo.tools import SQL

from ...domain.ladder.ladder import HoldReason
from ...tools.ladder.dunning_query import HOLD_RANK
from .crediario_agreement import NEGOTIATING


class DunningEvaluation(models.AbstractModel):
    """Reminders rest while the shop negotiates with the customer."""

    _inherit = "dunning.evaluation"

    def _history_queries(self):
        """Those of which a broken agreement had paid charges."""
        query = SQL(
            """SELECT move_line_id FROM crediario_agreement_line
                WHERE credited_fine > 0 OR credited_interest > 0"""
        )
        return [*super()._history_queries(), query]

    def _hold_queries(self, company, day):
        query = SQL(
            """
            SELECT partner_id, NULL::int, NULL::int, %s
              FROM crediario_agreement
             WHERE company_id = %s AND state = ANY(%s) AND valid_until >= %s
            """,
            HOLD_RANK[HoldReason.AGREEMENT],
            company.id,
            list(NEGOTIATING),
            day,
        )
        return [*super()._hold_queries(company, day), query]
