from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..domain.errors import ErrorCode, PromiseError
from ..domain.money import ZERO, cents
from ..domain.promise import check_promise


class DunningPromise(models.Model):
    """How a promise gets registered: within the limits, in place of an earlier one."""

    _inherit = "dunning.promise"

    # ------------------------------------------------------------ business

    @api.model
    def _register_promise(
        self, partner, company, date, amount=None, lines=None, notice=None, note="", today=None
    ):
        """Note that ``partner`` pays ``amount`` until ``date``; reminders rest at once.

        An open promise about the same installments is replaced.

        :param amount: BRL; what settles the installments today if not given
        :param lines: the installments; all that are late if not given, else what is due until
            ``date``
        :param today: the day on which the customer said so, if not today
        :return: the promise
        :raises UserError: beyond the limit of the plan or the company, for more than is owed,
            for installments that are settled or another's, without the right to.
        """
        self._check_collector()
        partner = partner.commercial_partner_id
        partner.check_access("read")
        lines = self._promised_lines(partner, company, date, lines)
        # Two clicks at once: the second one is told so.
        self.env["crediario.receipt"]._lock(lines)
        replaced = self._open_promises(lines)
        today = today or fields.Date.context_today(self)
        amount = self._check_terms(company, date, amount, lines, replaced, today)
        # With sudo: nobody has the right to create promises, this method is the one way.
        promise = self.sudo().create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "date": date,
                "tolerance_days": company.sudo().promise_tolerance_days,
                "amount": float(amount),
                "move_line_ids": [fields.Command.set(lines.ids)],
                "notice_id": notice.id if notice else False,
                "note": (note or "").strip() or False,
                "user_id": self.env.uid,
                "registered_at": fields.Datetime.now(),
                "first_registered_on": self._first_day(replaced, today),
                **self._watermarks(),
            }
        )
        replaced._cancel(replaced_by=promise)
        self.env["contact.message"].sudo()._cancel_collection(partner, "promised")
        promise._log_registered(replaced)
        return promise.sudo(self.env.su)

    @api.model
    def _promised_lines(self, partner, company, date, lines):
        """What the promise is about: the lines asked for, else late ones, else those coming due.

        :raises UserError: when there is none, or one is settled or another customer's.
        """
        owed = partner.with_company(company)._open_installments()
        if lines is None or not lines:
            late = owed.filtered(lambda line: line.installment_state == "overdue")
            lines = late or owed.filtered(lambda line: line.date_maturity <= date)
        elif lines.sudo() - owed:
            raise UserError(
                self.env._(
                    "A promise is for open installments of one customer in one company. Choose "
                    "among those that %(customer)s still owes.",
                    customer=partner.display_name,
                )
            )
        if not lines:
            raise UserError(
                self.env._(
                    "%(customer)s owes nothing until that day: there is nothing to promise.",
                    customer=partner.display_name,
                )
            )
        return lines.with_env(self.env)._sorted_for_receiving()

    @api.model
    def _open_promises(self, lines):
        """Promises about any of these installments that are still open today.

        With sudo: who registers in one company need not see what else is promised.
        """
        found = self.sudo().search(
            [("state", "=", "open"), ("move_line_ids", "in", lines._origin.ids)]
        )
        found._evaluate()
        return found.filtered(lambda promise: promise.state == "open").sudo(self.env.su)

    @api.model
    def _first_day(self, replaced, today):
        """The day from which the limit counts."""
        return min(replaced.sudo().mapped("first_registered_on"), default=today)

    @api.model
    def _check_terms(self, company, date, amount, lines, replaced, today):
        """The amount (Decimal) that may be promised.

        With sudo: what an installment costs is the same for every reader.
        """
        if amount is None or not amount:
            amount = self._owed(lines, today)
        latest = lines.sudo().crediario_plan_id._latest_promise(
            company, self._first_day(replaced, today)
        )
        try:
            check_promise(
                date,
                cents(amount),
                on=today,
                latest=latest,
                owed=self._owed(lines, max(date, today)),
            )
        except PromiseError as error:
            raise UserError(self._refusal(error, company)) from error
        return cents(amount)

    @api.model
    def _owed(self, lines, day):
        """What settles these installments on a day (Decimal)."""
        amounts = lines.sudo()._amounts_today(day)
        return sum((amount.total for amount in amounts.values()), ZERO)

    @api.model
    def _refusal(self, error, company):
        """What the person can do about a promise that is not possible."""
        values, money = error.values, company.currency_id.format
        if error.code == ErrorCode.PROMISE_IN_PAST:
            return self.env._("That day is past. Choose today or a later day.")
        if error.code == ErrorCode.PROMISE_TOO_LATE:
            return self.env._(
                "A promise may be for %(latest)s at the latest. Choose an earlier day, move the "
                "due date, or propose an agreement.",
                latest=format_date(self.env, values["latest"]),
            )
        if error.code == ErrorCode.PROMISE_ABOVE_OWED:
            return self.env._(
                "%(amount)s are more than these installments cost on that day: %(owed)s. Correct "
                "the amount or choose more installments.",
                amount=money(float(values["amount"])),
                owed=money(float(values["owed"])),
            )
        return self.env._("Promise an amount above zero.")

    # ------------------------------------------------------------- helpers

    @api.model
    def _watermarks(self):
        """What was paid already, so that what comes later counts."""
        self.env.flush_all()
        [(partial, receipt_line)] = self.env.execute_query(
            SQL(
                """SELECT COALESCE((SELECT max(id) FROM account_partial_reconcile), 0),
                          COALESCE((SELECT max(id) FROM crediario_receipt_line), 0)"""
            )
        )
        return {"last_partial_id": partial, "last_receipt_line_id": receipt_line}

    def _log_registered(self, replaced):
        """A line in the customer's history, and in the notice's."""
        words = {
            "amount": self.currency_id.format(self.amount),
            "date": format_date(self.env, self.date),
        }
        body = self.env._("Promised to pay %(amount)s until %(date)s.", **words)
        if replaced:
            body = self.env._(
                "Promised to pay %(amount)s until %(date)s, in place of an earlier promise.",
                **words,
            )
        for record in filter(None, (self.partner_id, self.notice_id)):
            record.sudo()._message_log(body=body)
