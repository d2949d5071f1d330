from odoo import fields, models


class ResCompany(models.Model):
    """How the shop promises glasses and tells that they are ready."""

    _inherit = "res.company"

    service_order_days = fields.Integer(
        string="Days Until Delivery",
        default=7,
        help="Proposed as the promised day of a new service order, moved to a working day.",
    )
    service_order_message = fields.Boolean(
        string="Tell When Ready",
        default=True,
        help="The customer gets the message “glasses ready” when a service order becomes ready.",
    )

    _service_order_days = models.Constraint(
        "CHECK(service_order_days >= 0)", "Glasses are not promised for the past."
    )
