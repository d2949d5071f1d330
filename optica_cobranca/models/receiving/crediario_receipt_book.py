from collections import defaultdict
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Command
from odoo.tools import format_date

from ...domain.crediario.allocation import AllocationLine, Chosen, Tender, allocate
from ...domain.crediario.forgiveness import Debt, Door
from ...domain.shop.errors import AllocationError, ErrorCode
from ...domain.shop.money import ZERO
from ...tools.receiving.receiving_order import Waiver


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
        :raise UserError: when somebody else is receiving or has received the same installments,
            when the money does not fit the debt, or without the right to waive.
        :raise AccessError: see :meth:`_receive_all`
        """
        return self._receive_all([(installments, order)])

    @api.model
    def _receive_all(self, jobs):
        """Book several orders together, each as :meth:`_receive` does: all of them or none.

        :param jobs: pairs (installments of one customer, order); no installment twice
        :return: the receipts in the same order
        :raise UserError: as :meth:`_receive`
        :raise AccessError: without the role of a cashier, or for installments and journals that
            the user may not see
        """
        self._check_may_receive(jobs)
        if not self.env.su:
            jobs = [(lines, replace(order, by_person=True)) for lines, order in jobs]
        days = [self._cash_day(*job) for job in jobs]
        # With sudo: booking is this method's; a cashier edits no payments or entries beside it.
        receipts = self.sudo()._book([(lines.sudo(), order) for lines, order in jobs])
        for day, receipt in zip(days, receipts, strict=True):
            day._take_in(receipt.payment_ids)
        return receipts.with_env(self.env)

    @api.model
    def _cash_day(self, installments, order):
        """The cash day that this money belongs to; none for what the system receives."""
        Day = self.env["crediario.cash.day"]
        if self.env.su or not installments:
            return Day
        journals = self.env["account.journal"].union(*(method.journal for method in order.methods))
        return Day._day_for(installments.company_id[:1], journals.with_env(self.env))

    @api.model
    def _check_may_receive(self, jobs):
        if self.env.su:
            return
        self._check_role("cashier")
        may_date = self.env.user.has_group("optica_cobranca.group_collector")
        for lines, order in jobs:
            if order.on != fields.Date.context_today(self) and not may_date:
                # Another day has other late charges: dating back would waive them.
                raise UserError(
                    self.env._(
                        "Cashiers receive as of today. A payment of another day is received by a "
                        "collector."
                    )
                )
            lines.check_access("read")
            for method in order.methods:
                method.journal.with_env(self.env).check_access("read")

    @api.model
    def _book(self, jobs):
        """:meth:`_receive_all` for whoever may; refuses what does not fit the debt."""
        self._lock(self.env["account.move.line"].union(*(lines for lines, _order in jobs)))
        prepared, dated = [], []
        for lines, order in jobs:
            installments = lines._sorted_for_receiving()
            uncounted = installments.filtered(
                lambda line, order=order: line.id not in order.counted
            )
            amounts = {**uncounted._amounts_today(order.on), **order.counted}
            dated.append(self._check_order(installments, order, amounts))
            allocation = self._allocate(installments, order, amounts)
            prepared.append((installments, order, amounts, allocation))
        payments = self._create_payments(
            [(lines, order, found.lines) for lines, order, _amounts, found in prepared]
        )
        self._settle_installments([pair for pairs in payments for pair in pairs])
        receipts = self._write_receipts(
            [(*job, pairs) for job, pairs in zip(prepared, payments, strict=True)]
        )
        for receipt, job, waived in zip(receipts, prepared, dated, strict=True):
            receipt._note_forgiven(*job, waived)
        return receipts

    def _note_forgiven(self, installments, order, _amounts, allocation, by_date):
        """Write down what this receipt forgave; ``by_date``: charges waived by its earlier day."""
        waived = sum((waiver.total for waiver in order.waivers.values()), ZERO)
        reduced = sum((line.discount for line in allocation.lines), ZERO)
        for door, forgiven, reason in (
            (Door.WAIVER, Debt(charges=waived), order.waiver_reason),
            (Door.DATE, Debt(charges=by_date), order.waiver_reason),
            (
                Door.REDUCTION,
                Debt(principal=reduced),
                order.rule or self.env._("Reduction for early settlement"),
            ),
        ):
            self.env["crediario.forgiveness"]._note(
                installments, door, forgiven, reason, receipt_id=self.id
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
        """:return: late charges that the day of the payment waives (Decimal)"""
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
                        total=line.company_currency_id._text(amount.total),
                    )
                )
        return self._check_waiver(installments, order, amounts)

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
        """Forgiving needs a reason, and stays within the limits of the user's role.

        :return: late charges that the day of the payment waives (Decimal)
        """
        Forgiveness = self.env["crediario.forgiveness"]
        waived = sum((waiver.total for waiver in order.waivers.values()), ZERO)
        by_date = Forgiveness._waived_by_date(installments, order.on) if order.by_person else ZERO
        if by_date and not order.waiver_reason.strip():
            raise UserError(
                self.env._(
                    "As of %(day)s, %(charges)s of late charges are waived: say why.",
                    day=format_date(self.env, order.on),
                    charges=installments.company_currency_id._text(by_date),
                )
            )
        if waived and not order.waiver_reason.strip():
            raise UserError(self.env._("Say why the charges are waived."))
        if waived or by_date:
            charges = sum(
                (
                    max(amounts[line.id].fine + amounts[line.id].interest, ZERO)
                    for line in installments
                ),
                ZERO,
            )
            owed = Forgiveness._owed(installments) if by_date else Debt(charges=charges)
            Forgiveness._check(
                installments.company_id, Debt(charges=waived + by_date), owed, order.waiver_reason
            )
        return by_date

    @api.model
    def _allocate(self, installments, order, amounts):
        """:raise UserError: when the domain refuses the amounts."""
        try:
            return allocate(*self._allocation_of(installments, order, amounts))
        except AllocationError as error:
            raise UserError(self._refusal(error, installments)) from error

    @api.model
    def _allocation_of(self, installments, order, amounts):
        """Installments and tenders in the domain's terms.

        :raise AllocationError: for amounts that make no sense, such as negative ones
        """
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
        return chosen, tenders

    @api.model
    def _refusal(self, error, installments):
        """What the cashier can do about amounts that don't fit."""
        money = installments.company_currency_id._text
        if error.code == ErrorCode.TENDER_ABOVE_OWED:
            return self.env._(
                "%(tendered)s were entered but only %(owed)s are due, and only cash gives change. "
                "Correct the amounts or choose more installments.",
                tendered=money(float(error.values["tendered"])),
                owed=money(float(error.values["owed"])),
            )
        if error.code == ErrorCode.NOTHING_TENDERED:
            return self.env._("Enter how the customer pays: a journal and an amount.")
        if error.code == ErrorCode.NEGATIVE_VALUE:
            return self.env._(
                "Amounts at the cashier are never negative. To give money back, undo the receipt."
            )
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

    # ------------------------------------ What was booked, written down for good

    @api.model
    def _write_receipts(self, jobs):
        """Receipts with their lines, in the order of the jobs.

        With sudo: nobody has the right to create receipts, this method is the one way.

        :param jobs: rows (installments, order, amounts by line id, allocation, pairs of a payment
            and its allocation lines)
        """
        values = [
            self._receipt_vals(installments, order, allocation, payments)
            for installments, order, _amounts, allocation, payments in jobs
        ]
        companies = self.env["res.company"].browse({vals["company_id"] for vals in values})
        sequences = {company.id: self._sequence(company) for company in companies}
        for vals in values:
            vals["name"] = sequences[vals["company_id"]].next_by_id()
        return self.sudo().create(values).sudo(False)

    @api.model
    def _receipt_vals(self, installments, order, allocation, payments):
        payment_of = {id(line): payment for payment, lines in payments for line in lines}
        outcomes = {outcome.key: outcome for outcome in allocation.installments}
        return {
            "company_id": installments.company_id.id,
            "partner_id": installments.partner_id.commercial_partner_id.id,
            "date": order.on,
            "user_id": self.env.uid,
            "waiver_reason": order.waiver_reason.strip() or False,
            "settlement_rule": order.rule or False,
            "amount_change": float(allocation.change),
            "payment_ids": [Command.link(payment.id) for payment, _lines in payments],
            "line_ids": [
                Command.create(
                    self._receipt_line_vals(
                        installments.browse(line.key),
                        order.on,
                        line,
                        payment_of[id(line)],
                        # What was forgiven goes with the first line of its installment.
                        outcomes.pop(line.key, None),
                    )
                )
                for line in allocation.lines
            ],
        }

    @api.model
    def _receipt_line_vals(self, installment, on, line, payment, outcome):
        return {
            "move_line_id": installment.id,
            "contract": installment.contract_reference,
            "label": installment.installment_label,
            "due_date": installment.date_maturity,
            "days_late": installment._days_late(on),
            "charges_from": installment._charges_from(on),
            "payment_id": payment.id,
            "principal": float(line.principal),
            "fine": float(line.fine),
            "interest": float(line.interest),
            "discount": float(line.discount),
            "waived_fine": float(outcome.waived_fine) if outcome else 0.0,
            "waived_interest": float(outcome.waived_interest) if outcome else 0.0,
        }
