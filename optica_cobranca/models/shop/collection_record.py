from odoo import fields, models


class CollectionRecord(models.AbstractModel):
    """Whose matter a record of collection is: a customer of a company, in its currency."""

    _name = "collection.record"
    _description = "Record of a Customer"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )

    def _creation_message(self):
        """In words that fit every kind of record: Odoo's own need its grammatical gender."""
        return self.env._("Record created")
