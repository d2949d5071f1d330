from odoo import models
from odoo.tools import SQL

from ...domain.ladder.ladder import HoldReason
from ...tools.ladder.dunning_query import HOLD_RANK
from .account_move import AGREED_CHARGES
from .crediario_agreement import NEGOTIATING


class DunningEvaluation(models.AbstractModel):
    """Reminders rest while the shop negotiates with the customer."""

    _inherit = "dunning.evaluation"

    def _history_queries(self):
        """Those of which an agreement took charges over, or had paid them."""
        query = SQL("SELECT move_line_id FROM (%s) agreed", AGREED_CHARGES)
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
