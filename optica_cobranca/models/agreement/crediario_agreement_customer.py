from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import consteq, format_date

from ...domain.agreement import self_service
from ...domain.agreement.agreement import Debt
from ...domain.agreement.self_service import (
    Answer,
    Choice,
    Credit,
    Objection,
    Offers,
    OpenInstallment,
    Refusal,
    SelfServicePolicy,
    Situation,
    least_down_payment,
)
from ...domain.shop.errors import DomainError
from ...domain.shop.money import cents, exact
from ...tools.receiving.customer_proof import CUSTOMER, NOTE_LENGTH, ORIGINS
from .crediario_acceptance import text_digest
from .crediario_agreement import LIVE

# A customer's request rests the ladder, so that they come one at a time and not every day.
REQUEST_PAUSE_DAYS = 15


@dataclass(frozen=True, slots=True)
class SelfService:
    """Records (with sudo) and domain values of one customer and company on ``today``.

    ``lines``: the installments that an agreement takes in, ``debts`` the same in domain terms;
    ``plan`` gives the price of the new credit and the charges when late.
    """

    partner: Any
    company: Any
    lines: Any
    debts: list[Debt]
    plan: Any
    policy: SelfServicePolicy
    credit: Credit
    offers: Offers
    today: date

    def pay_until(self, answer: Answer) -> date | None:
        """Last day for the down payment of a choice; None where there is none."""
        if not answer.proposal.offer.down_payment:
            return None
        days = self.company.sudo().self_service_down_days
        return min(self.today + timedelta(days=days), answer.proposal.offer.dates[0])


class CrediarioAgreement(models.Model):
    """Agreements that customers make themselves, within the company's self-service policy."""

    _inherit = "crediario.agreement"

    origin = fields.Selection(
        ORIGINS,
        string="Made by",
        default="shop",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    acceptance_ids = fields.One2many("crediario.acceptance", "agreement_id", readonly=True)

    # ------------------------------------------------------------ business

    @api.model
    def _self_service_of(self, partner, company) -> SelfService:
        """What ``partner`` may agree to alone today with ``company``; every rule is the domain's.

        With sudo: customers have no rights to any of this, who may ask is the caller's matter.
        """
        own = self.sudo().with_company(company).with_context(tz=company.sudo().contact_timezone)
        today = fields.Date.context_today(own)
        partner = partner.sudo().commercial_partner_id.with_env(own.env)
        policy = company._self_service_policy()
        lines = partner._open_installments().filtered(
            lambda line: line.currency_id == line.company_currency_id
        )
        amounts = lines._amounts_today(today)
        debts = self_service.taken_in(
            [
                OpenInstallment(
                    self._debt_of(line, amounts[line.id]),
                    line.move_id.id,
                    is_late=bool(amounts[line.id].days_charged),
                )
                for line in lines
            ],
            policy.scope,
        )
        keys = {debt.key for debt in debts}
        taken = lines.filtered(lambda line: line.id in keys)
        plan = (
            company.sudo().self_service_plan_id
            or taken._sorted_for_receiving()[-1:].crediario_plan_id
        )
        credit = Credit(plan.method or "none", exact(plan.monthly_rate), plan.rate_confirmed)
        situation = own._situation_of(partner, company, taken)
        found = self_service.offers(debts, policy, credit, situation, today)
        return SelfService(
            partner, company.with_env(own.env), taken, debts, plan, policy, credit, found, today
        )

    def _agree(self, service: SelfService, choice: Choice, digest, proof):
        """The customer agrees to ``choice``: in force, or waiting for the down payment.

        :param digest: SHA-256 of the terms that were on the screen; the terms are worked out anew
            and must be the same ones
        :return: the agreement
        :raise UserError: what is chosen is outside the policy, was shown otherwise, or somebody
            works on these installments right now
        """
        service.lines._lock_for_customer()
        if service.offers.hindrances:
            raise UserError(" ".join(self._refusal_texts(service)))
        answer = self._work_out(service, choice)
        if answer.objections:
            raise UserError(" ".join(self._objection_texts(service, answer)))
        terms = self._terms_of_answer(service, answer)
        self._check_shown(terms, digest)
        agreement = self._create_own(service, answer, proof)
        self.env["crediario.acceptance"]._record(agreement, terms, proof)
        agreement._accept(service.pay_until(answer))
        agreement._log_agreed()
        return agreement

    @api.model
    def _work_out(self, service, choice):
        """:raise UserError: for a choice that makes no agreement."""
        try:
            return self_service.work_out(
                service.debts, service.policy, service.credit, choice, service.today
            )
        except DomainError as error:
            raise UserError(self._refusal(error)) from error

    # ------------------------------------------------------------- helpers

    @api.model
    def _debt_of(self, line, amount):
        amount = amount.without_credit()
        return Debt(
            line.id,
            line.date_maturity,
            cents(amount.principal),
            cents(amount.fine),
            cents(amount.interest),
        )

    @api.model
    def _situation_of(self, partner, company, lines):
        ours = [("partner_id", "=", partner.id), ("company_id", "=", company.id)]
        last = self.search(
            [
                *ours,
                ("origin", "in", CUSTOMER),
                ("approved_by_id", "=", False),
                ("accepted_on", "!=", False),
            ],
            order="accepted_on desc",
            limit=1,
        )
        return Situation(
            has_agreement=bool(self._live_of(partner, company)),
            handed_over=self._is_handed_over(lines),
            last_own=last.accepted_on or None,
        )

    @api.model
    def _is_handed_over(self, lines):
        """Whether somebody else collects one of these installments."""
        return False

    @api.model
    def _live_of(self, partner, companies):
        """What the customer has agreed to or negotiates; one at most a company, with sudo.

        One that is paid in full is over, although the night has not looked at it yet.
        """
        found = self.sudo().search(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "in", companies.ids),
                ("state", "in", LIVE),
            ]
        )
        return found.filtered(
            lambda agreement: (
                agreement.state != "open"
                or any(line.amount_residual > 0 for line in agreement.installment_ids)
            )
        )[:1]

    def _create_own(self, service, answer, proof):
        proposal = answer.proposal
        return (
            self.sudo()
            .create(
                {
                    "partner_id": service.partner.id,
                    "company_id": service.company.id,
                    "plan_id": service.plan.id,
                    "user_id": False,
                    "origin": proof.origin,
                    "date": service.today,
                    "installment_count": answer.choice.parts,
                    "first_due_date": answer.choice.first_due,
                    "down_payment": float(proposal.offer.down_payment),
                    "discount_charges": float(proposal.discount.charges),
                    "discount_principal": float(proposal.discount.principal),
                    "line_ids": [
                        Command.create({"move_line_id": line.id})
                        for line in service.lines._sorted_for_receiving()
                    ],
                }
            )
            .with_context(tz=service.company.contact_timezone)
        )

    def _log_agreed(self):
        """A line in the customer's history."""
        body = self.env._("The customer made agreement %(name)s alone.", name=self.name)
        self.partner_id._tell_collection(self.company_id, body)

    # ---- What a customer asks for beyond the self-service limits, and the shop's answer to it

    offered_at = fields.Datetime(
        string="Offered to the Customer On",
        readonly=True,
        copy=False,
        help="Since then the customer may accept it on their page.",
    )

    def action_offer(self):
        """Put the proposal on the customer's page, and open the message that tells of it."""
        self.ensure_one()
        self._check_state("draft", "approved")
        self._check_acceptable()
        self._offer()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("optica_cobranca.action_contact_send"),
            "context": {
                "active_model": self._name,
                "active_ids": self.ids,
                "default_template_id": self.env.ref(
                    "optica_cobranca.template_agreement_offer", raise_if_not_found=False
                ).id,
            },
        }

    @api.model
    def _ask(self, service, choice, note, proof):
        """The customer proposes what is beyond the limits; a manager decides.

        :return: the agreement, to be approved
        :raise UserError: nothing can be asked for, or it was asked for already
        """
        service.lines._lock_for_customer()
        if not service.offers.may_ask:
            raise UserError(" ".join(self._refusal_texts(service)))
        self._check_not_asked_lately(service)
        answer = self._work_out(service, choice)
        agreement = self._create_own(service, answer, proof)
        agreement.write({"state": "to_approve", "note": (note or "").strip()[:NOTE_LENGTH]})
        person = service.company._person_in_charge(service.partner)
        agreement.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("The customer asks for an agreement"),
            note=self.env._("Approve it, change its terms and offer them, or cancel it."),
            date_deadline=service.today,
            user_id=person.id,
        )
        agreement._log_outcome(
            self.env._("The customer asked for agreement %(name)s.", name=agreement.name)
        )
        return agreement

    def _accept_offer(self, digest, proof):
        """The customer accepts what the shop offers.

        With sudo: that it is the customer's own is the caller's matter.
        :raise UserError: it is not offered any more, has expired, or was shown otherwise
        """
        agreement = self.sudo().with_context(tz=self.sudo().company_id.contact_timezone)
        agreement.line_ids.move_line_id._lock_for_customer()
        agreement.invalidate_recordset(["state", "offered_at"])
        agreement._check_offered()
        down_until = agreement._offer_pay_until()
        terms = agreement._terms_of_offer(down_until)
        self._check_shown(terms, digest)
        self.env["crediario.acceptance"]._record(agreement, terms, proof)
        agreement._accept(down_until)
        agreement.activity_ids.unlink()
        agreement._log_outcome(
            self.env._("The customer accepted agreement %(name)s.", name=agreement.name)
        )

    def _is_offered(self):
        """Whether the customer may accept it today."""
        today = fields.Date.context_today(self)
        return bool(
            self.state == "approved"
            and self.offered_at
            and today <= self.valid_until
            and today <= self.first_due_date
        )

    def _offer_pay_until(self):
        """Last day for the down payment of an offer accepted today; None where there is none."""
        if not self.down_payment:
            return None
        return self._down_payment_until(fields.Date.context_today(self))

    @api.model
    def _awaited_of(self, partner, companies):
        """What awaits the customer's answer or down payment, or was asked for; one or none.

        With sudo.
        """
        found = self.sudo().search_fetch(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "in", companies.ids),
                ("state", "in", ("approved", "to_approve", "waiting")),
            ],
            ["state", "origin", "offered_at", "valid_until", "first_due_date"],
            order="state desc, id",
        )
        return found.filtered(
            lambda own: (
                own.origin in CUSTOMER
                if own.state == "to_approve"
                else own.state == "waiting" or own._is_offered()
            )
        )[:1]

    def _down_payment_due(self):
        """The day that is shown for the down payment: as booked, else by who agrees to it."""
        booked = self._down_payment_line()
        if booked:
            return booked.date_maturity
        return self._down_payment_until(self.date) if self.origin in CUSTOMER else self.date

    def _down_payment_until(self, day):
        """The last day for the down payment that customers have who agree on ``day``."""
        days = self.company_id.sudo().self_service_down_days
        return min(day + timedelta(days=days), self.first_due_date)

    def _offer(self):
        """With sudo: decisions are written by their buttons only."""
        for agreement in self.sudo():
            values = {"state": "approved", "offered_at": fields.Datetime.now()}
            if agreement.state == "draft":
                values["approved_by_id"] = self.env.uid
            agreement.write(values)

    def _check_offered(self):
        if not self._is_offered():
            raise UserError(
                self.env._("This offer is not open any more. Ask the shop for a new one.")
            )

    @api.model
    def _check_not_asked_lately(self, service):
        since = service.today - timedelta(days=REQUEST_PAUSE_DAYS)
        asked = self.sudo().search(
            [
                ("partner_id", "=", service.partner.id),
                ("company_id", "=", service.company.id),
                ("origin", "in", CUSTOMER),
                ("move_id", "=", False),
                ("date", ">", since),
            ],
            limit=1,
        )
        if asked:
            raise UserError(
                self.env._(
                    "You asked for an agreement on %(day)s already. Talk to the shop about it.",
                    day=format_date(self.env, asked.date),
                )
            )

    # --------- The words in which a customer is shown an agreement: what CDC art
    # 52 and 54-B ask for.

    @api.model
    def _terms_of_answer(self, service, answer) -> Markup:
        """The text of a choice that the customer makes alone; rendered anew it is the same."""
        amounts = {debt.key: debt for debt in service.debts}
        rows = [
            {
                "contract": line.contract_reference,
                "label": line.installment_label,
                "due": line.date_maturity,
                "principal": amounts[line.id].principal,
                "charges": amounts[line.id].charges,
                "total": amounts[line.id].principal + amounts[line.id].charges,
            }
            for line in service.lines._sorted_for_receiving()
        ]
        return self._terms_text(
            service.company,
            service.plan,
            rows,
            answer.proposal,
            service.today,
            service.pay_until(answer),
        )

    def _terms_of_offer(self, pay_until) -> Markup:
        """The text of this proposal of the shop."""
        rows = [
            {
                "contract": line.contract,
                "label": line.label,
                "due": line.due_date,
                "principal": line.principal,
                "charges": line.fine + line.interest,
                "total": line.total,
            }
            for line in self.line_ids
        ]
        return self._terms_text(
            self.company_id, self._rules(), rows, self._proposal(), self.date, pay_until
        )

    @api.model
    def _terms_text(self, company, plan, rows, proposal, on, pay_until) -> Markup:
        """With sudo and without a person's name: also who holds the link only may read it."""
        company, plan = company.sudo(), plan.sudo()
        return self.env["ir.qweb"]._render(
            "optica_cobranca.agreement_terms",
            {
                "company": company,
                "currency": company.currency_id,
                "plan": plan,
                "rows": rows,
                "proposal": proposal,
                "offer": proposal.offer,
                "discount": proposal.discount.charges + proposal.discount.principal,
                "on": on,
                "pay_until": pay_until,
                "breach_days": self._tolerance_days() if self else company.agreement_breach_days,
            },
        )

    @api.model
    def _check_shown(self, terms, digest):
        """:raise UserError: another text was on the screen: another day, amount or plan."""
        if not consteq(text_digest(terms), digest or ""):
            raise UserError(
                self.env._(
                    "These terms are not those that you were shown: amounts change with the day "
                    "and with payments. Read them again below."
                )
            )

    @api.model
    def _refusal_texts(self, service):
        """Why the customer is offered nothing, a sentence each."""
        policy, company = service.policy, service.company

        money = company.currency_id._text
        again_on = service.offers.again_on
        texts = {
            Refusal.OFF: self.env._("The shop makes agreements at the counter and by telephone."),
            Refusal.NOTHING_LATE: self.env._("Nothing is late: there is nothing to agree on."),
            Refusal.HAS_AGREEMENT: self.env._("You have an agreement already."),
            Refusal.HANDED_OVER: self.env._("An agency takes care of this debt. Call the shop."),
            Refusal.TOO_SOON: self.env._(
                "You made an agreement not long ago. From %(day)s on you can make another one "
                "here.",
                day=again_on and format_date(self.env, again_on),
            ),
            Refusal.DEBT_TOO_SMALL: self.env._(
                "Agreements made here are for debts from %(amount)s.", amount=money(policy.min_debt)
            ),
            Refusal.DEBT_TOO_LARGE: self.env._(
                "Agreements made here are for debts up to %(amount)s.",
                amount=money(policy.max_debt),
            ),
            Refusal.RATE: self.env._("The shop has to look at the rate of this agreement first."),
            Refusal.NO_SCHEDULE: self.env._(
                "In installments of at least %(amount)s there is no schedule for this debt.",
                amount=money(policy.limits.min_part),
            ),
        }
        return [texts[refusal] for refusal in service.offers.refusals]

    @api.model
    def _objection_texts(self, service, answer):
        """Why the customer cannot agree to a choice alone, a sentence each."""
        policy = service.policy
        currency = service.company.currency_id
        earliest, latest = policy.first_due_range(service.today)
        least_down = least_down_payment(service.debts, policy, service.today)
        texts = {
            Objection.PARTS: self.env._(
                "Choose from %(fewest)s to %(most)s installments.",
                fewest=policy.min_parts,
                most=policy.limits.max_installments,
            ),
            Objection.SMALL_PART: self.env._(
                "Each installment must be at least %(amount)s.",
                amount=currency._text(policy.limits.min_part),
            ),
            Objection.DOWN_PAYMENT: self.env._(
                "The down payment must be at least %(amount)s.",
                amount=currency._text(least_down),
            ),
            Objection.FIRST_DUE: self.env._(
                "The first installment must be due from %(earliest)s to %(latest)s.",
                earliest=format_date(self.env, earliest),
                latest=format_date(self.env, latest),
            ),
        }
        hindered = self._refusal_texts(service) if service.offers.hindrances else []
        return [*hindered, *(texts[objection] for objection in answer.objections)]
