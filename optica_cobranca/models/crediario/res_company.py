from decimal import Decimal

from odoo import fields, models

from ...domain.crediario.forgiveness import ForgivenessLimits, Role
from ...domain.shop.money import exact

INCOME = ("income_other", "income")
EXPENSE = ("expense", "expense_other")
# Field of the company: types of account, the best first, and next to which account of the chart
# of Brazil ours belongs ("Outras Receitas Financeiras", "Outras Despesas Financeiras"; of other
# charts, next to that of core's own early payments).
ACCOUNTS = {
    "finance_charge_account_id": INCOME,
    "late_fine_account_id": INCOME,
    "late_interest_account_id": INCOME,
    "settlement_discount_account_id": EXPENSE,
}
IN_CHART = {
    ("br", INCOME): "account_template_30101050105",
    ("br", EXPENSE): "account_template_30101090108",
}
OF_EARLY_PAYMENT = {
    INCOME: "account_journal_early_pay_discount_gain_account_id",
    EXPENSE: "account_journal_early_pay_discount_loss_account_id",
}


def _xml_name(field):
    """Name of the record of one of our accounts, after the company's number as charts have it."""
    return f"crediario_{field.removesuffix('_account_id')}"


NO_LIMITS = ForgivenessLimits(Decimal(100), Decimal(100), 36_600)


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
        groups="optica_cobranca.group_seller",
    )

    _waive_limit_is_a_share = models.Constraint(
        "CHECK(waive_limit_percent >= 0 AND waive_limit_percent <= 100)",
        "The limit for waiving charges lies between 0% and 100%.",
    )

    # ------------------------------------------------------------ business

    def _create_crediario_accounts(self):
        """Give each company with a chart of accounts the accounts it misses for store credit.

        Safe to repeat: an account that is set is never touched, one that was made before is found
        again, a branch takes its parent's.
        """
        for company in self.filtered("chart_template").sorted("parent_path"):
            parent = company.parent_id
            if parent:
                parent._create_crediario_accounts()
            for field, types in ACCOUNTS.items():
                if not company[field]:
                    company[field] = (
                        parent[field]
                        or company._made_account(field, types)
                        or company._make_account(field, types)
                    )

    def _make_account(self, field, types):
        """A new account in the group of others of its kind; empty if the chart has none.

        With sudo: accounts belong to the accountant, a company's first receipt to the cashier.
        """
        Account = self.env["account.account"].sudo().with_company(self)
        like = self._account_like_ours(types)
        if not like:
            return Account
        account = Account.with_context(lang="en_US").create(
            {
                "name": self.with_context(lang="en_US")._crediario_account_names()[field],
                "code": Account._search_new_account_code(like.code),
                "account_type": like.account_type,
                "company_ids": [fields.Command.link(self.id)],
            }
        )
        xml_id = self.env["account.chart.template"].company_xmlid(_xml_name(field), self)
        self.env["ir.model.data"].sudo()._update_xmlids(
            [{"xml_id": xml_id, "record": account, "noupdate": True}]
        )
        self._translate_crediario_accounts()
        return account.with_env(self.env)

    def _account_like_ours(self, types):
        """The account of the chart whose group ours belong to: financial income or expense."""
        charts = self.env["account.chart.template"].sudo().with_company(self)
        name = IN_CHART.get((self.chart_template, types))
        known = charts.ref(name, raise_if_not_found=False) if name else None
        like = known or self.sudo()[OF_EARLY_PAYMENT[types]]
        if like and like.code and like.account_type == types[0]:
            return like
        Account = self.env["account.account"].sudo().with_company(self)
        of_company = Account._check_company_domain(self)
        found = Account.search([*of_company, ("account_type", "in", types)], order="code")
        return found.sorted(lambda account: types.index(account.account_type))[:1]

    def _made_account(self, field, types):
        """The account that was made for this company once: by its record, or by its name."""
        charts = self.env["account.chart.template"].sudo().with_company(self)
        made = charts.ref(_xml_name(field), raise_if_not_found=False)
        if made:
            return made.with_env(self.env)
        Account = self.env["account.account"].sudo().with_company(self)
        of_company = [*Account._check_company_domain(self), ("account_type", "in", types)]
        for language in ("en_US", "pt_BR"):
            speaking = self.with_context(lang=language)
            named = [*of_company, ("name", "=", speaking._crediario_account_names()[field])]
            if found := Account.with_context(lang=language).search(named, limit=1):
                return found.with_env(self.env)
        return Account.browse()

    def _crediario_account_names(self):
        """What our accounts are called in the language of the context."""
        return {
            "finance_charge_account_id": self.env._("Finance charge of store credit"),
            "late_fine_account_id": self.env._("Late fines of store credit"),
            "late_interest_account_id": self.env._("Late interest of store credit"),
            "settlement_discount_account_id": self.env._("Reductions for early settlement"),
        }

    def _translate_crediario_accounts(self, languages=None):
        """Name our accounts in every installed language; what an accountant wrote stays.

        :param languages: codes; all that are installed when not given
        """
        languages = languages or [code for code, _name in self.env["res.lang"].get_installed()]
        original = self.with_context(lang="en_US")._crediario_account_names()
        for company in self:
            charts = self.env["account.chart.template"].sudo().with_company(company)
            for field in ACCOUNTS:
                account = charts.ref(_xml_name(field), raise_if_not_found=False)
                for language in account and languages or ():
                    speaking = company.with_context(lang=language)
                    name = speaking._crediario_account_names()[field]
                    named = account.with_context(lang=language)
                    if language != "en_US" and named.name == original[field] != name:
                        named.name = name

    def _forget_crediario_accounts(self):
        """Before the addon goes: our accounts that nothing refers to go, those in use stay.

        What stays keeps its record, by which the addon finds it again when it comes back.
        """
        for company in self:
            charts = self.env["account.chart.template"].sudo().with_company(company)
            for field in ACCOUNTS:
                account = charts.ref(_xml_name(field), raise_if_not_found=False)
                if account and not company._is_used(account):
                    account.unlink()

    def _is_used(self, account):
        """Whether any record but a company, by our own fields, refers to an account."""
        columns = (
            self.env["ir.model.fields"]
            .sudo()
            .search(
                [
                    ("relation", "=", "account.account"),
                    ("store", "=", True),
                    ("ttype", "in", ("many2one", "many2many")),
                    ("name", "not in", list(ACCOUNTS)),
                ]
            )
        )
        for column in columns:
            model = self.env.get(column.model)
            if model is None or model._abstract or column.model == "account.account":
                continue
            records = model.sudo().with_company(self).with_context(active_test=False)
            if model._auto and records.search_count([(column.name, "=", account.id)], limit=1):
                return True
        return False

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

    # ---- How much each role may forgive, and how far back it may date what it receives

    forgive_limit_percent = fields.Float(
        string="Collector Forgives of Principal up to (%)",
        digits=(16, 2),
        copy=False,
        groups="optica_cobranca.group_seller,account.group_account_invoice",
        help="Part of installments that a collector may close without money and without a "
        "manager. Discounts of agreements have limits of their own.",
    )
    manager_waive_limit_percent = fields.Float(
        string="Manager Waives up to (%)",
        digits=(16, 2),
        default=100.0,
        copy=False,
        groups="optica_cobranca.group_seller,account.group_account_invoice",
        help="Part of the late charges at hand that a manager may forgive.",
    )
    manager_forgive_limit_percent = fields.Float(
        string="Manager Forgives of Principal up to (%)",
        digits=(16, 2),
        default=100.0,
        copy=False,
        groups="optica_cobranca.group_seller,account.group_account_invoice",
        help="Part of installments that a manager may close without money: credit notes, "
        "write-offs, cancelled contracts.",
    )
    collector_days_back = fields.Integer(
        string="Collector Dates Back up to (Days)",
        default=3,
        copy=False,
        groups="optica_cobranca.group_seller,account.group_account_invoice",
        help="Money entered later than it came counts as of the day it came, for so many days. "
        "Further back, what the date saves of late charges is a waiver.",
    )
    manager_days_back = fields.Integer(
        string="Manager Dates Back up to (Days)",
        default=30,
        copy=False,
        groups="optica_cobranca.group_seller,account.group_account_invoice",
        help="As for collectors; further back, a reason is asked for.",
    )

    _forgiveness_limits_are_shares = models.Constraint(
        "CHECK(forgive_limit_percent BETWEEN 0 AND 100"
        " AND manager_waive_limit_percent BETWEEN 0 AND 100"
        " AND manager_forgive_limit_percent BETWEEN 0 AND 100)",
        "Limits of what may be forgiven lie between 0% and 100%.",
    )
    _days_back_reasonable = models.Constraint(
        "CHECK(collector_days_back BETWEEN 0 AND 366 AND manager_days_back BETWEEN 0 AND 366)",
        "Payments can be dated back by 0 to 366 days.",
    )

    def _forgiveness_limits(self, role) -> ForgivenessLimits:
        """What ``role`` (domain) may forgive here; cashiers and customers nothing by themselves.

        With sudo: limits apply to who may not read them.
        """
        self.ensure_one()
        company = self.sudo()
        if role == Role.SYSTEM:
            return NO_LIMITS
        if role == Role.MANAGER:
            return ForgivenessLimits(
                exact(company.manager_waive_limit_percent),
                exact(company.manager_forgive_limit_percent),
                company.manager_days_back,
            )
        if role == Role.COLLECTOR:
            return ForgivenessLimits(
                exact(company.waive_limit_percent),
                exact(company.forgive_limit_percent),
                company.collector_days_back,
            )
        return ForgivenessLimits()
