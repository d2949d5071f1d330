from odoo import api, fields, models
from odoo.tools import email_normalize

from ..domain import phone


class ResPartner(models.Model):
    """How and when a customer is reached."""

    _inherit = "res.partner"

    preferred_contact_hour = fields.Selection(
        [(str(hour), f"{hour:02d}:00") for hour in range(8, 20)],
        string="Preferred Hour",
        help="Messages of the day wait for this hour when it lies inside the permitted ones.",
    )
    contact_phone_key = fields.Char(
        compute="_compute_contact_phone_key",
        store=True,
        index="btree_not_null",
        help="The phone number reduced to what is the same with and without the ninth digit.",
    )
    contact_message_ids = fields.One2many(
        "contact.message",
        "partner_id",
        string="Messages Sent",
        groups="optica_cobranca.group_seller",
    )
    contact_consent_ids = fields.One2many(
        "contact.consent", "partner_id", string="Consent", groups="optica_cobranca.group_seller"
    )

    @api.depends("phone", "country_id")
    def _compute_contact_phone_key(self):
        for partner in self:
            number = partner._contact_number()
            partner.contact_phone_key = phone.match_key(number) if number else False

    # ------------------------------------------------------------ business

    def _contact_number(self, default_area_code=None):
        """The customer's number in E.164, or None when there is none or it is no number.

        :param default_area_code: two digits for numbers written without an area code
        """
        self.ensure_one()
        return phone.to_e164(self.phone, default_area_code) if self.phone else None

    def _contact_email(self):
        """The customer's e-mail address, lower case, or None when there is none that can be."""
        self.ensure_one()
        return email_normalize(self.email or "", strict=True) or None

    @api.model
    def _contact_find_by_number(self, digits):
        """The customers with this number, with or without the ninth digit, newest first.

        :param digits: as a provider writes it, with country code and without ``+``
        """
        number = phone.to_e164(f"+{digits}") if digits else None
        if not number:
            return self.browse()
        return self.search([("contact_phone_key", "=", phone.match_key(number))], order="id desc")
