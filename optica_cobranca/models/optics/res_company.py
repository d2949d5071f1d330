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

    # --------------- How the shop promises glasses and tells that they are ready

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

    delivery_debt = fields.Selection(
        [("nothing", "Say nothing"), ("warn", "Warn"), ("stop", "Stop; a manager may deliver")],
        string="Delivery with Something Unpaid",
        default="warn",
        required=True,
        help="When glasses are handed over while the sale's down payment is open or the customer "
        "has late installments.",
        groups="optica_cobranca.group_seller",
    )
    unfetched_days = fields.Integer(
        string="Days Until Glasses Count as Not Fetched",
        default=7,
        help="So many days after glasses became ready the calendar has the customer to be "
        "reminded. Changes count for glasses that become ready later.",
        groups="optica_cobranca.group_seller",
    )

    _unfetched_days = models.Constraint(
        "CHECK(unfetched_days > 0)", "Nobody is reminded on the day on which the glasses are ready."
    )
    _service_order_days = models.Constraint(
        "CHECK(service_order_days >= 0)", "Glasses are not promised for the past."
    )
