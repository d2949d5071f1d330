from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain.birthdays import is_day_of_year

MONTHS = [
    ("01", "January"),
    ("02", "February"),
    ("03", "March"),
    ("04", "April"),
    ("05", "May"),
    ("06", "June"),
    ("07", "July"),
    ("08", "August"),
    ("09", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]


class ResPartner(models.Model):
    """A customer's birthday; of many a shop knows the day and not the year."""

    _inherit = "res.partner"

    birthdate = fields.Date(
        help="Shown in the calendar of occurrences; no collection message leaves on this day."
    )
    birth_day = fields.Integer(
        string="Day of Birth",
        compute="_compute_birth_day",
        store=True,
        readonly=False,
        aggregator=None,
        help="Of somebody who does not tell the year. With a birthdate it follows from that.",
    )
    birth_month = fields.Selection(
        MONTHS,
        string="Month of Birth",
        compute="_compute_birth_day",
        store=True,
        readonly=False,
    )
    birth_month_day = fields.Integer(
        compute="_compute_birth_month_day",
        store=True,
        aggregator=None,
        help="Month × 100 + day of the birthday, 0 when unknown: finds the birthdays of a day.",
    )
    last_purchase_date = fields.Date(
        string="Last Purchase",
        compute="_compute_last_purchase_date",
        groups="optica_cobranca.group_seller",
        help="The day of the latest invoice to this customer.",
    )

    # Birthdays of a day. Most partners have none, so they stay out of the index. What comes along
    # lets the calendar count those of a month, or of one responsible, without reading the partners.
    _birthday = models.Index(
        "(birth_month_day, user_id) INCLUDE (id, company_id, birthdate, payer_id)"
        " WHERE birth_month_day > 0 AND active"
    )

    # ------------------------------------------------------------- compute

    @api.depends("birthdate")
    def _compute_birth_day(self):
        """Follows the birthdate; what was entered without a year stays."""
        for partner in self.filtered("birthdate"):
            partner.birth_day = partner.birthdate.day
            partner.birth_month = f"{partner.birthdate.month:02d}"

    @api.onchange("birthdate")
    def _onchange_birthdate(self):
        """A birthdate that is taken away takes day and month with it, on the form at once."""
        if not self.birthdate and self._origin.birthdate:
            self.birth_day, self.birth_month = 0, False

    @api.depends("birth_day", "birth_month")
    def _compute_birth_month_day(self):
        for partner in self:
            is_known = partner.birth_day and partner.birth_month
            partner.birth_month_day = is_known and int(partner.birth_month) * 100 + (
                partner.birth_day
            )

    @api.depends_context("company")
    def _compute_last_purchase_date(self):
        """With sudo: when a customer bought last is no secret of the colleague who sold it."""
        customers = self.commercial_partner_id
        found = dict(
            self.env["account.move"]
            .sudo()
            ._read_group(
                [
                    ("commercial_partner_id", "in", customers.ids),
                    ("move_type", "=", "out_invoice"),
                    ("state", "=", "posted"),
                    ("company_id", "in", self.env.companies.ids),
                ],
                ["commercial_partner_id"],
                ["invoice_date:max"],
            )
        )
        for partner in self:
            partner.last_purchase_date = found.get(partner.commercial_partner_id._origin, False)

    # --------------------------------------------------------- constraints

    @api.constrains("birth_day", "birth_month", "birthdate")
    def _check_birthday(self):
        for partner in self:
            day, month = partner.birth_day, partner.birth_month
            if (day or month) and not (day and month and is_day_of_year(int(month), day)):
                raise ValidationError(
                    self.env._(
                        "%(customer)s: a birthday without a year has a day and a month, such as 29 "
                        "and February.",
                        customer=partner.display_name or "",
                    )
                )
            born = partner.birthdate
            if born and (born.day, f"{born.month:02d}") != (day, month):
                raise ValidationError(
                    self.env._(
                        "%(customer)s: day and month follow from the birthdate. Change that one.",
                        customer=partner.display_name or "",
                    )
                )

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """Whose birthdate is taken away has no birthday any more, unless one is given with it."""
        if "birthdate" not in vals or vals["birthdate"]:
            return super().write(vals)
        dated = self.filtered("birthdate")
        super(ResPartner, dated).write({"birth_day": 0, "birth_month": False, **vals})
        return super(ResPartner, self - dated).write(vals)

    # ------------------------------------------------------------- actions

    def action_send_birthday(self):
        """Choose the message to these customers, the greeting proposed."""
        kind = self.env["optica.occurrence.type"]._of_kind("birthday")
        action = self._action_send_message()
        template = kind._template_for(self.env.company)
        return {**action, "context": {**action["context"], "default_template_id": template.id}}

    # ------------------------------------------------------------ business

    def _birthday_parts(self):
        """(month, day) of the birthday, or None when it is not known."""
        self.ensure_one()
        return divmod(self.birth_month_day, 100) if self.birth_month_day else None
