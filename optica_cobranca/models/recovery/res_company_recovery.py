from odoo import fields, models

from ...domain.recovery.bureau import DEFAULT_WAITING_DAYS


class ResCompany(models.Model):
    """How the shop goes further than reminders: credit bureau, letters, agency."""

    _inherit = "res.company"

    bureau_adapter = fields.Selection(
        [("file", "Files to upload")],
        string="Credit Bureau by",
        default="file",
        required=True,
        help="Files: a list to register and a list to remove, uploaded on the bureau's site.",
        groups="optica_cobranca.group_seller",
    )
    bureau_waiting_days = fields.Integer(
        string="Waiting after the Notice (Days)",
        default=DEFAULT_WAITING_DAYS,
        help="Calendar days between the proof that the customer received the written notice and "
        "the earliest registration (CDC art. 43 §2).",
        groups="optica_cobranca.group_seller",
    )
    bureau_min_days_late = fields.Integer(
        string="Bureau from Days Late",
        default=30,
        help="Installments less late than this are never proposed for the credit bureau.",
        groups="optica_cobranca.group_seller",
    )
    bureau_user_id = fields.Many2one(
        "res.users",
        string="In Charge of Removals",
        help="Gets the alarm when a registration must be removed. Empty: the collector in charge.",
        groups="optica_cobranca.group_seller",
    )

    agency_min_days_late = fields.Integer(
        string="Agency from Days Late",
        default=60,
        help="Installments less late than this are not listed under “Eligible for Agency”.",
        groups="optica_cobranca.group_seller",
    )

    _agency_days = models.Constraint(
        "CHECK(agency_min_days_late >= 1)", "Only late installments go to an agency."
    )
    _bureau_days = models.Constraint(
        "CHECK(bureau_waiting_days >= 0 AND bureau_min_days_late >= 1)",
        "The waiting period cannot be negative, and only late installments go to the bureau.",
    )

    def _recovery_user(self):
        """Who gets the tasks of letters, agency and bureau; the present user where none is set."""
        self.ensure_one()
        company = self.sudo()
        return company.bureau_user_id or company.dunning_user_id or self.env.user
