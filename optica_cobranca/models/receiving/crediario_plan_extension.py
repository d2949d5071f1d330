from odoo import fields, models


class CrediarioPlan(models.Model):
    """How far a collector may move the due dates of this plan's installments alone."""

    _inherit = "crediario.plan"

    extension_max_days = fields.Integer(default=30, tracking=True)
    extension_max_number = fields.Integer(default=2, tracking=True)
    extension_max_total_days = fields.Integer(default=60, tracking=True)
    own_extension_max_days = fields.Integer(tracking=True)

    _extension_limits_positive = models.Constraint(
        "CHECK(extension_max_days >= 0 AND extension_max_number >= 0"
        " AND extension_max_total_days >= 0 AND own_extension_max_days >= 0)",
        "Limits of extensions cannot be negative.",
    )
