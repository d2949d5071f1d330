from dataclasses import replace

from odoo import models

from ..domain.allocation import Chosen, Tender, allocate
from ..domain.money import ZERO, cents
from ..models.receiving_order import ReceivingOrder


class AccountPaymentRegister(models.TransientModel):
    """Odoo's own payment wizard knows what late installments cost, and writes their receipt."""

    _inherit = "account.payment.register"

    # ------------------------------------------------------------- compute

    def _get_total_amounts_to_pay(self, batch_results):
        """Amounts to pay include the fine and interest of the payment date."""
        totals = super()._get_total_amounts_to_pay(batch_results)
        lines = self.env["account.move.line"]
        for batch in batch_results:
            if self._receives_installments(batch):
                lines |= batch["lines"]
        if not lines:
            return totals
        charges = self._charges(lines)
        by_default = sum((charges[line._origin.id] for line in lines & totals["lines"]), ZERO)
        everything = sum(charges.values(), ZERO)
        for key, amount in (
            ("amount_by_default", by_default),
            ("amount_for_difference", by_default),
            ("full_amount", everything),
            ("full_amount_for_difference", everything),
        ):
            totals[key] += float(amount)
        return totals

    def _charges(self, lines):
        """Late charges of each installment on the payment date (Decimal), by line id."""
        amounts = lines._origin._amounts_today(self.payment_date)
        return {key: amount.fine + amount.interest for key, amount in amounts.items()}

    def _receives_installments(self, batch):
        """Whether a batch of core's wizard is what a cashier receives."""
        lines = batch["lines"]
        return (
            batch["payment_values"]["payment_type"] == "inbound"
            and all(line.crediario_plan_id and line.parent_state == "posted" for line in lines)
            and lines.currency_id == lines.company_id.currency_id
            and self.currency_id == lines.company_id.currency_id
            and bool(self.payment_date)
        )

    # ------------------------------------------------------------ business

    def _create_payment_vals_from_wizard(self, batch_result):
        values = super()._create_payment_vals_from_wizard(batch_result)
        if self._receives_installments(batch_result):
            self._add_charges(values, batch_result, self._written_off())
        return values

    def _create_payment_vals_from_batch(self, batch_result):
        values = super()._create_payment_vals_from_batch(batch_result)
        if self._receives_installments(batch_result):
            values["amount"] += float(sum(self._charges(batch_result["lines"]).values(), ZERO))
            self._add_charges(values, batch_result, ZERO)
        return values

    def _written_off(self):
        """Debt that core's own write-off settles in place of money; negative: money beyond it."""
        if self.payment_difference_handling == "reconcile":
            return cents(self.payment_difference)
        return ZERO

    def _add_charges(self, values, batch, written_off):
        """Send the charges that the amount covers to their accounts."""
        allocation = self._allocation(batch["lines"], cents(values["amount"]), written_off)
        values["write_off_line_vals"] += self.env["crediario.receipt"]._write_off_vals(
            self.company_id, self.env["res.partner"].browse(values["partner_id"]), allocation.lines
        )

    def _allocation(self, lines, amount, written_off):
        """What money and write-off pay of these installments; what exceeds them stays a credit."""
        lines = lines._origin._sorted_for_receiving()
        amounts = lines._amounts_today(self.payment_date)
        chosen = [Chosen(line.id, line.date_maturity, amounts[line.id]) for line in lines]
        return allocate(chosen, [Tender(0, max(amount + written_off, ZERO), gives_change=True)])

    def _init_payments(self, to_process, edit_mode=False):
        """Nobody else may receive these installments before this is booked."""
        ours = [vals for vals in to_process if self._receives_installments(vals["batch"])]
        if ours:
            installments = self.env["account.move.line"].union(
                *(vals["to_reconcile"] for vals in ours)
            )
            self.env["crediario.receipt"]._lock(installments._origin)
        return super()._init_payments(to_process, edit_mode=edit_mode)

    def _reconcile_payments(self, to_process, edit_mode=False):
        """Installments are settled one after another; what the payment has left stays a credit."""
        others = []
        for vals in to_process:
            if self._receives_installments(vals["batch"]):
                self._settle_and_write_receipt(vals, self._written_off() if edit_mode else ZERO)
            else:
                others.append(vals)
        return super()._reconcile_payments(others, edit_mode=edit_mode)

    def _settle_and_write_receipt(self, vals, written_off):
        Receipt = self.env["crediario.receipt"]
        payment = vals["payment"]
        installments = vals["to_reconcile"]._origin._sorted_for_receiving()
        amounts = installments._amounts_today(self.payment_date)
        allocation = self._allocation(installments, cents(payment.amount), written_off)
        lines = self._with_write_off(allocation.lines, written_off)
        Receipt._settle_installments([(payment, lines)])
        # What exceeds the debt was not given back: it stays on the customer's account.
        allocation = replace(allocation, lines=tuple(lines), change=ZERO)
        order = ReceivingOrder(on=self.payment_date, methods=())
        return Receipt._write_receipts(
            [(installments, order, amounts, allocation, [(payment, lines)])]
        )

    def _with_write_off(self, lines, written_off):
        """On the receipt a write-off is a reduction of what was paid last."""
        left = max(written_off, ZERO)
        reduced = []
        for line in reversed(lines):
            discount = min(left, line.amount)
            left -= discount
            reduced.append(replace(line, discount=discount))
        return reduced[::-1]
