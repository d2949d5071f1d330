from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .dunning_rating import LETTERS
from .segment_search import customers_in_query, customers_with


class ResPartner(models.Model):
    """The customer's rating in the company the user works in, and why it is so."""

    _inherit = "res.partner"

    dunning_rating_id = fields.Many2one(
        "dunning.rating",
        string="Current Rating",
        compute="_compute_dunning_rating",
        groups="optica_cobranca.group_seller",
    )
    dunning_rating = fields.Selection(
        LETTERS,
        string="Rating",
        compute="_compute_dunning_rating",
        search="_search_dunning_rating",
        groups="optica_cobranca.group_seller",
        help="How the customer pays, A to E, worked out every night. Empty: fewer than three "
        "installments came due, so nothing can be said yet.",
    )
    dunning_rating_points = fields.Integer(
        string="Rating Points",
        compute="_compute_dunning_rating",
        search="_search_dunning_rating_points",
        groups="optica_cobranca.group_seller",
        help="Points of 100 that the rating rests on.",
    )
    dunning_rating_explanation = fields.Html(
        string="Why this Rating",
        compute="_compute_dunning_rating_explanation",
        sanitize=False,
        groups="optica_cobranca.group_collector",
    )

    # ------------------------------------------------------------- compute

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_dunning_rating(self):
        """Contacts show their company's. With sudo: a seller reads the letter, not the table."""
        ratings = self.env["dunning.rating"].sudo()
        domain = [
            ("company_id", "=", self.env.company.id),
            ("partner_id", "in", self.commercial_partner_id._origin.ids),
            ("current", "=", True),
        ]
        current = {rating.partner_id.id: rating for rating in ratings.search(domain)}
        for partner in self:
            rating = current.get(partner.commercial_partner_id._origin.id, ratings)
            partner.dunning_rating_id = rating.sudo(False)
            partner.dunning_rating = rating.letter
            partner.dunning_rating_points = rating.points

    @api.depends("dunning_rating_id")
    def _compute_dunning_rating_explanation(self):
        for partner in self:
            partner.dunning_rating_explanation = partner.dunning_rating_id.explanation

    def _search_dunning_rating(self, operator, value):
        if operator != "in":
            return NotImplemented
        letters = [letter for letter in value if letter]
        found = customers_in_query(self._rated(SQL("letter = ANY(%s)", letters)))
        if False in value:
            found |= ~customers_in_query(self._rated(SQL("TRUE")))
        return found

    def _search_dunning_rating_points(self, operator, value):
        return customers_with(SQL("points"), operator, value, self._rated)

    # ------------------------------------------------------------- actions

    def action_rate_now(self):
        """Work out the rating of these customers with everything known by now."""
        if not self.env.user.has_group("optica_cobranca.group_collector"):
            raise AccessError(self.env._("Only collectors work out ratings."))
        # With sudo: ratings are nobody's to write by hand.
        self.env["dunning.rating"].sudo()._rate_partners(self, self.env.company)

    def action_view_ratings(self):
        """Open this customer's ratings month by month."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_dunning_rating_history"
        )
        return {**action, "domain": [("partner_id", "in", self.commercial_partner_id.ids)]}

    # ------------------------------------------------------------- helpers

    def _rated(self, condition):
        """The query of customers whose current rating in this company fulfils ``condition``."""
        self.env["dunning.rating"].flush_model()
        return SQL(
            "SELECT partner_id FROM dunning_rating WHERE company_id = %s AND current AND %s",
            self.env.company.id,
            condition,
        )
