"""What turns up later counts for its own day: order of booking, extensions, locked months.

200.00 in 2 parts, the first due on Monday 2 March 2026, fine 2 %, interest 1 % a month, no grace,
unless a test says otherwise. Amounts are (principal, fine, interest, total).
"""

from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError

from odoo.addons.optica_cobranca.tools.ladder.dunning_query import customers_in

from ..receiving.receiving_common import ReceivingCommon


class KnownLater(ReceivingCommon):
    def setUp(self):
        super().setUp()
        self.invoice = self.make_contract("2026-03-02", "2026-02-02")
        self.lines = self.invoice.installment_ids.sorted("installment_number")
        self.line = self.lines[0]

    def make_contract(self, first_due, sold):
        return self.make_invoice("200.00", 2, first_due, sold=sold)

    def take(self, amount, on, today, line=None, **values):
        """Receive ``amount`` in cash on day ``today``, dated ``on``."""
        with freeze_time(today):
            return self.receive(line or self.line, ("cash", amount), on=on, **values)

    def extend(self, line, new_due, today, **values):
        with freeze_time(today):
            dues = {line.id: date.fromisoformat(new_due)}
            return self.env["crediario.extension"]._grant(dues, "Salary comes later", **values)

    def everywhere(self, line, today):
        """The amount of ``today`` wherever somebody reads it, as one text each.

        Doors: the screen's fields, their totals in SQL, the ladder's charges, the page of the
        portal, the parts of a Pix, the quote of any way to pay, the words of messages and paper.
        """
        day = date.fromisoformat(today)
        with freeze_time(f"{today} 15:00:00"):
            line.invalidate_recordset()
            [totals] = self.env["account.move.line"]._read_group(
                [("id", "=", line.id)],
                [],
                ["late_fine:sum", "late_interest:sum", "amount_today:sum"],
            )
            ladder = self.env["dunning.evaluation"]
            terms = ladder._ladder_rules(self.company, day)
            charged = ladder._charged(terms, customers_in(self.customer.ids))
            of_ladder = {key: charges for key, *charges in charged if key == line.id}
            portal = line._portal_values(day)[0]
            part = line._pix_parts(day)[line.id]
            quote = line._payment_quote(day)[0]
            amount = line._amounts_today(day)[line.id]
            found = {
                "domain": (amount.fine, amount.interest, amount.total),
                "screen": (line.late_fine, line.late_interest, line.amount_today),
                "sql": totals,
                "portal": (portal["fine"], portal["interest"], portal["total"]),
                "pix": (part.fine, part.interest, part.principal + part.fine + part.interest),
                "quote": (quote.fine, quote.interest, quote.to_pay),
            }
            # The ladder has nothing to do with what is not due yet.
            for fine, interest in of_ladder.values():
                found["ladder"] = (fine, interest, amount.principal + fine + interest)
            self.assertEqual("ladder" in found, line.date_maturity < day)
        return {door: tuple(f"{value:.2f}" for value in amounts) for door, amounts in found.items()}

    def assert_everywhere(self, line, today, *expected):
        found = self.everywhere(line, today)
        self.assertEqual(set(found.values()), {expected}, found)


class TestOrderOfBooking(KnownLater):
    def test_the_fine_is_taken_once_when_earlier_money_is_booked_later(self):
        first = self.take("50.00", "2026-04-12", "2026-04-12")
        self.assertEqual(first.amount_fine, 2.0)
        later = self.take("30.00", "2026-03-20", "2026-04-12")
        self.assertEqual((later.amount_fine, later.amount_interest), (0.0, 0.0))
        self.assertEqual(self.balance("fine"), "-2.00")
        # as if booked in order: see tests/domain/crediario/test_late_charges.py
        self.assertEqual(self.amounts(self.line, "2026-04-12"), ("23.37", "0.00", "-0.21", "23.16"))
        self.assert_everywhere(self.line, "2026-04-12", "0.00", "-0.21", "23.16")

    def test_the_same_in_order_costs_the_same(self):
        self.take("30.00", "2026-03-20", "2026-04-12")
        self.take("50.00", "2026-04-12", "2026-04-12")
        self.assertEqual(self.amounts(self.line, "2026-04-12"), ("23.16", "0.00", "0.00", "23.16"))

    def test_what_was_paid_too_much_comes_back_when_it_is_settled(self):
        self.take("50.00", "2026-04-12", "2026-04-12")
        self.take("30.00", "2026-03-20", "2026-04-12")
        last = self.take("23.16", "2026-04-12", "2026-04-12")
        self.assertEqual(self.totals(last), ("23.37", "0.00", "-0.21", "0.00", "0.00", "23.16"))
        self.assertEqual(self.residuals(self.line), ["0.00"])
        # 20/3: 0.60; 12/4: 72.60 x 1% x 23/30 = 0.56
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("-2.00", "-1.16"))

    def test_undoing_the_late_booking_restores_to_the_cent(self):
        self.take("50.00", "2026-04-12", "2026-04-12")
        before = self.amounts(self.line, "2026-04-12")
        self.take("30.00", "2026-03-20", "2026-04-12")._cancel("Wrong customer")
        self.assertEqual(self.amounts(self.line, "2026-04-12"), before)

    def test_a_waived_fine_is_never_taken_again(self):
        self.take(
            "50.00",
            "2026-04-12",
            "2026-04-12",
            waive={self.line: ("2.00", "0.00")},
            reason="Old customer",
        )
        later = self.take("30.00", "2026-03-20", "2026-04-12")
        self.assertEqual(later.amount_fine, 0.0)
        self.assertEqual(self.balance("fine"), "0.00")
        self.assertEqual(self.amounts(self.line, "2026-05-12")[1], "0.00")

    def test_a_payment_of_a_later_day_pays_the_fine_of_the_balance(self):
        """50.00 of 12/4 by Odoo's own wizard, then the balance, which was paid on 27/3."""
        with freeze_time("2026-04-12"):
            # 41 days: 2.00 + 1.37
            self.pay(self.line, "50.00", on="2026-04-12")
            self.assertEqual(self.balance("fine"), "-2.00")
            balance = self.line._amounts_today(date(2026, 3, 27))[self.line.id]
            self.assertEqual((str(balance.principal), str(balance.fine)), ("53.37", "0.00"))
            self.receive(self.line, ("cash", str(balance.total)), on="2026-03-27")
        self.assertEqual(self.balance("fine"), "-2.00")

    def test_money_before_the_due_date_gives_back_what_was_charged(self):
        """30.00 of 12/3 paid 0.33 + 2.00; 60.00 of 2/3 turn up: 0.80 and 0.13 were owed."""
        self.take("30.00", "2026-03-12", "2026-03-12")
        self.take("60.00", "2026-03-02", "2026-03-13")
        # 100 - 60 - (30 - 0.93) = 10.93 on 12/3
        self.assertEqual(
            self.amounts(self.line, "2026-03-12"), ("12.33", "-1.20", "-0.20", "10.93")
        )
        self.assert_everywhere(self.line, "2026-03-12", "-1.20", "-0.20", "10.93")
        self.take("10.93", "2026-03-12", "2026-03-13")
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("-0.80", "-0.13"))


class TestExtensionsAndLaterKnowledge(KnownLater):
    def test_kept_charges_follow_money_of_the_due_date(self):
        extension = self.extend(self.line, "2026-04-30", "2026-03-12")
        self.assertEqual((extension.kept_fine, extension.kept_interest), (2.0, 0.33))
        self.take("60.00", "2026-03-02", "2026-03-13")
        self.assertEqual(self.amounts(self.line, "2026-03-13"), ("40.00", "0.80", "0.13", "40.93"))
        self.assert_everywhere(self.line, "2026-03-13", "0.80", "0.13", "40.93")

    def test_money_of_a_day_before_the_extension_pays_the_fine_once(self):
        self.extend(self.line, "2026-04-30", "2026-03-20")
        receipt = self.take("50.00", "2026-03-12", "2026-03-21")
        self.assertEqual((receipt.amount_fine, receipt.amount_interest), (2.0, 0.33))
        # 0.33 paid and 52.33 x 1% x 8/30 = 0.14 left: 0.47 of interest in all
        self.assertEqual(self.amounts(self.line, "2026-03-21"), ("52.33", "0.00", "0.14", "52.47"))
        self.assert_everywhere(self.line, "2026-03-21", "0.00", "0.14", "52.47")

    def test_a_credit_note_of_a_day_before_lowers_what_was_kept(self):
        self.extend(self.line, "2026-04-30", "2026-03-20")
        note = self.make_credit_note(90.0, "2026-03-01", "2026-03-21")
        self.match(note, self.line)
        self.assertEqual(self.amounts(self.line, "2026-03-21"), ("10.00", "0.20", "0.06", "10.26"))
        self.assert_everywhere(self.line, "2026-03-21", "0.20", "0.06", "10.26")

    def test_an_undone_extension_leaves_what_was_paid(self):
        extension = self.extend(self.line, "2026-04-30", "2026-03-12", waive=True)
        self.take("60.00", "2026-03-02", "2026-03-13")
        with freeze_time("2026-03-14"):
            extension.action_undo()
        # 12 days on 40.00: 0.80 + 0.16
        self.assertEqual(self.amounts(self.line, "2026-03-14"), ("40.00", "0.80", "0.16", "40.96"))

    def make_credit_note(self, amount, on, today):
        with freeze_time(today):
            note = self.env["account.move"].create(
                {
                    "move_type": "out_refund",
                    "partner_id": self.customer.id,
                    "invoice_date": on,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Back", "price_unit": amount, "tax_ids": [Command.clear()]}
                        )
                    ],
                }
            )
            note.action_post()
        return note

    def match(self, move, line):
        credit = move.line_ids.filtered(lambda item: item.account_id == line.account_id)
        (credit + line).reconcile()


class TestLockedMonth(KnownLater):
    """Due Wednesday 28 October 2026; on 10 November, when money of that day is booked, October
    is locked. 40.00 x 2% = 0.80; 40.00 x 1% x 13/30 = 0.17.
    """

    def make_contract(self, first_due, sold):
        return super().make_contract("2026-10-28", "2026-09-28")

    def setUp(self):
        super().setUp()
        self.company.fiscalyear_lock_date = "2026-10-31"

    def assert_counted_on_its_day(self):
        self.assertEqual(self.amounts(self.line, "2026-11-10"), ("40.00", "0.80", "0.17", "40.97"))
        self.assert_everywhere(self.line, "2026-11-10", "0.80", "0.17", "40.97")

    def test_at_the_counter(self):
        receipt = self.take("60.00", "2026-10-28", "2026-11-10")
        self.assertEqual(self.totals(receipt), ("60.00", "0.00", "0.00", "0.00", "0.00", "60.00"))
        self.assertGreater(receipt.payment_ids.move_id.date, date(2026, 10, 31))
        self.assert_counted_on_its_day()

    def test_by_odoos_own_wizard(self):
        with freeze_time("2026-11-10"):
            self.pay(self.line, "60.00", on="2026-10-28")
        self.assert_counted_on_its_day()

    def test_by_a_payment_matched_by_hand(self):
        with freeze_time("2026-11-10"):
            payment = self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.customer.id,
                    "amount": 60.0,
                    "date": "2026-10-28",
                    "journal_id": self.bank.id,
                }
            )
            payment.action_post()
            credit = payment.move_id.line_ids.filtered(
                lambda item: item.account_id == self.line.account_id
            )
            (credit + self.line).reconcile()
        self.assert_counted_on_its_day()

    def test_by_a_credit_note(self):
        with freeze_time("2026-11-10"):
            note = self.env["account.move"].create(
                {
                    "move_type": "out_refund",
                    "partner_id": self.customer.id,
                    "invoice_date": "2026-10-28",
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Back", "price_unit": 60.0, "tax_ids": [Command.clear()]}
                        )
                    ],
                }
            )
            note.action_post()
            credit = note.line_ids.filtered(lambda item: item.account_id == self.line.account_id)
            (credit + self.line).reconcile()
        self.assertGreater(note.date, date(2026, 10, 31))
        self.assert_counted_on_its_day()

    def statement(self, day, **values):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": day,
                "payment_ref": "Deposit",
                "partner_id": self.customer.id,
                "amount": 60.0,
                **values,
            }
        )

    def settle(self, statement):
        """Put the money of a line of a statement to the customer's account, and match it."""
        _liquidity, suspense, _other = statement._seek_for_lines()
        suspense.with_context(skip_readonly_check=True).account_id = self.line.account_id
        (suspense + self.line).reconcile()

    def test_by_a_bank_statement(self):
        with freeze_time("2026-11-10"):
            line = self.statement("2026-10-28")
            self.assertGreater(line.date, date(2026, 10, 31))
            self.assertEqual(line.crediario_bank_date, date(2026, 10, 28))
            self.settle(line)
        self.assert_counted_on_its_day()

    def test_the_banks_day_is_kept_where_the_books_took_another_only(self):
        with freeze_time("2026-11-10"):
            line = self.statement("2026-11-05")
            self.assertEqual((line.date, line.crediario_bank_date), (date(2026, 11, 5), False))
            line = self.statement("2026-10-28")
            line.date = "2026-11-04"
            self.assertFalse(line.crediario_bank_date)

    def test_a_promise_kept_within_the_locked_month_is_kept(self):
        Promise = self.env["dunning.promise"]
        self.startPatcher(
            patch.object(self.registry["dunning.promise"], "_commit_batch", lambda *args: None)
        )
        with freeze_time("2026-10-29"):
            promise = Promise._register_promise(
                self.customer, self.company, date(2026, 10, 30), 60.0
            )
        with freeze_time("2026-11-10"):
            self.receive(self.line, ("cash", "60.00"), on="2026-10-30")
            self.env.cr.flush()
        self.assertEqual((promise.state, promise.paid_amount), ("kept", 60.0))

    def test_the_screens_say_that_the_entry_is_dated_later(self):
        receipt = self.take("60.00", "2026-10-28", "2026-11-10")
        entry = receipt.payment_ids.move_id.date
        for note in (receipt.entry_note, receipt.payment_ids.crediario_entry_note):
            self.assertIn("10/28/2026", note)
            self.assertIn(entry.strftime("%m/%d/%Y"), note)
        with freeze_time("2026-11-10"):
            cashier = self.env["crediario.cashier"].create({"partner_id": self.customer.id})
            cashier._load()
            self.assertFalse(cashier.lock_note)
            cashier.date = date(2026, 10, 28)
            self.assertIn("10/31/2026", cashier.lock_note)
            wizard = (
                self.env["account.payment.register"]
                .with_context(active_model="account.move.line", active_ids=self.line.ids)
                .create({"payment_date": "2026-10-28"})
            )
            self.assertIn("10/31/2026", wizard.crediario_lock_note)
            wizard.payment_date = date(2026, 11, 10)
            self.assertFalse(wizard.crediario_lock_note)


class TestTakenBack(KnownLater):
    """Odoo's own reversal of a payment: the cheque came back."""

    def reverse(self, payment, today, **values):
        with freeze_time(today):
            wizard = (
                self.env["account.move.reversal"]
                .with_context(active_model="account.move", active_ids=payment.move_id.ids)
                .create({"journal_id": payment.move_id.journal_id.id, **values})
            )
            wizard.refund_moves()
        return wizard.new_move_ids

    def assert_owed_as_if_never_paid(self, receipt):
        # 30 days: 2.00 and 100 x 1% x 30/30
        self.assertEqual(
            self.amounts(self.line, "2026-04-01"), ("100.00", "2.00", "1.00", "103.00")
        )
        self.assert_everywhere(self.line, "2026-04-01", "2.00", "1.00", "103.00")
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("0.00", "0.00"))
        self.assertEqual(receipt.state, "cancelled")
        self.assertTrue(receipt.cancel_reason)

    def test_a_receipt_of_the_counter(self):
        receipt = self.take("102.33", "2026-03-12", "2026-03-12")
        self.reverse(receipt.payment_ids, "2026-03-20", reason="Cheque without funds")
        self.assertIn("Cheque without funds", receipt.cancel_reason)
        self.assert_owed_as_if_never_paid(receipt)

    def test_a_payment_of_odoos_own_wizard(self):
        with freeze_time("2026-03-12"):
            payment = self.pay(self.line, on="2026-03-12")
        receipt = self.env["crediario.receipt"].search([("payment_ids", "in", payment.ids)])
        self.reverse(payment, "2026-03-20")
        self.assert_owed_as_if_never_paid(receipt)

    def test_a_reversal_that_was_a_draft_first(self):
        receipt = self.take("102.33", "2026-03-12", "2026-03-12")
        reversal = self.reverse(receipt.payment_ids, "2026-03-20", date="2026-03-25")
        self.assertEqual((reversal.state, receipt.state), ("draft", "posted"))
        with freeze_time("2026-03-25"):
            reversal._post()
        self.assert_owed_as_if_never_paid(receipt)

    def test_one_of_two_payments(self):
        """52.33 by cheque pay 0.33 + 2.00 + 50.00, 50.00 in cash the rest; the cheque goes back."""
        with freeze_time("2026-03-12"):
            receipt = self.receive(self.line, ("bank", "52.33"), ("cash", "50.00"), on="2026-03-12")
        cheque = receipt.payment_ids.filtered(lambda payment: payment.journal_id == self.bank)
        self.reverse(cheque, "2026-03-20")
        self.assertEqual(receipt.state, "posted")
        self.assertTrue(receipt.payment_undone)
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("0.00", "0.00"))
        # In order 50.00 of 12/3 pay 0.33 + 2.00 + 47.67: 52.33 x 1% x 20/30 = 0.35; 52.68 in all.
        # 50.00 of principal are open: 2.33 of charges and 0.35 more.
        self.assertEqual(self.amounts(self.line, "2026-04-01"), ("50.00", "2.00", "0.68", "52.68"))


class TestGuessOfAccounts(KnownLater):
    def test_late_charges_do_not_teach_where_sales_go(self):
        for line, on in ((self.line, "2026-03-12"), (self.lines[1], "2026-04-13")):
            with freeze_time(on):
                owed = line._amounts_today(date.fromisoformat(on))[line.id].total
                self.receive(line, ("cash", str(owed)), on=on)
        with freeze_time("2026-04-14"):
            Account = self.env["account.account"]
            guesses = Account._get_most_frequent_accounts_for_partner(
                self.company.id, self.customer.id, "out_invoice", True
            )
            self.assertEqual(
                set(guesses) & {account.id for account in self.accounts.values()}, set()
            )
            every = Account._get_most_frequent_accounts_for_partner(
                self.company.id, self.customer.id, "out_invoice"
            )
            self.assertIn(self.accounts["fine"].id, every)
            invoice = self.make_invoice("50.00", 1, "2026-05-14", sold="2026-04-14", post=False)
            line = invoice.invoice_line_ids.filtered(lambda line: not line.is_finance_charge)
            sales = invoice.journal_id.default_account_id
            self.assertEqual(line.account_id, sales)


class TestTheDayStays(KnownLater):
    """Doors to the day for which booked money counts: the payment's date, the credit note's."""

    def test_of_a_posted_payment(self):
        receipt = self.take("50.00", "2026-03-12", "2026-03-12")
        payment = receipt.payment_ids
        with self.assertRaises(UserError):
            payment.date = "2026-03-02"
        payment.memo = "Corrected"
        payment.write({"date": "2026-03-12"})
        self.assertEqual(self.amounts(self.line, "2026-03-12"), ("52.33", "0.00", "0.00", "52.33"))

    def test_of_a_credit_note(self):
        with freeze_time("2026-03-12"):
            note = self.env["account.move"].create(
                {
                    "move_type": "out_refund",
                    "partner_id": self.customer.id,
                    "invoice_date": "2026-03-12",
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Back", "price_unit": 90.0, "tax_ids": [Command.clear()]}
                        )
                    ],
                }
            )
            note.action_post()
            credit = note.line_ids.filtered(lambda item: item.account_id == self.line.account_id)
            (credit + self.line).reconcile()
        with self.assertRaises(UserError):
            note.invoice_date = "2026-03-01"


class TestDaysLate(KnownLater):
    """Due on Saturday 7 March 2026: charged from Monday the 9th. On 12 March it is 5 days late."""

    def make_contract(self, first_due, sold):
        return super().make_contract("2026-03-07", sold)

    @freeze_time("2026-03-12 15:00:00")
    def test_one_number_wherever_it_is_told(self):
        today, monday = date(2026, 3, 12), date(2026, 3, 9)
        # 3 days: 2.00 + 0.10
        self.assertEqual(
            self.amounts(self.line, "2026-03-12"), ("100.00", "2.00", "0.10", "102.10")
        )
        self.assertEqual((self.line.days_late, self.line.charges_from), (5, monday))
        cashier = self.env["crediario.cashier"].create({"partner_id": self.customer.id})
        cashier._load()
        shown = cashier.line_ids.filtered(lambda line: line.move_line_id == self.line)
        self.assertEqual((shown.days_late, shown.charges_from), (5, monday))
        self.assertTrue(cashier.has_later_charges)
        [row] = self.line._portal_values(today)
        self.assertEqual((row["days_late"], row["charges_from"]), (5, monday))
        [(total,)] = self.line._read_group([("id", "=", self.line.id)], [], ["days_late:sum"])
        self.assertEqual(total, 5)
        self.assertEqual(self.customer.overdue_days, 5)
        action = self.line.action_propose_agreement()
        agreement = self.env["crediario.agreement"].browse(action["res_id"])
        self.assertEqual(agreement.line_ids.days_late, 5)
        agreement.unlink()
        receipt = self.receive(self.line, ("cash", "102.10"), on="2026-03-12")
        self.assertEqual((receipt.line_ids.days_late, receipt.line_ids.charges_from), (5, monday))

    @freeze_time("2026-03-09 15:00:00")
    def test_late_by_the_calendar_and_free_of_charges(self):
        self.assertEqual(self.amounts(self.line, "2026-03-09")[-1], "100.00")
        self.assertEqual((self.line.days_late, self.line.charges_from), (2, date(2026, 3, 9)))

    @freeze_time("2026-03-07 15:00:00")
    def test_not_late_yet(self):
        self.assertEqual((self.line.days_late, self.line.charges_from), (0, False))
