import logging

from odoo import http
from odoo.http import request

from ..clients.whatsapp_cloud import parse_webhook, signature_is_valid, verify_subscription

_logger = logging.getLogger(__name__)

# Meta bundles up to 1,000 updates; far more than that is not Meta.
MAX_BODY_BYTES = 3 * 1024 * 1024
SIGNATURE_HEADER = "X-Hub-Signature-256"


class ContactWebhook(http.Controller):
    """Where providers report: WhatsApp Cloud API."""

    @http.route(
        "/optica_cobranca/webhook/<string:uuid>",
        type="http",
        auth="public",
        methods=["GET"],
        csrf=False,
        save_session=False,
        sitemap=False,
    )
    def verify(self, uuid, **params):
        """Meta asks whether the address is ours: the challenge back, or 403."""
        gateway = self._gateway(uuid)
        if not gateway:
            return request.make_response("", status=404)
        challenge = verify_subscription(params, gateway.verify_token or "")
        if challenge is None:
            return request.make_response("", status=403)
        return request.make_response(
            challenge, headers=[("Content-Type", "text/plain; charset=utf-8")]
        )

    @http.route(
        "/optica_cobranca/webhook/<string:uuid>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        sitemap=False,
    )
    def receive(self, uuid, **_params):
        """Statuses and messages: 200 when stored, 403 when not signed by the app."""
        gateway = self._gateway(uuid)
        if not gateway:
            return request.make_response("", status=404)
        if (request.httprequest.content_length or 0) > MAX_BODY_BYTES:
            return request.make_response("", status=413)
        body = request.httprequest.get_data(cache=True, parse_form_data=False)
        if len(body) > MAX_BODY_BYTES:
            return request.make_response("", status=413)
        header = request.httprequest.headers.get(SIGNATURE_HEADER)
        if not signature_is_valid(gateway.app_secret or "", body, header):
            _logger.warning("Webhook of gateway %s: the signature is not the app's", gateway.id)
            return request.make_response("", status=403)
        request.env["contact.event"].sudo()._take_in(gateway, parse_webhook(body))
        return request.make_response("", status=200)

    def _gateway(self, uuid):
        """The gateway with this key, with the right to read its secrets.

        The one place where a visitor gains rights: the key is 122 random bits, and what is done
        next with the gateway is to check the signature.
        """
        gateways = request.env["contact.gateway"].sudo().with_context(active_test=False)
        return gateways.search([("uuid", "=", uuid), ("provider", "=", "whatsapp_cloud")], limit=1)
