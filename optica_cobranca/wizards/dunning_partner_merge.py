from odoo import api, models


class PartnerMerge(models.TransientModel):
    """Customers who are merged keep the history of both."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Core deletes what would break a unique index: let no two notices of a day meet."""
        self.env["dunning.notice"].sudo()._prepare_merge(src_partners | dst_partner)
        self.env["dunning.rating"].sudo()._prepare_merge(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)
