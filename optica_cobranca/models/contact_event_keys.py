from odoo import models

from ..clients.base import SEND_PAGE, STOP_CALLS

PAGE_TEMPLATE = "payment_page"


class ContactEvent(models.Model):
    """What customers ask for by a key while the shop's message is read out to them."""

    _inherit = "contact.event"

    def _receive(self, gateway, inbound):
        result = super()._receive(gateway, inbound)
        if inbound.kind == "keys" and self.partner_id:
            self._heed_keys(gateway, inbound)
        return result

    def _heed_keys(self, gateway, inbound):
        if inbound.payload == STOP_CALLS:
            self._opt_out(self.partner_id, gateway, inbound)
        elif inbound.payload == SEND_PAGE:
            self._send_page(gateway)

    def _send_page(self, gateway):
        """Queue the page's address for the customer who has just asked for it."""
        template = self.env["contact.template"].search(
            [
                ("code", "=", PAGE_TEMPLATE),
                ("company_id", "in", (gateway.company_id.id, False)),
            ],
            order="company_id",
            limit=1,
        )
        if not template:
            self.note = self.env._("No message template has the code %s.", PAGE_TEMPLATE)
            return
        call = self.message_id or self.env["contact.message"].search(
            [("provider_id", "=", self.provider_id.partition(":")[0])], limit=1
        )
        source = call.notice_id or self.partner_id
        self.env["contact.message"].with_company(gateway.company_id)._enqueue(source, template)
