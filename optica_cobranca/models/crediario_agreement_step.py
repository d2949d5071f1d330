from odoo import fields, models


class CrediarioAgreementStep(models.Model):
    """What a collector may forgive in an agreement of debts that are this late or later."""

    _name = "crediario.agreement.step"
    _description = "Discount Limit of Agreements"
    _order = "company_id, min_days_late"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    min_days_late = fields.Integer(string="From Days Late", required=True)
    percent_of_charges = fields.Float(string="Of Charges (%)", digits=(16, 2))
    percent_of_principal = fields.Float(string="Of Principal (%)", digits=(16, 2))

    _once = models.Constraint(
        "UNIQUE(company_id, min_days_late)", "There is a limit for this number of days already."
    )
    _shares = models.Constraint(
        "CHECK(percent_of_charges BETWEEN 0 AND 100 AND percent_of_principal BETWEEN 0 AND 100)",
        "A discount lies between 0% and 100%.",
    )
