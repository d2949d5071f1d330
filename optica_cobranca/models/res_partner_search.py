import re

from odoo import api, models
from odoo.fields import Domain

from ..domain import phone

CPF_DIGITS = 11
CNPJ_DIGITS = 14


class ResPartner(models.Model):
    """A customer is found by whatever is at hand: name, CPF/CNPJ, telephone, contract, slip."""

    _inherit = "res.partner"

    # ------------------------------------------------------------- actions

    def action_receive(self):
        """Open the cashier with this customer's installments."""
        return self.env["crediario.cashier"]._open(self)

    def action_settle_early(self):
        """Open the early settlement of everything this customer owes."""
        return self.env["crediario.cashier"]._open(self, settle=True)

    # ------------------------------------------------------------ business

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if operator in Domain.NEGATIVE_OPERATORS or not isinstance(value, str):
            return domain
        found = self._domain_by_numbers(value.strip())
        return Domain.OR([domain, found]) if found else domain

    @api.model
    def _domain_by_numbers(self, text):
        """Customers whose CPF/CNPJ, telephone, contract or slip ``text`` is; None if it is none."""
        digits = re.sub(r"\D", "", text)
        if not digits:
            return None
        domains = [Domain("id", "in", self._partners_of_reference(text))]
        documents = self._spellings_of_document(digits)
        if documents:
            domains.append(Domain("vat", "in", documents))
        number = phone.to_e164(text)
        if number:
            domains.append(Domain("contact_phone_key", "=", phone.match_key(number)))
        return Domain.OR(domains)

    @api.model
    def _spellings_of_document(self, digits):
        """A CPF or CNPJ as it may be stored: with and without punctuation."""
        if len(digits) == CPF_DIGITS:
            return [digits, f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"]
        if len(digits) == CNPJ_DIGITS:
            return [
                digits,
                f"{digits[:2]}.{digits[2:5]}.{digits[5:8]}/{digits[8:12]}-{digits[12:]}",
            ]
        return []

    @api.model
    def _partners_of_reference(self, text):
        """Ids of the customers of the contracts that ``text`` names.

        With sudo: who may look for customers learns whose contract it is, and no more of it.
        """
        return (
            self.env["account.move.line"]
            .sudo()
            ._find_installments(text)
            .partner_id.commercial_partner_id.ids
        )
