from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...domain.optics.service_order import OPEN_STATES
from ...tools.worklist.dunning_work_query import CALLBACK_MEMORY
from .optica_occurrence import ID_SLOTS

PRESCRIPTION_SLOT = 8
# The slot of a service order in an id: an order is promised, late, ready or not fetched, one at a
# time.
SERVICE_SLOT = 9
CALLBACK_SLOT = 10
ACTIVITY_SLOT = 11
# Models whose "Call" activities are calls to a customer, and the column of the customer.
CALLED_MODELS = {
    "account.move": ("account_move", "partner_id"),
    "dunning.notice": ("dunning_notice", "partner_id"),
    "dunning.promise": ("dunning_promise", "partner_id"),
    "optica.service.order": ("optica_service_order", "partner_id"),
    "res.partner": ("res_partner", "id"),
    "sale.order": ("sale_order", "partner_id"),
}
SURVEY_SLOT = 12
# Nobody is asked how it was two weeks after the day on which he was to be asked.
SURVEY_DAYS = 14


class OpticaOccurrence(models.Model):
    """Prescriptions that are about to expire, and expired ones: dates only, never dioptres.

    Each stands in the calendar once: on the day its end is announced (lead days before) while it
    counts, on its expiry date afterwards; a replaced one nowhere.
    """

    _inherit = "optica.occurrence"
    _depends = {
        "optica.prescription": [
            "active",
            "company_id",
            "entered_by_id",
            "expiry_date",
            "is_replaced",
            "patient_id",
            "reminder_date",
        ],
        "optica.service.order": [
            "company_id",
            "origin_id",
            "partner_id",
            "promised_date",
            "ready_date",
            "state",
            "survey_date",
            "unfetched_date",
            "user_id",
        ],
        "dunning.call": ["call_again_at", "partner_id", "started_at", "undone_at", "user_id"],
        "mail.activity": ["active", "activity_type_id", "date_deadline", "res_id", "res_model"],
        "mail.activity.type": ["category"],
    }

    def _branches_of_prescriptions(self, today: date) -> list[SQL]:
        return [
            *self._branch_prescription(
                "prescription_expiring",
                SQL("prescription.reminder_date"),
                SQL("prescription.expiry_date >= %s", today),
            ),
            *self._branch_prescription(
                "prescription_expired",
                SQL("prescription.expiry_date"),
                SQL("prescription.expiry_date < %s", today),
            ),
        ]

    def _branch_prescription(self, kind: str, day: SQL, condition: SQL) -> list[SQL]:
        columns = {
            "id": SQL("prescription.id::bigint * %s + %s", ID_SLOTS, PRESCRIPTION_SLOT),
            "source_id": SQL("prescription.id"),
            "source_model": SQL("'optica.prescription'"),
            "date": day,
            "event_date": SQL("prescription.expiry_date"),
            "partner_id": SQL("prescription.patient_id"),
            "partner_name": SQL("partner.complete_name"),
            "phone": SQL("COALESCE(payer.phone, partner.phone)"),
            "company_id": SQL("prescription.company_id"),
            "user_id": SQL("COALESCE(partner.user_id, prescription.entered_by_id)"),
            "res_model": SQL("'optica.prescription'"),
            "res_id": SQL("prescription.id"),
            "currency_id": SQL("%s", self.env.company.currency_id.id),
        }
        if kind == "prescription_expiring":
            columns["todo_date"] = day
        return self._select(
            kind,
            columns,
            SQL(
                """optica_prescription prescription
         LEFT JOIN res_partner partner ON partner.id = prescription.patient_id
         LEFT JOIN res_partner payer ON payer.id = partner.payer_id"""
            ),
            SQL("prescription.active AND NOT prescription.is_replaced AND %s", condition),
        )

    # ---- Glasses in the calendar: promised, late, ready, and ready for too long

    def _branches_of_glasses(self, today: date) -> list[SQL]:
        open_orders = SQL("o.state IN ('draft', 'at_lab') AND o.promised_date")
        promised, ready = SQL.identifier("o", "promised_date"), SQL.identifier("o", "ready_date")
        days_late = SQL("%s::date - o.promised_date", today)
        unfetched = SQL.identifier("o", "unfetched_date")
        return [
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

    # ---- Calls that somebody planned: agreed upon in the work list, or an activity of type call

    def _branches_of_calls(self, today: date) -> list[SQL]:
        return [
            *self._select("scheduled_call", *self._callback(today)),
            *self._select("scheduled_call", *self._activity()),
        ]

    def _callback(self, today: date) -> tuple[dict[str, SQL], SQL, SQL]:
        """The last contact of a customer ended with “call again”.

        Like in the work list, an agreement of long ago that nobody kept is forgotten.
        """
        day = SQL(
            "(agreed.call_again_at AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", str(self.env.tz)
        )
        columns = {
            "id": SQL("agreed.id::bigint * %s + %s", ID_SLOTS, CALLBACK_SLOT),
            "source_id": SQL("agreed.id"),
            "source_model": SQL("'dunning.call'"),
            "event_date": day,
            "partner_id": SQL("agreed.partner_id"),
            "partner_name": SQL("partner.complete_name"),
            "phone": SQL("COALESCE(agreed.phone, partner.phone)"),
            "company_id": SQL("agreed.company_id"),
            "user_id": SQL("agreed.user_id"),
            "res_model": SQL("'res.partner'"),
            "res_id": SQL("agreed.partner_id"),
            "currency_id": SQL("company.currency_id"),
        }
        return (
            columns,
            SQL(
                """dunning_call agreed
         LEFT JOIN res_partner partner ON partner.id = agreed.partner_id
         LEFT JOIN res_company company ON company.id = agreed.company_id"""
            ),
            SQL(
                """agreed.undone_at IS NULL AND agreed.call_again_at >= %s
               AND NOT EXISTS (SELECT FROM dunning_call newer
                                WHERE newer.partner_id = agreed.partner_id
                                  AND newer.undone_at IS NULL
                                  AND (newer.started_at, newer.id)
                                      > (agreed.started_at, agreed.id))""",
                today - CALLBACK_MEMORY - timedelta(days=1),
            ),
        )

    def _activity(self) -> tuple[dict[str, SQL], SQL, SQL]:
        """Open activities of type call on records of a customer, and those that were marked."""
        sources = SQL(" UNION ALL ").join(
            SQL(
                """SELECT record.%s AS partner_id, record.company_id FROM %s record
                    WHERE activity.res_model = %s AND record.id = activity.res_id""",
                SQL.identifier(column),
                SQL.identifier(table),
                model,
            )
            for model, (table, column) in CALLED_MODELS.items()
        )
        columns = {
            "id": SQL("activity.id::bigint * %s + %s", ID_SLOTS, ACTIVITY_SLOT),
            "source_id": SQL("activity.id"),
            "source_model": SQL("'mail.activity'"),
            "event_date": SQL("activity.date_deadline"),
            "partner_id": SQL("called.partner_id"),
            "partner_name": SQL("partner.complete_name"),
            "phone": SQL("partner.phone"),
            "company_id": SQL("called.company_id"),
            "user_id": SQL("activity.user_id"),
            "res_model": SQL("activity.res_model"),
            "res_id": SQL("activity.res_id"),
            "currency_id": SQL("%s", self.env.company.currency_id.id),
        }
        return (
            columns,
            SQL(
                """mail_activity activity
              JOIN mail_activity_type type ON type.id = activity.activity_type_id
        CROSS JOIN LATERAL (%s) called
         LEFT JOIN res_partner partner ON partner.id = called.partner_id""",
                sources,
            ),
            SQL(
                """type.category = 'phonecall' AND called.partner_id IS NOT NULL
               AND (activity.active OR mark.id IS NOT NULL)"""
            ),
        )

    # ------------------------ Satisfaction surveys, some days after the delivery

    def _branch_survey(self, today: date) -> list[SQL]:
        """Of glasses that are being made again nobody is asked how they are."""
        columns = {
            "id": SQL("o.id::bigint * %s + %s", ID_SLOTS, SURVEY_SLOT),
            "source_id": SQL("o.id"),
            "source_model": SQL("'optica.service.order'"),
            "event_date": SQL("o.survey_date"),
            "partner_id": SQL("o.partner_id"),
            "partner_name": SQL("partner.complete_name"),
            "phone": SQL("partner.phone"),
            "company_id": SQL("o.company_id"),
            "user_id": SQL("o.user_id"),
            "res_model": SQL("'optica.service.order'"),
            "res_id": SQL("o.id"),
            "currency_id": SQL("company.currency_id"),
        }
        return self._select(
            "survey",
            columns,
            SQL(
                """optica_service_order o
         LEFT JOIN res_partner partner ON partner.id = o.partner_id
         LEFT JOIN res_company company ON company.id = o.company_id"""
            ),
            SQL(
                """o.state = 'delivered' AND o.survey_date >= %s
               AND NOT EXISTS (SELECT FROM optica_service_order again
                                WHERE again.origin_id = o.id AND again.state = ANY(%s))""",
                today - timedelta(days=SURVEY_DAYS),
                [str(state) for state in OPEN_STATES],
            ),
        )


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

    # ---- Delivered glasses have a day on which their owner is asked how they are

    survey_date = fields.Date(compute="_compute_survey_date", store=True)

    _survey = models.Index("(survey_date) WHERE state = 'delivered'")

    @api.depends("delivered_date")
    def _compute_survey_date(self):
        """By the setting on the day of the delivery: a later change moves no survey."""
        for order in self:
            days = order.company_id.sudo().survey_days
            order.survey_date = order.delivered_date and order.delivered_date + timedelta(days)


class ResCompany(models.Model):
    """When customers are asked whether they are content."""

    _inherit = "res.company"

    survey_days = fields.Integer(
        string="Days Until the Survey",
        default=5,
        help="So many days after a delivery the calendar has the customer's satisfaction survey. "
        "Changes count for later deliveries.",
    )

    _survey_days = models.Constraint(
        "CHECK(survey_days >= 0)", "The survey comes on the day of the delivery or later."
    )
