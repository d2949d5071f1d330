from odoo import models
from odoo.tools import format_amount


class ResCurrency(models.Model):
    """How an amount is written wherever people read one."""

    _inherit = "res.currency"

    def _text(self, amount):
        """An amount in this currency, as the language of the reader writes it.

        :param amount: Decimal, float, or None for nothing
        """
        # Plus nothing: the zero that is left of rounding has no sign.
        return format_amount(self.env, float(amount or 0) + 0.0, self)
