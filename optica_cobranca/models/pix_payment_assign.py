from odoo import models
from odoo.exceptions import UserError

from ..domain.money import ZERO, cents
from .receiving_order import Method, ReceivingOrder


class PixPayment(models.Model):
    """What a person decides about money that did not find its debt."""

    _inherit = "pix.payment"

    # ------------------------------------------------------------ business

    def _assign(self, partner, installments):
        """The money is this customer's, and pays these installments, the oldest first.

        What they don't need stays the customer's credit.

        :param installments: open ones of the customer; none: all of it is credit
        :raises UserError: not kept as credit any more, or given back in part
        """
        self.ensure_one()
        self._check_person()
        # With sudo: nobody may write received Pix or cancel entries, their buttons are the ways.
        payment = self.sudo().with_company(self.company_id)
        payment.lock_for_update(allow_referencing=True)
        payment.invalidate_recordset(["state", "amount_refunded"])
        if payment.state not in ("credit", "suspense") or payment.refund_ids.filtered(
            lambda refund: refund.state != "failed"
        ):
            raise UserError(self.env._("This money is not free any more. Open the Pix again."))
        payment._release()
        receipt, left = payment._pay(installments.sudo())
        credit = payment._create_credit(partner, left) if left else payment.env["account.payment"]
        payment.write(
            {
                "state": "credit" if left else "settled",
                "partner_id": partner.id,
                "receipt_id": receipt.id,
                "payment_id": credit.id,
                "needs_attention": False,
            }
        )
        payment.activity_feedback(["mail.mail_activity_data_todo"])
        return receipt

    def _pay(self, installments):
        """:return: tuple (receipt or none, BRL left over)"""
        Receipt = self.env["crediario.receipt"]
        amount = cents(self.amount)
        if not installments:
            return Receipt, amount
        installments = installments._sorted_for_receiving()
        day = self._day()
        owed = sum((part.total for part in installments._amounts_today(day).values()), ZERO)
        paid = min(amount, owed)
        if not paid:
            return Receipt, amount
        order = ReceivingOrder(
            on=day,
            methods=(Method(self.account_id.journal_id, paid),),
            memo=self.env._("Pix %s", self.end_to_end_id),
        )
        return Receipt._receive(installments, order), amount - paid

    def _release(self):
        """Take the credit's entry out of the books: the money is booked anew.

        :raises UserError: the credit paid something else meanwhile, or met a bank statement
        """
        credit = self.payment_id
        lines = credit.move_id.line_ids
        if lines.matched_debit_ids or lines.matched_credit_ids:
            raise UserError(
                self.env._(
                    "The credit of this Pix was matched already. Undo that first, or leave it."
                )
            )
        credit.move_id.button_cancel()
        credit.state = "canceled"
        self.payment_id = False


class CrediarioReceipt(models.Model):
    """An undone receipt of a Pix: the money is still at the bank."""

    _inherit = "crediario.receipt"

    def _cancel(self, reason):
        """The customer keeps what the Pix brought, as credit.

        With sudo: whoever undoes receipts need not write received Pix.
        """
        result = super()._cancel(reason)
        settled = self.env["pix.payment"].sudo().search([("receipt_id", "in", self.ids)])
        for payment in settled.filtered(lambda each: each.state == "settled"):
            partner = payment.partner_id
            payment.receipt_id = False
            payment.with_company(payment.company_id)._keep(
                partner, self.env._("The receipt of this Pix was undone")
            )
        return result
