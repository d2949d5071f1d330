from odoo import fields, models


class AccountMove(models.Model):
    """Imported contracts: the entry that opens one, and entries that add to it later."""

    _inherit = "account.move"

    imported_contract_id = fields.Many2one(
        "account.move",
        string="Adds to Contract",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="The imported contract that this entry adds further installments to.",
    )
