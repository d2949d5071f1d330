from odoo import fields, models


class ResCompany(models.Model):
    """How the collectors share the customers of the work list."""

    _inherit = "res.company"

    dunning_work_share = fields.Selection(
        [("pool", "Everybody calls everybody"), ("own", "Each collector their own customers")],
        string="Work List",
        default="pool",
        required=True,
        help="What the work list shows at first. A customer's own collector is the salesperson on "
        "the customer, else the collector in charge; everybody can look at the others' customers.",
        groups="optica_cobranca.group_seller",
    )
