from odoo import models

# What l10n_br calls the kinds of Pix key.
PIX_KEYS = ("br_random", "br_cpf_cnpj", "email", "mobile")


class ResCompany(models.Model):
    """The account that receives by Pix."""

    _inherit = "res.company"

    def _pix_account(self):
        """The account with a Pix key on the first of the company's bank journals; empty if none.

        With sudo: who prints a slip need not see the shop's bank accounts.
        """
        self.ensure_one()
        journals = (
            self.env["account.journal"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.id),
                    ("type", "=", "bank"),
                    ("bank_account_id.proxy_type", "in", PIX_KEYS),
                    ("bank_account_id.proxy_value", "!=", False),
                ]
            )
        )
        return journals[:1].bank_account_id
