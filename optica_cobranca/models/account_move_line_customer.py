from odoo import fields, models


class AccountMoveLine(models.Model):
    """What a person does from the list of installments: reach the customer."""

    _inherit = "account.move.line"

    customer_phone = fields.Char(related="partner_id.phone", string="Phone")

    # ------------------------------------------------------------- actions

    def action_open_installment(self):
        """Open the contract; for whoever may not see its payments, the customer.

        The form of an invoice shows payments, which sellers without invoicing rights cannot read.
        """
        if self.env["account.payment"].has_access("read"):
            return self.action_open_contract()
        return self.action_open_customer()

    def action_open_customer(self):
        """Open the customer who owes this installment."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    def action_pay_installments(self):
        """Register the payment of these installments and come back to where the user was."""
        return self.action_register_payment(ctx={"dont_redirect_to_payments": True})

    def action_receive(self):
        """Open the cashier with these installments of one customer ticked."""
        return self.env["crediario.cashier"]._open(self.partner_id, self)

    def action_settle_early(self):
        """Open the early settlement with these installments of one customer ticked."""
        return self.env["crediario.cashier"]._open(self.partner_id, self, settle=True)

    def action_send_message(self):
        """Write to the customers of these installments, each of them once."""
        return self.partner_id._action_send_message()
