from odoo import models


class AccountMoveLine(models.Model):
    """Totals of what installments cost today, over any number of them."""

    _inherit = "account.move.line"
