from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Command

from ..domain import self_service
from ..domain.agreement import Debt
from ..domain.errors import DomainError
from ..domain.money import cents, exact
from ..domain.self_service import Choice, Credit, OpenInstallment, Situation
from .crediario_agreement import LIVE
from .crediario_self_service import SelfService
from .customer_proof import ORIGINS
from .dunning_handover import WITH_AGENCY

CUSTOMER = ("portal", "link")


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
                    is_late=bool(amounts[line.id].days_late),
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
        :raises UserError: what is chosen is outside the policy, was shown otherwise, or somebody
            works on these installments right now
        """
        self._lock_for_customer(service.lines)
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
        """:raises UserError: for a choice that makes no agreement."""
        try:
            return self_service.work_out(
                service.debts, service.policy, service.credit, choice, service.today
            )
        except DomainError as error:
            raise UserError(self._refusal(error)) from error

    # ------------------------------------------------------------- helpers

    @api.model
    def _debt_of(self, line, amount):
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
        handed_over = self.env["dunning.handover.line"].search_count(
            [
                ("move_line_id", "in", lines.ids),
                ("handover_id.state", "in", WITH_AGENCY),
            ],
            limit=1,
        )
        return Situation(
            has_agreement=bool(self._live_of(partner, company)),
            handed_over=bool(handed_over),
            last_own=last.accepted_on or None,
        )

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

    @api.model
    def _lock_for_customer(self, lines):
        """Of two acceptances at once one goes on, the other one is told to look again."""
        lines.flush_recordset()
        try:
            lines.sudo().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody is working on these installments right now. Wait a moment and look "
                    "at this page again."
                )
            ) from error

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
        self.partner_id._message_log(body=body)
