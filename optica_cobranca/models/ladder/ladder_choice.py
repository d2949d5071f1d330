"""Where a policy is chosen: customer, else contract, else plan, else segment, else company."""

from odoo import api, fields, models
from odoo.exceptions import UserError

POLICY_DOMAIN = "[('company_id', 'in', (False, company_id))]"


class LadderChoice(models.AbstractModel):
    """Who never hears from the shop, or hears another ladder: a decision with a reason.

    The rule is here, where it is written, and so the same by list, import, copy, default or form:
    a collector decides, says why with each change, and the customer's history tells it.
    """

    _name = "dunning.ladder.choice"
    _description = "Choice of a Ladder"

    dunning_choice_reason = fields.Char(
        string="Why",
        copy=False,
        groups="optica_cobranca.group_collector",
        help="Why this customer or contract is not reminded like the others.",
    )

    # What is decided.
    _ladder_choices = ("dunning_policy_id",)

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Looked at afterwards: defaults of the context decide nothing either."""
        records = super().create(vals_list)
        for record, vals in zip(records, vals_list, strict=True):
            chosen = {name for name in self._ladder_choices if record._has_chosen(name, vals)}
            if chosen:
                reason = record.sudo().dunning_choice_reason
                record._check_may_decide_on_ladder(reason)
                record._tell_of_ladder(chosen, reason)
        return records

    def write(self, vals):
        """Whoever chooses another ladder may do so, and says why."""
        changed = {
            record: {
                name
                for name in self._ladder_choices
                if name in vals and record._differs(name, vals[name])
            }
            for record in self
            if not vals.keys().isdisjoint(self._ladder_choices)
        }
        reason = vals.get("dunning_choice_reason")
        if any(changed.values()):
            self._check_may_decide_on_ladder(reason)
        result = super().write(vals)
        for record, names in changed.items():
            if names:
                record._tell_of_ladder(names, reason)
        return result

    @api.onchange("dunning_policy_id")
    def _onchange_ladder_choice(self):
        """Another decision wants a reason of its own."""
        self.dunning_choice_reason = False

    # ------------------------------------------------------------- helpers

    def _has_chosen(self, name, vals):
        """Whether a new record has a choice of its own; what a company set for all is none."""
        given = name in vals or f"default_{name}" in self.env.context
        return (given or not self._fields[name].company_dependent) and bool(self.sudo()[name])

    def _differs(self, name, value):
        """Whether writing ``value`` would change the field. With sudo: whoever may read it."""
        field, record = self._fields[name], self.sudo()
        return field.convert_to_cache(value, record) != field.convert_to_cache(record[name], record)

    def _check_may_decide_on_ladder(self, reason):
        """Who decides on the ladder collects, and says why.

        :raise AccessError: for whoever does not collect
        :raise UserError: without a reason
        """
        if self.env.su:
            return
        self._check_role("collector")
        if not (reason or "").strip():
            raise UserError(
                self.env._("Write why this customer is reminded otherwise than before.")
            )

    def _tell_of_ladder(self, changed, reason):
        """What was decided, in the history.

        :param changed: names of fields that say something else than before
        """
        reason = (reason or "").strip()
        told = self.sudo()
        words = told._words_of_ladder(changed)
        if reason:
            words = self.env._("%(decision)s Reason: %(reason)s", decision=words, reason=reason)
        company = told.company_id or self.env.company
        partner = self if self._name == "res.partner" else told.partner_id.commercial_partner_id
        told._tell_collection(company, words, partner)

    def _words_of_ladder(self, changed):
        policy = self.dunning_policy_id
        if "dunning_policy_id" not in changed:
            return ""
        if not policy:
            return self.env._("The usual ladder applies again.")
        return self.env._("The ladder %(policy)s was chosen.", policy=policy.name)


class ResCompany(models.Model):
    """The ladder of whoever has no other one."""

    _inherit = "res.company"

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        string="Usual Dunning Policy",
        help="The ladder of customers and plans that have none of their own. Empty: nobody is "
        "reminded.",
    )
    dunning_user_id = fields.Many2one(
        "res.users",
        string="Collector in Charge",
        help="Gets the phone calls and other tasks of the ladder for customers without a "
        "salesperson.",
    )

    @api.model
    def _set_default_dunning_policy(self):
        """On installation: companies without a ladder get the default one."""
        policy = self.env.ref("optica_cobranca.policy_default")
        self.search([("dunning_policy_id", "=", False)]).dunning_policy_id = policy

    @api.model_create_multi
    def create(self, vals_list):
        """A new company starts with the default ladder."""
        policy = self.env.ref("optica_cobranca.policy_default", raise_if_not_found=False)
        if policy and policy.active and not policy.company_id:
            vals_list = [{"dunning_policy_id": policy.id, **vals} for vals in vals_list]
        return super().create(vals_list)

    # ----------------------------------------------------------------- x company

    dunning_waiting_told_on = fields.Date(
        readonly=True, copy=False, help="When managers last heard that notices wait for approval."
    )


class CrediarioPlan(models.Model):
    """The ladder of what is sold under a plan."""

    _inherit = "crediario.plan"

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        check_company=True,
        domain=POLICY_DOMAIN,
        help="The ladder of contracts under this plan. Empty: that of the customer's segment, else "
        "the company's usual one.",
    )


class AccountMove(models.Model):
    """A contract's ladder, chosen by hand."""

    _name = "account.move"
    _inherit = ["dunning.ladder.choice", "account.move"]

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        check_company=True,
        domain=POLICY_DOMAIN,
        copy=False,
        index="btree_not_null",
        groups="optica_cobranca.group_collector",
        help="The ladder of this contract alone, unless the customer has one of their own. Empty: "
        "that of the plan, else of the customer's segment, else the company's.",
    )


class SaleOrder(models.Model):
    """A quotation's ladder, which its contract takes over."""

    _name = "sale.order"
    _inherit = ["dunning.ladder.choice", "sale.order"]

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        check_company=True,
        domain=POLICY_DOMAIN,
        copy=False,
        groups="optica_cobranca.group_collector",
        help="The ladder of the contract that comes of this order.",
    )

    def _prepare_invoice(self):
        """The contract follows the ladder agreed with the order, whoever makes the invoice."""
        policy = self.sudo().dunning_policy_id
        return {
            **super()._prepare_invoice(),
            **({"dunning_policy_id": policy.id} if policy else {}),
        }

    def _get_invoice_grouping_keys(self):
        """Orders with different ladders never share an invoice."""
        return [*super()._get_invoice_grouping_keys(), "dunning_policy_id"]


class ResPartner(models.Model):
    """A customer's ladder, chosen by hand."""

    _name = "res.partner"
    _inherit = ["dunning.ladder.choice", "res.partner"]

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        company_dependent=True,
        copy=False,
        groups="optica_cobranca.group_seller",
        help="The ladder for this customer. Empty: that of the contract or its plan, else of the "
        "customer's segment, else the company's.",
    )
    dunning_excluded = fields.Boolean(
        string="Never Remind",
        copy=False,
        groups="optica_cobranca.group_seller",
        help="The ladder never reaches this customer, whatever is late.",
    )
    dunning_notice_ids = fields.One2many(
        "dunning.notice", "partner_id", groups="optica_cobranca.group_collector"
    )
    dunning_hold_ids = fields.One2many(
        "dunning.hold", "partner_id", groups="optica_cobranca.group_collector"
    )

    _ladder_choices = ("dunning_policy_id", "dunning_excluded")

    @api.onchange("dunning_policy_id", "dunning_excluded")
    def _onchange_ladder_choice(self):
        return super()._onchange_ladder_choice()

    def _words_of_ladder(self, changed):
        words = super()._words_of_ladder(changed)
        if "dunning_excluded" not in changed:
            return words
        excluded = (
            self.env._("The customer is never reminded.")
            if self.dunning_excluded
            else self.env._("The customer is reminded again.")
        )
        return f"{excluded} {words}".strip()

    # --------------------------------- Which ladder a customer follows, in words

    dunning_policy_applied = fields.Char(
        string="Follows",
        compute="_compute_dunning_policy_applied",
        groups="optica_cobranca.group_seller",
        help="The ladder of this customer's open installments and what it was chosen by.",
    )

    @api.depends("dunning_policy_id", "dunning_excluded")
    @api.depends_context("company", "lang")
    def _compute_dunning_policy_applied(self):
        company = self.env.company
        customers = self.commercial_partner_id
        ladders = self.env["dunning.policy"].sudo()._ladders_of(company, customers)
        words = dict(
            self.env["account.move.line"]
            ._fields["dunning_policy_source"]
            ._description_selection(self.env)
        )
        for partner in self:
            customer = partner.commercial_partner_id
            found = [ladders.of(customer, line) for line in partner.sudo().open_installment_ids]
            chosen = dict.fromkeys(found or [ladders.of(customer)])
            partner.dunning_policy_applied = "; ".join(
                f"{policy.name} ({words[source].lower()})" if policy else words[source]
                for policy, source in chosen
            )
