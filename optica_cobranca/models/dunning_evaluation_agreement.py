from odoo import models
from odoo.tools import SQL

from ..domain.ladder import HoldReason
from .crediario_agreement import NEGOTIATING
from .dunning_query import HOLD_RANK


class DunningEvaluation(models.AbstractModel):
    """Reminders rest while the shop negotiates with the customer."""

    _inherit = "dunning.evaluation"

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
