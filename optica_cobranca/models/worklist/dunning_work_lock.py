from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

EXPIRES_AFTER = timedelta(minutes=15)
# Names this use of PostgreSQL's advisory locks among others.
ADVISORY = 1_907_001


class DunningWorkLock(models.Model):
    """A customer whom somebody works on in the work list: nobody else calls meanwhile.

    One row a customer, over all companies: it is one person who picks up the telephone. The row
    outlives the request; it ends with the result, on leaving the screen, or after 15 minutes.
    """

    _name = "dunning.work.lock"
    _description = "Customer Being Worked On"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    taken_at = fields.Datetime(required=True, readonly=True)
    expires_at = fields.Datetime(required=True, readonly=True)

    _one_a_customer = models.UniqueIndex(
        "(partner_id)", "Somebody is working on this customer already."
    )

    # ------------------------------------------------------------ business

    @api.model
    def _prepare_merge(self, sources, survivor):
        """Before customers become one: whoever works on the others opens the survivor anew."""
        self.env.execute_query(
            SQL(
                "DELETE FROM dunning_work_lock WHERE partner_id = ANY(%s) RETURNING id", sources.ids
            )
        )
        self.invalidate_model()

    @api.model
    def _take(self, partner_id, now):
        """Lock the customer for the current user, unless a colleague has done so.

        Never waits: a colleague who is taking the customer at this very moment has it. When the
        colleague's transaction ended after ours began, PostgreSQL refuses and the request is
        repeated by Odoo, which then sees the lock.

        :param now: naive UTC
        :return: True when the customer is the current user's
        """
        query = SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", ADVISORY, partner_id)
        if not self.env.execute_query(query)[0][0]:
            return False
        taken = self.env.execute_query(
            SQL(
                """
                INSERT INTO dunning_work_lock AS held (partner_id, user_id, taken_at, expires_at)
                VALUES (%(partner)s, %(user)s, %(now)s, %(end)s)
           ON CONFLICT (partner_id) DO UPDATE
                   SET user_id = excluded.user_id, expires_at = excluded.expires_at,
                       taken_at = CASE WHEN held.user_id = excluded.user_id
                                        AND held.expires_at > %(now)s
                                       THEN held.taken_at ELSE excluded.taken_at END
                 WHERE held.user_id = excluded.user_id OR held.expires_at <= %(now)s
             RETURNING id
                """,
                partner=partner_id,
                user=self.env.uid,
                now=now,
                end=now + EXPIRES_AFTER,
            )
        )
        self.invalidate_model()
        return bool(taken)

    @api.model
    def _release(self, partner_id):
        """End the current user's lock; a colleague's stays."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM dunning_work_lock WHERE partner_id = %s AND user_id = %s",
                partner_id,
                self.env.uid,
            )
        )
        self.invalidate_model()

    @api.model
    def _release_others(self, partner_id):
        """A person works on one customer at a time: end the current user's other locks."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM dunning_work_lock WHERE partner_id <> %s AND user_id = %s",
                partner_id,
                self.env.uid,
            )
        )

    @api.model
    def _holder(self, partner_id, now):
        """(user id, since when) of a lock in force; None if there is none."""
        rows = self.env.execute_query(
            SQL(
                """SELECT user_id, taken_at FROM dunning_work_lock
                    WHERE partner_id = %s AND expires_at > %s""",
                partner_id,
                now,
            )
        )
        return rows[0] if rows else None
