from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain.late_charges import Payment
from ..domain.money import cents


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

    def _installment_payments(self):
        """Charges that a broken agreement had paid belong to the history of the original."""
        histories = super()._installment_payments()
        lines = self.env["crediario.agreement.line"].sudo()
        found = self._origin.ids and lines.search(
            [("move_line_id", "in", self._origin.ids), ("agreement_id.state", "=", "breached")]
        )
        for line in found or ():
            if line.credited_fine or line.credited_interest:
                histories[line.move_line_id.id].later.append(
                    Payment(
                        line.agreement_id.breached_on,
                        cents(0),
                        interest=cents(line.credited_interest),
                        fine=cents(line.credited_fine),
                    )
                )
        return histories

    def _is_extended_sql(self, query):
        """Also where a broken agreement paid charges but no principal."""
        return SQL(
            """(%s OR EXISTS (
                   SELECT FROM crediario_agreement_line agreed
                    WHERE agreed.move_line_id = %s
                      AND (agreed.credited_fine > 0 OR agreed.credited_interest > 0)))""",
            super()._is_extended_sql(query),
            *self._columns(query, "id"),
        )
