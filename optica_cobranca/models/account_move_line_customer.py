from odoo import fields, models


class AccountMoveLine(models.Model):
    """What a person does from the list of installments: reach the customer."""

    _inherit = "account.move.line"

    customer_phone = fields.Char(related="partner_id.phone", string="Phone")

    # ------------------------------------------------------------- actions

    def action_open_customer(self):
        """Open the customer who owes this installment."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    def action_send_message(self):
        """Write to the customers of these installments, each of them once."""
        return self.partner_id._action_send_message()
