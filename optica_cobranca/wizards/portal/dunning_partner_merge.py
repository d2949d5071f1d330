from odoo import api, models

# Models with a rule of which a customer may have one only. Odoo lets the database refuse what
# breaks such a rule, so each of them brings two customers' rows together first.
ONE_A_CUSTOMER = (
    "dunning.notice",
    "dunning.rating",
    "dunning.work.lock",
    "contact.change",
    "contact.thread",
    "crediario.agreement",
    "optica.occurrence.mark",
    "optica.campaign.sending",
)


class PartnerMerge(models.TransientModel):
    """Customers who are merged keep the history of both."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Before the rows of both become one customer's: no two may meet where one is allowed."""
        self.env.flush_all()
        for name in ONE_A_CUSTOMER:
            # With sudo: who may merge contacts need not be allowed to see all that hangs on them.
            self.env[name].sudo()._prepare_merge(src_partners - dst_partner, dst_partner)
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
