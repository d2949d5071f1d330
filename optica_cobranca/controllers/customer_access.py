"""The customer of a request, logged in or holding a private link, and how a page is made.

Every page of the customer has two addresses and one code path::

    /my/crediario/<page>        for who is logged in
    /oc/p/<link>/<page>         for who holds the link of a message; nobody logs in

The message has ``/oc/<token>``. Opening it exchanges the token for a cookie of that link alone, and
leads to the second address, which says nothing: it may stand in logs, in histories and on a screen.

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
import re
from urllib.parse import quote, urlencode

from werkzeug.exceptions import NotFound

from odoo import fields, http
from odoo.http import request
from odoo.tools import SQL
from odoo.tools.func import filter_kwargs

from ..clients.http.untrusted import text_within
from ..models.messaging.crediario_customer_link import LINK_PATH

LOGIN_ROOT = "/my/crediario"
PERSONAL_ROOT = "/my/optica"
# No token is that short. What follows is the id of a link, which opens nothing without the cookie.
LINK_PAGES = f"{LINK_PATH}/p"
LINK_COOKIE = "optica_link_"
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
# More than any form of ours takes; the notes cut it further.
LONGEST_TEXT = 4000
PAGE_NUMBER = re.compile(r"[0-9]{1,5}")
MOST_PAGES = 10_000
# Further away sums of days and months end somewhere.
FIRST_YEAR, LAST_YEAR = 2000, 2100
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
    :param by: who may open it: "login", "link" or both; "personal" is by login, below /my/optica
    """
    roots = {"login": LOGIN_ROOT, "personal": PERSONAL_ROOT, "link": f"{LINK_PAGES}/<int:link_id>"}
    routes = [f"{roots[kind]}{path}" for kind in by for path in paths]
    methods = list(methods)

    def decorate(page):
        def customer_request(self, link_id=None, **params):
            access = access_of(link_id)
            if isinstance(access, http.Response):
                return access
            try:
                response = page(self, access, **_readable(filter_kwargs(page, params)))
            except NotFound:
                response = unknown_page()
            response.headers.update(PRIVATE)
            return response

        customer_request.__name__ = page.__name__
        customer_request.__doc__ = page.__doc__
        customer_request.__module__ = page.__module__
        customer_request.customer_page = page
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


def _readable(params):
    """The parameters of a request, each text of bounded length and fit for the database."""
    return {
        name: text_within(value, LONGEST_TEXT) if isinstance(value, str) else value
        for name, value in params.items()
    }


def page_number(page):
    """The number of a page of a list: the first for what is no number."""
    if isinstance(page, str):
        page = int(page) if PAGE_NUMBER.fullmatch(page) else 1
    return min(max(page, 1), MOST_PAGES)


def day_of(text):
    """The day that a form says, in years in which installments are; None for anything else."""
    try:
        day = fields.Date.to_date((text or "")[:10])
    except ValueError:
        return None
    return day if day and FIRST_YEAR <= day.year <= LAST_YEAR else None


def unknown_page(status=404, retry_after=None, without_cookie=False):
    """What is told about a link or a page that does not exist: whom to ask, nothing else."""
    response = request.make_response(
        request.env["ir.qweb"]._render(
            "optica_cobranca.customer_unknown",
            {
                "is_blocked": status == 429,
                "without_cookie": without_cookie,
                "shops": request.env["crediario.customer.link"]._shops(),
            },
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


def access_of(link_id):
    """The customer of this request, or the response that refuses it.

    :param link_id: of the private link in the address; None by login
    :raise odoo.http.SessionExpiredException: nobody is logged in; Odoo asks for the login
    """
    if link_id is None:
        request.env["ir.http"]._auth_method_user()
        return CustomerAccess(request.env.user.partner_id.commercial_partner_id.sudo())
    token = request.httprequest.cookies.get(f"{LINK_COOKIE}{link_id}")
    if token is None:
        return unknown_page(without_cookie=True)
    link = request.env["crediario.customer.link"]._find_by_token(token)
    if link.id != link_id:
        return _miss()
    if lang := link.partner_id.lang:
        request.update_context(lang=lang)
    return CustomerAccess(link.partner_id.with_env(request.env(su=True)), link)


def _miss():
    """The answer to a token that opens nothing; who asks for too many is told to wait.

    Good links are never refused: many telephones share one address of their operator.
    """
    links = request.env["crediario.customer.link"]
    address = request.httprequest.remote_addr
    if seconds := links._seconds_blocked(address):
        return unknown_page(status=429, retry_after=seconds)
    links._count_miss(address)
    return unknown_page()


class PrivateLinks(http.Controller):
    """Where the link of a message leads first."""

    @http.route(
        [f"{LINK_PATH}/<string:token>", f"{LINK_PATH}/<string:token>/<path:page>"],
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
        readonly=True,
    )
    def exchange(self, token, page="", **_params):
        """The cookie of the link in exchange for its token, and on to the page."""
        if f"{LINK_PATH}/{token}" == LINK_PAGES:
            return unknown_page()
        link = request.env["crediario.customer.link"]._find_by_token(token)
        if not link:
            return _miss()
        query = request.httprequest.query_string.decode("ascii", "ignore")
        url = f"{LINK_PAGES}/{link.id}" + (f"/{quote(page)}" if page else "")
        response = request.redirect(url + (f"?{query}" if query else ""), code=303)
        response.headers.update(PRIVATE)
        response.set_cookie(
            f"{LINK_COOKIE}{link.id}",
            token,
            # Not by the browser's clock, which may be wrong.
            max_age=int((link.expires_at - fields.Datetime.now()).total_seconds()),
            expires=None,
            # Of the whole site: Odoo may put a language before the address.
            path="/",
            secure=request.httprequest.scheme == "https",
            httponly=True,
            samesite="Lax",
        )
        return response


class CustomerAccess:
    """Who the customer of this request is, and what is the customer's own.

    ``partner``: the commercial partner, with sudo; ``link``: the private link, empty by login;
    ``root``: the address below which this customer's pages are; ``env``: with the rights of the
    system, for what customers may do and have no rights to in the back office.
    """

    def __init__(self, partner, link=None):
        self.partner = partner
        self.link = link
        self.is_link = link is not None
        self.root = f"{LINK_PAGES}/{link.id}" if self.is_link else LOGIN_ROOT
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
                "page_name": "optica_installments",
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

    # -------------------------------------------------------- what was said

    @functools.cached_property
    def _has_said(self):
        """Whether there are promises, extensions, disputes, agreements of the customer: one query.

        Most customers have none of them.
        """
        names = ("dunning.promise", "crediario.extension", "dunning.dispute", "crediario.agreement")
        own = [self.env[name]._search([("partner_id", "=", self.partner.id)]) for name in names]
        found = [SQL("EXISTS %s", query.subselect()) for query in own]
        [row] = self.env.execute_query(SQL("SELECT %s", SQL(", ").join(found)))
        return dict(zip(names, row, strict=True))

    @functools.cached_property
    def told(self):
        """What the customer promised, asked for and told the shop, with sudo."""
        promises = self.env["dunning.promise"]
        extensions = self.env["crediario.extension"]
        disputes = self.env["dunning.dispute"]
        known = (self.partner, self.companies)
        has = self._has_said
        return {
            "promises": promises._under_way_of(*known, self.today)
            if has[promises._name]
            else promises,
            "extensions": extensions._told_of(*known) if has[extensions._name] else extensions,
            "disputes": disputes._told_of(*known) if has[disputes._name] else disputes,
        }

    def awaited_agreement(self):
        """The agreement that waits for the customer or was asked for; one or none, with sudo."""
        agreements = self.env["crediario.agreement"]
        if not self._has_said[agreements._name]:
            return agreements
        return agreements._awaited_of(self.partner, self.companies)

    def to_promise(self, lines):
        """Of installments those of which nothing is promised."""
        return lines - self.told["promises"].move_line_ids

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
