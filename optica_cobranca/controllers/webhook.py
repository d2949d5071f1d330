import logging

from odoo import http
from odoo.http import request

from ..clients.http.untrusted import text_within
from ..clients.provider import WebhookCall, WebhookReply
from ..clients.registry import PROVIDERS
from ..tools.shop.lost_races import repeated

_logger = logging.getLogger(__name__)

# Meta bundles up to 1,000 updates; far more than that is no provider.
MAX_BODY_BYTES = 3 * 1024 * 1024


class ContactWebhook(http.Controller):
    """Where providers report. Who they are and what they say is told by their own clients."""

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
        """The provider asks whether the address is ours: its word back, or 403."""
        gateway, webhook = self._gateway(uuid)
        if not webhook or not webhook.greet:
            return request.make_response("", status=404)
        challenge = webhook.greet(gateway._client_settings(), params)
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
        max_content_length=MAX_BODY_BYTES,
    )
    def receive(self, uuid, **_params):
        """Store what the provider tells; what customers wrote is heeded afterwards.

        :return: 200 when all is stored, 403 when the provider did not make the call, 413 for too
            much
        """
        gateway, webhook = self._gateway(uuid)
        if not webhook:
            return request.make_response("", status=404)
        call = self._call()
        settings = gateway._client_settings()
        if not webhook.is_genuine(settings, call):
            _logger.warning("Webhook of gateway %s: the call is not the provider's", gateway.id)
            return request.make_response("", status=403)
        events = request.env["contact.event"].sudo()
        # A provider speaks no language: what is noted about its news is for the shop.
        events = events.with_context(lang=gateway.company_id._language())
        with repeated():  # by Odoo, when the same news come twice at once
            events._accept(gateway, webhook.parse(call))
            request.env.cr.flush()
        reply = webhook.reply(settings, call) if webhook.reply else WebhookReply()
        return request.make_response(reply.body, headers=[("Content-Type", reply.content_type)])

    def _call(self):
        """The request as the clients know it. Of a form Odoo has left the fields only."""
        http_request = request.httprequest
        return WebhookCall(
            body=http_request.get_data(cache=True, parse_form_data=False),
            headers=http_request.headers,
            form=tuple(http_request.form.items(multi=True)),
            query=http_request.query_string.decode("utf-8", "replace"),
        )

    def _gateway(self, uuid):
        """The gateway with this key, with the right to read its secrets, and its webhook.

        The one place where a visitor gains rights: the key is 122 random bits, and what is done
        next with the gateway is to prove the caller.
        """
        gateways = request.env["contact.gateway"].sudo().with_context(active_test=False)
        gateway = gateways.search([("uuid", "=", text_within(uuid, 64))], limit=1)
        provider = PROVIDERS.get(gateway.provider)
        return gateway, provider.webhook if provider else None
