from datetime import date, timedelta

from odoo import models
from odoo.tools import SQL

from .dunning_work_query import CALLBACK_MEMORY
from .optica_occurrence import ID_SLOTS

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


class OpticaOccurrence(models.Model):
    """Calls that somebody planned: agreed upon in the work list, or an activity of type call."""

    _inherit = "optica.occurrence"
    _depends = {
        "dunning.call": ["call_again_at", "partner_id", "started_at", "undone_at", "user_id"],
        "mail.activity": ["active", "activity_type_id", "date_deadline", "res_id", "res_model"],
        "mail.activity.type": ["category"],
    }

    def _branches(self, today: date) -> list[SQL]:
        return [
            *super()._branches(today),
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

    def action_open_document(self):
        """What the call is about; a call agreed upon in the work list is about the customer."""
        if self.source_model == "mail.activity" and self.res_model != "res.partner":
            return self.env[self.res_model].browse(self.res_id)._get_records_action()
        return super().action_open_document()
