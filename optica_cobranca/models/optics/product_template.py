from odoo import fields, models

from .optica_service_order_line import KINDS


class ProductTemplate(models.Model):
    """What a product is on a service order."""

    _inherit = "product.template"

    optical_kind = fields.Selection(
        KINDS,
        string="On Service Orders",
        help="Frame or lenses, as they stand on a service order. Products without it stand there "
        "as others.",
    )
