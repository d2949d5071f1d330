from odoo import models

from ...domain.ladder.ladder import HoldReason
from ...tools.ladder.dunning_query import HOLD_RANK
from ..messaging.contact_message_facts import Debt


class ContactMessage(models.Model):
    """Messages about a promise: what it holds is silent, but it may itself be spoken of."""

    _inherit = "contact.message"

    def _gather_debts(self, facts):
        promised = self.filtered(
            lambda message: message.res_model == "dunning.promise" and message._is_about_debt()
        )
        result = super(ContactMessage, self - promised)._gather_debts(facts)
        promised._gather_promised(facts)
        return result

    def _gather_promised(self, facts):
        if not self:
            return
        promises = self.env["dunning.promise"].sudo().browse(self.mapped("res_id")).exists()
        known = {promise.id: promise for promise in promises}
        lines_of = {
            message.id: known[message.res_id].move_line_ids.ids
            for message in self
            if message.res_id in known
        }
        ignored = [HOLD_RANK[HoldReason.PROMISE]]
        states = self._installment_states(
            {message.id: lines_of.get(message.id, []) for message in self}, facts.now, ignored
        )
        for message in self:
            debt = self._debt_of(lines_of.get(message.id, []), states)
            promise = known.get(message.res_id)
            if promise and promise.state == "kept":
                debt = Debt()
            elif not promise or promise.state == "cancelled":
                debt = Debt(is_held=True)
            facts.debts[message.id] = debt
