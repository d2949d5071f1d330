from odoo import models
from odoo.tools import SQL


class DunningEvaluation(models.AbstractModel):
    """Levels that wait for the delivery also wait for the service order, remakes included."""

    _inherit = "dunning.evaluation"

    def _undelivered_queries(self, company, day):
        return [
            *super()._undelivered_queries(company, day),
            SQL(
                """
                SELECT l.move_id
                  FROM optica_service_order o
                  JOIN sale_order_line s ON s.order_id = o.sale_order_id
                  JOIN sale_order_line_invoice_rel r ON r.order_line_id = s.id
                  JOIN account_move_line l ON l.id = r.invoice_line_id
                 WHERE o.company_id = %s AND o.state IN ('draft', 'at_lab', 'ready')
                """,
                company.id,
            ),
            SQL(
                """
                SELECT move_id FROM optica_service_order
                 WHERE company_id = %s AND state IN ('draft', 'at_lab', 'ready')
                   AND move_id IS NOT NULL
                """,
                company.id,
            ),
        ]
