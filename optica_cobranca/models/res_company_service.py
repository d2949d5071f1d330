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

    unfetched_days = fields.Integer(
        string="Days Until Glasses Count as Not Fetched",
        default=7,
        help="So many days after glasses became ready the calendar has the customer to be "
        "reminded. Changes count for glasses that become ready later.",
    )

    _unfetched_days = models.Constraint(
        "CHECK(unfetched_days > 0)", "Nobody is reminded on the day on which the glasses are ready."
    )
    _service_order_days = models.Constraint(
        "CHECK(service_order_days >= 0)", "Glasses are not promised for the past."
    )
