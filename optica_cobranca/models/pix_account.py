import base64
import secrets
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..clients.pix_certificate import expires_at
from ..clients.pix_errors import PixTrouble
from ..clients.pix_profiles import PROFILES


class PixAccount(models.Model):
    """An account at a bank that registers Pix charges and tells what was paid (API Pix)."""

    _name = "pix.account"
    _description = "Pix Account"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, sequence, id"
    _check_company_auto = True

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
        "Pix Key", help="The key of this account as it is registered, without punctuation."
    )
    journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', '=', 'bank')]",
        default=lambda self: self._default_journal(),
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

    client_id = fields.Char("Client ID", groups="base.group_system", copy=False)
    client_secret = fields.Char(groups="base.group_system", copy=False, exportable=False)
    app_key = fields.Char(
        "Application Key",
        groups="base.group_system",
        copy=False,
        exportable=False,
        help="Banco do Brasil: the developer_application_key.",
    )
    # In the row, not among the attachments: those are copied to disks and backups of files.
    certificate = fields.Binary(
        "Certificate (PEM)", attachment=False, groups="base.group_system", copy=False
    )
    private_key = fields.Binary(
        "Private Key (PEM)",
        attachment=False,
        groups="base.group_system",
        copy=False,
        exportable=False,
    )
    authority = fields.Binary(
        "Bank's Authority (PEM)",
        attachment=False,
        groups="base.group_system",
        copy=False,
        help="Only when the bank's own certificate is not signed by a public authority.",
    )
    certificate_until = fields.Date(
        "Certificate Good Until", compute="_compute_certificate_until", store=True, copy=False
    )
    base_url = fields.Char(
        "API Address", groups="base.group_system", help="Empty: the bank's usual address."
    )
    token_url = fields.Char(
        "Token Address", groups="base.group_system", help="Empty: the bank's usual address."
    )
    scopes = fields.Char(groups="base.group_system", help="Empty: the usual ones.")
    needs_app_key = fields.Boolean(compute="_compute_needs")
    needs_certificate = fields.Boolean(compute="_compute_needs")

    uuid = fields.Char(required=True, readonly=True, copy=False, default=lambda self: uuid4().hex)
    webhook_secret = fields.Char(
        required=True,
        copy=False,
        groups="base.group_system",
        exportable=False,
        default=lambda self: secrets.token_urlsafe(24),
        help="Part of the address that the bank calls; change it and register the webhook again "
        "if somebody has seen it.",
    )
    webhook_url = fields.Char(
        "Webhook Address", compute="_compute_webhook_url", groups="base.group_system"
    )
    proxy_header = fields.Char(
        "Header of the Proxy",
        groups="base.group_system",
        help="If your web server checks the bank's certificate: the header in which it says so, "
        "for example X-SSL-Client-Verify.",
    )
    proxy_value = fields.Char(
        "Value of the Header", groups="base.group_system", help="For example SUCCESS."
    )

    polled_until = fields.Datetime("Asked Until", readonly=True, copy=False)
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
        for account in self:
            secret = account.webhook_secret
            base = account.get_base_url()
            account.webhook_url = f"{base}/optica_cobranca/pix/{account.uuid}/{secret}"

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
