from odoo import fields, models


class ContactEventAssign(models.TransientModel):
    """Say which customer wrote, when the number or account is not known yet."""

    _name = "contact.event.assign"
    _description = "Say Who Wrote"

    event_id = fields.Many2one("contact.event", required=True, readonly=True, ondelete="cascade")
    text = fields.Text(related="event_id.text")
    partner_id = fields.Many2one("res.partner", "Customer", required=True)

    def action_assign(self):
        """The words go to the customer; the next ones are recognised by themselves."""
        self.ensure_one()
        self.event_id.assign_to(self.partner_id)
        return {"type": "ir.actions.act_window_close"}
