"""Which ladder applies, and why: the same order as the run's own statement."""

from odoo import api, fields, models

SOURCES = [
    ("customer", "Chosen on the customer"),
    ("contract", "Chosen on the contract"),
    ("plan", "Chosen on the plan"),
    ("segment", "By segment"),
    ("company", "The company's usual one"),
    ("none", "No ladder"),
]


class AccountMoveLine(models.Model):
    """The ladder that an installment follows today."""

    _inherit = "account.move.line"

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        string="Ladder",
        compute="_compute_dunning_policy",
        groups="optica_cobranca.group_seller",
    )
    dunning_policy_source = fields.Selection(
        SOURCES,
        string="Why this Ladder",
        compute="_compute_dunning_policy",
        groups="optica_cobranca.group_seller",
        help="The first that there is counts: chosen on the customer, on the contract, on the "
        "plan; else the first ladder whose segment fits the customer; else the company's usual.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("partner_id", "crediario_plan_id", "company_id")
    def _compute_dunning_policy(self):
        installments = self.filtered("crediario_plan_id")
        for line in self - installments:
            line.dunning_policy_id = line.dunning_policy_source = False
        for company, lines in installments.grouped("company_id").items():
            ladders = self.env["dunning.policy"].sudo()._ladders_of(company, lines.partner_id)
            for line in lines:
                policy, source = ladders.of(line.partner_id, line.sudo())
                line.dunning_policy_id, line.dunning_policy_source = policy.sudo(False), source


class Ladders:
    """The ladders of some customers of one company."""

    def __init__(self, usable, by_segment, company):
        self.usable = usable
        self.by_segment = by_segment
        self.company = company

    def of(self, partner, line=None):
        """``(policy, source)`` of a customer, or of one installment of this customer.

        :param line: an installment, read with sudo
        """
        own = partner.sudo().with_company(self.company).dunning_policy_id
        of_line = line or partner.env["account.move.line"]
        choices = (
            (own, "customer"),
            (_of_contract(of_line), "contract"),
            (of_line.crediario_plan_id.sudo().dunning_policy_id, "plan"),
            (self.by_segment.get(partner._origin.id, self.usable.browse()), "segment"),
            (self.company.sudo().dunning_policy_id, "company"),
        )
        for policy, source in choices:
            if policy in self.usable:
                return policy, source
        return self.usable.browse(), "none"


def _of_contract(line):
    has_own = "dunning_policy_id" in line.move_id._fields
    return line.move_id.dunning_policy_id if has_own else line.env["dunning.policy"]


class DunningPolicy(models.Model):
    """Who follows which ladder."""

    _inherit = "dunning.policy"

    # ------------------------------------------------------------ business

    @api.model
    def _ladders_of(self, company, partners) -> Ladders:
        """What decides on the ladder of each of these customers, in one search a segment."""
        policies = self.search([("company_id", "in", (False, company.id))])
        usable = policies.filtered("level_ids")
        left, by_segment = set(partners._origin.ids), {}
        for policy, domain in self._segments(company):
            if not left:
                break
            found = self._segment_query(domain & fields.Domain("id", "in", list(left)), company)
            fitting = set(found) & left
            by_segment.update(dict.fromkeys(fitting, policy))
            left -= fitting
        return Ladders(usable, by_segment, company)


class ResPartner(models.Model):
    """Which ladder a customer follows, in words."""

    _inherit = "res.partner"

    dunning_policy_applied = fields.Char(
        string="Follows",
        compute="_compute_dunning_policy_applied",
        groups="optica_cobranca.group_seller",
        help="The ladder of this customer's open installments and what it was chosen by.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("dunning_policy_id", "dunning_excluded")
    @api.depends_context("company", "lang")
    def _compute_dunning_policy_applied(self):
        company = self.env.company
        customers = self.commercial_partner_id
        ladders = self.env["dunning.policy"].sudo()._ladders_of(company, customers)
        lines = self._open_installments().grouped("partner_id")
        words = dict(
            self.env["account.move.line"]
            ._fields["dunning_policy_source"]
            ._description_selection(self.env)
        )
        for partner in self:
            customer = partner.commercial_partner_id
            found = [ladders.of(customer, line) for line in lines.get(customer._origin, ())]
            chosen = dict.fromkeys(found or [ladders.of(customer)])
            partner.dunning_policy_applied = "; ".join(
                f"{policy.name} ({words[source].lower()})" if policy else words[source]
                for policy, source in chosen
            )
