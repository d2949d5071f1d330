from odoo import api, fields, models

from ..domain import bureau
from ..domain.bureau import LIVE, CaseFacts, CaseState, Cause
from ..domain.money import ZERO, cents
from .crediario_agreement import NEGOTIATING


class DunningBureauCase(models.Model):
    """What a day makes of the cases: payments, disputes, age. Asked nightly and before each step.

    Everything is decided by ``domain.bureau.review``; nothing here moves a case forward.
    """

    _inherit = "dunning.bureau.case"

    # ------------------------------------------------------------ business

    @api.model
    def _cron_review(self):
        """Nightly: all living cases, each company on its own day."""
        run = self.env["dunning.run"]
        for company in self.env["res.company"].search([]):
            cases = self.search([("company_id", "=", company.id), ("state", "in", LIVE)])
            cases.with_company(company)._review(run._today(company))

    def _review(self, day):
        """Apply what happened until ``day``; asking again changes nothing."""
        cases = self.sudo().filtered(lambda case: case.state in LIVE)
        facts = cases._facts(day)
        for case in cases:
            verdict = bureau.review(facts[case], day, case.company_id._business_calendar())
            case._apply(verdict, day)

    def _apply(self, verdict, day):
        cause = verdict.cause.value if verdict.cause else False
        if verdict.state == self.state and not (cause and self.state == CaseState.REMOVAL_DUE):
            if self.state in bureau.BEFORE and self.stop_cause != cause:
                self.stop_cause = cause
            return
        if verdict.state == CaseState.REGISTERED:
            self._stays_registered()
            return
        if verdict.state == CaseState.CANCELLED:
            self.write({"state": "cancelled", "stop_cause": cause})
            self.activity_unlink(["mail.mail_activity_data_warning"])
            self._withdraw_notice()
            return
        self.write(
            {
                "state": "removal_due",
                "removal_cause": cause,
                "removal_deadline": verdict.deadline,
                "stop_cause": False,
            }
        )
        self.activity_unlink(["mail.mail_activity_data_warning"])
        self._raise_alarm(day)

    def _stays_registered(self):
        """The payment was undone before the bureau heard of it: all is as before."""
        self.write({"state": "registered", "removal_cause": False, "removal_deadline": False})
        self.activity_unlink(["mail.mail_activity_data_warning"])
        self._message_log(
            body=self.env._("The payment was undone: the case is registered as before.")
        )

    def _raise_alarm(self, day):
        """A task for today: the law counts the days, weekends included in nobody's favour."""
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=min(day, self.removal_deadline),
            summary=self.env._("Remove from the credit bureau"),
            note=self.env._(
                "%(customer)s must be out of the register by %(deadline)s.",
                customer=self.partner_id.name,
                deadline=fields.Date.to_string(self.removal_deadline),
            ),
            user_id=self.company_id._recovery_user().id,
        )

    # ------------------------------------------------------------- helpers

    def _facts(self, day):
        """What ``domain.bureau`` asks about each case, gathered for all of them: {case: facts}."""
        entries = self.line_ids.move_line_id
        histories = entries._installment_payments()
        disputes = self._dispute_days()
        agreements = self._customers_with("crediario.agreement", self._negotiating_domain(day))
        promises = self._customers_with("dunning.promise", [("state", "=", "open")])
        return {
            case: CaseFacts(
                state=case.state,
                dispute_on=disputes.get(case),
                has_agreement=(case.company_id, case.partner_id) in agreements,
                has_promise=(case.company_id, case.partner_id) in promises,
                removal_cause=case.removal_cause or None,
                removal_asked=bool(case.removal_asked_on),
                **case._money_facts(histories, day),
            )
            for case in self
        }

    def _money_facts(self, histories, day):
        owed = [line for line in self.line_ids if cents(line.amount_open) > ZERO]
        changed = self.line_ids.filtered(
            lambda line: cents(line.amount_open) < cents(line.amount)
        ).move_line_id
        days = sorted(
            payment.on
            for entry in changed
            for payment in histories[entry.id].later
            if payment.principal
        )
        # A contract taken back is paid for in nobody's books: the day it is noticed counts.
        fallback = day if len(changed) or len(owed) < len(self.line_ids) else None
        return {
            "is_owed": bool(owed),
            "changed_on": self._since_fixed(days) or fallback,
            "settled_on": max(days, default=fallback),
            "oldest_due": min((line.due_date for line in owed), default=None),
            "is_moved": any(
                line.move_line_id.date_maturity != line.due_date
                and line.move_line_id.date_maturity >= day
                for line in owed
            ),
        }

    def _since_fixed(self, days):
        """The first payment since the registration; before one its day does not matter."""
        registered = self.registered_on
        later = [paid_on for paid_on in days if not registered or paid_on >= registered]
        return min(later or days, default=None)

    @api.model
    def _negotiating_domain(self, day):
        return [("state", "in", NEGOTIATING), ("valid_until", ">=", day)]

    def _customers_with(self, model, domain):
        """Pairs (company, customer) of these cases that have such a record."""
        if model not in self.env:
            return set()
        domain = fields.Domain(domain) & fields.Domain("partner_id", "in", self.partner_id.ids)
        rows = self.env[model].sudo()._read_group(domain, ["company_id", "partner_id"])
        return set(rows)

    def _dispute_days(self):
        """{case: first day of an open dispute about the customer or one of its debts}."""
        if "dunning.dispute" not in self.env:
            return {}
        disputes = self.env["dunning.dispute"].sudo()
        found = disputes.search([("state", "=", "open"), ("partner_id", "in", self.partner_id.ids)])
        days = {}
        for case in self:
            own = found.filtered(
                lambda dispute, case=case: (
                    dispute.partner_id == case.partner_id and dispute.company_id == case.company_id
                )
            )
            own = [dispute for dispute in own if case._is_disputed(dispute)]
            if own:
                days[case] = min(
                    fields.Datetime.context_timestamp(dispute, dispute.opened_at).date()
                    if dispute.opened_at
                    else dispute.create_date.date()
                    for dispute in own
                )
        return days

    def _is_disputed(self, dispute):
        """A dispute without installments and contract is about everything."""
        entries = self.line_ids.move_line_id
        if dispute.move_line_ids:
            return bool(dispute.move_line_ids & entries)
        return not dispute.move_id or dispute.move_id in entries.move_id

    def _check_cause(self, cause):
        """Text of a cause as users read it."""
        return dict(self._fields["stop_cause"]._description_selection(self.env))[Cause(cause).value]
