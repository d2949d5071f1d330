import logging
from datetime import timedelta

from odoo import fields, models

_logger = logging.getLogger(__name__)

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)
# Storms in a row after which managers are told: until then it passes by itself.
TOLD_AFTER = 3


class ContactGateway(models.Model):
    """Passing trouble of a whole provider: wait, try one message, go on or wait longer.

    What was not tried keeps its tries: a storm of an hour does not use up those of thousands.
    """

    _inherit = "contact.gateway"

    storms = fields.Integer(
        "Troubles in a Row",
        readonly=True,
        copy=False,
        default=0,
        help="While this is not 0, one message at a time is tried until the provider answers.",
    )

    def _wait_out(self, failure, code, detail):
        """Pause for a while: 1, 2, 4 ... 30 minutes; the managers hear of a long trouble, once."""
        self.ensure_one()
        self._lock_row()
        if self.is_paused:
            return  # by another worker, for the same trouble
        now = fields.Datetime.now()
        wait = min(FIRST_WAIT * 2 ** min(self.storms, 10), LONGEST_WAIT)
        reason = self._failure_text(failure, code, detail)
        _logger.warning("Gateway %s (%s) waits %s: %s %s", self.name, self.id, wait, failure, code)
        storms = self.storms + 1
        self.write(
            {
                "paused_until": now + wait,
                "storms": storms,
                "last_error": reason,
                "last_error_at": now,
            }
        )
        if storms == TOLD_AFTER:
            self._tell_managers(reason)

    def _storm_is_over(self):
        """The provider answered."""
        self.ensure_one()
        told = self.storms >= TOLD_AFTER
        self.write({"storms": 0, "last_error": False, "last_error_at": False})
        if told:
            self.activity_feedback(["mail.mail_activity_data_todo"])

    def action_resume(self):
        """A person resumes: not one at a time any more."""
        self.write({"storms": 0})
        return super().action_resume()
