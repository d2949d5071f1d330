import base64
import logging
import secrets
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...clients.bank.pix_bacen import PixClient, PixConfig
from ...clients.bank.pix_certificate import Certificate, expires_at
from ...clients.bank.pix_errors import PixTrouble, Trouble
from ...clients.bank.pix_profiles import PROFILES
from ...clients.bank.pix_sandbox import SandboxClient
from ...tools.shop.notification import outcome
from ..messaging.res_partner import tracked
from ..shop.optica_secrets import Secret, SecretFile

# Managers type these and nobody reads them again.
SECRETS = ("client_secret", "app_key", "certificate", "private_key", "webhook_secret")
_logger = logging.getLogger(__name__)
WARN_BEFORE = timedelta(days=21)
# Seconds: a customer in front of a page gets the static code rather than a later one of the bank.
WAIT_FOR_ANSWER = 8.0
WAIT_FOR_ALL = 10.0


class PixAccount(models.Model):
    """An account at a bank that registers Pix charges and tells what was paid (API Pix)."""

    _name = "pix.account"
    _description = "Pix Account"
    _inherit = ["optica.secrets", "mail.thread", "mail.activity.mixin"]
    _order = "company_id, sequence, id"
    _check_company_auto = True
    _secrets = SECRETS
    _secret_addresses = ("base_url", "token_url")

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10, help="The first live account is used.")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    profile = fields.Selection(
        [(code, profile.name) for code, profile in PROFILES.items()],
        string="Bank",
        required=True,
        default="sandbox",
        help="Sandbox plays everything without a bank. Another bank: any that serves Banco "
        "Central's API Pix; enter its addresses.",
    )
    state = fields.Selection(
        [("disabled", "Disabled"), ("test", "Test"), ("live", "Live")],
        required=True,
        default="disabled",
        tracking=True,
        help="Test: only your own people get codes of this account, customers get the static one; "
        "a bank is asked at its test address. Live: customers pay with it.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Who Looks at Problems",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Gets a to-do when a received Pix needs a person.",
    )
    key = fields.Char(
        "Pix Key",
        tracking=True,
        help="The key of this account as it is registered, without punctuation.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', '=', 'bank')]",
        default=lambda self: self._default_journal(),
        tracking=True,
        help="Where what is received is booked.",
    )
    uses_due_dates = fields.Boolean(
        "Codes with Due Date",
        default=True,
        help="The bank adds fine and interest by itself, so a printed code stays right. Needs the "
        "customer's CPF or CNPJ; without it, and where the contract is special, the code is over "
        "the exact amount of the day.",
    )
    valid_days = fields.Integer(
        "Payable after the Due Date (Days)",
        default=60,
        help="For codes with due date; afterwards the customer asks for a new one.",
    )

    client_id = fields.Char("Client ID", groups="optica_cobranca.group_manager", copy=False)
    client_secret = Secret(groups=fields.NO_ACCESS, copy=False, exportable=False)
    app_key = Secret("Application Key", groups=fields.NO_ACCESS, copy=False, exportable=False)
    # In the row, not among the attachments: those are copied to disks and backups of files.
    certificate = SecretFile(
        "Certificate (PEM)", groups=fields.NO_ACCESS, copy=False, exportable=False
    )
    private_key = SecretFile(
        "Private Key (PEM)", groups=fields.NO_ACCESS, copy=False, exportable=False
    )
    new_client_secret = fields.Char(
        "Client Secret (typed)",
        compute="_compute_typed",
        inverse="_inverse_typed",
        exportable=False,
        groups="optica_cobranca.group_manager",
    )
    new_app_key = fields.Char(
        "Application Key (typed)",
        compute="_compute_typed",
        inverse="_inverse_typed",
        exportable=False,
        groups="optica_cobranca.group_manager",
        help="Banco do Brasil: the developer_application_key.",
    )
    new_certificate = fields.Binary(
        "Certificate (PEM, uploaded)",
        compute="_compute_typed",
        inverse="_inverse_typed",
        exportable=False,
        groups="optica_cobranca.group_manager",
    )
    new_private_key = fields.Binary(
        "Private Key (PEM, uploaded)",
        compute="_compute_typed",
        inverse="_inverse_typed",
        exportable=False,
        groups="optica_cobranca.group_manager",
    )
    new_webhook_secret = fields.Char(
        "Secret of the Webhook (typed)",
        compute="_compute_typed",
        inverse="_inverse_typed",
        exportable=False,
        groups="optica_cobranca.group_manager",
        help="The last part of the address that the bank calls. Only for a bank in whose portal "
        "you register the address by hand: type letters and digits of your own, 24 or more.",
    )
    authority = fields.Binary(
        "Bank's Authority (PEM)",
        attachment=False,
        groups="optica_cobranca.group_manager",
        copy=False,
        help="Only when the bank's own certificate is not signed by a public authority.",
    )
    certificate_until = fields.Date(
        "Certificate Good Until", compute="_compute_certificate_until", store=True, copy=False
    )
    base_url = fields.Char(
        "API Address",
        groups="optica_cobranca.group_manager",
        tracking=True,
        help="Empty: the bank's usual address.",
    )
    token_url = fields.Char(
        "Token Address",
        groups="optica_cobranca.group_manager",
        tracking=True,
        help="Empty: the bank's usual address.",
    )
    scopes = fields.Char(groups="optica_cobranca.group_manager", help="Empty: the usual ones.")
    needs_app_key = fields.Boolean(compute="_compute_needs")
    needs_certificate = fields.Boolean(compute="_compute_needs")

    uuid = fields.Char(required=True, readonly=True, copy=False, default=lambda self: uuid4().hex)
    webhook_secret = Secret(
        required=True,
        copy=False,
        groups=fields.NO_ACCESS,
        exportable=False,
        default=lambda self: secrets.token_urlsafe(24),
        help="Part of the address that the bank calls; change it and register the webhook again "
        "if somebody has seen it.",
    )
    webhook_url = fields.Char(
        "Webhook Address", compute="_compute_webhook_url", groups=fields.NO_ACCESS
    )
    webhook_beginning = fields.Char(
        "Address for the Bank",
        compute="_compute_webhook_url",
        groups="optica_cobranca.group_manager",
        help="Behind it stands the secret, which is shown to nobody.",
    )
    proxy_header = fields.Char(
        "Header of the Proxy",
        groups="optica_cobranca.group_manager",
        help="If your web server checks the bank's certificate: the header in which it says so, "
        "for example X-SSL-Client-Verify.",
    )
    proxy_value = fields.Char(
        "Value of the Header",
        groups="optica_cobranca.group_manager",
        help="For example SUCCESS.",
    )

    polled_until = fields.Datetime("Asked Until", readonly=True, copy=False)
    refunds_looked_at = fields.Datetime("Asked for Refunds At", readonly=True, copy=False)
    last_error = fields.Char(readonly=True, copy=False)
    last_error_at = fields.Datetime(readonly=True, copy=False)

    _uuid_unique = models.Constraint("UNIQUE(uuid)", "Two accounts cannot share an address.")
    _days = models.Constraint(
        "CHECK(valid_days BETWEEN 0 AND 3650)", "Between 0 and 3650 days after the due date."
    )

    # ------------------------------------------------------------ defaults

    @api.model
    def _default_journal(self):
        return self.env["account.journal"].search(
            [("company_id", "=", self.env.company.id), ("type", "=", "bank")], limit=1
        )

    # ------------------------------------------------------------- compute

    @api.depends("profile")
    def _compute_needs(self):
        for account in self:
            profile = PROFILES.get(account.profile)
            account.needs_app_key = bool(profile and profile.app_key)
            account.needs_certificate = bool(profile and profile.needs_certificate)

    @api.depends("certificate")
    def _compute_certificate_until(self):
        for account in self.sudo():
            account.certificate_until = False
            if account.certificate:
                try:
                    account.certificate_until = expires_at(account._pem("certificate")).date()
                except PixTrouble:
                    continue

    @api.depends("uuid", "webhook_secret", "company_id")
    def _compute_webhook_url(self):
        # With sudo: whoever may see the address sees it without the secret.
        for account, kept in zip(self, self.sudo(), strict=True):
            beginning = f"{kept.get_base_url()}/optica_cobranca/pix/{kept.uuid}/"
            account.webhook_beginning = f"{beginning}…"
            account.webhook_url = f"{beginning}{kept.webhook_secret}"

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """With who changed what."""
        return super(PixAccount, tracked(self)).write(vals)

    @api.model
    def _secrets_of_address(self):
        """What the bank is sent; certificate and key prove us and are sent to nobody."""
        return ("client_secret", "app_key")

    # --------------------------------------------------------- constraints

    @api.constrains(
        "state",
        "profile",
        "key",
        "journal_id",
        "client_id",
        "client_secret",
        "certificate",
        "private_key",
        "base_url",
        "token_url",
        "app_key",
    )
    def _check_complete(self):
        """What is missing is told when the account is switched on, not when a customer pays."""
        for account in self.sudo().filtered(lambda each: each.state != "disabled"):
            if account.company_id.currency_id.name != "BRL":
                raise ValidationError(self.env._("Pix is for companies in reais."))
            if account.profile == "sandbox" and account.state == "live":
                raise ValidationError(
                    self.env._(
                        "The sandbox is no bank: customers cannot pay with it. Keep it in Test."
                    )
                )
            missing = [
                account._fields[name]._description_string(self.env)
                for name in account._required_settings()
                if not account[name]
            ]
            if missing:
                raise ValidationError(
                    self.env._(
                        "%(account)s cannot be switched on yet. Still missing: %(missing)s.",
                        account=account.name,
                        missing=", ".join(missing),
                    )
                )
            account._check_client()

    def _required_settings(self):
        names = ["key", "journal_id"]
        profile = PROFILES[self.profile]
        if self.profile == "sandbox":
            return names
        names += ["client_id", "client_secret"]
        if profile.needs_certificate:
            names += ["certificate", "private_key"]
        if profile.app_key:
            names.append("app_key")
        config = self._client_config()
        if not config.api_address:
            names.append("base_url")
        if not config.token_address:
            names.append("token_url")
        return names

    # ------------------------------------------------------------- helpers

    def _pem(self, name):
        """The contents of an uploaded file; empty when there is none.

        With sudo: the files are secrets, and this is where they leave the row.
        """
        value = self.sudo().with_context(bin_size=False)[name]
        return base64.b64decode(value) if value else b""

    # ----------- Where an account meets its client: settings in, plain words out

    def action_test_connection(self):
        """Ask the bank whether it knows the account; nothing is charged."""
        self.ensure_one()
        self.check_access("write")
        ok, sentence = self._check_connection()
        if ok:
            self._note_well()
        return outcome(
            ok, self.env._("Connection works") if ok else self.env._("No connection"), sentence
        )

    def action_register_webhook(self):
        """Tell the bank where to report."""
        self.ensure_one()
        self.check_access("write")
        try:
            with self._client() as client:
                client.put_webhook(self.sudo().webhook_url)
                address = client.get_webhook()
        except PixTrouble as error:
            raise UserError(self._trouble_text(error)) from error
        if not self._is_webhook(address):
            raise UserError(
                self.env._(
                    "The bank took the address and does not report there: it says %s. Register "
                    "it in the bank's portal, or leave it: payments are found every minute all "
                    "the same.",
                    address.split("?")[0] or self.env._("nowhere"),
                )
            )
        return outcome(
            True,
            self.env._("Webhook registered"),
            self.env._("The bank now reports payments by itself."),
        )

    def action_remove_webhook(self):
        """The bank shall not report any more; payments are found by asking."""
        self.ensure_one()
        self.check_access("write")
        try:
            with self._client() as client:
                client.delete_webhook()
        except PixTrouble as error:
            raise UserError(self._trouble_text(error)) from error
        return outcome(
            True,
            self.env._("Webhook removed"),
            self.env._("The bank reports nowhere. Payments are found by asking every minute."),
        )

    def _is_webhook(self, address):
        """Is this where the bank shall report? Some show the address with what they append."""
        ours = (self.sudo().webhook_url or "").rstrip("/")
        return address.rstrip("/").removesuffix("/pix") == ours

    @api.model
    def _usable(self, company, with_test=False):
        """The first live account of the company, or for its own people the first in test.

        With sudo: who asks for a code may be a customer.
        """
        accounts = self.sudo().search(
            [("company_id", "=", company.id), ("state", "in", ("live", "test"))]
        )
        live = accounts.filtered(lambda account: account.state == "live")
        return (live or accounts)[:1] if with_test else live[:1]

    def _client(self, is_awaited=False):
        """A client of this account; close it.

        Secrets are read here, once, with rights that users don't have.

        :param is_awaited: somebody waits in front of a page: a slow bank is given up soon
        :raise PixTrouble: the settings cannot work
        """
        self.ensure_one()
        if self.profile == "sandbox":
            return SandboxClient()
        config = self._client_config()
        if is_awaited:
            config = replace(config, read_timeout=WAIT_FOR_ANSWER, patience=WAIT_FOR_ALL)
        return PixClient(config)

    def _client_config(self):
        account = self.sudo()
        certificate = account._pem("certificate")
        return PixConfig(
            profile=account.profile,
            client_id=account.client_id or "",
            client_secret=account.client_secret or "",
            key=account.key or "",
            is_test=account.state == "test",
            base_url=(account.base_url or "").strip(),
            token_url=(account.token_url or "").strip(),
            scopes=(account.scopes or "").strip(),
            app_key=account.app_key or "",
            certificate=Certificate(
                certificate, account._pem("private_key"), account._pem("authority")
            )
            if certificate
            else None,
        )

    def _check_client(self):
        """Refuse settings that cannot work, whatever the bank says.

        :raise ValidationError: what is wrong with them
        """
        try:
            self._client().close()
        except PixTrouble as error:
            raise ValidationError(self._trouble_text(error)) from error

    def _check_connection(self):
        """:return: tuple (works, sentence in plain words)"""
        if self.profile == "sandbox":
            return True, self.env._("The sandbox needs no bank. Make a code and play its payment.")
        now = datetime.now(timezone.utc)
        try:
            with self._client() as client:
                next(client.received(now - timedelta(hours=1), now), ())
                address = client.get_webhook()
        except PixTrouble as error:
            return False, self._trouble_text(error)
        if self._is_webhook(address):
            return True, self.env._("The bank knows this account and reports payments by itself.")
        if address:
            return True, self.env._(
                "The bank knows this account but reports to another address: %s. Register the "
                "webhook here, or leave it: payments are found every minute all the same.",
                address.split("?")[0],
            )
        return True, self.env._(
            "The bank knows this account. It does not report by itself yet (register the "
            "webhook): payments are found by asking every minute."
        )

    def _note_trouble(self, error):
        """Keep what the bank said, and call a person when waiting does not help."""
        self.ensure_one()
        sentence = self._trouble_text(error)
        _logger.warning("Pix account %s: %s", self.id, error)
        is_news = not error.is_passing and self.last_error != sentence
        self.sudo().write({"last_error": sentence, "last_error_at": fields.Datetime.now()})
        if is_news:
            self.company_id._alert_managers(
                self, self.env._("Pix stopped: %s", self.name), sentence
            )

    def _note_well(self):
        if self.last_error:
            self.sudo().write({"last_error": False, "last_error_at": False})

    @api.model
    def _cron_certificates(self):
        """Every day: a certificate that is about to end needs a new one from the bank."""
        limit = fields.Date.today() + WARN_BEFORE
        for account in self.search(
            [("state", "!=", "disabled"), ("certificate_until", "<=", limit)]
        ):
            summary = self.env._("Renew the Pix certificate: %s", account.name)
            if summary not in account.activity_ids.mapped("summary"):
                account.company_id._alert_managers(
                    account,
                    summary,
                    self.env._(
                        "The certificate ends on %s. Ask the bank for a new one and upload it "
                        "here, or customers can no longer pay with confirmed codes.",
                        account.certificate_until,
                    ),
                )

    def _trouble_text(self, error):
        """A failed call in plain words, the bank's own words behind."""
        env = self.env
        sentences = {
            Trouble.UNREACHABLE: env._("The bank cannot be reached. Trying again by itself."),
            Trouble.UNCLEAR: env._("The bank did not answer in time. Trying again by itself."),
            Trouble.BANK_DOWN: env._("The bank has passing trouble. Trying again by itself."),
            Trouble.TOO_FAST: env._("The bank asks for a pause. Trying again by itself."),
            Trouble.AUTH: env._("The bank refuses the client ID or secret. Copy them again."),
            Trouble.FORBIDDEN: env._(
                "The bank does not allow this to the application: add the Pix permissions "
                "(scopes) in the bank's developer portal."
            ),
            Trouble.NOT_FOUND: env._("The bank does not know this."),
            Trouble.REFUSED: env._("The bank does not accept this."),
            Trouble.BAD_ANSWER: env._("The bank's answer cannot be read. Check the addresses."),
            Trouble.BAD_CERTIFICATE: env._(
                "The certificate or its key cannot be used: both in PEM form, without password, "
                "and belonging together."
            ),
            Trouble.EXPIRED_CERTIFICATE: env._(
                "The certificate has expired. Ask the bank for a new one and upload it."
            ),
            Trouble.NOT_GRANTED: env._(
                "The bank has not granted all that is asked for. Ask it for these products, or "
                "leave them out under Scopes"
            ),
            Trouble.TLS_REFUSED: env._(
                "The bank does not accept the certificate: it is missing, has ended, or belongs to "
                "another application. Upload the one that the bank gave for this client ID."
            ),
            Trouble.BANK_NOT_TRUSTED: env._(
                "Nobody trustworthy has signed the bank's own certificate: check the address, or "
                "upload the Bank's Authority that the bank publishes."
            ),
            Trouble.BAD_SETTINGS: env._("The addresses must begin with https://."),
        }
        details = {
            "missing": env._("This bank lets nobody in without a certificate: upload it."),
            "no_code": env._(
                "The bank makes charges without a code that customers could use. They get the "
                "static code; tell the bank."
            ),
            "no_tax_number": env._("A code with due date needs the customer's CPF or CNPJ."),
        }
        if error.detail in details:
            return details[error.detail]
        sentence = sentences[error.trouble]
        return f"{sentence} ({error.detail})" if error.detail else sentence
