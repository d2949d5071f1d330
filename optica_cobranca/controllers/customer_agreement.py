import re
from contextlib import contextmanager
from decimal import Decimal

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..domain.agreement.self_service import Choice, least_down_payment
from ..models.agreement.crediario_acceptance import text_digest
from ..tools.receiving.customer_proof import CustomerProof
from .customer_access import customer_page, day_of
from .customer_contract import pdf

MONEY = re.compile(r"\d{1,7}(?:[.,]\d{1,2})?")
PARTS = re.compile(r"[0-9]{1,3}")
MOST_PARTS = 60


class AgreementPages(http.Controller):
    """The customer's agreement: offers, figures, acceptance, a request, what became of it."""

    @customer_page("/agreement")
    def customer_agreement(self, access, **_params):
        """The agreement under way, else what the customer may choose from."""
        return _page(access)

    @customer_page("/agreement/figures")
    def customer_agreement_figures(self, access, parts="", down="", first="", **_params):
        """One choice with all its figures, to change or to agree to."""
        return _figures(access, parts, down, first)

    @customer_page("/agreement/accept", methods=["POST"])
    def customer_agreement_accept(
        self, access, parts="", down="", first="", digest="", agreed="", **_params
    ):
        """Agree to a choice; the figures are worked out anew and must be those that were shown."""
        Agreement = access.env["crediario.agreement"]
        with refusals_of() as refusals:
            _check_agreed(agreed)
            service = _service(access)
            Agreement._agree(service, _choice(service, parts, down, first), digest, proof(access))
        if refusals:
            return _figures(access, parts, down, first, problem=refusals[0])
        return access.redirect("/agreement")

    @customer_page("/agreement/ask", methods=["POST"])
    def customer_agreement_ask(self, access, parts="", down="", first="", note="", **_params):
        """Propose something else to the shop."""
        with refusals_of() as refusals:
            service = _service(access)
            choice = _choice(service, parts, down, first)
            access.env["crediario.agreement"]._ask(service, choice, note, proof(access))
        if refusals:
            return _figures(access, parts, down, first, problem=refusals[0])
        return access.redirect("/agreement")

    @customer_page("/agreement/<int:agreement_id>/accept", methods=["POST"])
    def customer_offer_accept(self, access, agreement_id, digest="", agreed="", **_params):
        """Accept what the shop offers."""
        agreement = _own(access, agreement_id)
        with refusals_of() as refusals:
            _check_agreed(agreed)
            agreement._accept_offer(digest, proof(access))
        return _page(access, refusals[0]) if refusals else access.redirect("/agreement")

    @customer_page("/agreement/<int:agreement_id>/cancel", methods=["POST"])
    def customer_agreement_cancel(self, access, agreement_id, **_params):
        """Take back a request, or an agreement of which nothing was paid."""
        agreement = _own(access, agreement_id)
        with refusals_of() as refusals:
            agreement._withdraw()
        return _page(access, refusals[0]) if refusals else access.redirect("/agreement")

    @customer_page("/agreement/<int:agreement_id>.pdf", by=["login"])
    def customer_agreement_paper(self, access, agreement_id, **_params):
        """The agreement with its acceptance, as PDF; it names the customer in full."""
        agreement = _own(access, agreement_id)
        return pdf("optica_cobranca.report_agreement", agreement, agreement.name)


def proof(access):
    """Who asks, from where."""
    user_id = False if access.is_link else request.env.user.id
    return CustomerProof.of(request.httprequest, user_id)


@contextmanager
def refusals_of():
    """Collects the sentence of a refusal; nothing of what was refused stays in the database."""
    found = []
    try:
        with request.env.cr.savepoint():
            yield found
    except UserError as error:
        request.env.invalidate_all()
        found.append(str(error))


def company_of(access):
    """The shop that the customer owes, the one with the oldest debt first."""
    return access.open_lines().sudo().company_id[:1] or access.companies[:1]


def _service(access):
    Agreement = access.env["crediario.agreement"]
    return Agreement._self_service_of(access.partner, company_of(access))


def _own(access, agreement_id):
    """:raise NotFound: it is another customer's, or none."""
    agreement = access.env["crediario.agreement"].browse(agreement_id).exists()
    if agreement.partner_id != access.partner or agreement.company_id not in access.companies:
        raise NotFound()
    return agreement.with_context(tz=agreement.company_id.contact_timezone)


def _page(access, problem=None):
    service = _service(access)
    Agreement = access.env["crediario.agreement"].with_context(tz=service.company.contact_timezone)
    agreement = Agreement._live_of(service.partner, service.company)
    values = {"service": service, "agreement": agreement, "problem": problem}
    if agreement.state == "approved" and agreement._is_offered():
        terms = agreement._terms_of_offer(agreement._offer_pay_until())
        values |= {"terms": terms, "digest": text_digest(terms)}
    if not agreement:
        values["reasons"] = Agreement._refusal_texts(service)
        values["parts"] = service.policy.min_parts
    return access.render("optica_cobranca.customer_agreement", values)


def _figures(access, parts, down, first, problem=None):
    service = _service(access)
    Agreement = access.env["crediario.agreement"]
    if not service.debts or Agreement._live_of(service.partner, service.company):
        return _page(access, problem)
    earliest, latest = service.policy.first_due_range(service.today)
    values = {
        "service": service,
        "parts": parts,
        "down": down,
        "first": first,
        "least_down": least_down_payment(service.debts, service.policy, service.today),
        "earliest": earliest,
        "latest": latest,
        "problem": problem,
        "objections": [],
    }
    with refusals_of() as refusals:
        choice = _choice(service, parts, down, first)
        answer = Agreement._work_out(service, choice)
        terms = Agreement._terms_of_answer(service, answer)
        values |= {
            "parts": choice.parts,
            "down": choice.down_payment,
            "first": choice.first_due,
            "answer": answer,
            "terms": terms,
            "digest": text_digest(terms),
            "objections": Agreement._objection_texts(service, answer),
        }
    values["problem"] = problem or (refusals[0] if refusals else None)
    return access.render("optica_cobranca.customer_agreement_figures", values)


def _choice(service, parts, down, first):
    """What the form says; what it leaves out is as in the first offer.

    :raise UserError: for what is no number, no amount or no day
    """
    env = request.env
    if parts and not (PARTS.fullmatch(parts) and 0 < int(parts) <= MOST_PARTS):
        raise UserError(env._("Choose from 1 to %(most)s installments.", most=MOST_PARTS))
    if down and not MONEY.fullmatch(down):
        raise UserError(env._("Write the down payment as an amount, such as 50,00."))
    day = day_of(first)
    if first and not day:
        raise UserError(env._("Choose the day of the first installment."))
    least = least_down_payment(service.debts, service.policy, service.today)
    return Choice(
        int(parts) if parts else service.policy.min_parts,
        Decimal(down.replace(",", ".")) if down else least,
        day or service.policy.usual_first_due(service.today),
    )


def _check_agreed(agreed):
    if not agreed:
        raise UserError(request.env._("Tick that you have read the terms and agree to them."))
