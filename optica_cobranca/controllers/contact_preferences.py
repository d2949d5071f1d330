from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..domain.messaging.consent import CHOSEN_CHANNELS, Topic
from .customer_access import PERSONAL_ROOT

URL = f"{PERSONAL_ROOT}/contact"


class ContactPreferencesPortal(CustomerPortal):
    """How the customer wants to hear from the shop."""

    @http.route(URL, type="http", auth="user", website=True, methods=["GET"])
    def portal_my_contact(self, saved=None, **_kwargs):
        """The customer's choices by channel."""
        return self._contact_page(is_saved=bool(saved))

    @http.route(URL, type="http", auth="user", website=True, methods=["POST"])
    def portal_save_contact(self, **answers):
        """Save the choices: a box that is not ticked is a no."""
        # A portal user writes no consent rows; these are about himself only.
        consents = request.env["contact.consent"].sudo()
        wanted = {
            (topic, channel): f"{topic}_{channel}" in answers
            for topic in Topic
            for channel in CHOSEN_CHANNELS
        }
        consents._record_wishes(self._contact_partner(), wanted, "portal", proof=URL)
        return request.redirect(f"{URL}?saved=1")

    def _contact_page(self, is_saved):
        partner = self._contact_partner()
        response = request.render(
            "optica_cobranca.portal_my_contact",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "optica_contact_preferences",
                "wishes": request.env["contact.consent"].sudo()._wishes(partner),
                "channels": CHOSEN_CHANNELS,
                "addresses": {
                    "whatsapp": partner.phone,
                    "sms": partner.phone,
                    "voice": partner.phone,
                    "email": partner.email,
                },
                "is_saved": is_saved,
            },
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def _contact_partner(self):
        """The customer who holds the debts, which the messages are about."""
        return request.env.user.partner_id.commercial_partner_id.sudo()
