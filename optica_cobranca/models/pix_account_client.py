import logging
from datetime import datetime, timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..clients.pix_bacen import PixClient, PixConfig
from ..clients.pix_certificate import Certificate
from ..clients.pix_errors import PixTrouble, Trouble
from ..clients.pix_sandbox import SandboxClient
from .notification import outcome

_logger = logging.getLogger(__name__)

WARN_BEFORE = timedelta(days=21)


class PixAccount(models.Model):
    """Where an account meets its client: settings in, plain words out."""

    _inherit = "pix.account"

    # ------------------------------------------------------------- actions

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
        except PixTrouble as error:
            raise UserError(self._trouble_text(error)) from error
        return outcome(
            True,
            self.env._("Webhook registered"),
            self.env._("The bank now reports payments by itself."),
        )

    # ------------------------------------------------------------ business

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

    def _client(self):
        """A client of this account; close it.

        Secrets are read here, once, with rights that users don't have.

        :raise PixTrouble: the settings cannot work
        """
        self.ensure_one()
        if self.profile == "sandbox":
            return SandboxClient()
        return PixClient(self._client_config())

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
        """:raise ValidationError: the settings cannot work, whatever the bank says"""
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
        if address.rstrip("/") == (self.sudo().webhook_url or "").rstrip("/"):
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

    # --------------------------------------------------------------- words

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
            Trouble.BAD_SETTINGS: env._("The addresses must begin with https://."),
        }
        details = {
            "missing": env._("This bank lets nobody in without a certificate: upload it."),
            "no_tax_number": env._("A code with due date needs the customer's CPF or CNPJ."),
        }
        if error.detail in details:
            return details[error.detail]
        sentence = sentences[error.trouble]
        return f"{sentence} ({error.detail})" if error.detail else sentence
