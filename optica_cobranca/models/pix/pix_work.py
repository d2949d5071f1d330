from datetime import timedelta

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, LockError
from odoo.tools import SQL

from ...clients.bank.pix_errors import PixTrouble

# Somebody was faster: the same row, or the first receipt of a year. Seen after a rollback only.
FASTER = (ConcurrencyError, LockError, errors.UniqueViolation)
BACK_OFF = timedelta(minutes=1)
LONGEST_BACK_OFF = timedelta(hours=1)
# A request without an answer may still be carried out for so long.
DOUBT = timedelta(minutes=10)


class PixWork(models.AbstractModel):
    """What is done at the bank by and by: claimed, tried, and tried again later."""

    _name = "pix.work"
    _description = "Work at the Bank"

    tries = fields.Integer(readonly=True)
    next_try_at = fields.Datetime(readonly=True)
    last_error = fields.Char(readonly=True)

    # ------------------------------------------------------------- helpers

    @api.model
    def _claim_waiting(self, waiting, limit):
        """Lock the next rows whose time has come; another worker takes others.

        :param waiting: SQL condition of rows of which something is left to do
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM %s
                 WHERE %s AND (next_try_at IS NULL OR next_try_at <= %s)
              ORDER BY id LIMIT %s
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                SQL.identifier(self._table),
                waiting,
                fields.Datetime.now(),
                limit,
            )
        )
        return self.browse([row[0] for row in rows])

    def _each_at_bank(self, account, do):
        """``do(record, client)`` for each of these; all are postponed when nobody can ask."""
        try:
            client = account._client()
        except PixTrouble as error:
            account._note_trouble(error)
            self._postpone(account._trouble_text(error))
            return
        with client:
            for record in self:
                do(record, client)

    def _postpone(self, sentence):
        """Later, each time a little longer."""
        for record in self:
            wait = min(BACK_OFF * 2**record.tries, LONGEST_BACK_OFF)
            record.write(
                {
                    "tries": record.tries + 1,
                    "next_try_at": fields.Datetime.now() + wait,
                    "last_error": sentence,
                }
            )
