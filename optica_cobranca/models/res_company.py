from odoo import fields, models

from ..domain.business_days import BusinessCalendar, brazil_holidays

# Installments live for years; holidays are worked out once for each year and cached in domain.
YEARS_BACK = 7
YEARS_AHEAD = 6


class ResCompany(models.Model):
    """Where the shop is decides which days are business days."""

    _inherit = "res.company"

    finance_charge_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="Income account of the price of the credit.",
    )

    def _business_calendar(self) -> BusinessCalendar:
        """Business days where the shop is: national holidays and those of its state (UF)."""
        self.ensure_one()
        year = fields.Date.context_today(self).year
        state = self.sudo().state_id
        subdivision = state.code if state.country_id.code == "BR" else None
        holidays = brazil_holidays(range(year - YEARS_BACK, year + YEARS_AHEAD + 1), subdivision)
        return BusinessCalendar(holidays)

    def _finance_charge_account_vals(self):
        """Values that send an invoice line to the account of the finance charge, if one is set."""
        account = self.sudo().finance_charge_account_id
        return {"account_id": account.id} if account else {}

    def _language(self):
        """Code of the language the shop speaks, for what no user is there to read in his own."""
        self.ensure_one()
        language = self.sudo().partner_id.lang
        return language if self.env["res.lang"]._get_data(code=language) else None
