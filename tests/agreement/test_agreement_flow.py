"""Late customer, extension, agreement, breach: one story in figures, and many at random."""

import random
from datetime import date, timedelta
from decimal import Decimal

from freezegun import freeze_time

from odoo.exceptions import UserError

from odoo.addons.optica_cobranca.domain.shop.money import cents

from tests.agreement.agreement_common import AgreementCommon


class TestAgreementFlow(AgreementCommon):
    def test_from_the_sale_to_the_breach(self):
        """An invoice of 300.00 in 3: one paid, one extended, the rest agreed, broken, paid."""
        move = self.make_invoice(total="300.00", installments=3, first_due="2026-02-10")
        first, second, third = move.installment_ids.sorted("installment_number")
        # 10 Feb: in time
        self.receive(first, ("cash", "100.00"), on="2026-02-10")
        with freeze_time("2026-03-20"):  # 10 days late: 2.00 + 0.33
            self.env["crediario.extension"]._grant({second.id: date(2026, 4, 10)}, "Illness")
        # 11 May: second 100.00 + 2.00 + 0.33 + 31 days 1.03; third due 10 April, too: 2.00 + 1.03
        self.assertEqual(self.amounts(second, "2026-05-11"), ("100.00", "2.00", "1.36", "103.36"))
        self.assertEqual(self.amounts(third, "2026-05-11"), ("100.00", "2.00", "1.03", "103.03"))
        agreement = self.propose(
            second | third,
            on="2026-05-11",
            down_payment=6.39,
            installment_count=2,
            first_due_date="2026-06-11",
        )
        installments = self.accept(agreement, on="2026-05-11")
        self.assertEqual([line.balance for line in installments], [6.39, 100.0, 100.0])
        self.assertEqual(move.payment_state, "paid")
        self.receive(installments[0], ("cash", "6.39"), on="2026-05-11")
        self.receive(installments[1], ("cash", "100.00"), on="2026-06-11")
        with freeze_time("2026-07-28"):  # due 11 July, a Saturday: Monday 13 + 15 days
            self.env["crediario.agreement"]._cron_agreements()
            self.assertEqual(agreement.state, "open")
        with freeze_time("2026-07-29"), self.enter_registry_test_mode():
            cron = self.env.ref("optica_cobranca.ir_cron_agreements")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()
        self.assertEqual(agreement.state, "breached")
        # 106.39: of the first in the agreement 1.36 + 2.00 + 100.00, of the other 1.03 + 2.00
        self.assertEqual(self.residuals(second | third), ["0.00", "100.00"])
        # 110 days since 10 April: 3.67 less 1.03
        self.assertEqual(self.amounts(third, "2026-07-29"), ("100.00", "0.00", "2.64", "102.64"))
        self.receive(third, ("cash", "102.64"), on="2026-07-29")
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(self.receivable(), ("0.00", "0.00"))
        # charges paid in all: fine 4.00, interest 1.36 + 1.03 + 2.64
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("-4.00", "-5.03"))

    def test_corners_of_dates_and_cents(self):
        """29–31, leap day, 48 installments of a cent, two contracts of one day."""
        lines = self.make_installments(*([("2027-12-31", "0.01")] * 48))
        agreement = self.propose(
            lines, on="2027-12-31", installment_count=3, first_due_date="2027-12-31"
        )
        installments = self.accept(agreement, on="2027-12-31")
        self.assertEqual(
            [(str(line.date_maturity), f"{line.balance:.2f}") for line in installments],
            [("2027-12-31", "0.16"), ("2028-01-31", "0.16"), ("2028-02-29", "0.16")],
        )
        with freeze_time("2028-03-31"):
            agreement.action_breach()
        self.assertEqual(self.receivable(), ("0.48", "0.48"))
        self.assertEqual(set(self.residuals(lines)), {"0.01"})

    def credit(self, move, value=None):
        """A credit note on the contract, of the whole of it unless ``value`` says less."""
        refund = move._reverse_moves([{"date": "2026-03-28", "invoice_date": "2026-03-28"}])
        if value:
            refund.invoice_line_ids.price_unit = float(value)
        refund.action_post()
        return refund

    def two_under_agreement(self):
        """Two contracts, 27 March: 200.00 due 10 Feb and 10 March (2.00 + 1.50, 2.00 + 0.57),
        100.00 due 10 April; one agreement over 306.07 in 3: 102.02, 102.02, 102.03."""
        move = self.make_invoice(total="200.00", installments=2, first_due="2026-02-10")
        other = self.make_invoice(total="100.00", installments=1, first_due="2026-04-10")
        agreement = self.propose(move.installment_ids | other.installment_ids, installment_count=3)
        parts = self.accept(agreement)
        self.assertEqual([line.balance for line in parts], [102.02, 102.02, 102.03])
        return move, other, agreement, parts

    def test_credit_note_takes_from_the_last_of_the_agreement(self):
        """Glasses of 150.00 come back: the debt lives in the agreement now."""
        move, _other, _agreement, parts = self.two_under_agreement()
        refund = self.credit(move, "150.00")
        self.assertEqual(refund.amount_residual, 0.0)
        self.assertEqual(self.residuals(parts), ["102.02", "54.05", "0.00"])
        self.assertEqual(self.receivable(), ("156.07", "156.07"))

    def test_breach_after_a_credit_note_gives_it_back_to_its_contract(self):
        """102.02 were paid in money: 1.50 + 2.00 + 98.52 of the oldest. 150.00 came back: all of
        the second, 50.00 of what is left of the first... which then needs 1.48 only: 48.52 go to
        the other contract."""
        move, other, agreement, parts = self.two_under_agreement()
        refund = self.credit(move, "150.00")
        self.receive(parts[0], ("cash", "102.02"), on="2026-04-27")
        with freeze_time("2026-07-01"):
            agreement.action_breach()
        self.assertEqual(refund.amount_residual, 0.0)
        self.assertEqual(self.residuals(move.installment_ids), ["0.00", "0.00"])
        self.assertEqual(self.residuals(other.installment_ids), ["51.48"])
        self.assertEqual(self.residuals(parts), ["0.00"] * 3)
        self.assertEqual(self.receivable(), ("51.48", "51.48"))
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("-2.00", "-1.50"))

    def test_breach_after_a_credit_note_of_all_of_it(self):
        """200.00 came back and nothing was paid: the contract is done, the other one is owed."""
        move, other, agreement, _parts = self.two_under_agreement()
        self.credit(move)
        self.assertEqual(self.receivable(), ("106.07", "106.07"))
        with freeze_time("2026-07-01"):
            agreement.action_breach()
        self.assertEqual(self.residuals(move.installment_ids), ["0.00", "0.00"])
        self.assertEqual(self.residuals(other.installment_ids), ["100.00"])
        self.assertEqual(self.receivable(), ("100.00", "100.00"))

    def test_cancelling_after_a_credit_note_gives_it_back_too(self):
        """No money was paid of it, so it may be cancelled."""
        move, other, agreement, parts = self.two_under_agreement()
        self.credit(move, "150.00")
        with freeze_time("2026-03-30"):
            agreement.action_cancel()
        self.assertEqual(agreement.state, "cancelled")
        self.assertFalse(
            parts.filtered("amount_residual").filtered("parent_state")
            & parts.filtered(lambda line: line.parent_state == "posted")
        )
        self.assertEqual(
            self.residuals(move.installment_ids.sorted("installment_number")), ["50.00", "0.00"]
        )
        self.assertEqual(self.residuals(other.installment_ids), ["100.00"])
        self.assertEqual(self.receivable(), ("150.00", "150.00"))

    def test_more_comes_back_than_the_agreement_owes(self):
        """Beyond it the customer has a credit, whatever becomes of the agreement."""
        move = self.make_invoice(total="200.00", installments=2, first_due="2026-02-10")
        agreement = self.propose(move.installment_ids.sorted("installment_number")[1])
        self.accept(agreement)  # 100.00 + 2.00 + 0.57
        self.credit(move)  # 100.00 to the first itself, 100.00 to the agreement
        self.assertEqual(self.receivable(), ("2.57", "2.57"))
        with freeze_time("2026-06-12"):
            agreement.action_breach()
        self.assertEqual(self.receivable(), ("0.00", "0.00"))
        self.assertEqual(move.payment_state, "reversed")

    def test_a_payment_returned_beside_an_agreement_costs_no_second_fine(self):
        """50.00 received on the due date come back; of the 2.00 of fine the agreement has 1.00.

        Due 10 Feb, agreed on 27 March, returned on the 30th. Interest of 45 days on 100.00 is 1.50,
        of which the agreement has 0.75; three days on 50.00 are 0.05.
        """
        line = self.make_installments(("2026-02-10", "100.00"))
        receipt = self.receive(line, ("cash", "50.00"), on="2026-02-10")
        agreement = self.propose(line)
        self.assertEqual((agreement.line_ids.fine, agreement.line_ids.interest), (1.0, 0.75))
        self.accept(agreement)
        self.assertEqual(self.amounts(line, "2026-03-30"), ("0.00", "0.00", "0.00", "0.00"))
        with freeze_time("2026-03-30"):
            move = receipt.payment_ids.move_id
            wizard = self.env["account.move.reversal"].with_context(
                active_model="account.move", active_ids=move.ids
            )
            wizard.create({"journal_id": move.journal_id.id}).refund_moves()
        self.assertEqual(receipt.state, "cancelled")
        self.assertEqual(self.amounts(line, "2026-03-30"), ("50.00", "1.00", "0.80", "51.80"))


class TestRandomHistories(AgreementCommon):
    """Whatever happens in whatever order: the ledger and the installments say the same."""

    def test_no_cent_appears_or_vanishes(self):
        for seed in range(6):
            with self.subTest(seed=seed):
                self.play(random.Random(seed))

    def play(self, rng):
        self.rng = rng
        self.day = date(2026, 2, 1)
        self.who = self.make_customer(f"Random {rng.random()}")
        self.lines = self.make_installments(
            *(
                (
                    str(self.day + timedelta(days=rng.randint(0, 60))),
                    f"{rng.randint(1, 30000) / 100}",
                )
                for _ in range(rng.randint(1, 4))
            ),
            partner=self.who,
        )
        self.agreements = self.env["crediario.agreement"]
        steps = (self.part_pay, self.extend, self.agree, self.breach, self.cancel, self.undo)
        for _ in range(12):
            self.day += timedelta(days=rng.randint(0, 25))
            with freeze_time(self.day):
                rng.choice(steps)()
            self.check()

    # --------------------------------------------------------------- steps

    def open_lines(self):
        domain = [
            ("partner_id", "=", self.who.id),
            ("crediario_plan_id", "!=", False),
            ("parent_state", "=", "posted"),
            ("amount_residual", ">", 0),
        ]
        return self.env["account.move.line"].search(domain, order="id")

    def part_pay(self):
        for line in self.open_lines()[:1]:
            total = line._amounts_today(self.day)[line.id].total
            amount = max(Decimal(self.rng.randint(1, 100)) * total / 100, Decimal("0.01"))
            self.receive(line, ("cash", f"{min(amount, total):.2f}"), on=str(self.day))

    def extend(self):
        for line in self.open_lines()[:2]:
            later = max(line.date_maturity, self.day) + timedelta(days=self.rng.randint(1, 40))
            self.env["crediario.extension"]._grant({line.id: later}, "x", self.rng.random() < 0.5)

    def agree(self):
        lines = self.open_lines()
        lines = lines[: self.rng.randint(1, max(len(lines), 1))]
        live = self.agreements.filtered(lambda agreement: agreement.state == "open")
        if not lines or live:
            return
        charges = sum(
            (amount.fine + amount.interest for amount in lines._amounts_today(self.day).values()),
            Decimal(0),
        )
        agreement = self.propose(
            lines,
            on=str(self.day),
            installment_count=self.rng.randint(1, 4),
            first_due_date=self.day + timedelta(days=self.rng.randint(0, 30)),
            discount_charges=float(charges) * self.rng.choice((0, 0.3, 1)),
        )
        self.agreements |= agreement
        agreement.action_accept()

    def breach(self):
        self.agreements.filtered(lambda agreement: agreement.state == "open").action_breach()

    def cancel(self):
        for agreement in self.agreements.filtered(lambda agreement: agreement.state == "open"):
            try:
                with self.cr.savepoint():
                    agreement.action_cancel()
            except UserError:
                self.env.invalidate_all()

    def undo(self):
        receipts = self.env["crediario.receipt"].search(
            [("partner_id", "=", self.who.id), ("state", "=", "posted")], limit=1
        )
        receipts._cancel("x")

    # --------------------------------------------------------------- check

    def check(self):
        """Σ receivable = Σ installments less credits; the other side of the ledger agrees."""
        self.env.invalidate_all()
        residual, installments = map(Decimal, self.receivable(self.who))
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.who.id),
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", "asset_receivable"),
            ]
        )
        self.assertEqual(cents(sum(items.mapped("balance"))), cents(residual))
        others = items.filtered(lambda item: not item.crediario_plan_id)
        left = cents(sum(others.mapped("amount_residual")))
        self.assertEqual(cents(residual), installments + left)
        # Only a surplus is left open beside the installments.
        self.assertEqual(-left, cents(sum(self.agreements.mapped("surplus"))))
        owed = self.open_lines()
        for line in owed:
            self.assertGreaterEqual(line.amount_residual, 0)
        # The same question gives the same answer.
        self.assertEqual(owed._amounts_today(self.day), owed._amounts_today(self.day))
