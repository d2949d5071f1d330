from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DunningDisputeReason(models.Model):
    """Why customers don't pay, and what the shop does about each reason."""

    _name = "dunning.dispute.reason"
    _description = "Reason for Not Paying"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(copy=False, help="For reports and imports; unique.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    note = fields.Text(
        string="What to Say",
        translate=True,
        help="Shown to the person who talks to the customer.",
    )
    shop_fault = fields.Boolean(
        string="The Shop's Fault",
        help="The delay begins with something the shop can prevent: a defect, a late delivery.",
    )
    is_health = fields.Boolean(
        string="About Health",
        help="Only collectors see disputes with this reason, no message is sent about them, and "
        "the customer's history names no reason.",
    )
    holds = fields.Boolean(
        string="Holds the Ladder", help="No reminder about what is disputed while it is open."
    )
    hold_days = fields.Integer(
        string="For (Days)", help="How long the ladder rests at most. 0: until it is closed."
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Activity",
        ondelete="restrict",
        domain="[('res_model', 'in', (False, 'dunning.dispute'))]",
        help="What the shop has to do about it. Empty: nothing.",
    )
    activity_summary = fields.Char(string="Task", translate=True)
    activity_days = fields.Integer(
        string="Within (Days)", default=1, help="Days until the activity is due."
    )
    responsible = fields.Selection(
        [
            ("seller", "Salesperson of the customer"),
            ("collector", "Collector in charge"),
            ("user", "A certain person"),
        ],
        string="For Whom",
        default="collector",
        required=True,
    )
    responsible_user_id = fields.Many2one(
        "res.users", string="Person", domain="[('share', '=', False)]"
    )
    template_id = fields.Many2one(
        "contact.template",
        string="Apology",
        ondelete="restrict",
        domain="[('purpose', '=', 'service')]",
        help="Offered to be sent when the reason is registered.",
    )

    _code_unique = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "Another reason has this code already."
    )
    _days = models.Constraint(
        "CHECK(hold_days >= 0 AND activity_days >= 0)", "Days cannot be negative."
    )

    # --------------------------------------------------------- constraints

    @api.constrains("is_health", "template_id", "responsible")
    def _check_health(self):
        for reason in self.filtered("is_health"):
            if reason.template_id:
                raise ValidationError(
                    self.env._("No message is sent about a customer's health: remove the apology.")
                )
            if reason.responsible == "seller":
                raise ValidationError(
                    self.env._(
                        "Only collectors see reasons about health: give the activity to the "
                        "collector in charge or to a certain person who is one."
                    )
                )

    @api.constrains("template_id")
    def _check_template(self):
        for reason in self:
            if reason.template_id and reason.template_id.purpose != "service":
                raise ValidationError(
                    self.env._("An apology is a message about the service, not about the debt.")
                )

    @api.constrains("responsible", "responsible_user_id", "is_health")
    def _check_person(self):
        for reason in self.filtered(lambda reason: reason.responsible == "user"):
            user = reason.responsible_user_id
            if not user:
                raise ValidationError(self.env._("Choose the person who gets the activity."))
            group = "collector" if reason.is_health else "seller"
            if not user.has_group(f"optica_cobranca.group_{group}"):
                raise ValidationError(
                    self.env._(
                        "%(user)s may not see these disputes. Choose somebody else, or give the "
                        "right to in the user's settings.",
                        user=user.name,
                    )
                )
