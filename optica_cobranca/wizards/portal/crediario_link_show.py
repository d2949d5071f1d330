from odoo import fields, models


class CrediarioLinkShow(models.TransientModel):
    """A private link to open or to copy; the window is never saved."""

    _name = "crediario.link.show"
    _description = "Private Link to Copy"

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    url = fields.Char(string="Address", store=False, readonly=True)
    expires_at = fields.Datetime("Valid Until", readonly=True)
