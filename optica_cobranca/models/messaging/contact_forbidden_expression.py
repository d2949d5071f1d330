from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...domain.messaging.message_text import forbidden_in
from ...domain.shop.plain_text import words


class ContactForbiddenExpression(models.Model):
    """Words that must not appear in collection texts (CDC art. 42 and 71: no threats)."""

    _name = "contact.forbidden.expression"
    _description = "Expression Forbidden in Collection"
    _order = "name"

    name = fields.Char("Expression", required=True)
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint("UNIQUE(name)", "This expression is in the list already.")

    @api.constrains("name")
    def _check_name(self):
        for expression in self:
            if not words(expression.name):
                raise ValidationError(
                    self.env._("An expression needs at least one letter or digit.")
                )

    # ------------------------------------------------------------ business

    @api.model
    def _found_in(self, text):
        """The expressions of the list that occur in the text, as a list of texts."""
        expressions = self.sudo().search([])  # pylint: disable=no-search-all; a text is held against all of them
        return forbidden_in(text or "", expressions.mapped("name"))
