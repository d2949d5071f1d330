from odoo import api, fields, models

KINDS = [("frame", "Frame"), ("lens", "Lenses"), ("other", "Other")]


class OpticaServiceOrderLine(models.Model):
    """What the glasses are made of: frame, lenses, whatever else goes with them."""

    _name = "optica.service.order.line"
    _description = "Line of a Service Order"
    _order = "order_id, sequence, id"
    _check_company_auto = True

    order_id = fields.Many2one(
        "optica.service.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        KINDS, compute="_compute_kind", store=True, readonly=False, precompute=True, required=True
    )
    product_id = fields.Many2one("product.product", check_company=True, ondelete="restrict")
    name = fields.Char(
        string="Description",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    quantity = fields.Float(default=1.0, digits="Product Unit")
    sale_line_id = fields.Many2one(
        "sale.order.line", index="btree_not_null", check_company=True, ondelete="set null"
    )

    # ------------------------------------------------------------- compute

    @api.depends("product_id")
    def _compute_kind(self):
        for line in self:
            line.kind = line.product_id.optical_kind or line.kind or "other"

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            line.name = line.product_id.display_name if line.product_id else line.name
