from odoo import api, fields, models

from ...models.messaging.res_company import AUTOMATIC_MESSAGES

SWITCHES = tuple(AUTOMATIC_MESSAGES.values())


class ContactAutomatic(models.TransientModel):
    """Which messages leave by themselves besides the ladder's, for managers.

    The switches live on the company, which only administrators may change otherwise.
    """

    _name = "contact.automatic"
    _description = "Automatic Messages"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    contact_on_promise_due = fields.Boolean("The day before a promised payment")
    contact_on_promise_broken = fields.Boolean("When a promise was broken")
    contact_on_payment = fields.Boolean("Thanks for a payment at the cashier")
    contact_on_contract = fields.Boolean("Welcome with the page of the new contract")

    @api.model
    def default_get(self, fields):
        """As they are now."""
        values = super().default_get(fields)
        company = self.env.company
        return {**values, **{name: company[name] for name in SWITCHES if name in fields}}

    def action_save(self):
        """Write them to the company.

        The one place where a manager gains the right to change the company, and only in this.
        """
        self.ensure_one()
        self._check_role("manager")
        self.company_id.sudo().write({name: self[name] for name in SWITCHES})
        return {"type": "ir.actions.act_window_close"}

    def action_open_templates(self):
        """The texts these messages have."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_contact_template"
        )
        return {**action, "domain": [("code", "in", list(AUTOMATIC_MESSAGES))], "target": "current"}
