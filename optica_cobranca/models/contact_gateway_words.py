from odoo import models
from odoo.exceptions import UserError

from ..domain.message_states import FailureClass


class ContactGateway(models.Model):
    """What providers and clients say, in plain words."""

    _inherit = "contact.gateway"

    def _account_text(self, check):
        """What a provider told about the account that works."""
        if check.quality_rating:
            return self.env._(
                "%(number)s, %(name)s. Quality of the number: %(quality)s. Limit: %(limit)s.",
                number=check.display_phone_number,
                name=check.verified_name or self.env._("name not verified"),
                quality=self._label("quality_rating"),
                limit=self.messaging_limit_text or self.env._("unknown"),
            )
        told = ", ".join(
            filter(None, (check.display_phone_number, check.verified_name, check.detail))
        )
        return told or self.env._("The provider knows this account.")

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
            "bad_account": self.env._(
                "The account is not written as the provider writes it: copy it from there."
            ),
            "bad_sender_number": self.env._(
                "The sender is a number with its country, such as +551150000000."
            ),
            "bad_channel": self.env._("The provider does not serve this channel."),
            "insecure_url": self.env._("The API address must begin with https://."),
        }
        if error.code == "incomplete":
            missing = [
                self._fields[name]._description_string(self.env)
                for name in error.detail.split(", ")
            ]
            return self.env._("Still missing: %s.", ", ".join(missing))
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
            FailureClass.NOT_ANSWERED: self.env._("Nobody answered the call."),
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

    def _check_odoo(self):
        """Whether Odoo itself can send for this company: its mail server, its SMS account.

        :return: tuple (works, sentence in plain words)
        """
        return self._check_mail() if self.channel == "email" else self._check_sms()

    def _check_mail(self):
        sender = self.sender or self.company_id.email
        if not sender:
            return False, self.env._("The company has no e-mail address to send from.")
        server = self.env["ir.mail_server"].sudo().search([], limit=1)
        if not server:
            return False, self.env._(
                "No outgoing mail server is set up: Settings, Technical, Outgoing Mail Servers."
            )
        try:
            server.test_smtp_connection()
        except UserError as error:
            return False, str(error)
        return True, self.env._(
            "%(server)s takes e-mails from %(sender)s.", server=server.name, sender=sender
        )

    def _check_sms(self):
        company = self.company_id.sudo()
        if "sms_provider" in company._fields and company.sms_provider == "twilio":
            if company.sms_twilio_account_sid and company.sms_twilio_number_ids:
                return True, self.env._("SMS leave through the company's own Twilio account.")
            return False, self.env._(
                "The company's Twilio account is not filled in: Settings, SMS."
            )
        account = self.env["iap.account"].sudo().with_company(company).get("sms")
        credits = self.env["iap.account"].sudo().get_credits("sms")
        if credits > 0:
            return True, self.env._("Odoo SMS has %s credits left.", credits)
        return False, self.env._(
            "Odoo SMS has no credits or cannot be reached (account %s).", account.display_name
        )
