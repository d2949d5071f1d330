from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Command

from ..domain.allocation import AllocationLine, Chosen, Tender, allocate
from ..domain.errors import AllocationError, ErrorCode
from ..domain.money import ZERO, cents, exact
from .receiving_order import Waiver

WHOLE = Decimal(100)


class CrediarioReceipt(models.Model):
    """From what the cashier received to payments, charges in their accounts, and a receipt."""

    _inherit = "crediario.receipt"

    # ------------------------------------------------------------ business

    @api.model
    def _receive(self, installments, order):
        """Book ``order`` (:class:`ReceivingOrder`) on these installments of one customer.

        One payment a method (and receivable account), reconciled installment by installment, so
        that exactly those paid in full close.

        :return: the receipt.
        :raises UserError: when somebody else is receiving or has received the same installments,
            when the money does not fit the debt, or without the right to waive.
        """
        return self._receive_all([(installments, order)])

    @api.model
    def _receive_all(self, jobs):
        """Book several orders together, each as :meth:`_receive` does: all of them or none.

        :param jobs: pairs (installments of one customer, order); no installment twice
        :return: the receipts in the same order
        :raises UserError: as :meth:`_receive`
        """
        self._lock(self.env["account.move.line"].union(*(lines for lines, _order in jobs)))
        prepared = []
        for lines, order in jobs:
            installments = lines._sorted_for_receiving()
            uncounted = installments.filtered(
                lambda line, order=order: line.id not in order.counted
            )
            amounts = {**uncounted._amounts_today(order.on), **order.counted}
            self._check_order(installments, order, amounts)
            allocation = self._allocate(installments, order, amounts)
            prepared.append((installments, order, amounts, allocation))
        payments = self._create_payments(
            [(lines, order, found.lines) for lines, order, _amounts, found in prepared]
        )
        self._settle_installments([pair for pairs in payments for pair in pairs])
        return self._write_receipts(
            [(*job, pairs) for job, pairs in zip(prepared, payments, strict=True)]
        )

    @api.model
    def _lock(self, installments):
        """Two cashiers never receive the same installment: the second one waits for nothing."""
        installments.flush_recordset()
        try:
            # Payments refer to these rows through reconciliations: readers need not wait.
            installments.sudo().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._(
                    "Another cashier is receiving one of these installments right now. Wait a "
                    "moment, open the customer again and look at what is still to pay."
                )
            ) from error
        installments.invalidate_recordset(["amount_residual", "reconciled", "date_maturity"])

    @api.model
    def _check_order(self, installments, order, amounts):
        self._check_same_debt(installments)
        for line in installments:
            amount = amounts[line.id]
            if not amount.principal:
                raise UserError(
                    self.env._(
                        "Installment %(number)s of contract %(contract)s is paid already. Open the "
                        "customer again and look at what is still to pay.",
                        number=line.installment_label,
                        contract=line.contract_reference,
                    )
                )
            if order.expected.get(line.id, amount).total != amount.total:
                raise UserError(
                    self.env._(
                        "Installment %(number)s of contract %(contract)s has changed since you "
                        "opened it: %(total)s are due now. Open the customer again.",
                        number=line.installment_label,
                        contract=line.contract_reference,
                        total=line.company_currency_id.format(float(amount.total)),
                    )
                )
        self._check_waiver(installments, order, amounts)

    @api.model
    def _check_same_debt(self, installments):
        if not installments:
            raise UserError(self.env._("Choose at least one installment."))
        if (
            len(installments.company_id) > 1
            or len(installments.partner_id.commercial_partner_id) > 1
        ):
            raise UserError(
                self.env._("One receipt is for the installments of one customer in one company.")
            )
        if any(line.parent_state != "posted" for line in installments):
            raise UserError(self.env._("Post the contract before you receive its installments."))

    @api.model
    def _check_waiver(self, installments, order, amounts):
        """Forgiving needs a reason, and a manager above the company's limit for collectors."""
        waived = sum((waiver.total for waiver in order.waivers.values()), ZERO)
        if not waived:
            return
        if not order.waiver_reason.strip():
            raise UserError(self.env._("Say why the charges are waived."))
        user = self.env.user
        if user.has_group("optica_cobranca.group_manager"):
            return
        charges = sum(
            (amounts[line.id].fine + amounts[line.id].interest for line in installments), ZERO
        )
        percent = exact(installments.company_id.sudo().waive_limit_percent)
        limit = cents(charges * percent / WHOLE)
        if not user.has_group("optica_cobranca.group_collector") or waived > limit:
            raise UserError(
                self.env._(
                    "You may waive up to %(limit)s of these charges. Waive less, or ask a manager "
                    "to receive this payment.",
                    limit=installments.company_currency_id.format(float(limit)),
                )
            )

    @api.model
    def _allocate(self, installments, order, amounts):
        """:raises UserError: when the domain refuses the amounts."""
        chosen = [
            Chosen(
                key=line.id,
                due=line.date_maturity,
                owed=amounts[line.id],
                waived_interest=order.waivers.get(line.id, Waiver()).interest,
                waived_fine=order.waivers.get(line.id, Waiver()).fine,
                reduction=order.reductions.get(line.id, ZERO),
            )
            for line in installments
        ]
        tenders = [
            Tender(position, method.amount, method.gives_change)
            for position, method in enumerate(order.methods)
        ]
        try:
            return allocate(chosen, tenders)
        except AllocationError as error:
            raise UserError(self._refusal(error, installments)) from error

    @api.model
    def _refusal(self, error, installments):
        """What the cashier can do about amounts that don't fit."""
        money = installments.company_currency_id.format
        if error.code == ErrorCode.TENDER_ABOVE_OWED:
            return self.env._(
                "%(tendered)s were entered but only %(owed)s are due, and only cash gives change. "
                "Correct the amounts or choose more installments.",
                tendered=money(float(error.values["tendered"])),
                owed=money(float(error.values["owed"])),
            )
        if error.code == ErrorCode.NOTHING_TENDERED:
            return self.env._("Enter how the customer pays: a journal and an amount.")
        if error.code == ErrorCode.WAIVER_ABOVE_OWED:
            return self.env._("More charges are waived than are owed. Correct the amount to waive.")
        return self.env._("These amounts don't fit the chosen installments. Check each of them.")

    # ------------------------------------------------------------- booking

    @api.model
    def _create_payments(self, jobs):
        """Posted payments of each job, as rows (payment, its allocation lines).

        One payment a method and account.

        :param jobs: rows (installments, order, allocation lines)
        """
        values, lines_of, counts = [], [], []
        for installments, order, lines in jobs:
            by_payment = defaultdict(list)
            for line in lines:
                account = installments.browse(line.key).account_id
                by_payment[line.tender, account].append(line)
            values += [
                self._payment_vals(installments, order, order.methods[position], account, paid)
                for (position, account), paid in by_payment.items()
            ]
            lines_of += by_payment.values()
            counts.append(len(by_payment))
        payments = self.env["account.payment"]._create_with_entries(values)
        rows = iter(zip(payments, lines_of, strict=True))
        return [[next(rows) for _payment in range(count)] for count in counts]

    @api.model
    def _payment_vals(self, installments, order, method, account, lines: list[AllocationLine]):
        partner = installments.partner_id.commercial_partner_id
        paid = installments.browse([line.key for line in lines])
        contracts = dict.fromkeys(
            paid.mapped(lambda line: f"{line.contract_reference} {line.installment_label}")
        )
        company = installments.company_id
        return {
            "date": order.on,
            "amount": float(sum((line.amount for line in lines), ZERO)),
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": partner.id,
            "company_id": company.id,
            "currency_id": company.currency_id.id,
            "journal_id": method.journal.id,
            "destination_account_id": account.id,
            "memo": order.memo or ", ".join(contracts),
            "invoice_ids": [Command.set(paid.move_id.ids)],
            "write_off_line_vals": self._write_off_vals(company, partner, lines),
            **({"payment_method_line_id": method.method_line.id} if method.method_line else {}),
        }

    @api.model
    def _write_off_vals(self, company, partner, lines: list[AllocationLine]):
        """Journal items of charges paid (credit) and reductions granted (debit)."""
        accounts = company._receiving_accounts()
        balances = {
            "fine": -sum((line.fine for line in lines), ZERO),
            "interest": -sum((line.interest for line in lines), ZERO),
            "discount": sum((line.discount for line in lines), ZERO),
        }
        names = {
            "fine": self.env._("Late fine"),
            "interest": self.env._("Late interest"),
            "discount": self.env._("Reduction for early settlement"),
        }
        return [
            {
                "name": names[kind],
                "account_id": accounts[kind].id,
                "partner_id": partner.id,
                "currency_id": company.currency_id.id,
                "amount_currency": float(balance),
                "balance": float(balance),
            }
            for kind, balance in balances.items()
            if balance
        ]

    @api.model
    def _settle_installments(self, payments):
        """Reconcile in the order of the allocation, pair by pair: core would choose itself."""
        pairs = []
        for payment, lines in payments:
            credit = payment.move_id.line_ids.filtered(
                lambda line, payment=payment: line.account_id == payment.destination_account_id
            )
            installments = self.env["account.move.line"].browse([line.key for line in lines])
            pairs += [
                credit + installment
                for installment, line in zip(installments, lines, strict=True)
                if line.principal
            ]
            if installments.move_id - payment.invoice_ids:
                payment.invoice_ids |= installments.move_id
        if pairs:
            # All pairs in one call, each one by itself, as core's own batches of payments do.
            self.env["account.move.line"]._reconcile_plan(pairs)
