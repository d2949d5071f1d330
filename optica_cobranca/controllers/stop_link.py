from odoo import http
from odoo.http import request

from ..models.messaging.contact_message import STOP_PATH

# Neither kept by anybody on the way nor found by search engines; the address tells nobody.
PRIVATE = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}


class StopLink(http.Controller):
    """Where customers stop messages, without logging in.

    Looking at the page changes nothing: mail programs open links by themselves to check them.
    """

    @http.route(
        f"{STOP_PATH}/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    def show(self, token, **_params):
        """The choices, or 404 for a link that we did not make."""
        return self._page(token)

    @http.route(
        f"{STOP_PATH}/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        csrf=False,  # the signed link is the proof; mail programs post without a session
        save_session=False,
        sitemap=False,
    )
    def stop(self, token, choice="all", **_params):
        """Record the choice; a mail program's one click (RFC 8058) stops everything."""
        message = request.env["contact.message"]._find_by_stop_token(token)
        if message and not message._apply_stop_choice(choice):
            return request.make_response("", status=400)
        return self._page(token, choice)

    def _page(self, token, choice=None):
        message = request.env["contact.message"]._find_by_stop_token(token)
        if not message:
            return request.make_response(
                request.env["ir.qweb"]._render(
                    "optica_cobranca.stop_link_unknown",
                    {"shops": request.env["crediario.customer.link"]._shops()},
                ),
                headers=[*PRIVATE.items(), ("Content-Type", "text/html; charset=utf-8")],
                status=404,
            )
        if lang := message._lang():
            request.update_context(lang=lang)
        # Told to whoever holds the link: the shop's name and the channel, nothing of the customer.
        values = {
            "shop": message.company_id.name,
            "channel": message.channel,
            "token": token,
            "choices": message._stop_choices(),
            "done": choice,
        }
        response = request.render("optica_cobranca.stop_link_page", values)
        response.headers.update(PRIVATE)
        return response
