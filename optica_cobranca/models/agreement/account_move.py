from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# Fine and interest of originals that are settled by an agreement: in force, those it made part of
# the new debt; broken, those that were paid of it. An original can be owed beside it, when a
# payment of before is returned, and its one fine counts all the same.
AGREED_CHARGES = SQL(
    """
    SELECT line.move_line_id, taken.day, taken.interest, taken.fine
      FROM crediario_agreement_line line
      JOIN crediario_agreement agreement ON agreement.id = line.agreement_id
CROSS JOIN LATERAL (
            SELECT agreement.breached_on, line.credited_interest, line.credited_fine
             WHERE agreement.state = 'breached'
             UNION ALL
            SELECT agreement.accepted_on, line.interest - COALESCE(line.forgiven_interest, 0),
                   line.fine - COALESCE(line.forgiven_fine, 0)
             WHERE agreement.state IN ('open', 'kept')
           ) AS taken (day, interest, fine)
     WHERE taken.interest <> 0 OR taken.fine <> 0
    """
)


class AccountMove(models.Model):
    """Entries of agreements, and contracts that agreements closed."""

    _inherit = "account.move"

    agreement_id = fields.Many2one(
        "crediario.agreement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The agreement that made this entry.",
    )
    closing_agreement_text = fields.Char(
        string="Closed by Agreement", compute="_compute_closing_agreement_text"
    )

    def _compute_closing_agreement_text(self):
        for move in self:
            agreements = move.installment_ids.sudo().closing_agreement_id
            move.closing_agreement_text = ", ".join(agreements.mapped("name"))

    def action_propose_agreement(self):
        """Propose an agreement on what is open of this contract."""
        return self.installment_ids.action_propose_agreement()

    def action_view_agreements(self):
        """Open the agreements that took in installments of this contract."""
        lines = self.env["crediario.agreement.line"].search(
            [("move_line_id", "in", self.installment_ids.ids)]
        )
        return (lines.agreement_id | self.agreement_id)._get_records_action(
            name=self.env._("Agreements")
        )

    # ------------------------------------------------------------ business

    def _debts_of_credit_note(self, installments):
        """What agreements took in of the contract comes after what it still owes itself.

        With sudo: whoever books the credit note need not see agreements.
        """
        agreements = installments.sudo().agreement_line_ids.agreement_id.filtered(
            lambda agreement: agreement.state in ("waiting", "open")
        )
        agreed = agreements.installment_ids.sorted("installment_number", reverse=True)
        return super()._debts_of_credit_note(installments) | super()._debts_of_credit_note(
            agreed.with_env(self.env)
        )

    def _check_draftable(self):
        """Agreements that count hold their entries, and the contracts that they took in."""
        contracts = self.filtered("crediario_plan_id")
        lines = self.env["crediario.agreement.line"].sudo()
        taken_in = contracts and lines.search([("move_line_id.move_id", "in", contracts.ids)])
        self._refuse_for(self.sudo().agreement_id | (taken_in or lines).agreement_id)
        return super()._check_draftable()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """The entry of an agreement is undone by the agreement, never by a reversal."""
        self._refuse_for(self.sudo().agreement_id)
        return super()._reverse_moves(default_values_list, cancel)

    def _refuse_for(self, agreements):
        holding = agreements.filtered(
            lambda agreement: agreement.state in ("waiting", "open", "kept", "breached")
        )
        if holding:
            raise UserError(
                self.env._(
                    "Agreement %(names)s rests on this entry. Cancel the agreement first; once "
                    "something was paid of it, correct the contract by a credit note instead.",
                    names=", ".join(holding.mapped("name")),
                )
            )


class AccountMoveLine(models.Model):
    """An installment taken in by an agreement, or made by one."""

    _inherit = "account.move.line"

    agreement_line_ids = fields.One2many(
        "crediario.agreement.line",
        "move_line_id",
        readonly=True,
        groups="optica_cobranca.group_seller",
    )
    closing_agreement_id = fields.Many2one(
        "crediario.agreement",
        string="Closed by",
        compute="_compute_closing_agreement_id",
        compute_sudo=True,
        help="The agreement whose new installments took the place of this one.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("agreement_line_ids.agreement_id.state")
    def _compute_closing_agreement_id(self):
        for line in self:
            line.closing_agreement_id = line.agreement_line_ids.agreement_id.filtered(
                lambda agreement: agreement.state in ("waiting", "open", "kept")
            )[:1]

    def _is_installment_of_contract(self):
        """The down payment of an agreement is owed like its installments."""
        return super()._is_installment_of_contract() or bool(
            self.move_id.agreement_id
            and self.move_id.move_type == "entry"
            and self.balance > 0
            and self.account_id.account_type == "asset_receivable"
        )

    def _installments_paid(self):
        """A down payment that was paid puts its agreement in force.

        With sudo: whoever receives a down payment need not see agreements.
        """
        heard = super()._installments_paid()
        self.move_id.sudo().agreement_id._activate_if_paid()
        return heard

    # ------------------------------------------------------------- actions

    def action_propose_agreement(self):
        """A proposal over these installments."""
        lines = self.filtered(
            lambda line: (
                line.crediario_plan_id
                and line.parent_state == "posted"
                and line.company_currency_id.compare_amounts(line.amount_residual, 0.0) > 0
            )
        )
        if len(lines.partner_id.commercial_partner_id) != 1 or len(lines.company_id) != 1:
            raise UserError(
                self.env._("Choose open installments of one customer to propose an agreement.")
            )
        agreement = self.env["crediario.agreement"].create(
            {
                "partner_id": lines.partner_id.commercial_partner_id.id,
                "company_id": lines.company_id.id,
                "plan_id": lines._sorted_for_receiving()[-1:].crediario_plan_id.id,
                "line_ids": [
                    fields.Command.create({"move_line_id": line.id})
                    for line in lines._sorted_for_receiving()
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": agreement._name,
            "res_id": agreement.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------ business

    def _history_sources(self):
        return [
            *super()._history_sources(),
            ("crediario.agreement.line", None),
            ("crediario.agreement", ["state", "accepted_on", "breached_on"]),
        ]

    def _history_query(self, ids):
        """What agreements took over or had paid of an installment's charges is in its history."""
        return SQL(
            """
            %s
             UNION ALL
            SELECT move_line_id, day, 'charges', 0, interest, fine, 0, 0
              FROM (%s) agreed
             WHERE move_line_id = ANY(%s)
            """,
            super()._history_query(ids),
            AGREED_CHARGES,
            ids,
        )

    def _is_extended_sql(self, query):
        """Also where an agreement took or paid charges but not all of the principal."""
        return SQL(
            "(%s OR EXISTS (SELECT FROM (%s) agreed WHERE agreed.move_line_id = %s))",
            super()._is_extended_sql(query),
            AGREED_CHARGES,
            *self._columns(query, "id"),
        )
