from odoo import fields, models


class ResCompany(models.Model):
    """How long prescriptions count, and how early their end is announced."""

    _inherit = "res.company"

    prescription_months = fields.Integer(
        string="Prescriptions Count (Months)",
        default=12,
        help="Proposed expiry after the exam. No law sets it; 6 to 12 months are usual.",
    )
    prescription_minor_months = fields.Integer(
        string="Of Minors (Months)",
        default=6,
        help="For patients who were under 18 on the day of the exam.",
    )
    prescription_lead_days = fields.Integer(
        string="Announced Before (Days)",
        default=30,
        help="The calendar shows a prescription as expiring so many days before its expiry date.",
    )

    _prescription_terms = models.Constraint(
        "CHECK(prescription_months BETWEEN 1 AND 24"
        " AND prescription_minor_months BETWEEN 1 AND 24"
        " AND prescription_lead_days BETWEEN 0 AND 365)",
        "Prescriptions count for 1 to 24 months and are announced at most a year before.",
    )
