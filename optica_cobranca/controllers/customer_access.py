"""The customer of a request, logged in or holding a private link, and how a page is made.

Every page of the customer has two addresses and one code path::

    /my/installments/<page>     for who is logged in
    /c/<token>/<page>           for who holds the link of a message; nobody logs in

A page is a method of a plain controller below :func:`customer_page`::

    class PromisePages(http.Controller):
        @customer_page("/promise", methods=["GET"])
        def customer_promise(self, access, **_params):
            return access.render("optica_cobranca.customer_promise", {"rows": access.rows()})

        @customer_page("/promise", methods=["POST"])
        def customer_promise_save(self, access, day="", **_params):
            lines = access.chosen()  # ``installment`` of the form; a stranger's is 404
            access.env["dunning.promise"]._register(lines, …)
            return access.redirect("/promise/thanks")

and a template in the frame, one column, made for a phone::

    <template id="customer_promise" name="Promise of the customer">
        <t t-call="optica_cobranca.customer_page">
            <t t-set="additional_title">Promise a day</t>
            <form t-att-action="access.url('/promise')" method="post">
                <t t-call="optica_cobranca.customer_form_token" /> …

Rules of these pages. Links are made by ``access.url(path)``. Amounts and days are worked out here
and never taken from a form. A GET changes nothing, for programs that preview links open them.
By a link (``access.is_link``) no address, tax number, telephone, goods or health are shown.
"""

import functools
from urllib.parse import urlencode

from werkzeug.exceptions import NotFound

from odoo import fields, http
from odoo.http import request
from odoo.tools.func import filter_kwargs

from ..models.crediario_customer_link import LINK_PATH

LOGIN_ROOT = "/my/installments"
# Kept by nobody on the way, found by no search engine; the address is told to nobody, and no
# stranger's page shows ours in a frame.
PRIVATE = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
}
OPEN = [("amount_residual", ">", 0)]
PAID = [("amount_residual", "<=", 0)]
OLDEST_FIRST = "date_maturity, installment_number, id"
ROWS_PER_PAGE = 30
# What an amount is worked out from: more columns of many lines take longer than the amounts.
OF_AMOUNTS = [
    "amount_residual",
    "balance",
    "company_id",
    "crediario_plan_id",
    "date_maturity",
    "installment_number",
    "move_id",
    "partner_id",
]


def customer_page(*paths, methods=("GET",), by=("login", "link"), **routing):
    """Route of a page of the customer; the method gets the :class:`CustomerAccess` first.

    :param paths: below the roots, such as ``"/pay"`` or ``"/contract/<int:move_id>"``
    :param methods: of HTTP; a POST must carry the session's ``csrf_token``
    :param by: who may open it: "login", "link" or both; "personal" is by login, below /my
    """
    roots = {"login": LOGIN_ROOT, "personal": "/my", "link": f"{LINK_PATH}/<string:token>"}
    routes = [f"{roots[kind]}{path}" for kind in by for path in paths]
    methods = list(methods)

    def decorate(page):
        def customer_request(self, token=None, **params):
            access = access_of(token)
            if isinstance(access, http.Response):
                return access
            try:
                response = page(self, access, **filter_kwargs(page, params))
            except NotFound:
                response = unknown_page()
            response.headers.update(PRIVATE)
            return response

        customer_request.__name__ = page.__name__
        customer_request.__doc__ = page.__doc__
        customer_request.__module__ = page.__module__
        return http.route(
            routes,
            type="http",
            # The login is asked for below: one method serves those with and those without.
            auth="public",
            website=True,
            methods=methods,
            sitemap=False,
            readonly=methods == ["GET"],
            **routing,
        )(customer_request)

    return decorate


def unknown_page(status=404, retry_after=None):
    """What is told about a link or a page that does not exist: nothing."""
    response = request.make_response(
        request.env["ir.qweb"]._render(
            "optica_cobranca.customer_unknown", {"is_blocked": status == 429}
        ),
        headers=[*PRIVATE.items(), ("Content-Type", "text/html; charset=utf-8")],
        status=status,
    )
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def ids_in(texts):
    """Ids of a form or an address, each text one of them or several (``1-2``); empty is none.

    :raise NotFound: something else is in it
    """
    ids = [text for joined in texts if joined for text in joined.split("-")]
    if not all(text.isascii() and text.isdigit() and len(text) < 10 for text in ids):
        raise NotFound()
    return {int(text) for text in ids}


def access_of(token):
    """The customer of this request, or the response that refuses it.

    :raise odoo.http.SessionExpiredException: nobody is logged in; Odoo asks for the login
    """
    if token is None:
        request.env["ir.http"]._auth_method_user()
        return CustomerAccess(request.env.user.partner_id.commercial_partner_id.sudo())
    links = request.env["crediario.customer.link"]
    address = request.httprequest.remote_addr
    if seconds := links._seconds_blocked(address):
        return unknown_page(status=429, retry_after=seconds)
    link = links._find_by_token(token)
    if not link:
        links._count_miss(address)
        return unknown_page()
    if lang := link.partner_id.lang:
        request.update_context(lang=lang)
    return CustomerAccess(link.partner_id.with_env(request.env(su=True)), link, token)


class CustomerAccess:
    """Who the customer of this request is, and what is the customer's own.

    ``partner``: the commercial partner, with sudo; ``link``: the private link, empty by login;
    ``root``: the address below which this customer's pages are; ``env``: with the rights of the
    system, for what customers may do and have no rights to in the back office.
    """

    def __init__(self, partner, link=None, token=None):
        self.partner = partner
        self.link = link
        self.is_link = link is not None
        self.root = f"{LINK_PATH}/{token}" if self.is_link else LOGIN_ROOT
        # The one place where a visitor of these pages gains rights: what is reached with them
        # hangs on the customer of the login or of the link.
        self.env = request.env(su=True)
        # Lines are found with the customer's own rights wherever there is a login.
        self.lines = (self.env if self.is_link else request.env)["account.move.line"]

    # ---------------------------------------------------------- addresses

    def url(self, path="", **query):
        """Address of a page of this customer, such as ``url("/pay", installment=[1, 2])``.

        Ids of installments are one parameter (``1-2``): an address of hundreds stays short enough
        for the servers on its way.
        """
        if isinstance(ids := query.get("installment"), list):
            query["installment"] = "-".join(map(str, ids))
        encoded = urlencode(query, doseq=True)
        return f"{self.root}{path}" + (f"?{encoded}" if encoded else "")

    def redirect(self, path="", **query):
        """To another of this customer's pages; never anywhere else."""
        return request.redirect(self.url(path, **query))

    def render(self, template, values=None):
        """A page in the frame ``optica_cobranca.customer_page``."""
        return request.render(
            template,
            {
                "access": self,
                "page_name": "installments",
                "today": self.today,
                "currency": self.companies[:1].currency_id,
                "creditors": self.companies,
                **(values or {}),
            },
        )

    # ----------------------------------------------------------- customer

    @functools.cached_property
    def today(self):
        """The day where the customer is; the shop's where that is unknown."""
        user = request.env.user
        zone = (not self.is_link and user.tz) or self.companies[:1].contact_timezone
        return fields.Date.context_today(user.with_context(tz=zone))

    @functools.cached_property
    def companies(self):
        """Whom the customer may owe: the link's company, or all at hand of the login."""
        if self.is_link:
            return self.link.company_id
        return request.env.companies.sudo()

    # ------------------------------------------------------- installments

    @functools.cached_property
    def own(self):
        """Domain of the customer's own posted installments."""
        return self.lines._portal_installments_domain(self.partner, self.companies)

    def domain(self, *conditions):
        """Domain of those of the customer's own installments that fulfil the conditions."""
        return list(self.own & fields.Domain(list(conditions)))

    def find(self, *conditions, order=OLDEST_FIRST, limit=None, offset=0):
        """The customer's installments, with the rights of the login if there is one."""
        if limit == 0 or not self.lines.has_access("read"):
            return self.lines
        return self.lines.search_fetch(
            self.domain(*conditions), OF_AMOUNTS, order=order, limit=limit, offset=offset
        )

    def open_and_paid(self):
        """What is still to pay, oldest first, and what was paid, newest first: one query."""
        if not self.lines.has_access("read"):
            return self.lines, self.lines
        lines = self.lines.search_fetch(self.domain(), OF_AMOUNTS, order=OLDEST_FIRST)
        still_open = lines.filtered(lambda line: line.amount_residual > 0)
        return still_open.with_prefetch(), (lines - still_open)[::-1].with_prefetch()

    def count(self, *conditions):
        """How many of the customer's installments there are."""
        if not self.lines.has_access("read"):
            return 0
        return self.lines.search_count(self.domain(*conditions))

    def open_lines(self):
        """What is still to pay, oldest first."""
        return self.find(*OPEN)

    def due_lines(self, lines):
        """Of open installments those that are late or to pay today, with sudo."""
        return lines.sudo().filtered(lambda line: line.date_maturity <= self.today)

    def rows(self, lines=None, amounts=None):
        """What pages show of installments (``_portal_values``); of all open ones by default."""
        lines = self.open_lines() if lines is None else lines
        return lines._portal_values(self.today, amounts)

    def named(self, name="installment"):
        """The installments ticked in the form or named in the address, with sudo.

        :raise NotFound: one of them is not the customer's own, or no number at all
        """
        wanted = ids_in(request.httprequest.values.getlist(name))
        found = self.find(("id", "in", list(wanted))) if wanted else self.lines
        if set(found.ids) != wanted:
            raise NotFound()
        return found.sudo()

    def chosen(self, name="installment"):
        """Of :meth:`named` those that are still open; what was settled meanwhile is left out."""
        return self.named(name).filtered(lambda line: line.amount_residual > 0)

    def contract(self, move_id):
        """A contract of the customer, with sudo.

        :raise NotFound: it is nobody's or another customer's
        """
        line = self.find(("move_id", "=", move_id), limit=1)
        if not line:
            raise NotFound()
        return line.sudo().move_id

    # ----------------------------------------------------------- payment

    def pays_online(self):
        """Whether one of the shops takes payments by an online provider."""
        providers = self.env["payment.provider"]
        wanted = [
            ("company_id", "in", self.companies.ids),
            ("state", "in", ("enabled", "test")),
            ("is_published", "=", True),
        ]
        return bool(providers.search_count(wanted, limit=1))
