import logging
import re

from odoo import http
from odoo.http import request

from ..clients.http.untrusted import read_json, text_of, text_within
from ..clients.provider import is_same_secret
from ..tools.shop.lost_races import repeated

_logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1024 * 1024
MAX_PIX = 1000
_END_TO_END_ID = re.compile(r"[A-Za-z0-9]{32}")


class PixWebhook(http.Controller):
    """Where a bank reports what was received (API Pix: it appends ``/pix`` to the address).

    The caller proves itself by the secret in the address, and by a header of the web server when
    that one checks the bank's certificate. Even then only the ids are taken: each Pix is read at
    the bank before anything is booked.
    """

    @http.route(
        [
            "/optica_cobranca/pix/<string:uuid>/<string:secret>",
            "/optica_cobranca/pix/<string:uuid>/<string:secret>/pix",
        ],
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        sitemap=False,
        max_content_length=MAX_BODY_BYTES,
    )
    def receive(self, uuid, secret, **_params):
        """200 when the ids are stored, 403 when the bank did not make the call, 413 too much."""
        account = self._account(uuid, secret)
        if not account:
            return request.make_response("", status=403)
        data = read_json(request.httprequest.get_data(cache=True, parse_form_data=False))
        items = data.get("pix") if isinstance(data, dict) else None
        if not isinstance(items, list):
            # Banks try the address with an empty call when it is registered.
            return request.make_response("", status=200)
        ids = [text_of(item, "endToEndId") for item in items[:MAX_PIX]]
        found = {each for each in ids if _END_TO_END_ID.fullmatch(each)}
        if found:
            with repeated():  # by Odoo, when the same ids come twice at once
                request.env["pix.payment"].sudo()._announce(account, found)
                request.env.cr.flush()
        return request.make_response("", status=200)

    def _account(self, uuid, secret):
        """The account that this call may report about; none for strangers.

        The one place where a visitor gains rights: secrets are compared in constant time, an
        unknown account takes as long as a known one.
        """
        accounts = request.env["pix.account"].sudo()
        account = accounts.search(
            [("uuid", "=", text_within(uuid, 64)), ("state", "!=", "disabled")], limit=1
        )
        known = account.webhook_secret or "no account has this secret"
        if not account or not is_same_secret(known, secret) or not self._proxy_agrees(account):
            _logger.warning("Pix webhook: a call that is not the bank's")
            return accounts
        return account

    def _proxy_agrees(self, account):
        if not account.proxy_header:
            return True
        told = request.httprequest.headers.get(account.proxy_header, "")
        return is_same_secret(account.proxy_value or "", told)
