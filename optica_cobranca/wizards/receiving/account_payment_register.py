from dataclasses import replace

from odoo import SUPERUSER_ID, api, fields, models

from ...domain.crediario.allocation import Chosen, Tender, allocate
from ...domain.crediario.late_charges import AmountToday
from ...domain.shop.money import ZERO, cents
from ...tools.receiving.receiving_order import ReceivingOrder


class AccountPaymentRegister(models.TransientModel):
    """Odoo's own payment wizard knows what late installments cost, and writes their receipt."""

    _inherit = "account.payment.register"

    crediario_lock_note = fields.Char(compute="_compute_crediario_lock_note")

    # ------------------------------------------------------------- compute

    @api.depends("payment_date", "journal_id", "line_ids")
    def _compute_crediario_lock_note(self):
        """Only where installments are paid: for others the date is that of the books."""
        for wizard in self:
            concerned = any(line.crediario_plan_id for line in wizard.line_ids)
            wizard.crediario_lock_note = concerned and self.env["account.payment"]._lock_note(
                wizard.company_id, wizard.payment_date, wizard.journal_id
            )

    def _get_total_amounts_to_pay(self, batch_results):
        """Amounts to pay include the fine and interest of the payment date."""
        totals = super()._get_total_amounts_to_pay(batch_results)
        lines = self.env["account.move.line"]
        for batch in batch_results:
            if self._receives_installments(batch):
                lines |= batch["lines"].filtered("crediario_plan_id")
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
        amounts = self._owed(lines)
        return {key: amount.fine + amount.interest for key, amount in amounts.items()}

    def _owed(self, lines):
        """What is owed of each line on the payment date, by its id; invoices bear no charges."""
        owed = lines._origin._amounts_today(self.payment_date)
        for line in lines._origin.filtered(lambda line: line.id not in owed):
            open_amount = cents(line.amount_residual)
            owed[line.id] = AmountToday(open_amount, ZERO, ZERO)
        return owed

    def _receives_installments(self, batch):
        """Whether a cashier might receive a batch: installments, also among ordinary invoices."""
        lines = batch["lines"]
        return (
            batch["payment_values"]["payment_type"] == "inbound"
            and any(line.crediario_plan_id for line in lines)
            and all(
                line.parent_state == "posted" and cents(line.amount_residual) > ZERO
                for line in lines
            )
            # A receipt is one company's; over branches Odoo settles what is owed without charges.
            and len(lines.company_id) == 1
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
        """What money and write-off pay of these lines; what exceeds them stays a credit."""
        lines = lines._origin._sorted_for_receiving()
        amounts = self._owed(lines)
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
        """Installments are settled one after another; what the payment has left stays a credit.

        :raise UserError: for more than the user may forgive
        """
        forgiven = self._forgiven_over_branches(to_process)
        others = []
        for vals in to_process:
            if self._receives_installments(vals["batch"]):
                self._settle_and_write_receipt(vals, self._written_off() if edit_mode else ZERO)
            else:
                others.append(vals)
        result = super()._reconcile_payments(others, edit_mode=edit_mode)
        self.env["account.partial.reconcile"]._note_forgiven(forgiven)
        return result

    def _forgiven_over_branches(self, to_process):
        """What is forgiven of branches beside each other.

        Odoo books it with the system's rights: the limits are those of the user all the same.

        :return: rows of ``account.partial.reconcile._forgiven_by``, checked
        """
        if not self.env.su or self.env.uid == SUPERUSER_ID:
            return []
        pairs = []
        for vals in to_process:
            payment, debts = vals["payment"], vals["to_reconcile"]._origin
            credit = payment.move_id.line_ids.filtered(
                lambda line, payment=payment: line.account_id == payment.destination_account_id
            )
            if not credit or not any(line.crediario_plan_id for line in debts):
                continue
            left = cents(abs(credit[:1].amount_residual))
            for debt in debts.sorted("date_maturity"):
                closed = min(left, cents(debt.amount_residual))
                left -= closed
                pairs.append(
                    {
                        "debit_move_id": debt.id,
                        "credit_move_id": credit[:1].id,
                        "amount": float(closed),
                    }
                )
        return self.env["account.partial.reconcile"]._forgiven_by(pairs)

    def _settle_and_write_receipt(self, vals, written_off):
        Receipt = self.env["crediario.receipt"]
        payment = vals["payment"]
        debts = vals["to_reconcile"]._origin._sorted_for_receiving()
        amounts = self._owed(debts)
        allocation = self._allocation(debts, cents(payment.amount), written_off)
        lines = self._with_write_off(allocation.lines, written_off)
        Receipt._settle_installments([(payment, lines)])
        # The receipt is of the installments; what an invoice among them got is on its own page.
        installments = debts.filtered("crediario_plan_id")
        lines = [line for line in lines if line.key in installments.ids]
        # What exceeds the debt was not given back: it stays on the customer's account.
        allocation = replace(allocation, lines=tuple(lines), change=ZERO)
        if not self.env.su and not payment.crediario_cash_day_id:
            day = self.env["crediario.cash.day"]._day_for(payment.company_id, payment.journal_id)
            day._take_in(payment)
        if not lines:
            return Receipt
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
