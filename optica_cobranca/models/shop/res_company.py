from datetime import datetime

from odoo import api, fields, models
from odoo.tools import ormcache

from ...domain.shop import clock
from ...domain.shop.business_days import BusinessCalendar, brazil_holidays
from ...domain.shop.errors import WindowError

# Installments live for years; holidays are worked out once for each year and cached in domain.
YEARS_BACK = 7
YEARS_AHEAD = 6


def timezone_of(state, default):
    """Time zone of a state's record, that of a customer's address, or ``default``."""
    try:
        return clock.timezone_for_state(state.code)
    except WindowError:
        return default


class ResCompany(models.Model):
    """Where the shop is decides what its clock shows, and which days are business days."""

    _inherit = "res.company"

    finance_charge_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="Income account of the price of the credit.",
    )
    optica_fiscal_invoices = fields.Boolean(
        string="Invoices Are Fiscal Documents",
        help="Another module issues an NF-e or NFC-e for every customer invoice, which then bears "
        "its name and number. Left off, an invoice is called a sale, and its papers say that they "
        "are no fiscal document until the key of one is entered.",
    )

    contact_timezone = fields.Char(
        "Time Zone of the Shop",
        compute="_compute_contact_timezone",
        help="Follows the state of the address. Customers are contacted in their own local time; "
        "this one serves where a customer's state is unknown.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("state_id", "country_id")
    def _compute_contact_timezone(self):
        for company in self:
            company.contact_timezone = timezone_of(company.state_id, clock.BRASILIA)

    # ------------------------------------------------------------ business

    def _issues_fiscal_documents(self):
        """Whether customer invoices of this company are fiscal documents by themselves.

        A fiscal module that issues them answers yes.
        """
        self.ensure_one()
        return self.optica_fiscal_invoices or "l10n_br_edi" in self.env.registry._init_modules

    def _business_calendar(self) -> BusinessCalendar:
        """Business days where the shop is.

        Neither holidays of the country or its state (UF), nor the shop's closed days.
        """
        self.ensure_one()
        year = fields.Date.context_today(self).year
        state = self.sudo().state_id
        subdivision = state.code if state.country_id.code == "BR" else None
        years = range(year - YEARS_BACK, year + YEARS_AHEAD + 1)
        return BusinessCalendar(
            self._closed_days(years.start, years.stop).union(brazil_holidays(years, subdivision))
        )

    @ormcache("self.id", "first_year", "end_year")
    def _closed_days(self, first_year, end_year):
        """The shop's closed days from a year up to, not including, another.

        Asked for with every amount, hence kept until a closed day changes.

        :rtype: frozenset[datetime.date]
        """
        # Said outright: archived days do not count, whatever the caller works with. As superuser:
        # a customer's amounts depend on them whoever looks.
        closed = (
            self.env["crediario.closed.day"]
            .sudo()
            .search([("company_id", "=", self.id), ("active", "=", True)])
        )
        years = range(first_year, end_year)
        return frozenset(day for one in closed for day in one._days_in(years))

    def _finance_charge_account_vals(self):
        """Values that send an invoice line to the account of the finance charge.

        The account is made now where the company misses one, with sudo, for a seller may not; a
        company without a chart of accounts has none.
        """
        company = self.sudo()
        company._create_crediario_accounts()
        account = company.finance_charge_account_id
        return {"account_id": account.id} if account else {}

    def _language(self):
        """Code of the language the shop speaks, for what no user is there to read in his own."""
        self.ensure_one()
        language = self.sudo().partner_id.lang
        return language if self.env["res.lang"]._get_data(code=language) else None

    # ----------------------------------------------------------- The shop's clock
    # With sudo: the day is the same whoever asks, and for customers, too.

    def _now(self):
        """The present instant on the shop's clock, aware."""
        return self._local(datetime.now(clock.UTC))

    def _today(self):
        """The date where the shop is."""
        return self._now().date()

    def _local(self, instant):
        """An instant, stored (naive UTC) or aware, on the shop's clock; None for none."""
        self.ensure_one()
        return clock.local(instant, self.sudo().contact_timezone) if instant else None

    def _local_day(self, instant):
        """The shop's date of an instant, stored (naive UTC) or aware; None for none."""
        moment = self._local(instant)
        return moment and moment.date()

    def _start_of_day(self, day):
        """The instant at which a day of the shop begins, as stored (naive UTC)."""
        self.ensure_one()
        return clock.start_of_day(day, self.sudo().contact_timezone)

    # ----------------------------------------------------- Who works in the shop

    def _members(self, group):
        """People of a group (its external id) who work in this company.

        With sudo: who is in a group is not everybody's to read.
        """
        self.ensure_one()
        users = (
            self.env.ref(group)
            .sudo()
            .all_user_ids.filtered(
                lambda user: user.active and not user.share and self in user.company_ids
            )
        )
        return users - self.env.ref("base.user_root")

    def _ask_once(self, customer, summary, note):
        """A to-do on a customer for whoever is responsible.

        The customer's own clerk, who is in charge of collection, else the managers. None is added
        while one of that name is open.

        With sudo: what customers write arrives without anybody being logged in.
        """
        customer = customer.sudo()
        if not customer or summary in customer.activity_ids.mapped("summary"):
            return
        staff = self._members("optica_cobranca.group_seller")
        user = customer.user_id & staff or self.sudo().dunning_user_id & staff
        if not user:
            for manager in self._members("optica_cobranca.group_manager"):
                customer._ask_collection(self, summary=summary, note=note, user_id=manager.id)
            return
        customer._ask_collection(self, summary=summary, note=note, user_id=user[:1].id)

    def _alert_managers(self, record, summary, note):
        """A to-do on ``record`` for each manager of this company.

        With sudo: trouble may be found by whoever comes along, a customer too.
        """
        for user in self._members("optica_cobranca.group_manager"):
            record.sudo().activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, note=note, user_id=user.id
            )
