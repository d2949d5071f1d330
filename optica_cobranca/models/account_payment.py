from odoo import api, models


class AccountPayment(models.Model):
    """Payments of installments, whose entries are made together."""

    _inherit = "account.payment"

    # ------------------------------------------------------------ business

    def _get_outstanding_account(self, payment_type):
        """Whoever asks for an entry at once gets it on the method's own account, if it has one."""
        own = self.payment_method_line_id.payment_account_id
        return own or super()._get_outstanding_account(payment_type)

    @api.model
    def _create_with_entries(self, vals_list):
        """Posted payments, each with its entry, also where core would wait for the bank.

        Core makes and links the entries one by one, which is most of the work of receiving.

        :param vals_list: values of :meth:`create`; ``write_off_line_vals`` are the items of the
            entry besides the money and the customer's account
        """
        write_offs = [vals.pop("write_off_line_vals", None) for vals in vals_list]
        payments = self.create(vals_list)
        for payment in payments.filtered(lambda payment: not payment.outstanding_account_id):
            payment.outstanding_account_id = payment._get_outstanding_account(payment.payment_type)
        entries = self.env["account.move"].create(
            [
                payment._generate_move_vals(items)
                for payment, items in zip(payments, write_offs, strict=True)
            ]
        )
        payments._link_entries(entries)
        payments.action_post()
        return payments

    def _link_entries(self, entries):
        """What :meth:`write` does for each, looking up once what hangs on all of them."""
        field = self._fields["move_id"]
        for payment, entry in zip(self, entries, strict=True):
            field.write(payment, entry)
        self.modified(["move_id"])
        self._validate_fields(["move_id"])
