from odoo import fields, models


class DunningStep(models.Model):
    """A next step that a level proposes to whoever looks after the customer."""

    _name = "dunning.step"
    _description = "Next Step of the Ladder"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="What the program knows the step by: phone, agreement, letter, bureau, agency, legal.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    icon = fields.Char(default="fa-arrow-right", help="Icon on the ladder's picture.")

    _code_unique = models.UniqueIndex("(code)", "Another step has this code already.")
