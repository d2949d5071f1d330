import logging
from datetime import datetime, timedelta, timezone

from psycopg2 import errors

from odoo import api, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..clients.pix_errors import PixTrouble, Trouble

_logger = logging.getLogger(__name__)

# Somebody was faster: the same row, or the first receipt of a year. Seen after a rollback only.
RETRIED = (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError, errors.UniqueViolation)
# The bank may show a Pix a little after its instant: each poll looks back this far.
OVERLAP = timedelta(minutes=30)
WINDOW = timedelta(days=1)
LONGEST_PAST = timedelta(days=60)
BATCH = 50
# A notice that the bank itself does not confirm for so long was none.
MAX_UNKNOWN = 8
MAX_TRIES = 5


class PixPayment(models.Model):
    """How received Pix become known: announced by the bank's call, found by asking.

    A notice is only a hint: what counts is what the bank answers when it is asked for that id.
    """

    _inherit = "pix.payment"

    # ---------------------------------------------------------------- cron

    @api.model
    def _cron_poll(self):
        """Every minute: ask each bank what was received since the last time."""
        for account in self.env["pix.account"].search([("state", "in", ("live", "test"))]):
            try:
                self._poll(account)
            except PixTrouble as error:
                account._note_trouble(error)
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _cron_payments(self):
        """Every minute, and at once after a notice: read what was announced, book what is read."""
        while announced := self._claim("announced"):
            for account, group in announced.grouped("account_id").items():
                group._each_at_bank(account, type(self)._read_at_bank)
            if not self.env["ir.cron"]._commit_progress(len(announced)):
                return
        self._book_waiting()

    # ------------------------------------------------------------ business

    @api.model
    def _announce(self, account, end_to_end_ids):
        """Keep the ids of a bank's notice; nothing else of it is believed."""
        known = self.search(
            [("account_id", "=", account.id), ("end_to_end_id", "in", list(end_to_end_ids))]
        )
        fresh = set(end_to_end_ids) - set(known.mapped("end_to_end_id"))
        self._create_new(
            [
                {"account_id": account.id, "end_to_end_id": each, "state": "announced"}
                for each in sorted(fresh)
            ]
        )
        # A notice about a known one may tell of a refund.
        known.refund_ids._look_again()
        self.env.ref("optica_cobranca.cron_pix_payments").sudo()._trigger()

    @api.model
    def _poll(self, account):
        """Take in all that the account received since it was last asked, page by page."""
        now = datetime.now(timezone.utc).replace(microsecond=0)
        asked = account.polled_until or account.create_date
        start = max(asked.replace(tzinfo=timezone.utc) - OVERLAP, now - LONGEST_PAST)
        with account._client() as client:
            while start < now:
                end = min(start + WINDOW, now)
                for page in client.received(start, end):
                    self._take_in_surely(account, page)
                account.polled_until = end.replace(tzinfo=None)
                start = end
        account._note_well()
        self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _take_in_surely(self, account, answers):
        """Take in and commit; what another worker does at the same moment is waited out."""
        for attempt in range(MAX_TRIES):
            try:
                self._take_in(account, answers)
                self.env["ir.cron"]._commit_progress(len(answers))
                return
            except RETRIED:
                self.env.cr.rollback()
                if attempt + 1 == MAX_TRIES:
                    raise
                _logger.info("Pix: another worker stores the same, try %s", attempt + 2)

    @api.model
    def _take_in(self, account, answers):
        """Store what the bank told of its own when it was asked; known ones change nothing.

        :param answers: :class:`PixAnswer` of one account
        :return: the new and the newly read ones
        """
        by_id = {answer.end_to_end_id: answer for answer in answers}
        known = self.search([("account_id", "=", account.id), ("end_to_end_id", "in", list(by_id))])
        announced = known.filtered(lambda payment: payment.state == "announced")
        for payment in announced:
            payment.write(self._told(by_id[payment.end_to_end_id]))
        for payment in known.filtered("refund_ids"):
            payment._take_refunds(by_id[payment.end_to_end_id].refunds)
        fresh = [by_id[each] for each in by_id.keys() - set(known.mapped("end_to_end_id"))]
        created = self._create_new(
            [
                {"account_id": account.id, "end_to_end_id": answer.end_to_end_id}
                | self._told(answer)
                for answer in sorted(fresh, key=lambda each: (each.at, each.end_to_end_id))
            ]
        )
        if created or announced:
            self.env.ref("optica_cobranca.cron_pix_payments").sudo()._trigger()
        return created | announced

    def _read_at_bank(self, client):
        """Ask the bank for this announced id."""
        try:
            answer = client.get_pix(self.end_to_end_id)
        except PixTrouble as error:
            self._not_read(self.account_id, error)
        else:
            self.write(self._told(answer))

    def _not_read(self, account, error):
        is_unknown = error.trouble in (Trouble.NOT_FOUND, Trouble.REFUSED)
        if is_unknown and self.tries + 1 >= MAX_UNKNOWN:
            self.write({"state": "dismissed", "last_error": account._trouble_text(error)})
            return
        if not is_unknown:
            account._note_trouble(error)
        self._postpone(account._trouble_text(error))

    # ------------------------------------------------------------- helpers

    @api.model
    def _create_new(self, vals_list):
        """:raises ConcurrencyError: another worker stored one of them meanwhile; try again"""
        try:
            with self.env.cr.savepoint():
                # Rows come by the hundred; their creation is no news, their fate is.
                return self.with_context(tracking_disable=True).create(vals_list).with_env(self.env)
        except errors.UniqueViolation as error:
            raise ConcurrencyError("another worker stored this Pix") from error

    @api.model
    def _told(self, answer):
        """A Pix of the bank as values of its row."""
        parts = answer.received
        return {
            "state": "received",
            "txid": answer.txid or False,
            "amount": float(parts.amount),
            "has_components": parts.has_components,
            "amount_original": float(parts.original or 0),
            "amount_fine": float(parts.fine),
            "amount_interest": float(parts.interest),
            "amount_discount": float(parts.discount + parts.abatement),
            "paid_at": answer.at.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0),
            "key": answer.key or False,
            "payer_message": answer.message or False,
            "tries": 0,
            "next_try_at": False,
            "last_error": False,
        }

    @api.model
    def _claim(self, state, limit=BATCH):
        waiting = SQL("state = %s AND state IN ('announced', 'received')", state)  # the index's
        return self._claim_waiting(waiting, limit)

    @api.model
    def _check_person(self):
        if not self.env.user.has_group("optica_cobranca.group_collector"):
            raise UserError(self.env._("Only collectors decide about received Pix. Ask one."))
