"""Where a policy is chosen: customer, else contract, else plan, else segment, else company."""

from odoo import api, fields, models

POLICY_DOMAIN = "[('company_id', 'in', (False, company_id))]"


class ResCompany(models.Model):
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


class CrediarioPlan(models.Model):
    _inherit = "crediario.plan"

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        check_company=True,
        domain=POLICY_DOMAIN,
        help="The ladder of contracts under this plan. Empty: that of the customer's segment, else "
        "the company's usual one.",
    )


class AccountMove(models.Model):
    _inherit = "account.move"

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
    _inherit = "sale.order"

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
    _inherit = "res.partner"

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        company_dependent=True,
        help="The ladder for this customer. Empty: that of the contract or its plan, else of the "
        "customer's segment, else the company's.",
    )
    dunning_excluded = fields.Boolean(
        string="Never Remind",
        help="The ladder never reaches this customer, whatever is late.",
    )
    dunning_notice_ids = fields.One2many(
        "dunning.notice", "partner_id", groups="optica_cobranca.group_collector"
    )
    dunning_hold_ids = fields.One2many(
        "dunning.hold", "partner_id", groups="optica_cobranca.group_collector"
    )
