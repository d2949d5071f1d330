import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


class DunningNotice(models.Model):
    """What happens on a notice: the server actions of its level, and what to do when one fails."""

    _inherit = "dunning.notice"

    # ------------------------------------------------------------- actions

    def action_retry(self):
        """Run the actions that failed once more."""
        self._check_manager()
        for notice in self.sudo().filtered(lambda notice: notice.state == "failed"):
            actions = notice.failed_action_ids
            notice.write(
                {"state": "done", "reason": False, "failed_action_ids": [fields.Command.clear()]}
            )
            for action in actions:
                notice._run_action(action)

    # ------------------------------------------------------------ business

    def _run_level_actions(self, level):
        """Run the actions of ``level`` on these notices of one company, in the level's order.

        A notice whose action fails is marked and the others go on.
        """
        for action in level.action_ids.sorted():
            self._run_action(action)

    def _run_action(self, action):
        """Run one server action on all of these notices at once, singly where that fails."""
        try:
            with self.env.cr.savepoint():
                self._call_action(action)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # an action may be any code; one customer's never stops the rest
            if len(self) > 1:
                for notice in self:
                    notice._run_action(action)
            else:
                self._mark_failed(action, error)

    def _call_action(self, action):
        # Code is written for one `record`, as automation rules run it; other kinds take them all.
        groups = self if action.state == "code" else [self]
        for notices in groups:
            action.sudo().with_env(self.env(su=True)).with_context(
                active_model=self._name, active_id=notices.ids[0], active_ids=notices.ids
            ).run()

    def _mark_failed(self, action, error):
        _logger.warning("Dunning action %s failed on notice %s", action.id, self.id, exc_info=error)
        message = self.env._(
            "%(action)s: %(error)s", action=action.name, error=str(error) or repr(error)
        )
        self.write(
            {
                "state": "failed",
                "reason": "\n".join(filter(None, [self.reason, message])),
                "failed_action_ids": [fields.Command.link(action.id)],
            }
        )

    # ------------------------------------------------------------- helpers

    @api.model
    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group("optica_cobranca.group_manager"):
            raise UserError(self.env._("Only a collection manager decides on notices."))
