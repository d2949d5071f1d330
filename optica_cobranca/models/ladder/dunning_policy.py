import ast

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

# What Python and the ORM say of a text that is no domain, or none that can be searched.
UNREADABLE = (ValueError, SyntaxError, TypeError, KeyError, NotImplementedError)
SOURCES = [
    ("customer", "Chosen on the customer"),
    ("contract", "Chosen on the contract"),
    ("plan", "Chosen on the plan"),
    ("segment", "By segment"),
    ("company", "The company's usual one"),
    ("none", "No ladder"),
]


class Ladders:
    """The ladders of some customers of one company; ``by_plan`` has those chosen on plans."""

    def __init__(self, usable, by_segment, by_plan, company):
        self.usable = usable
        self.by_segment = by_segment
        self.by_plan = by_plan
        self.company = company

    def of(self, partner, line=None):
        """``(policy, source)`` of a customer, or of one installment of this customer.

        :param line: an installment, read with sudo
        """
        own = partner.sudo().with_company(self.company).dunning_policy_id
        of_line = line or partner.env["account.move.line"]
        none = self.usable.browse()
        choices = (
            (own, "customer"),
            (_of_contract(of_line), "contract"),
            (self.by_plan.get(of_line.crediario_plan_id._origin.id, none), "plan"),
            (self.by_segment.get(partner._origin.id, none), "segment"),
            (self.company.sudo().dunning_policy_id, "company"),
        )
        for policy, source in choices:
            if policy in self.usable:
                return policy, source
        return none, "none"


def _of_contract(line):
    has_own = "dunning_policy_id" in line.move_id._fields
    return line.move_id.dunning_policy_id if has_own else line.env["dunning.policy"]


class DunningPolicy(models.Model):
    """A ladder: who hears from the shop on which day before and after a due date."""

    _name = "dunning.policy"
    _description = "Dunning Policy"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Leave empty to use it in every company.")
    level_ids = fields.One2many("dunning.level", "policy_id", string="Levels", copy=True)
    level_count = fields.Integer(compute="_compute_timeline")
    is_company_default = fields.Boolean(
        string="Usual Policy",
        compute="_compute_is_company_default",
        help="Customers and plans without a policy of their own follow this one.",
    )
    timeline = fields.Html(compute="_compute_timeline", sanitize=False)
    note = fields.Text(string="Internal Note")

    # ------------------------------------------------------------- compute

    @api.depends_context("company")
    def _compute_is_company_default(self):
        for policy in self:
            policy.is_company_default = policy == self.env.company.dunning_policy_id

    @api.depends(
        "level_ids.offset_days",
        "level_ids.name",
        "level_ids.tone",
        "level_ids.action_ids",
        "level_ids.needs_approval",
        "level_ids.min_amount",
        "level_ids.only_delivered",
        "level_ids.step_ids",
    )
    def _compute_timeline(self):
        for policy in self:
            policy.level_count = len(policy.level_ids)
            policy.timeline = self.env["ir.qweb"]._render(
                "optica_cobranca.policy_timeline", {"stops": policy.level_ids._stops()}
            )

    # ------------------------------------------------------------- actions

    def action_set_company_default(self):
        """Make this the policy of the current company.

        With sudo: managers decide this about a company whose other settings are not theirs.
        """
        self.ensure_one()
        self.check_access("write")
        self.env.company.sudo().dunning_policy_id = self

    # ---- Policies by segment: the first whose domain fits the customer, in order of sequence

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

    @api.model
    def _segments(self, company):
        """``[(policy, domain)]`` of the ladders with a segment that ``company`` uses, in order.

        Domains are on ``res.partner`` and are meant to be searched in that company. A ladder
        without levels is not used.
        """
        return self._usable(company)._as_segments()

    @api.model
    def _usable(self, company):
        """The ladders that ``company`` may use, in order; one without levels is none."""
        domain = [("company_id", "in", (False, company.id)), ("level_ids", "!=", False)]
        return self.search_fetch(domain, ["name", "sequence", "company_id", "segment_domain"])

    def _as_segments(self):
        """``[(policy, domain)]`` of those of these ladders that are for a segment."""
        segments = [(policy, policy._segment()) for policy in self if policy.segment_domain]
        return [(policy, domain) for policy, domain in segments if domain is not None]

    def _segment(self):
        """The domain of this ladder's customers, None when it is for no segment.

        :raise ValueError: the text is no domain
        :raise SyntaxError: the text is no domain
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

    # -------------------------------------------------- Who follows which ladder

    @api.model
    def _ladders_of(self, company, partners) -> Ladders:
        """What decides on the ladder of each of these customers, in two queries."""
        usable = self._usable(company)
        these = fields.Domain("id", "in", partners._origin.ids)
        segments = usable._as_segments() if partners._origin.ids else []
        queries = [self._chosen_on_plans(usable)]
        for place, (policy, domain) in enumerate(segments):
            query = self._segment_query(domain & these, company)
            columns = SQL("%s AS place", place), SQL.identifier(query.table, "id")
            queries.append(SQL("(%s)", query.select(*columns, SQL("%s AS policy", policy.id))))
        by_segment, by_plan = {}, {}
        rows = self.env.execute_query(SQL(" UNION ALL ").join(queries))
        for place, key, policy_id in sorted(rows):
            found = by_plan if place < 0 else by_segment
            found.setdefault(key, usable.browse(policy_id))
        return Ladders(usable, by_segment, by_plan, company)

    @api.model
    def _chosen_on_plans(self, usable):
        """Rows (-1, plan, ladder) of the plans, archived ones too, that name a usable ladder.

        With sudo: which ladder an installment follows does not depend on who asks.
        """
        plans = self.env["crediario.plan"].sudo().with_context(active_test=False)
        query = plans._search([("dunning_policy_id", "in", usable.ids)])
        columns = (
            plans._field_to_sql(query.table, name, query) for name in ("id", "dunning_policy_id")
        )
        return SQL("(%s)", query.select(SQL("-1 AS place"), *columns))
