from odoo import api, fields, models


class CrediarioForgiveness(models.Model):
    """What a receipt or an extension forgave."""

    _inherit = "crediario.forgiveness"

    receipt_id = fields.Many2one("crediario.receipt", readonly=True, index="btree_not_null")
    extension_id = fields.Many2one("crediario.extension", readonly=True, index="btree_not_null")

    @api.model
    def _taken_back_as(self):
        return {
            **super()._taken_back_as(),
            "receipt_id": ("cancelled",),
            "extension_id": ("undone",),
        }
