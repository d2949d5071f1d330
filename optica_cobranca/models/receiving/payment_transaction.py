from dataclasses import replace

from odoo import fields, models
from odoo.exceptions import UserError

from ...domain.crediario.allocation import Chosen, Tender, allocate
from ...domain.shop.money import ZERO, cents
from ...tools.receiving.receiving_order import ReceivingOrder

# The provider may still confirm these.
UNDER_WAY = ("pending", "authorized")


class PaymentTransaction(models.Model):
    """Installments paid by an online provider: charges included, exactly those reconciled.

    Such a transaction names installments, not invoices: while it is pending, the other
    installments of the same contract can be paid.
    """

    _inherit = "payment.transaction"

    installment_ids = fields.Many2many(
        "account.move.line",
        "payment_transaction_installment_rel",
        "transaction_id",
        "line_id",
        string="Installments",
        readonly=True,
        copy=False,
    )
    quoted_on = fields.Date(
        string="Amounts Of",
        readonly=True,
        copy=False,
        help="The day on which the customer ordered the payment: fine and interest are those of "
        "this day, however late the provider confirms.",
    )

    # ------------------------------------------------------------ business

    def _create_payment(self, **extra_create_values):
        """Charges go to their accounts and the receipt is written, as at the cashier."""
        self.ensure_one()
        if not self.installment_ids:
            return super()._create_payment(**extra_create_values)
        lines = self._open_installments_paid()
        amounts = lines._amounts_today(self.quoted_on)
        allocation = lines and self._allocation(lines, amounts)
        if lines:
            extra_create_values = {
                **extra_create_values,
                "date": self.quoted_on,
                "destination_account_id": lines.account_id.id,
                "write_off_line_vals": self.env["crediario.receipt"]._write_off_vals(
                    lines.company_id, self.partner_id.commercial_partner_id, allocation.lines
                ),
            }
        # Core's own key: with accounting apps installed too, the charges need their entry now.
        forced = self.with_context(force_payment_move=True)
        payment = super(PaymentTransaction, forced)._create_payment(**extra_create_values)
        if lines:
            self._settle(payment, lines, amounts, allocation)
        if not lines or allocation.change:
            self._report_credit(allocation.change if lines else cents(self.amount))
        return payment

    def _settle(self, payment, lines, amounts, allocation):
        receipts = self.env["crediario.receipt"]
        receipts._settle_installments([(payment, allocation.lines)])
        order = ReceivingOrder(
            on=self.quoted_on,
            methods=(),
            rule=lines._settlement_rule_texts() if self._reductions(lines) else "",
        )
        # Nothing was given back: what exceeds the debt stays on the customer's account.
        kept = replace(allocation, change=ZERO)
        receipts._write_receipts([(lines, order, amounts, kept, [(payment, allocation.lines)])])

    def _open_installments_paid(self):
        """Of the installments paid for those that are still open, nobody else receiving them."""
        lines = self.installment_ids.exists()._sorted_for_receiving()
        self.env["crediario.receipt"]._lock(lines)
        return lines.filtered(
            lambda line: line.parent_state == "posted" and cents(line.amount_residual) > ZERO
        )

    def _allocation(self, lines, amounts):
        reductions = self._reductions(lines)
        chosen = [
            Chosen(
                line.id,
                line.date_maturity,
                amounts[line.id],
                reduction=reductions.get(line.id, ZERO),
            )
            for line in lines
        ]
        return allocate(chosen, [Tender(0, cents(self.amount), gives_change=True)])

    def _reductions(self, lines):
        """What paying early takes off, where the whole of what was ordered is paid."""
        if lines != self.installment_ids._sorted_for_receiving():
            return {}
        found = lines._settlements(self.quoted_on)
        return {key: one.reduction for key, one in found.items() if one.reduction}

    def _report_credit(self, amount):
        """Money that found no debt is the customer's credit, and somebody has to know."""
        partner = self.partner_id.commercial_partner_id
        company = self.company_id
        body = self.env._(
            "%(amount)s of online payment %(reference)s found no open installment: it was paid "
            "otherwise meanwhile. The money is the customer's credit.",
            amount=self.currency_id._text(amount),
            reference=self.reference,
        )
        partner._ask_collection(
            company,
            summary=self.env._("Paid twice: decide about the customer's credit"),
            note=body,
            user_id=company._person_in_charge(partner).id,
        )

    def _check_one_debt(self, lines):
        """:raise UserError: for installments that one transaction cannot pay."""
        if not lines:
            raise UserError(self.env._("Nothing of what you chose is open any more."))
        if len(lines.company_id) > 1 or len(lines.account_id) > 1:
            raise UserError(self.env._("Pay the installments of each shop on their own."))
        if any(line.currency_id != line.company_currency_id for line in lines):
            raise UserError(self.env._("Pay installments in another currency at the shop."))

    def _under_way(self, lines):
        """Of these installments those for which a provider's confirmation is awaited."""
        found = self.sudo().search(
            [("installment_ids", "in", lines.ids), ("state", "in", UNDER_WAY)]
        )
        return lines & found.installment_ids.with_env(lines.env)

    # ------------------------------------------------------------- helpers

    def _compute_reference_prefix(self, separator, **values):
        """Names the contract and the installment on the provider's side."""
        commands = values.get("installment_ids")
        if commands:
            ids = self._fields["installment_ids"].convert_to_cache(commands, self)
            line = self.env["account.move.line"].browse(ids)[:1]
            return f"{line.contract_reference or line.move_id.name} {line.installment_label}"
        return super()._compute_reference_prefix(separator, **values)
