from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import request

from odoo.addons.payment.controllers.portal import PaymentPortal

from .customer_access import (
    LINK_PAGES,
    LOGIN_ROOT,
    CustomerAccess,
    access_of,
    customer_page,
    ids_in,
)
from .customer_pay import quote_values

TRANSACTION = "/online/transaction/<string:ids>"


class OnlinePages(PaymentPortal):
    """Installments paid by a provider of online payments, charges included."""

    @customer_page("/online")
    def customer_online(self, access, **_params):
        """The providers' form over what was chosen."""
        values = {"problem": None}
        lines = access.chosen()
        try:
            values |= _form_values(access, lines)
        except UserError as error:
            values["problem"] = str(error)
        return access.render("optica_cobranca.customer_online", values)

    @http.route(
        [f"{LOGIN_ROOT}{TRANSACTION}", f"{LINK_PAGES}/<int:link_id>{TRANSACTION}"],
        type="jsonrpc",
        auth="public",
        website=True,
        sitemap=False,
    )
    def customer_online_transaction(self, ids, link_id=None, **kwargs):
        """Make the transaction: amount, customer and the way back are ours, not the form's."""
        access = access_of(link_id)
        if not isinstance(access, CustomerAccess):
            # An error undoes the transaction, and with it the count of guesses at links.
            request.env.cr.commit()
            raise NotFound()
        values = _form_values(access, _lines_of(access, ids))
        kwargs.pop("access_token", None)
        self._validate_transaction_kwargs(kwargs)
        if kwargs.get("provider_id") not in values["providers_sudo"].ids:
            raise NotFound()
        if access.is_link:
            # Who holds the link is not asked for a login: saved cards stay out of reach.
            if kwargs.get("flow") == "token":
                raise NotFound()
            kwargs["tokenization_requested"] = False
        transaction = self._create_transaction(
            **{
                **kwargs,
                "amount": values["amount"],
                "currency_id": values["currency"].id,
                "partner_id": values["partner_id"],
                "landing_route": values["landing_route"],
                "is_validation": False,
            },
            custom_create_values={
                "installment_ids": [Command.set(values["lines"].ids)],
                "quoted_on": access.today,
            },
        )
        return transaction._get_processing_values()


def _form_values(access, lines):
    """What the providers' form needs.

    :raise UserError: nothing is open, or one transaction cannot pay it
    """
    transactions = request.env["payment.transaction"].sudo()
    under_way = transactions._under_way(lines)
    lines -= under_way
    if under_way and not lines:
        raise UserError(
            request.env._("Your payment is being confirmed. There is nothing to do meanwhile.")
        )
    transactions._check_one_debt(lines)
    quote = lines._payment_quote(access.today)
    company = lines.company_id
    values = quote_values(quote)
    amount = values["totals"]["to_pay"]
    ids = "-".join(map(str, lines.ids))
    return {
        "lines": lines,
        **values,
        "under_way": under_way,
        "amount": amount,
        "currency": company.currency_id,
        "creditors": company,
        "partner_id": access.partner.id,
        **_ways_of_paying(access, company, amount),
        "transaction_route": access.url(f"/online/transaction/{ids}"),
        "landing_route": access.url("/thanks", installment=lines.ids),
        "access_token": "",
    }


def _ways_of_paying(access, company, amount):
    """Providers, their methods and the customer's saved cards.

    With sudo: a customer has no right to read providers. By link no card is shown or saved.
    """
    env = request.env(su=True)
    of_customer = {"currency_id": company.currency_id.id}
    partner_id = access.partner.id
    providers = env["payment.provider"]._get_compatible_providers(
        company.id, partner_id, amount, **of_customer
    )
    methods = env["payment.method"]._get_compatible_payment_methods(
        providers.ids, partner_id, **of_customer
    )
    tokens = env["payment.token"]
    saving = dict.fromkeys(providers.ids, False)
    if not access.is_link:
        tokens = tokens._get_available_tokens(providers.ids, partner_id)
        saving = PaymentPortal._compute_show_tokenize_input_mapping(providers)
    return {
        "providers_sudo": providers,
        "payment_methods_sudo": methods,
        "tokens_sudo": tokens,
        "show_tokenize_input_mapping": saving,
    }


def _lines_of(access, ids):
    """The open installments of the address, all of them the customer's own."""
    wanted = ids_in([ids])
    found = access.find(("id", "in", list(wanted)))
    if set(found.ids) != wanted:
        raise NotFound()
    return found.sudo().filtered(lambda line: line.amount_residual > 0)
