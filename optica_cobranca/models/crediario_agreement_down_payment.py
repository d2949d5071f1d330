import logging

from odoo import api, models
from odoo.exceptions import UserError

from ..domain.money import cents

_logger = logging.getLogger(__name__)


class CrediarioAgreement(models.Model):
    """A down payment that decides: paid by whatever way it puts the agreement in force.

    The entry is booked when the customer agrees, so that the down payment is an installment which
    Pix, cashier, bank statement and online payment settle as any other. Until it is paid reminders
    rest; not paid in time the entry is cancelled and the originals are owed as before.
    """

    _inherit = "crediario.agreement"

    # ------------------------------------------------------------ business

    def _down_payment_line(self):
        """The receivable item of the down payment; empty where there is none."""
        return self.move_id.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and line.balance > 0
                and not line.installment_number
            )
        )[:1]

    def _activate_if_paid(self):
        """In force as soon as nothing is left of the down payment."""
        for agreement in self.filtered(lambda agreement: agreement.state == "waiting"):
            if cents(agreement._down_payment_line().amount_residual) <= 0:
                agreement.state = "open"
                agreement._log_outcome(
                    self.env._(
                        "Down payment received: agreement %(name)s is in force.",
                        name=agreement.name,
                    )
                )

    def _lapse_unpaid(self, today):
        """End agreements whose down payment did not come in time."""
        for agreement in self:
            try:
                agreement._lapse(today)
            except UserError as refusal:
                # Somebody is receiving it at this very moment: tomorrow's run looks again.
                _logger.info("Agreement %s was left alone: %s", agreement.name, refusal)

    def _lapse(self, today):
        """As if it had never been; of a down payment paid in part the originals get what came."""
        down = self._down_payment_line()
        if cents(down.amount_residual) != cents(down.balance):
            self._breach(today)
        else:
            self._unbook()
        self._log_outcome(
            self.env._(
                "The down payment did not come: agreement %(name)s lapsed, the debt is as it was.",
                name=self.name,
            )
        )

    def _withdraw(self):
        """The customer changes their mind while nothing was paid.

        :raises UserError: once something was paid, or it is in force
        """
        if self.state == "waiting":
            self._unbook()
        elif self.state in ("to_approve", "approved") and self.origin != "shop":
            self.sudo().state = "cancelled"
        else:
            raise UserError(
                self.env._("This agreement cannot be taken back here. Call the shop about it.")
            )
        self._log_outcome(self.env._("The customer took agreement %(name)s back.", name=self.name))

    # ------------------------------------------------------------- helpers

    def _log_outcome(self, body):
        """A line in the agreement's history and in the customer's."""
        for record in (self, self.partner_id):
            record.sudo()._message_log(body=body)


class AccountPartialReconcile(models.Model):
    """Where payments happen."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """With sudo: whoever receives a down payment need not see agreements."""
        partials = super().create(vals_list)
        agreements = partials.debit_move_id.move_id.sudo().agreement_id
        agreements._activate_if_paid()
        return partials
