import ast

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class DunningPolicy(models.Model):
    """Policies by segment: the first whose domain fits the customer, in order of sequence."""

    _inherit = "dunning.policy"

    segment_domain = fields.Char(
        string="Segment",
        tracking=True,
        help="Customers this ladder is for. Empty: it is followed only by whoever it is chosen for "
        "(customer, contract, plan or company).",
    )

    # --------------------------------------------------------- constraints

    @api.constrains("segment_domain", "company_id")
    def _check_segment_domain(self):
        for policy in self:
            try:
                domain = policy._segment()
                if domain is not None:
                    policy._segment_query(domain, policy.company_id or self.env.company).select()
            except (ValueError, SyntaxError, TypeError, KeyError, NotImplementedError) as error:
                raise ValidationError(
                    self.env._(
                        "The segment of ladder “%(policy)s” cannot be read: %(error)s. Choose "
                        "other conditions.",
                        policy=policy.name,
                        error=error,
                    )
                ) from error

    # ------------------------------------------------------------ business

    @api.model
    def _segments(self, company):
        """``[(policy, domain)]`` of the ladders with a segment that ``company`` uses, in order.

        Domains are on ``res.partner`` and are meant to be searched in that company. A ladder
        without levels is not used.
        """
        policies = self.search(
            [("segment_domain", "!=", False), ("company_id", "in", (False, company.id))]
        )
        segments = [(policy, policy._segment()) for policy in policies if policy.level_ids]
        return [(policy, domain) for policy, domain in segments if domain is not None]

    def _segment(self):
        """The domain of this ladder's customers, None when it is for no segment.

        Raises ValueError or SyntaxError when the text is no domain.
        """
        self.ensure_one()
        conditions = ast.literal_eval(self.segment_domain or "[]")
        if not conditions:
            return None
        domain = Domain(conditions)
        domain.validate(self.env["res.partner"])
        return domain

    @api.model
    def _segment_query(self, domain, company):
        """The query of the customers that ``domain`` fits in ``company``, archived ones too.

        With sudo: which ladder a customer follows does not depend on who asks.
        """
        partners = self.env["res.partner"].sudo().with_company(company)
        return partners.with_context(active_test=False)._search(domain)
