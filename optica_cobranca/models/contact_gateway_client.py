from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..clients import registry
from ..clients.base import SEND_PAGE, STOP_CALLS, ClientError
from .notification import notification, outcome


class ContactGateway(models.Model):
    """Where a gateway meets its client: configuration in, plain words out."""

    _inherit = "contact.gateway"

    settings_used = fields.Char(
        compute="_compute_settings_used", help="Names of the settings that the provider knows."
    )
    leaves = fields.Char(compute="_compute_settings_used")
    can_test = fields.Boolean(compute="_compute_settings_used")
    has_webhook = fields.Boolean(compute="_compute_settings_used")
    registers_webhook = fields.Boolean(compute="_compute_settings_used")

    # ------------------------------------------------------------- compute

    @api.depends("provider")
    def _compute_settings_used(self):
        for gateway in self:
            provider = gateway._provider()
            # Commas at both ends: the form looks for ",name,".
            gateway.settings_used = f",{','.join(provider.settings)}," if provider else ","
            gateway.leaves = provider.leaves if provider else False
            gateway.can_test = bool(provider and provider.has_connection)
            gateway.has_webhook = bool(provider and provider.webhook)
            gateway.registers_webhook = bool(provider and provider.registers_webhook)

    # --------------------------------------------------------- constraints

    @api.constrains("channel", "provider")
    def _check_provider(self):
        for gateway in self:
            if gateway.channel not in gateway._provider().channels:
                raise ValidationError(
                    self.env._(
                        "%(provider)s cannot send over %(channel)s. Choose another provider.",
                        provider=gateway._label("provider"),
                        channel=gateway._label("channel"),
                    )
                )

    @api.constrains(
        "state",
        "provider",
        "phone_number_id",
        "instagram_account_id",
        "access_token",
        "app_secret",
        "account_id",
        "sender",
        "base_url",
        "api_version",
    )
    def _check_complete(self):
        """A gateway that sends must be able to; found here, not at nine in the morning."""
        for gateway in self.sudo():
            provider = gateway._provider()
            if gateway.state == "disabled" or provider.make is None:
                continue
            missing = [
                gateway._fields[name]._description_string(self.env)
                for name in provider.required + provider.needed_to_hear
                if not gateway[name]
            ]
            if missing:
                raise ValidationError(
                    self.env._(
                        "%(gateway)s cannot be switched on yet. Still missing: %(missing)s.",
                        gateway=gateway.name,
                        missing=", ".join(missing),
                    )
                )
            try:
                gateway._client_factory()().close()
            except ClientError as error:
                raise ValidationError(gateway._client_error_text(error)) from error

    # ------------------------------------------------------------- actions

    def action_test_connection(self):
        """Ask the provider whether the account works; nothing is sent to anybody."""
        self.ensure_one()
        self._raise_if_not_manager()
        ok, sentence = self._check_connection()
        title = self.env._("Connection works") if ok else self.env._("No connection")
        return outcome(ok, title, sentence)

    def action_register_webhook(self):
        """Tell the provider where to report; for administrators, who may read the secrets."""
        self.ensure_one()
        self.check_access("write")
        try:
            client = self._client_factory()()
        except ClientError as error:
            raise UserError(self._client_error_text(error)) from error
        try:
            check = client.register_webhook(self.webhook_url, self.verify_token)
        finally:
            client.close()
        if not check.ok:
            raise UserError(self._failure_text(check.failure, check.code, check.detail))
        return notification(
            self.env._("The provider reports to %s.", self.webhook_url),
            title=self.env._("Webhook registered"),
            then=None,
        )

    # ------------------------------------------------------------ business

    def _provider(self):
        """What the client's file tells of the provider; None when none is chosen yet."""
        return registry.PROVIDERS.get(self.provider)

    def _check_connection(self):
        """:return: tuple (works, sentence in plain words)"""
        self.ensure_one()
        if not self.can_test:
            return True, self.env._("%s needs no connection to test.", self._label("provider"))
        if self._provider().make is None:
            return self._check_odoo()
        try:
            client = self._client_factory()()
        except ClientError as error:
            return False, self._client_error_text(error)
        try:
            check = client.check_connection()
        finally:
            client.close()
        if not check.ok:
            return False, self._failure_text(check.failure, check.code, check.detail)
        self._note_health(check)
        return True, self._account_text(check)

    def _client_factory(self):
        """A function without arguments that makes this gateway's client, in any thread.

        Secrets are read here, once, with rights that users don't have; they never leave the
        client.
        """
        self.ensure_one()
        return partial(registry.client_for, self.provider, self._client_settings())

    def _said_after_keys(self):
        """What a call says when the customer has pressed a key, in the shop's language."""
        env = self.with_context(lang=self.company_id.partner_id.lang or "pt_BR").env
        return {
            SEND_PAGE: env._("All right: we are sending you the page on WhatsApp. Thank you!"),
            STOP_CALLS: env._("All right: we will not call you again. Thank you!"),
        }

    def _client_settings(self):
        account = self.sudo()
        return {
            "base_url": account.base_url or "",
            "api_version": account.api_version or "",
            "phone_number_id": account.phone_number_id or "",
            "instagram_account_id": account.instagram_account_id or "",
            "access_token": account.access_token or "",
            "app_secret": account.app_secret or "",
            "verify_token": account.verify_token or "",
            "business_account_id": account.business_account_id or "",
            "account_id": account.account_id or "",
            "sender": account.sender or "",
            "voice": account.voice or "",
            "said_after_keys": account._said_after_keys(),
            "channel": account.channel,
            "webhook_url": account.webhook_url,
            "connect_timeout": account.connect_timeout,
            "read_timeout": account.read_timeout,
            "pool_size": account.pool_size,
            "uuid": account.uuid,
        }
