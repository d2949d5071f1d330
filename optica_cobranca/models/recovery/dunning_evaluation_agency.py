from odoo import models
from odoo.tools import SQL

from ...domain.ladder.ladder import HoldReason
from ...tools.ladder.dunning_query import HOLD_RANK
from .dunning_handover import WITH_AGENCY


class DunningEvaluation(models.AbstractModel):
    """What an agency collects, the shop's own ladder leaves alone."""

    _inherit = "dunning.evaluation"

    def _hold_queries(self, company, day):
        query = SQL(
            """
            SELECT NULL::int, NULL::int, line.move_line_id, %s
              FROM dunning_handover_line line
              JOIN dunning_handover handover ON handover.id = line.handover_id
             WHERE handover.company_id = %s AND handover.state = ANY(%s)
               AND line.move_line_id IS NOT NULL
            """,
            HOLD_RANK[HoldReason.AGENCY],
            company.id,
            list(WITH_AGENCY),
        )
        return [*super()._hold_queries(company, day), query]
