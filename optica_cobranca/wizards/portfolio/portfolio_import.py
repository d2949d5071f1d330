import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...domain.portfolio.portfolio_cells import DecimalSign
from ...domain.portfolio.portfolio_data import Comparison
from ...domain.shop.errors import PhoneError, PortfolioError
from ...models.portfolio.portfolio_booking import Opening
from .portfolio_file import FileError
from .portfolio_reading import Reading, read_portfolio
from .portfolio_reasons import file_reason

NO_OPENING_ACCOUNTS = ("asset_receivable", "liability_payable", "off_balance")


class PortfolioImport(models.TransientModel):
    """Brings a portfolio of installments from another system into the ledger, in three steps.

    Choose a file and how to book it, see what would happen, import. Importing the same file
    again changes nothing: contract number and installment number together are the key.
    """

    _name = "crediario.portfolio.import"
    _description = "Import a Portfolio of Installments"
    _check_company_auto = True

    state = fields.Selection(
        [("file", "File"), ("check", "Check"), ("done", "Imported")], default="file", required=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    file = fields.Binary(string="Portfolio", attachment=False, help="A CSV or XLSX file.")
    file_name = fields.Char()
    plan_id = fields.Many2one(
        "crediario.plan",
        check_company=True,
        domain="[('company_id', 'in', [False, company_id])]",
        default=lambda self: self._default_plan(),
        help="Decides on late charges and the ladder of the imported contracts.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        default=lambda self: self._default_journal(),
    )
    account_id = fields.Many2one(
        "account.account",
        string="Opening Account",
        check_company=True,
        domain=lambda self: [("account_type", "not in", NO_OPENING_ACCOUNTS)],
        default=lambda self: self._default_account(),
        help="Counterpart of the installments in the books. Usually the one for opening balances.",
    )
    date = fields.Date(
        string="Opening Date",
        default=fields.Date.context_today,
        help="Date of the entries in the books. Due dates come from the file.",
    )
    area_code = fields.Char(
        string="Area Code (DDD)",
        size=2,
        default=lambda self: self._default_area_code(),
        help="For phone numbers in the file that have none.",
    )
    decimal_sign = fields.Selection(
        [
            ("found", "Find it in the file"),
            ("comma", "Comma: 1.234,56"),
            ("point", "Point: 1,234.56"),
        ],
        default="found",
        required=True,
        help="What stands before the cents. Found in the file: from all of its amounts; choose it "
        "yourself when they are all like 1.234 or 1,234.",
    )
    mode = fields.Selection(
        [("good", "Import good rows, report the others"), ("all", "All rows or nothing")],
        string="What to Import",
        default="good",
        required=True,
    )
    leave_empty = fields.Boolean(
        string="Leave Bad Contact Details Empty",
        help="A row whose phone, e-mail or birthdate cannot be read is imported without it.",
    )

    decimal_sign_found = fields.Char(string="Amounts Written With", readonly=True)
    row_count = fields.Integer(string="Rows", readonly=True)
    contract_count = fields.Integer(string="Contracts", readonly=True)
    installment_count = fields.Integer(string="Installments", readonly=True)
    new_customer_count = fields.Integer(string="New Customers", readonly=True)
    known_customer_count = fields.Integer(string="Customers in Your Contacts", readonly=True)
    already_count = fields.Integer(string="Imported Earlier", readonly=True)
    error_count = fields.Integer(string="Rows Refused", readonly=True)
    value_total = fields.Monetary(string="Value", readonly=True)
    paid_total = fields.Monetary(string="Paid Before", readonly=True)
    open_total = fields.Monetary(string="Open", readonly=True)
    problem_ids = fields.One2many("crediario.portfolio.import.problem", "import_id", readonly=True)
    sample_ids = fields.One2many("crediario.portfolio.import.row", "import_id", readonly=True)
    problem_file = fields.Binary(readonly=True, attachment=False)
    move_ids = fields.Json(readonly=True, help="Ids of the entries that this import made.")

    # ------------------------------------------------------------ defaults

    @api.model
    def _default_plan(self):
        company = self.env.company
        return self.env["crediario.plan"].search(
            [("company_id", "in", [False, company.id])], limit=1
        )

    @api.model
    def _default_journal(self):
        journals = self.env["account.journal"]
        return journals.search(
            [*journals._check_company_domain(self.env.company), ("type", "=", "general")], limit=1
        )

    @api.model
    def _default_account(self):
        """The account in which Odoo itself books opening balances."""
        accounts = self.env["account.account"].with_company(self.env.company)
        return accounts.search(
            [
                *accounts._check_company_domain(self.env.company),
                ("account_type", "in", ("equity_unaffected", "equity")),
            ],
            order="account_type desc, id",
            limit=1,
        )

    @api.model
    def _default_area_code(self):
        return self.env.company._contact_area_code()

    # ------------------------------------------------------------- actions

    def action_check(self):
        """Read the file and show what an import would do; nothing is written to the ledger."""
        self.ensure_one()
        reading = self._read()
        comparison = self._compare(reading)
        self._show(reading, comparison)
        self.state = "check"
        return self._reopen()

    def action_back(self):
        """Choose another file or other settings."""
        self.state = "file"
        return self._reopen()

    def action_import(self):
        """Import the file, in this one transaction.

        :raise UserError: nothing is left to import, rows are refused and the mode is "all", or
            the books are closed on the opening date.
        """
        self.ensure_one()
        self._lock_company()
        self._check_terms()
        reading = self._read()
        comparison = self._compare(reading)
        self._show(reading, comparison)
        if self.mode == "all" and self.error_count:
            raise UserError(
                self.env._(
                    "Nothing was imported. Rows refused: %(count)s. Correct them in the file, or "
                    "choose to import the good rows.",
                    count=self.error_count,
                )
            )
        self.move_ids = list(
            self.env["crediario.portfolio.booking"]._book(comparison.contracts, self._opening())
        )
        self.state = "done"
        return self._reopen()

    def action_open_contracts(self):
        """The entries that this import made."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Imported Contracts"),
            "res_model": "account.move",
            "views": [
                (self.env.ref("optica_cobranca.view_crediario_contract_list").id, "list"),
                (self.env.ref("optica_cobranca.view_crediario_contract_form").id, "form"),
            ],
            "domain": [("id", "in", self.move_ids or [])],
        }

    def action_open_installments(self):
        """The installments that this import made."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_installments"
        )
        return {
            **action,
            "domain": [("move_id", "in", self.move_ids or []), ("crediario_plan_id", "!=", False)],
            "context": {},
        }

    def action_download_problems(self):
        """The refused rows as a CSV file with a column for the reason, to correct and import."""
        self.ensure_one()
        name = self.env._("refused rows")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/problem_file/{name}.csv?download=true",
            "target": "download",
        }

    # ------------------------------------------------------------ business

    def _lock_company(self):
        """Two imports at once must not both find a contract missing."""
        query = SQL(
            "SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)",
            "optica_cobranca.portfolio_import",
            self.company_id.id,
        )
        [(is_mine,)] = self.env.execute_query(query)
        if not is_mine:
            raise UserError(
                self.env._("Another import is running. Wait until it is done and try again.")
            )

    def _check_terms(self):
        missing = [
            self._fields[name]._description_string(self.env)
            for name in ("plan_id", "journal_id", "account_id", "date")
            if not self[name]
        ]
        if missing:
            raise UserError(
                self.env._("Choose before importing: %(fields)s.", fields=", ".join(missing))
            )
        if self.account_id.account_type in NO_OPENING_ACCOUNTS:
            raise UserError(
                self.env._(
                    "%(account)s cannot be the opening account: choose one for opening balances.",
                    account=self.account_id.display_name,
                )
            )
        violated = self.company_id._get_lock_date_violations(
            self.date, fiscalyear=True, sale=False, purchase=False, tax=False, hard=True
        )
        if violated:
            raise UserError(
                self.env._(
                    "The books are closed on %(date)s. Choose an opening date after %(lock)s.",
                    date=format_date(self.env, self.date),
                    lock=format_date(self.env, max(violated)[0]),
                )
            )

    def _opening(self):
        return Opening(self.company_id, self.plan_id, self.journal_id, self.account_id, self.date)

    def _read(self) -> Reading:
        if not self.file:
            raise UserError(self.env._("Choose the file of the portfolio first."))
        try:
            content = base64.b64decode(self.file)
            chosen = None if self.decimal_sign == "found" else DecimalSign(self.decimal_sign)
            return read_portfolio(content, self.area_code or None, self.leave_empty, chosen)
        except (FileError, PortfolioError, PhoneError) as error:
            raise UserError(file_reason(self.env, error)) from error
        except binascii.Error as error:
            raise UserError(
                self.env._("The file did not arrive complete. Choose it again.")
            ) from error

    def _compare(self, reading) -> Comparison:
        return self.env["crediario.portfolio.comparison"]._compare(
            reading.rows, reading.counts, self.company_id
        )

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("Import Portfolio"),
        }
