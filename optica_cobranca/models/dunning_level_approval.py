from odoo import fields, models


class DunningLevel(models.Model):
    """How long a notice of this level may wait for a manager."""

    _inherit = "dunning.level"

    approval_days = fields.Integer(
        string="Approval Expires After",
        help="A notice that waited for approval longer than this many days expires: it says what "
        "is no longer true. 0: it waits as long as it takes.",
    )

    _approval_days_positive = models.Constraint(
        "CHECK(approval_days >= 0)",
        "The days until an approval expires cannot be negative; 0 means never.",
    )
