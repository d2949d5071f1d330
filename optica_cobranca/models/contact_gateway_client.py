from functools import partial

from odoo import models

from ..clients import registry
from ..clients.base import ClientError
from ..domain.message_states import FailureClass


class ContactGateway(models.Model):
    """Where a gateway meets its client: configuration in, plain words out."""

    _inherit = "contact.gateway"

    def action_test_connection(self):
        """Ask the provider whether the account works; nothing is sent to anybody."""
        self.ensure_one()
        self._raise_if_not_manager()
        ok, sentence = self._check_connection()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if ok else "danger",
                "title": self.env._("Connection works") if ok else self.env._("No connection"),
                "message": sentence,
                "sticky": not ok,
            },
        }

    # ------------------------------------------------------------ business

    def _check_connection(self):
        """:return: tuple (works, sentence in plain words)"""
        self.ensure_one()
        if self.provider != "whatsapp_cloud":
            return True, self.env._("%s needs no connection to test.", self._label("provider"))
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
        return True, self.env._(
            "%(number)s, %(name)s. Quality of the number: %(quality)s.",
            number=check.display_phone_number,
            name=check.verified_name or self.env._("name not verified"),
            quality=check.quality_rating or self.env._("unknown"),
        )

    def _client_factory(self):
        """A function without arguments that makes this gateway's client, in any thread.

        Secrets are read here, once, with rights that users don't have; they never leave the
        client.
        """
        self.ensure_one()
        return partial(registry.client_for, self.provider, self._client_settings())

    def _client_settings(self):
        account = self.sudo()
        return {
            "base_url": account.base_url or "",
            "api_version": account.api_version or "",
            "phone_number_id": account.phone_number_id or "",
            "access_token": account.access_token or "",
            "connect_timeout": account.connect_timeout,
            "read_timeout": account.read_timeout,
            "pool_size": account.pool_size,
            "uuid": account.uuid,
        }

    # ------------------------------------------------------------- helpers

    def _client_error_text(self, error):
        sentences = {
            "bad_sender": self.env._("The phone number ID has digits only: copy it from Meta."),
            "bad_version": self.env._("The API version looks like v25.0."),
            "bad_token": self.env._(
                "The access token is missing or has characters it cannot have."
            ),
            "bad_url": self.env._(
                "The API address must be a web address such as https://graph.facebook.com."
            ),
            "insecure_url": self.env._("The API address must begin with https://."),
        }
        return sentences.get(error.code) or self.env._(
            "The gateway cannot work with these settings (%s).", error.code
        )

    def _failure_text(self, failure, code, detail=""):
        """A provider's failure in plain words, with its own words behind."""
        sentences = {
            FailureClass.RETRY: self.env._(
                "The provider has passing trouble or cannot be reached."
            ),
            FailureClass.RETRY_RECIPIENT_LATER: self.env._(
                "Too many messages to this person at once."
            ),
            FailureClass.PAUSE_SENDER: self.env._(
                "The provider stopped this account: look at its quality and payments."
            ),
            FailureClass.WAIT_A_DAY: self.env._(
                "WhatsApp did not deliver it, to spare this person."
            ),
            FailureClass.STOP_RECIPIENT: self.env._(
                "This number cannot be reached on this channel."
            ),
            FailureClass.NEEDS_TEMPLATE: self.env._(
                "More than 24 hours since the customer last wrote: an approved template is needed."
            ),
            FailureClass.FIX_TEMPLATE: self.env._(
                "The provider does not accept the template or its parameters."
            ),
            FailureClass.FIX_REQUEST: self.env._("The provider does not accept the request."),
            FailureClass.AUTH: self.env._(
                "The provider refused the access token: it expired or lacks a permission."
            ),
        }
        said = " ".join(filter(None, (str(code or ""), detail)))
        sentence = sentences.get(failure) or self.env._("The message was not sent.")
        return f"{sentence} ({said})" if said else sentence
