import json
import re

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from .customer_access import PERSONAL_ROOT, customer_page
from .customer_agreement import refusals_of

ADDRESS = re.compile(r"[0-9]{1,9}")


class ChangePages(http.Controller):
    """A new number or e-mail, until a code or a clerk confirms it."""

    @customer_page("/confirm", by=["personal"])
    def customer_changes(self, access, sent="", done="", **_params):
        """What waits, and how to confirm it."""
        return _page(access, sent=sent, done=done)

    @customer_page("/confirm/<int:change_id>", by=["personal"], methods=["POST"])
    def customer_change_confirm(self, access, change_id, code="", **_params):
        """The code came back."""
        if _own(access, change_id)._try_code(code):
            return request.redirect(f"{PERSONAL_ROOT}/confirm?done=1")
        problem = request.env._("This is not the code, or it is too old. Ask for another one.")
        return _page(access, problem=problem)

    @customer_page("/confirm/<int:change_id>/send", by=["personal"], methods=["POST"])
    def customer_change_send(self, access, change_id, **_params):
        """Send a code there."""
        change = _own(access, change_id)
        left = False
        with refusals_of() as refusals:
            left = change._send_code()
        if refusals:
            return _page(access, problem=refusals[0])
        return request.redirect(f"{PERSONAL_ROOT}/confirm?sent={'yes' if left else 'no'}")

    @customer_page("/confirm/<int:change_id>/cancel", by=["personal"], methods=["POST"])
    def customer_change_cancel(self, access, change_id, **_params):
        """The old one stays."""
        _own(access, change_id)._settle("refused")
        return request.redirect(f"{PERSONAL_ROOT}/confirm")


class AddressPortal(CustomerPortal):
    """The form of Odoo's in which customers change their number."""

    @http.route()
    def portal_address_submit(self, partner_id=None, **form_data):
        """As in Odoo; what waits for a confirmation is shown next."""
        if partner_id and not ADDRESS.fullmatch(str(partner_id)):
            raise NotFound()
        response = super().portal_address_submit(partner_id, **form_data)
        feedback = json.loads(response.get_data(as_text=True))
        if feedback.get("redirectUrl") and _waiting():
            feedback["redirectUrl"] = f"{PERSONAL_ROOT}/confirm"
            response.set_data(json.dumps(feedback))
        return response


def _waiting():
    return request.env["contact.change"]._waiting_of(request.env.user.partner_id)


def _own(access, change_id):
    """What this customer typed and has not confirmed yet.

    :raise NotFound: it is another customer's, or nothing waits
    """
    change = _waiting().filtered(lambda change: change.id == change_id)
    if not change:
        raise NotFound()
    return change


def _page(access, **values):
    return access.render(
        "optica_cobranca.customer_changes",
        {
            "changes": _waiting(),
            "problem": None,
            "sent": "",
            "done": "",
            "page_name": "optica_changes",
            **values,
        },
    )
