from odoo import api, models
from odoo.fields import Domain


class CollectionWords(models.AbstractModel):
    """Who answers a customer reads what is written about the customer."""

    _inherit = "collection.words"

    @api.model
    def _words_of_own_customers(self, user):
        """With sudo: which customers a seller answers is asked of all conversations."""
        threads = self.env["contact.thread"].sudo()._search([("user_id", "=", user.id)])
        return super()._words_of_own_customers(user) | Domain(
            "optica_customer_id.commercial_partner_id", "in", threads.subselect("partner_id")
        )
