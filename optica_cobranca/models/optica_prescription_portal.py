from datetime import date

from odoo import api, models

from ..domain.guardianship import represents


class OpticaPrescription(models.Model):
    """Prescriptions as the patient, or who represents the patient, sees them."""

    _inherit = "optica.prescription"

    @api.model
    def _of_person(self, person, companies, on: date):
        """Prescriptions of ``person`` and of children and wards ``person`` pays for, newest first.

        With sudo: the right is the patient's own (LGPD art. 18). Whoever else belongs to the same
        company as the person sees nothing, nor does who pays for a grown-up.
        """
        person = person.sudo()
        patients = person | person.dependant_ids.filtered(
            lambda patient: represents(patient.kinship, patient.birthdate or None, on)
        )
        return self.sudo().search(
            [("patient_id", "in", patients.ids), ("company_id", "in", companies.ids)]
        )
