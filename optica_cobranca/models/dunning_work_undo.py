from odoo import api, fields, models
from odoo.exceptions import UserError


class DunningWork(models.AbstractModel):
    """A slip of the finger: the last result of a person is taken back, on its day."""

    _inherit = "dunning.work"

    @api.model
    def undo(self, call_id):
        """Take back the current user's last result of today and open its customer again.

        The contact stays on record as undone; what followed from it ends: promise, dispute,
        proposal, activity, number out of use. What was received stays: it is undone on its receipt.

        :return: the card of the customer
        """
        self._check_collector()
        call = self.env["dunning.call"].browse(call_id)
        self._check_last(call)
        self._allowed_company(call.company_id.id)
        work = self.with_company(call.company_id)
        work._end_what_followed(call.with_env(work.env))
        # Users have no right to change a contact but for its note.
        call.sudo().write({"undone_at": fields.Datetime.now()})
        return work.take(call.partner_id.id, call.company_id.id)

    @api.model
    def _drop_unpaid(self):
        """ "Pays now" counts once money was received: without a receipt it is taken back.

        Asked when the current user comes back to the list from the cashier. Names the last
        customer concerned, to open again.
        """
        start = self._day_start(fields.Date.context_today(self))
        calls = self.env["dunning.call"].search(
            [
                ("user_id", "=", self.env.uid),
                ("company_id", "in", self.env.companies.ids),
                ("result", "=", "paid"),
                ("undone_at", "=", False),
                ("ended_at", ">=", start),
            ]
        )
        unpaid = calls.filtered(lambda call: not call._received())
        # Users have no right to change a contact but for its note.
        unpaid.sudo().write({"undone_at": fields.Datetime.now()})
        last = unpaid[:1]
        return last and {
            "partner_id": last.partner_id.id,
            "company_id": last.company_id.id,
            "text": self.env._(
                "Nothing was received from %(customer)s: the result was taken back.",
                customer=last.partner_id.name,
            ),
        }

    @api.model
    def _check_last(self, call):
        start = self._day_start(fields.Date.context_today(self))
        last = self.env["dunning.call"].search(
            [
                ("user_id", "=", self.env.uid),
                ("undone_at", "=", False),
                ("ended_at", ">=", start),
            ],
            order="ended_at desc, id desc",
            limit=1,
        )
        if not call or call != last:
            raise UserError(self.env._("Only your last result of today can be undone."))

    def _end_what_followed(self, call):
        promise = call.promise_id
        if promise.state == "open":
            promise.action_cancel()
            # What it had taken the place of holds again.
            replaced = self.env["dunning.promise"].search([("replaced_by_id", "=", promise.id)])
            replaced.action_reopen()
        if call.dispute_id.state == "open":
            call.dispute_id._close("rejected", self.env._("Registered by mistake."))
        proposal = call.agreement_id
        if proposal.state == "draft" and proposal.create_date >= call.started_at:
            proposal.action_cancel()
        # An activity that somebody has dealt with is no longer open and stays as it was.
        if call.activity_id.active:
            call.activity_id.unlink()
        if call.result == "wrong_number":
            call.contact_id._phone_is_right(call.phone)
