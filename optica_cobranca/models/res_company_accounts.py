from odoo import fields, models

INCOME = ("income_other", "income")
EXPENSE = ("expense", "expense_other")
# Field of the company and types of account, the best first.
ACCOUNTS = {
    "finance_charge_account_id": INCOME,
    "late_fine_account_id": INCOME,
    "late_interest_account_id": INCOME,
    "settlement_discount_account_id": EXPENSE,
}


class ResCompany(models.Model):
    """Where late charges and reductions are booked, and how much a collector may forgive."""

    _inherit = "res.company"

    late_fine_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="Late fines become income here on the day they are paid.",
    )
    late_interest_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="Late interest becomes income here on the day it is paid.",
    )
    settlement_discount_account_id = fields.Many2one(
        "account.account",
        string="Early Settlement Account",
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_other', 'income', 'income_other'))]",
        help="Reductions for paying installments before they are due.",
    )
    waive_limit_percent = fields.Float(
        string="Collector Waives up to (%)",
        digits=(16, 2),
        default=50.0,
        help="Part of the late charges at hand that a collector may forgive without a manager.",
    )

    _waive_limit_is_a_share = models.Constraint(
        "CHECK(waive_limit_percent >= 0 AND waive_limit_percent <= 100)",
        "The limit for waiving charges lies between 0% and 100%.",
    )

    # ------------------------------------------------------------ business

    def _create_crediario_accounts(self):
        """Give each company with a chart of accounts the accounts it misses for store credit.

        Safe to repeat: an account that is set is never touched.
        """
        names = {
            "finance_charge_account_id": self.env._("Finance charge of store credit"),
            "late_fine_account_id": self.env._("Late fines of store credit"),
            "late_interest_account_id": self.env._("Late interest of store credit"),
            "settlement_discount_account_id": self.env._("Reductions for early settlement"),
        }
        for company in self.filtered("chart_template"):
            for field, types in ACCOUNTS.items():
                if not company[field]:
                    company[field] = company._create_account_like(names[field], types)

    def _create_account_like(self, name, types):
        """An account next to the company's first one of these types; empty if it has none.

        With sudo: accounts belong to the accountant, a company's first receipt to the cashier.
        """
        Account = self.env["account.account"].sudo().with_company(self)
        for account_type in types:
            like = Account.search(
                [*Account._check_company_domain(self), ("account_type", "=", account_type)],
                order="code",
                limit=1,
            )
            if like:
                return Account.create(
                    {
                        "name": name,
                        "code": Account._search_new_account_code(like.code),
                        "account_type": account_type,
                        "company_ids": [fields.Command.link(self.id)],
                    }
                )
        return Account.browse()

    def _receiving_accounts(self):
        """The accounts of fine, interest and reductions; made now where the company misses one."""
        self.ensure_one()
        company = self.sudo()
        company._create_crediario_accounts()
        return {
            "fine": company.late_fine_account_id,
            "interest": company.late_interest_account_id,
            "discount": company.settlement_discount_account_id,
        }
