"""What leaves an installment without money is forgiven: one limit, a reason, a trace, at each door.

Doors of what closes or lowers an installment, all tried here by a collector whom the shop also
lets invoice; without that right most of them are closed from the start, see the first test:

1. *Register Payment* with a write-off, on the installment and on the invoice;
2. a payment of one's own with ``write_off_line_vals``, matched by hand;
3. an entry without money, matched by hand;
4. a credit note, posted and matched, and core's *Reverse Entry*;
5. the lines of an entry that settled something, posted or in draft; the date of a payment: at the
   cashier, in *Register Payment*, of an own payment, of an entry, written later;
6. ``date_maturity``, amounts and results of a line, by list or call, on the line or its contract;
7. terms of a posted contract, also with core's own context keys;
8. *Reset to Draft*, *Cancel*, ``state`` written, deleting, another price and posting again;
9. another line on a posted contract, or one less;
10. waivers at the cashier, extensions and agreements, which leave the same trace;
11. a matching for more than the money there is, made by a call or written later, on the matching,
    through a line;
12. *Register Payment* over branches beside each other, which Odoo books with the system's rights.

The usual debt: 70.90 due Tue 10 March 2026, on 25 April 46 days late: fine 1.42, interest 1.09.
"""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .forgiveness_common import DUE, NOON, TODAY, ForgivenessCommon


class TestForgivenessDoors(ForgivenessCommon):
    @freeze_time(NOON)
    def test_collectors_and_sellers_have_no_door_of_an_accountant(self):
        seller = new_test_user(
            self.env,
            "forgiveness.seller",
            groups="optica_cobranca.group_seller",
            company_id=self.company.id,
        )
        contract = self.line.move_id
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move.line", active_ids=self.line.ids
        )
        receipt = self.receive(self.make_installments((DUE, "50.00")), ("cash", "50.00"), on=DUE)
        doors = [
            lambda user: wizard.with_user(user).create({}),
            lambda user: self.env["account.payment"].with_user(user).create({"amount": 1.0}),
            lambda user: self.line.with_user(user).write({"date_maturity": "2027-03-10"}),
            lambda user: contract.with_user(user).write({"installment_count": 2}),
            lambda user: contract.with_user(user).button_draft(),
            lambda user: contract.with_user(user).button_cancel(),
            lambda user: contract.with_user(user).unlink(),
            lambda user: contract.with_user(user)._cancel_contract("Friend"),
            lambda user: self.refund(user, 70.90),
            lambda user: self.entry(user, [(self.expense, 70.90), (self.line.account_id, -70.90)]),
            lambda user: self.env["account.move.reversal"].with_user(user).create({}),
            lambda user: receipt.payment_ids.with_user(user).action_draft(),
            lambda user: receipt.payment_ids.move_id.with_user(user).button_draft(),
            lambda user: receipt.line_ids.move_line_id.with_user(user).remove_move_reconcile(),
        ]
        for user in (seller, self.collector):
            for number, door in enumerate(doors):
                with (
                    self.subTest(user=user.login, door=number),
                    self.assertRaises(UserError),
                    self.cr.savepoint(),
                ):
                    door(user)
        self.assertEqual((self.residuals(self.line), contract.state), (["70.90"], "posted"))

    # ----------------------------------------------------- 1 to 4: without money

    @freeze_time(NOON)
    def test_write_off_of_register_payment(self):
        with self.refused("69.90.*2.51.*0.00.*1.26"):
            self.register(self.clerk, 1.00)
        self.assertEqual(self.residuals(self.line), ["70.90"])
        self.register(self.manager, 1.00)
        self.assertEqual(self.residuals(self.line), ["0.00"])
        [row] = self.trace()
        self.assertEqual(row[:4], ("write_off", "69.90", "2.51", "manager"))

    @freeze_time(NOON)
    def test_money_in_full_or_in_part_forgives_nothing(self):
        self.register(self.clerk, 30.00, write_off=False)
        self.assertEqual(self.residuals(self.line), ["43.41"])
        self.register(self.clerk, 43.41, write_off=False)
        self.assertEqual(self.residuals(self.line), ["0.00"])
        self.assertEqual(self.trace(), [])

    @freeze_time(NOON)
    def test_payment_of_ones_own_with_a_write_off(self):
        receivable = self.line.account_id
        for user, refused in ((self.clerk, True), (self.manager, False)):
            payment = (
                self.env["account.payment"]
                .with_user(user)
                .create(
                    {
                        "payment_type": "inbound",
                        "partner_type": "customer",
                        "partner_id": self.customer.id,
                        "amount": 10.00,
                        "date": TODAY,
                        "memo": "Frame broke",
                        "journal_id": self.cash.id,
                        "destination_account_id": receivable.id,
                        "write_off_line_vals": [
                            {
                                "name": "Goodwill",
                                "account_id": self.expense.id,
                                "balance": 60.90,
                                "amount_currency": 60.90,
                                "currency_id": self.company.currency_id.id,
                            }
                        ],
                    }
                )
            )
            payment.action_post()
            if refused:
                with self.refused("58.39.*2.51"):
                    self.match(user, payment.move_id)
            else:
                self.match(user, payment.move_id)
        self.assertEqual(self.trace(), [("write_off", "58.39", "2.51", "manager", "Frame broke")])

    @freeze_time(NOON)
    def test_entry_without_money(self):
        items = [(self.expense, 70.90), (self.line.account_id, -70.90)]
        with self.refused("ask a manager"):
            self.match(self.clerk, self.entry(self.clerk, items))
        self.match(self.manager, self.entry(self.manager, items, ref="Court order 12"))
        self.assertEqual(
            self.trace(), [("write_off", "68.39", "2.51", "manager", "Court order 12")]
        )

    @freeze_time(NOON)
    def test_entry_of_money_forgives_nothing(self):
        items = [(self.cash.default_account_id, 70.90), (self.line.account_id, -70.90)]
        self.match(self.clerk, self.entry(self.clerk, items))
        self.assertEqual(self.residuals(self.line), ["0.00"])
        self.assertEqual(self.trace(), [])

    @freeze_time(NOON)
    def test_limit_of_principal_is_a_setting(self):
        """5% of 70.90 is 3.55; half of 2.51 is 1.26: 1.00 goes for charges, nothing else."""
        self.company.forgive_limit_percent = 5
        items = [(self.expense, 1.00), (self.line.account_id, -1.00)]
        self.match(self.clerk, self.entry(self.clerk, items, ref="Waited long"))
        self.assertEqual(self.trace(), [("write_off", "0.00", "1.00", "collector", "Waited long")])

    @freeze_time(NOON)
    def test_manager_has_a_limit_too(self):
        self.company.manager_forgive_limit_percent = 50
        items = [(self.expense, 70.90), (self.line.account_id, -70.90)]
        with self.refused("35.45"):
            self.match(self.manager, self.entry(self.manager, items))

    def refund(self, user, amount):
        refund = (
            self.env["account.move"]
            .with_user(user)
            .create(
                {
                    "move_type": "out_refund",
                    "partner_id": self.customer.id,
                    "invoice_date": TODAY,
                    "ref": "Glasses returned",
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Glasses", "price_unit": amount, "tax_ids": [Command.clear()]}
                        )
                    ],
                }
            )
        )
        refund.action_post()
        return refund

    @freeze_time(NOON)
    def test_credit_note_matched_by_hand(self):
        with self.refused("ask a manager"):
            self.match(self.clerk, self.refund(self.clerk, 70.90))
        self.match(self.manager, self.refund(self.manager, 70.90))
        self.assertEqual(
            self.trace(), [("credit_note", "68.39", "2.51", "manager", "Glasses returned")]
        )

    @freeze_time(NOON)
    def test_reverse_entry_of_an_invoice(self):
        invoice = self.make_invoice("100.00", 2, first_due="2026-05-10", sold=TODAY)
        for user, refused in ((self.clerk, True), (self.manager, False)):
            wizard = (
                self.env["account.move.reversal"]
                .with_user(user)
                .with_context(active_model="account.move", active_ids=invoice.ids)
                .create({"journal_id": invoice.journal_id.id, "reason": "Returned"})
            )
            if refused:
                with self.refused("ask a manager"):
                    wizard.modify_moves()
                self.assertEqual(invoice.amount_residual, 100.0)
            else:
                wizard.modify_moves()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual({row[0] for row in self.trace(invoice)}, {"credit_note"})
        self.assertEqual(sum(float(row[1]) for row in self.trace(invoice)), 100.0)

    @freeze_time(NOON)
    def test_bank_statement_with_a_difference(self):
        """The bank's money is trusted, what is put beside it is not."""
        statement = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": DUE,
                "payment_ref": "Deposit",
                "partner_id": self.customer.id,
                "amount": 10.00,
            }
        )
        _liquidity, suspense, _other = statement._seek_for_lines()
        statement.move_id.with_context(skip_readonly_check=True, force_delete=True).line_ids = [
            Command.delete(suspense.id),
            Command.create({"account_id": self.expense.id, "balance": 60.90}),
            Command.create(
                {
                    "account_id": self.line.account_id.id,
                    "partner_id": self.customer.id,
                    "balance": -70.90,
                }
            ),
        ]
        with self.refused("ask a manager"):
            self.match(self.clerk, statement.move_id)
        self.match(self.manager, statement.move_id)
        [row] = self.trace()
        self.assertEqual(row[:3], ("write_off", "58.39", "2.51"))

    @freeze_time(NOON)
    def test_lines_of_an_entry_that_settled_something(self):
        """Posted they stay; changed in draft, where the matching stays, they are weighed anew."""
        items = [(self.cash.default_account_id, 70.90), (self.line.account_id, -70.90)]
        move = self.entry(self.clerk, items, ref="Deposit")
        self.match(self.clerk, move)
        money = move.line_ids.filtered(lambda line: line.balance > 0)
        with self.refused("settled installments"):
            money.account_id = self.expense.with_user(self.clerk)
        move.button_draft()
        money.account_id = self.expense.with_user(self.clerk)
        self.assertEqual(self.residuals(self.line), ["0.00"])
        with self.refused("70.90 of the installments"):
            move.action_post()
        move.with_user(self.manager).action_post()
        self.assertEqual(self.trace(), [("write_off", "70.90", "0.00", "manager", "Deposit")])

    # --------------------------------------------- 11: matched for more than there is

    def matching(self, user, move, amount):
        credit = move.line_ids.filtered(lambda item: item.account_id == self.line.account_id)
        values = {
            "debit_move_id": self.line.id,
            "credit_move_id": credit.id,
            "amount": amount,
            "debit_amount_currency": amount,
            "credit_amount_currency": amount,
        }
        return self.env["account.partial.reconcile"].with_user(user).create(values)

    @freeze_time(NOON)
    def test_a_matching_for_more_than_the_money(self):
        """1.00 of money does not close 70.90: 69.90 would be forgiven."""
        items = [(self.cash.default_account_id, 1.00), (self.line.account_id, -1.00)]
        move = self.entry(self.clerk, items, ref="Deposit")
        with self.refused("67.39.*2.51"):
            self.matching(self.clerk, move, 70.90)
        partial = self.matching(self.clerk, move, 1.00)
        self.assertEqual((self.residuals(self.line), self.trace()), (["69.90"], []))
        for user in (self.clerk, self.manager):
            for values in (
                {"amount": 70.90},
                {"debit_amount_currency": 70.90},
                {"credit_move_id": self.line.id},
            ):
                with self.refused("match again"):
                    partial.with_user(user).write(values)
                with self.assertRaises(UserError), self.cr.savepoint():
                    self.line.with_user(user).write(
                        {"matched_credit_ids": [Command.update(partial.id, values)]}
                    )
        self.assertEqual(self.residuals(self.line), ["69.90"])

    # ----------------------------------------------- 12: branches beside each other

    def branch_line(self, name):
        """One installment of 100.00, due 10 March, of a branch of its own."""
        branch = self.env["res.company"].create({"name": name, "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        journal = self.env["account.journal"].create(
            {"name": name, "code": name[:4], "type": "general", "company_id": branch.id}
        )
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "company_id": branch.id,
                "journal_id": journal.id,
                "date": "2026-02-10",
                "partner_id": self.customer.id,
                "crediario_plan_id": self.make_plan(name, company_id=False).id,
                "installment_count": 1,
                "line_ids": [
                    *self._installment_commands(
                        self.customer, self.line.account_id, [(DUE, "100.00")]
                    ),
                    Command.create({"account_id": self.expense.id, "credit": 100.0}),
                ],
            }
        )
        move.action_post()
        return move.line_ids.filtered("crediario_plan_id")

    @freeze_time(NOON)
    def test_register_payment_over_branches(self):
        """200.00 and 7.06 of charges closed with 1.00: 3.53 of the charges is the most."""
        lines = self.branch_line("North") | self.branch_line("South")
        companies = self.company | lines.company_id
        for user in (self.clerk, self.manager):
            user.company_ids |= companies
        lines = lines.with_context(allowed_company_ids=companies.ids)
        with self.refused("You may forgive up to"):
            self.register(self.clerk, 1.00, lines=lines, together=True)
        self.assertEqual(self.residuals(lines), ["100.00", "100.00"])
        self.register(self.manager, 1.00, lines=lines, together=True)
        self.assertEqual(self.residuals(lines), ["0.00", "0.00"])
        found = self.env["crediario.forgiveness"].search(
            [("contract_ids", "in", lines.move_id.ids)]
        )
        self.assertEqual((found.door, found.role), ("write_off", "manager"))
        self.assertEqual(found.user_id, self.manager)

    # -------------------------------------------------- 6, 7, 9: terms and lines

    @freeze_time(NOON)
    def test_terms_of_lines(self):
        for user in (self.clerk, self.manager):
            line = self.line.with_user(user)
            for values in (
                {"date_maturity": "2027-03-10"},
                {"amount_residual": 0.0},
                {"reconciled": True},
                {"installment_number": 7},
                {"crediario_plan_id": False},
                {"partner_id": self.make_customer("Other").id},
                {"account_id": self.line.account_id.copy().id},
            ):
                with self.assertRaises(UserError, msg=str(values)):
                    line.write(values)
                with self.assertRaises(UserError, msg=str(values)):
                    line.move_id.with_context(skip_readonly_check=True).write(
                        {"line_ids": [Command.update(line.id, values)]}
                    )
        self.assertEqual(str(self.line.date_maturity), DUE)

    @freeze_time(NOON)
    def test_terms_of_a_posted_contract(self):
        """100.00 were received: none of these opens a paid installment again."""
        invoice = self.make_invoice("200.00", 2, first_due=DUE, sold="2026-02-10")
        first, second = invoice.installment_ids.sorted("installment_number")
        self.receive(first, ("cash", "100.00"), on=DUE)
        other = self.make_plan("Other")
        product_line = invoice.invoice_line_ids.filtered(lambda line: not line.is_finance_charge)
        for user in (self.clerk, self.manager):
            move = invoice.with_user(user).with_context(skip_readonly_check=True)
            for values in (
                {"installment_count": 3},
                {"down_payment": 50.0},
                {"first_due_date": "2026-09-10"},
                {"due_day": 20},
                {"crediario_plan_id": other.id},
                {"crediario_plan_id": False},
                {"contract_reference": "Other"},
                {"partner_id": self.make_customer("Other").id},
                {"invoice_date": "2026-04-01"},
                {"date": "2026-04-01"},
                {"payment_state": "paid"},
                {"payment_state": "not_paid"},
                {"amount_residual": 0.0},
                {"state": "draft"},
                {"state": "cancel"},
                {"line_ids": [Command.delete(second.id)]},
                {"line_ids": [Command.update(product_line.id, {"price_unit": 1.0})]},
                {"invoice_line_ids": [Command.create({"name": "Rebate", "price_unit": -50.0})]},
            ):
                with self.assertRaises(UserError, msg=str(values)):
                    move.write(values)
            with self.refused("agreed"):
                self.env["account.move.line"].with_user(user).create(
                    {"move_id": invoice.id, "name": "Rebate", "price_unit": -50.0}
                )
            with self.assertRaises(UserError):
                second.with_user(user).with_context(force_delete=True).unlink()
        self.assertEqual(self.schedule(invoice), [(1, DUE, "100.00"), (2, "2026-04-10", "100.00")])
        self.assertEqual(self.residuals(first + second), ["0.00", "100.00"])

    @freeze_time(NOON)
    def test_block_payment_says_nothing_about_what_is_owed(self):
        """Odoo's button works, there and back; a state that it would not write is refused."""
        invoice = self.make_invoice("200.00", 2, first_due=DUE, sold="2026-02-10")
        first = invoice.installment_ids.sorted("installment_number")[0]
        self.receive(first, ("cash", "100.00"), on=DUE)
        move = invoice.with_user(self.manager)
        move.action_toggle_block_payment()
        self.assertEqual(invoice.payment_state, "blocked")
        with self.refused("agreed"):
            move.payment_state = "paid"
        move.action_toggle_block_payment()
        self.assertEqual(invoice.payment_state, "partial")
        move.action_toggle_block_payment()
        move.write({"payment_state": "not_paid"})
        self.assertEqual(invoice.payment_state, "partial")
        self.assertEqual(invoice.amount_residual, 100.0)

    # ------------------------------------------------- 8: draft, cancel, delete

    @freeze_time(NOON)
    def test_draft_works_while_nothing_was_received_and_says_why_otherwise(self):
        invoice = self.make_invoice("200.00", 2, first_due="2026-05-10", sold=TODAY)
        move = invoice.with_user(self.clerk)
        move.button_draft()
        move.installment_count = 4
        move.action_post()
        self.assertEqual(len(self.schedule(invoice)), 4)
        first = invoice.installment_ids.sorted("installment_number")[0]
        receipt = self.receive(first, ("cash", "50.00"), on=TODAY)
        for user in (self.clerk, self.manager):
            with self.refused(receipt.name):
                invoice.with_user(user).button_draft()
        receipt._cancel("Mistake")
        invoice.with_user(self.manager).button_draft()
        self.assertEqual(invoice.state, "draft")

    @freeze_time(NOON)
    def test_a_contract_that_comes_back_cheaper_was_forgiven(self):
        invoice = self.make_invoice("200.00", 2, first_due="2026-05-10", sold=TODAY)
        product_line = invoice.invoice_line_ids.filtered(lambda line: not line.is_finance_charge)
        move = invoice.with_user(self.clerk)
        move.button_draft()
        product_line.with_user(self.clerk).price_unit = 150.0
        with self.refused("50.00 of the installments"):
            move.action_post()
        move.with_user(self.manager).action_post()
        self.assertEqual(
            [row[:4] for row in self.trace(invoice)], [("repriced", "50.00", "0.00", "manager")]
        )

    @freeze_time(NOON)
    def test_cancelling_takes_right_and_reason(self):
        contract = self.line.move_id
        for user in (self.clerk, self.manager):
            for act in ("button_cancel", "unlink"):
                with self.assertRaises(UserError, msg=act):
                    getattr(contract.with_user(user), act)()
        contract.with_user(self.clerk).button_draft()
        for act in ("button_cancel", "unlink"):
            with self.refused("posted before"):
                getattr(contract.with_user(self.clerk), act)()
        contract.with_user(self.clerk).action_post()

        def cancel(user, reason):
            action = contract.with_user(user).action_cancel_contract()
            wizard = self.env[action["res_model"]].with_user(user)
            wizard.with_context(**action["context"]).create({"reason": reason}).action_cancel()

        with self.refused("ask a manager"):
            cancel(self.clerk, "Gave up")
        with self.refused("why"):
            cancel(self.manager, " ")
        cancel(self.manager, "Gave up")
        self.assertEqual(contract.state, "cancel")
        self.assertEqual(self.trace(), [("cancelled", "70.90", "2.51", "manager", "Gave up")])

    @freeze_time(NOON)
    def test_cancelling_is_refused_once_something_was_received(self):
        self.receive(self.line, ("cash", "10.00"), on=TODAY)
        with self.refused("received or credited"):
            self.line.move_id.with_user(self.manager)._cancel_contract("Gave up")

    # ------------------------------------------------------------ 10: the trace

    def test_waivers_and_reductions_leave_a_trace(self):
        debt = self.make_installments((DUE, "341.00"), ("2026-07-10", "100.00"))
        plan = debt.crediario_plan_id
        plan.write({"early_discount_method": "flat", "early_discount_percent": 5.0})
        self.receive(
            debt[0],
            ("cash", "347.82"),
            on="2026-05-09",
            waive={debt[0]: ("0.00", "6.82")},
            reason="Old customer",
        )
        self.assertEqual(
            self.trace(debt.move_id), [("waiver", "0.00", "6.82", "manager", "Old customer")]
        )

    @freeze_time(NOON)
    def test_extensions_and_agreements_leave_a_trace(self):
        """100.00 due 10 March: fine 2.00, interest 1.53, of which 1.00 is forgiven."""
        extensions = self.env["crediario.extension"].with_user(self.manager)
        extension = extensions._grant({self.line.id: date(2026, 5, 30)}, "Illness", waive=True)
        self.assertEqual(self.trace(), [("extension", "0.00", "2.51", "manager", "Illness")])
        extension.action_undo()
        found = self.env["crediario.forgiveness"].search([("extension_id", "=", extension.id)])
        self.assertTrue(found.is_undone)
        debt = self.make_installments((DUE, "100.00"), partner=self.make_customer("Ana"))
        action = debt.with_user(self.collector).action_propose_agreement()
        agreement = self.env["crediario.agreement"].with_user(self.collector)
        agreement = agreement.browse(action["res_id"])
        agreement.write({"discount_charges": 1.0, "first_due_date": "2026-05-25"})
        self.company.agreement_step_ids = [
            Command.clear(),
            Command.create({"min_days_late": 1, "percent_of_charges": 50}),
        ]
        agreement.action_accept()
        self.assertEqual(
            self.trace(debt.move_id),
            [("agreement", "0.00", "1.00", "collector", f"Agreement {agreement.name}")],
        )

    def test_nobody_edits_the_trace(self):
        self.receive(
            self.line, ("cash", "72.32"), on=TODAY, waive={self.line: ("0", "1.09")}, reason="Good"
        )
        row = self.env["crediario.forgiveness"].search([])[:1]
        self.assertTrue(row)
        for user in (self.collector, self.clerk, self.manager, self.env.user):
            mine = row.with_user(user)
            self.assertEqual(mine.reason, "Good")
            with self.assertRaises(UserError):
                mine.write({"reason": "Other"})
            with self.assertRaises(AccessError):
                mine.unlink()
            with self.assertRaises(AccessError):
                mine.create({"reason": "Other"})
        with self.assertRaises(UserError):
            row.sudo().write({"reason": "Other"})
