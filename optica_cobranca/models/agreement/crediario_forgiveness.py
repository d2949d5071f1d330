from odoo import api, fields, models


class CrediarioForgiveness(models.Model):
    """What an agreement forgave."""

    _inherit = "crediario.forgiveness"

    agreement_id = fields.Many2one("crediario.agreement", readonly=True, index="btree_not_null")

    @api.model
    def _taken_back_as(self):
        return {**super()._taken_back_as(), "agreement_id": ("cancelled", "breached")}
