from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...domain.rating.rating import LetterLimits


class ResCompany(models.Model):
    """From how many points a customer gets which letter."""

    _inherit = "res.company"

    rating_a_points = fields.Integer(
        string="Points for A",
        default=85,
        help="Least points, of 100, for the letter A.",
        groups="optica_cobranca.group_seller",
    )
    rating_b_points = fields.Integer(
        string="Points for B", default=70, groups="optica_cobranca.group_seller"
    )
    rating_c_points = fields.Integer(
        string="Points for C", default=50, groups="optica_cobranca.group_seller"
    )
    rating_d_points = fields.Integer(
        string="Points for D",
        default=30,
        help="Fewer than these are E.",
        groups="optica_cobranca.group_seller",
    )

    # --------------------------------------------------------- constraints

    @api.constrains("rating_a_points", "rating_b_points", "rating_c_points", "rating_d_points")
    def _check_rating_points(self):
        for company in self:
            if not company._rating_limits().in_order:
                raise ValidationError(
                    self.env._(
                        "The points for A, B, C and D of %(company)s must fall from one letter to "
                        "the next and lie between 100 and 1.",
                        company=company.name,
                    )
                )

    # ------------------------------------------------------------ business

    def _rating_limits(self):
        """The company's :class:`LetterLimits`, with sudo: few may read them."""
        self.ensure_one()
        company = self.sudo()
        return LetterLimits(
            company.rating_a_points,
            company.rating_b_points,
            company.rating_c_points,
            company.rating_d_points,
        )
