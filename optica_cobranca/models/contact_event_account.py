from odoo import models


class ContactEvent(models.Model):
    """Brings news about an account to its gateways."""

    _inherit = "contact.event"

    def _heed_all(self, gateway, new):
        super()._heed_all(gateway, new)
        siblings = gateway._siblings()
        for _event_id, notice in new:
            if notice.news is None:
                continue
            concerned = siblings.filtered(
                lambda sibling, account=notice.account_id: (
                    sibling.business_account_id and sibling.business_account_id.strip() == account
                )
            )
            for target in concerned or gateway:
                target._heed_news(notice)
