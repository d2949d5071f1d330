from odoo import api, fields, models

HOURS = (
    "contact_weekday_start",
    "contact_weekday_end",
    "contact_saturday",
    "contact_saturday_start",
    "contact_saturday_end",
)


class ContactHours(models.TransientModel):
    """The hours in which the shop writes to customers, for managers.

    They live on the company, which only administrators may change otherwise.
    """

    _name = "contact.hours"
    _description = "Hours of Messages"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    contact_weekday_start = fields.Float("Monday to Friday from", required=True)
    contact_weekday_end = fields.Float("until", required=True)
    contact_saturday = fields.Boolean("On Saturdays too")
    contact_saturday_start = fields.Float("Saturdays from")
    contact_saturday_end = fields.Float("Saturdays until")
    contact_timezone = fields.Char("Time Zone of the Shop", related="company_id.contact_timezone")

    @api.model
    def default_get(self, fields):
        """As they are now."""
        values = super().default_get(fields)
        company = self.env.company
        return {**values, **{name: company[name] for name in HOURS if name in fields}}

    def action_save(self):
        """Write them to the company; its own check keeps them inside the limits of the law.

        The one place where a manager gains the right to change the company, and only in this.
        """
        self.ensure_one()
        self._check_role("manager")
        self.company_id.sudo().write({name: self[name] for name in HOURS})
        return {"type": "ir.actions.act_window_close"}
