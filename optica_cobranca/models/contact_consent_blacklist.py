"""The consent ledger and Odoo's own blacklists say the same about SMS and e-mail."""

from odoo import api, models

from ..domain import phone
from ..domain.consent import Topic, is_given_up

# Odoo's phone blacklist is about SMS, its mail blacklist about e-mail.
LISTED_CHANNELS = ("sms", "email")


class ContactConsent(models.Model):
    _inherit = "contact.consent"

    @api.model_create_multi
    def create(self, vals_list):
        consents = super().create(vals_list)
        consents._tell_blacklists()
        return consents

    # ------------------------------------------------------------ business

    def _tell_blacklists(self):
        """Who gave a channel up altogether is on Odoo's list; whoever came back is not.

        The lists belong to Odoo's marketing tools, which customers' clerks have no rights on.
        """
        lists = self.env["contact.consent"].sudo()
        for channel in LISTED_CHANNELS:
            for consent in self.filtered(lambda row, name=channel: row.channel in (name, "all")):
                ledger = lists._ledgers(consent.partner_id.ids)[consent.partner_id.id]
                if is_given_up(ledger, channel):
                    lists._blacklist(consent.partner_id, channel)
                elif consent.decision == "opt_in":
                    lists._whitelist(consent.partner_id, channel)

    @api.model
    def _blacklist(self, partner, channel):
        if channel == "email" and partner.email_normalized:
            self.env["mail.blacklist"]._add(partner.email_normalized)
        number = partner._contact_number() if channel == "sms" else None
        if number:
            self.env["phone.blacklist"]._add([number])

    @api.model
    def _whitelist(self, partner, channel):
        if channel == "email":
            self.env["mail.blacklist"].search(
                [("email", "=", partner.email_normalized)]
            ).action_archive()
        number = partner._contact_number() if channel == "sms" else None
        if number:
            self.env["phone.blacklist"].search([("number", "=", number)]).action_archive()

    @api.model
    def _follow_blacklist(self, partners, channel, is_listed):
        """Somebody changed Odoo's list: the ledger of these customers says so, too.

        Who was taken off a list hears about the own account again; offers need a new yes.
        """
        ledgers = self._ledgers(partners.ids)
        for partner in partners:
            if is_given_up(ledgers[partner.id], channel) == is_listed:
                continue
            wanted = (
                {(topic, channel): False for topic in Topic}
                if is_listed
                else {(Topic.ACCOUNT, channel): True}
            )
            self._record_wishes(partner, wanted, "blacklist")


class ConsentBlacklist(models.AbstractModel):
    """What Odoo's two lists have in common: who is put on one, or taken off, said so."""

    _name = "contact.consent.blacklist"
    _description = "Blacklist in the Consent Ledger"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows.filtered("active")._tell_consent()
        return rows

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals:
            self._tell_consent()
        return result

    def _tell_consent(self):
        # Whoever edits Odoo's lists need not have a role in collection.
        consents = self.env["contact.consent"].sudo()
        for row in self:
            consents._follow_blacklist(row.sudo()._listed_customers(), self._channel, row.active)


class PhoneBlacklist(models.Model):
    _name = "phone.blacklist"
    _inherit = ["phone.blacklist", "contact.consent.blacklist"]

    _channel = "sms"

    def _listed_customers(self):
        number = phone.to_e164(self.number)
        key = phone.match_key(number) if number else False
        Partner = self.env["res.partner"]
        return Partner.search([("contact_phone_key", "=", key)]) if key else Partner


class MailBlacklist(models.Model):
    _name = "mail.blacklist"
    _inherit = ["mail.blacklist", "contact.consent.blacklist"]

    _channel = "email"

    def _listed_customers(self):
        return self.env["res.partner"].search([("email_normalized", "=", self.email)])
