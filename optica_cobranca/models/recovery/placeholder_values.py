from odoo import api, models


class PlaceholderValues(models.AbstractModel):
    """What the notice before the bureau says of the shop's own rules."""

    _inherit = "contact.placeholder.values"

    @api.model
    def _of_shops(self, company_ids):
        shops = super()._of_shops(company_ids)
        for company in self.env["res.company"].sudo().browse(company_ids):
            shops[company.id]["bureau_waiting_days"] = str(company.bureau_waiting_days)
        return shops
