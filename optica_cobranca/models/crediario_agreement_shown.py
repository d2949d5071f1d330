from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import consteq, format_amount, format_date

from ..domain.self_service import Objection, Refusal, least_down_payment
from .crediario_acceptance import text_digest


class CrediarioAgreement(models.Model):
    """The words in which a customer is shown an agreement: what CDC art. 52 and 54-B ask for."""

    _inherit = "crediario.agreement"

    # ------------------------------------------------------------ business

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
        return self._terms(
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
        return self._terms(
            self.company_id, self.plan_id, rows, self._proposal(), self.date, pay_until
        )

    @api.model
    def _terms(self, company, plan, rows, proposal, on, pay_until) -> Markup:
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
                "breach_days": company.agreement_breach_days,
            },
        )

    @api.model
    def _check_shown(self, terms, digest):
        """:raises UserError: another text was on the screen: another day, amount or plan."""
        if not consteq(text_digest(terms), digest or ""):
            raise UserError(
                self.env._(
                    "These terms are not those that you were shown: amounts change with the day "
                    "and with payments. Read them again below."
                )
            )

    # --------------------------------------------------------------- texts

    @api.model
    def _refusal_texts(self, service):
        """Why the customer is offered nothing, a sentence each."""
        policy, company = service.policy, service.company

        def money(amount):
            return format_amount(self.env, float(amount or 0), company.currency_id)

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
                amount=format_amount(self.env, float(policy.limits.min_part), currency),
            ),
            Objection.DOWN_PAYMENT: self.env._(
                "The down payment must be at least %(amount)s.",
                amount=format_amount(self.env, float(least_down), currency),
            ),
            Objection.FIRST_DUE: self.env._(
                "The first installment must be due from %(earliest)s to %(latest)s.",
                earliest=format_date(self.env, earliest),
                latest=format_date(self.env, latest),
            ),
        }
        hindered = self._refusal_texts(service) if service.offers.hindrances else []
        return [*hindered, *(texts[objection] for objection in answer.objections)]
