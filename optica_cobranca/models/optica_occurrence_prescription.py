from datetime import date

from odoo import models
from odoo.tools import SQL

from .optica_occurrence import ID_SLOTS

PRESCRIPTION_SLOT = 8


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
        ]
    }

    def _branches(self, today: date) -> list[SQL]:
        return [
            *super()._branches(today),
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

    def action_open_document(self):
        """A prescription opens by itself, with what the reader may see of it."""
        if self.res_model == "optica.prescription":
            return self.env["optica.prescription"].browse(self.res_id)._get_records_action()
        return super().action_open_document()
