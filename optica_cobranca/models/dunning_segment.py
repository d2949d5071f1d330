import ast

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# What Python and the ORM say of a text that is no domain, or none that can be searched.
UNREADABLE = (ValueError, SyntaxError, TypeError, KeyError, NotImplementedError)


class DunningPolicy(models.Model):
    """Policies by segment: the first whose domain fits the customer, in order of sequence."""

    _inherit = "dunning.policy"

    segment_domain = fields.Char(
        string="Segment",
        tracking=True,
        help="Customers this ladder is for. Empty: it is followed only by whoever it is chosen for "
        "(customer, contract, plan or company).",
    )

    segment_count = fields.Integer(
        string="Customers Who Fit",
        compute="_compute_segment_count",
        help="Customers with open installments in this company whom the segment fits.",
    )
    segment_first_count = fields.Integer(
        string="Customers Here",
        compute="_compute_segment_count",
        help="Those of them whom no ladder further up takes.",
    )
    choice = fields.Html(compute="_compute_choice", sanitize=False)

    # ------------------------------------------------------------- compute

    @api.depends("segment_domain", "sequence", "active", "level_ids")
    @api.depends_context("company")
    def _compute_segment_count(self):
        """One search a ladder over all customers; unsaved changes count when they can be read."""
        company, earlier = self.env.company, Domain.FALSE
        before = {}
        for policy, domain in self.sudo()._segments(company):
            before[policy.id] = earlier
            earlier |= domain
        for policy in self:
            domain = policy._readable_segment()
            count = first = 0
            if domain is not None:
                count = self._count_owing(domain, company)
                taken = before.get(policy._origin.id, Domain.FALSE)
                first = count if taken.is_false() else self._count_owing(domain & ~taken, company)
            policy.segment_count, policy.segment_first_count = count, first

    @api.depends("segment_domain", "sequence", "active", "level_ids", "name")
    @api.depends_context("company")
    def _compute_choice(self):
        segments = [policy for policy, _domain in self._segments(self.env.company)]
        for policy in self:
            policy.choice = self.env["ir.qweb"]._render(
                "optica_cobranca.policy_choice",
                {
                    "policy": policy._origin,
                    "segments": segments,
                    "usual": self.env.company.sudo().dunning_policy_id,
                },
            )

    # --------------------------------------------------------- constraints

    @api.constrains("segment_domain", "company_id")
    def _check_segment_domain(self):
        for policy in self:
            try:
                domain = policy._segment()
                if domain is not None:
                    policy._segment_query(domain, policy.company_id or self.env.company).select()
            except UNREADABLE as error:
                raise ValidationError(
                    self.env._(
                        "The segment of ladder “%(policy)s” cannot be read: %(error)s. Choose "
                        "other conditions.",
                        policy=policy.name,
                        error=error,
                    )
                ) from error

    # ------------------------------------------------------------- actions

    def action_view_segment(self):
        """Open the customers with open installments whom this segment fits."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers of %s", self.name),
            "res_model": "res.partner",
            "views": [(False, "list"), (False, "form")],
            "domain": [("open_installment_count", ">", 0), *(self._segment() or ())],
        }

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

    # ------------------------------------------------------------- helpers

    def _readable_segment(self):
        try:
            return self._segment()
        except UNREADABLE:
            return None

    @api.model
    def _count_owing(self, domain, company):
        """How many customers with open installments ``domain`` fits."""
        partners = self.env["res.partner"].sudo().with_company(company)
        owing = Domain("open_installment_count", ">", 0)
        return partners.with_context(active_test=False).search_count(owing & domain)
