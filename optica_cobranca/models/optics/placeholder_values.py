from odoo import api, models

OF_PATIENT = frozenset({"patient_name", "patient_first_name"})


class PlaceholderValues(models.AbstractModel):
    """Whom a message to a payer or guardian is about: a child's birthday, a child's glasses."""

    _inherit = "contact.placeholder.values"

    @api.model
    def _for_subjects(self, subjects, names, on):
        subjects = list(subjects)
        values = super()._for_subjects(subjects, names, on)
        if not OF_PATIENT & set(names):
            return values
        for subject in subjects:
            name = self._of_customer(self._patient(subject))
            values[subject.key].update(
                patient_name=name["customer_name"], patient_first_name=name["customer_first_name"]
            )
        return values

    @api.model
    def _patient(self, subject):
        """The person of the record the message tells of; the customer where it names nobody.

        With sudo: whoever sends needs the name alone.
        """
        partners = self.env["res.partner"].sudo()
        if subject.res_model == "res.partner":
            return partners.browse(subject.res_id).exists() or partners.browse(subject.partner_id)
        if subject.res_model and "patient_id" in self.env[subject.res_model]._fields:
            record = self.env[subject.res_model].sudo().browse(subject.res_id).exists()
            return record.patient_id or partners.browse(subject.partner_id)
        return partners.browse(subject.partner_id)
