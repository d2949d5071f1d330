from collections import defaultdict
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...domain.claims.promise import Credit, Outcome, Promise, PromiseState, evaluate
from ...domain.shop.money import ZERO, cents
from ...tools.shop.lost_races import until_won
from ..crediario.account_move_line_amounts import counts_on
from ..receiving.account_move_line import is_received

# Promises a transaction of the nightly evaluation.
BATCH_SIZE = 500
# Installments that were paid, or whose payment was undone, in this transaction.
TOUCHED = "optica_cobranca.promise_lines"
STATES = {
    PromiseState.OPEN: "open",
    PromiseState.KEPT: "kept",
    PromiseState.BROKEN: "broken",
    PromiseState.MOOT: "cancelled",
}
MONEY_JOURNALS = ["bank", "cash", "credit"]


class DunningPromise(models.Model):
    """What became of promises: asked by each payment at its commit, and every night.

    Both lock the promises first and look at the same facts, so it does not matter who comes first.
    """

    _inherit = "dunning.promise"

    # ---------------------------------------------------------------- cron

    @api.model
    def _cron_promises(self):
        """Every night: promises whose time is over and nobody paid are broken."""
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all; each has its night
        for company in companies:
            self.sudo().with_company(company)._evaluate_open(company, company._today())

    def _evaluate_open(self, company, day):
        """Evaluate the open promises of a company, a batch in each transaction."""
        last = 0
        while True:
            evaluate = partial(self._evaluate_next, company, day, last)
            batch = until_won(self.env, "Promises", evaluate)  # somebody may pay meanwhile
            if len(batch) < BATCH_SIZE:
                break
            last = batch[-1:].id
        self._remind_of_tomorrow(company, day)

    def _evaluate_next(self, company, day, after, _is_last):
        batch = self._claim(company, after)
        batch._evaluate(day)
        self._commit_batch(len(batch))
        return batch

    def _remind_of_tomorrow(self, company, day):
        """Promises speak the day before."""
        due = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "open"),
                ("date", "=", day + timedelta(days=1)),
            ]
        )
        # Who promised today for tomorrow needs no reminder of it.
        due = due.filtered(lambda promise: promise.registered_at.date() < day)
        self.env["contact.message"]._enqueue_automatic("promise_reminder", due)
        self._commit_batch(len(due))

    @api.model
    def _claim(self, company, after):
        """Lock the next open promises; those being paid right now are evaluated by the payment."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM dunning_promise
                 WHERE state = 'open' AND company_id = %s AND id > %s
              ORDER BY id LIMIT %s
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                company.id,
                after,
                BATCH_SIZE,
            )
        )
        return self.browse(key for (key,) in rows)

    def _commit_batch(self, count):
        self.env["ir.cron"]._commit_progress(count)

    # ------------------------------------------------------------ business

    @api.model
    def _note_payment(self, lines):
        """Something was paid of these installments, or undone: look at their promises at commit.

        At the end of the transaction, because a receipt writes charges after the reconciliation.
        """
        if not lines:
            return
        precommit = self.env.cr.precommit
        if TOUCHED not in precommit.data:
            precommit.data[TOUCHED] = set()
            precommit.add(self.sudo()._evaluate_touched)
        precommit.data[TOUCHED].update(lines.ids)

    def _evaluate_touched(self):
        """Evaluate the promises about installments that this transaction paid; one query if none.

        With sudo: whoever receives money need not see promises.
        """
        line_ids = list(self.env.cr.precommit.data.pop(TOUCHED, ()))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT promise.id FROM dunning_promise promise
                 WHERE promise.cancelled_by_id IS NULL AND promise.id IN (
                    SELECT promise_id FROM dunning_promise_line_rel WHERE move_line_id = ANY(%s))
              ORDER BY promise.id
                   FOR NO KEY UPDATE
                """,
                line_ids,
            )
        )
        self.browse(key for (key,) in rows)._evaluate()

    def _evaluate(self, day=None):
        """Bring state and paid amount of these promises up to ``day`` (today if not given).

        With sudo: nobody has the right to edit promises, this is the one way.
        """
        promises = self.sudo()
        if not promises:
            return
        day = day or fields.Date.context_today(self)
        outcomes = promises._outcomes(day)
        changed = defaultdict(promises.browse)
        for promise in promises:
            outcome = outcomes[promise.id]
            if promise.currency_id.compare_amounts(promise.paid_amount, float(outcome.paid)):
                promise.paid_amount = float(outcome.paid)
            state = STATES[outcome.state]
            if promise.state != state:
                changed[state] |= promise
        for state, decided in changed.items():
            decided.write({"state": state, "closed_on": False if state == "open" else day})
            decided._after(state)

    def _outcomes(self, day) -> dict[int, Outcome]:
        """What became of each promise, by id: two queries for any number of them."""
        debts, credits = self._facts()
        return {
            promise.id: evaluate(
                Promise(cents(promise.amount), promise.deadline, debts.get(promise.id, ZERO)),
                credits[promise.id],
                day,
            )
            for promise in self
        }

    def _facts(self):
        """Debt and credits (domain terms) of each promise, by id."""
        self.flush_model()
        self.env["account.move.line"]._flush_history()
        debts = self.env.execute_query(
            SQL(
                """
                SELECT rel.promise_id, SUM(line.balance)
                  FROM dunning_promise_line_rel rel
                  JOIN account_move_line line ON line.id = rel.move_line_id
                 WHERE rel.promise_id = ANY(%s) AND line.parent_state <> 'cancel'
              GROUP BY rel.promise_id
                """,
                self.ids,
            )
        )
        credits = defaultdict(list)
        for key, on, principal, money, since, by_agreement in self.env.execute_query(
            self._credits_query()
        ):
            credits[key].append(Credit(on, cents(principal), cents(money), since, by_agreement))
        return {key: cents(debt) for key, debt in debts}, credits

    def _credits_query(self):
        """Rows (promise, day, principal, money, since the promise, by an agreement).

        Money is what bank and cash journals brought; charges and reductions are on receipts.
        """
        return SQL(
            """
            SELECT promise.id, %(counts_on)s, partial.amount,
                   CASE WHEN journal.type = ANY(%(money)s) THEN partial.amount ELSE 0 END,
                   partial.id > promise.last_partial_id, move.agreement_id IS NOT NULL
              FROM dunning_promise promise
              JOIN dunning_promise_line_rel rel ON rel.promise_id = promise.id
              JOIN account_partial_reconcile partial ON partial.debit_move_id = rel.move_line_id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN account_move move ON move.id = credit.move_id
              JOIN account_journal journal ON journal.id = move.journal_id
             WHERE promise.id = ANY(%(ids)s)
             UNION ALL
            SELECT promise.id, COALESCE(payment.date, receipt.date), 0,
                   line.fine + line.interest - line.discount,
                   line.id > promise.last_receipt_line_id, FALSE
              FROM dunning_promise promise
              JOIN dunning_promise_line_rel rel ON rel.promise_id = promise.id
              JOIN crediario_receipt_line line ON line.move_line_id = rel.move_line_id
              JOIN crediario_receipt receipt ON receipt.id = line.receipt_id
         LEFT JOIN account_payment payment ON payment.id = line.payment_id
         LEFT JOIN account_move move ON move.id = payment.move_id
             WHERE promise.id = ANY(%(ids)s) AND %(is_received)s
            """,
            counts_on=counts_on(SQL("credit")),
            is_received=is_received(SQL("line"), SQL("receipt"), SQL("move")),
            money=MONEY_JOURNALS,
            ids=self.ids,
        )

    # ------------------------------------------------------- what follows

    def _after(self, state):
        """Tell the customer's history, and give the collector something to do about it."""
        if state != "broken":
            self.activity_unlink(["mail.mail_activity_data_call"])
        else:
            for user, promises in self.grouped(lambda promise: promise._collector()).items():
                promises.activity_schedule(
                    "mail.mail_activity_data_call",
                    summary=self.env._("Promise broken: ask what happened"),
                    user_id=user.id,
                )
            self.env["contact.message"]._enqueue_automatic("promise_broken", self)
        self._log_outcome(state)

    def _collector(self):
        """Who took the promise, or who is in charge once that person has left."""
        return self.user_id if self.user_id.active else self.company_id.dunning_user_id

    def _log_outcome(self, state):
        texts = {
            "open": self.env._("Promise of %(amount)s until %(date)s: open again."),
            "kept": self.env._("Promise of %(amount)s until %(date)s: kept."),
            "broken": self.env._("Promise of %(amount)s until %(date)s: broken."),
            "cancelled": self.env._(
                "Promise of %(amount)s until %(date)s: nothing is left to pay."
            ),
        }
        for partner, promises in self.grouped("partner_id").items():
            for promise in promises:
                partner._tell_collection(
                    promise.company_id,
                    texts[state]
                    % {
                        "amount": promise.currency_id._text(promise.amount),
                        "date": format_date(self.env, promise.date),
                    },
                )
