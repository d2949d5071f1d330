from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .optica_occurrence import ID_SLOTS

# The slot of a service order in an id: an order is promised, late, ready or not fetched, one at a
# time.
SERVICE_SLOT = 9


class OpticaServiceOrder(models.Model):
    """Glasses that are ready have a day on which somebody reminds the customer of them."""

    _inherit = "optica.service.order"

    unfetched_date = fields.Date(compute="_compute_unfetched_date", store=True)

    _unfetched = models.Index("(unfetched_date) WHERE state = 'ready'")

    @api.depends("ready_date")
    def _compute_unfetched_date(self):
        """By the setting on the day on which they became ready: a later change moves nothing."""
        for order in self:
            days = order.company_id.sudo().unfetched_days
            order.unfetched_date = order.ready_date and order.ready_date + timedelta(days)


class OpticaOccurrence(models.Model):
    """Glasses in the calendar: promised, late, ready, and ready for too long."""

    _inherit = "optica.occurrence"
    _depends = {
        "optica.service.order": [
            "company_id",
            "partner_id",
            "promised_date",
            "ready_date",
            "state",
            "unfetched_date",
            "user_id",
        ]
    }

    def action_open_document(self):
        if self.res_model == "optica.service.order":
            return self.env["optica.service.order"].browse(self.res_id)._get_records_action()
        return super().action_open_document()

    def _branches(self, today: date) -> list[SQL]:
        open_orders = SQL("o.state IN ('draft', 'at_lab') AND o.promised_date")
        promised, ready = SQL.identifier("o", "promised_date"), SQL.identifier("o", "ready_date")
        days_late = SQL("%s::date - o.promised_date", today)
        unfetched = SQL.identifier("o", "unfetched_date")
        return [
            *super()._branches(today),
            *self._branch_delivery(
                "delivery_promised", promised, SQL("NULL"), SQL("%s >= %s", open_orders, today)
            ),
            *self._branch_delivery(
                "delivery_late", promised, days_late, SQL("%s < %s", open_orders, today)
            ),
            *self._branch_delivery("delivery_ready", ready, SQL("NULL"), self._is_ready(today)),
            *self._branch_delivery(
                "delivery_unfetched",
                unfetched,
                SQL("NULL"),
                SQL("o.state = 'ready' AND o.unfetched_date <= %s", today),
            ),
        ]

    def _is_ready(self, today: date) -> SQL:
        """Until they count as not fetched; where that is switched off, until they are fetched."""
        if "delivery_unfetched" not in self.env["optica.occurrence.type"]._settings():
            return SQL("o.state = 'ready'")
        return SQL("o.state = 'ready' AND o.unfetched_date > %s", today)

    def _branch_delivery(self, kind: str, day: SQL, days_late: SQL, condition: SQL) -> list[SQL]:
        columns = {
            "id": SQL("o.id::bigint * %s + %s", ID_SLOTS, SERVICE_SLOT),
            "source_id": SQL("o.id"),
            "source_model": SQL("'optica.service.order'"),
            "event_date": day,
            "partner_id": SQL("o.partner_id"),
            "partner_name": SQL("partner.complete_name"),
            "phone": SQL("partner.phone"),
            "company_id": SQL("o.company_id"),
            "user_id": SQL("o.user_id"),
            "res_model": SQL("'optica.service.order'"),
            "res_id": SQL("o.id"),
            "currency_id": SQL("company.currency_id"),
            "days_late": days_late,
        }
        return self._select(
            kind,
            columns,
            SQL(
                """optica_service_order o
         LEFT JOIN res_partner partner ON partner.id = o.partner_id
         LEFT JOIN res_company company ON company.id = o.company_id"""
            ),
            condition,
        )
