from odoo import api, models

from .res_company import ACCOUNTS


class AccountAccount(models.Model):
    """Accounts of late charges and credit are booked by rule: they say nothing about sales."""

    _inherit = "account.account"

    @api.model
    def _get_most_frequent_accounts_for_partner(
        self, company_id, partner_id, move_type, filter_never_user_accounts=False, limit=None
    ):
        """Core guesses the account of an invoice line from what a customer's lines had before.

        A customer who paid late twice would be sold glasses into the account of late fines. Our
        own accounts are no guess; in a list of all accounts they come last.
        """
        found = super()._get_most_frequent_accounts_for_partner(
            company_id, partner_id, move_type, filter_never_user_accounts, None
        )
        ours = self._crediario_booked_by_rule(company_id)
        guesses = [key for key in found if key not in ours]
        if not filter_never_user_accounts:
            guesses += [key for key in found if key in ours]
        return guesses[:limit]

    @api.model
    def _crediario_booked_by_rule(self, company_id):
        """Ids of the company's accounts that only rules book on.

        With sudo: whoever writes an invoice need not read the company's settings. An account that
        the shop uses for its sales, too, is one of sales.
        """
        company = self.env["res.company"].sudo().browse(company_id)
        ours = {company[name].id for name in ACCOUNTS}
        journals = (
            self.env["account.journal"]
            .sudo()
            .search([("company_id", "=", company.id), ("type", "=", "sale")])
        )
        return ours - {False} - set(journals.default_account_id.ids)
