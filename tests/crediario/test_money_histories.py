"""Random histories of contracts: no cent appears or vanishes, and every undo is exact.

Hypothesis draws what happens (post, part pay, pay late, waive, settle early, undo); after each
step the ledger, the installments and the receipts must tell the same story.
"""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.crediario.money_history import MoneyHistory
from tests.receiving.receiving_common import ReceivingCommon

START = date(2026, 1, 5)
EVENTS = st.tuples(
    st.sampled_from(["pay", "pay", "part", "waive", "early", "undo", "core", "wait"]),
    st.integers(1, 45),  # days later
    st.integers(1, 100),  # percent, or which one
)


class TestHistories(ReceivingCommon):
    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        total=st.integers(300, 200000),
        count=st.integers(1, 4),
        events=st.lists(EVENTS, min_size=2, max_size=5),
    )
    def test_no_cent_appears_or_vanishes(self, total, count, events):
        savepoint = self.env.cr.savepoint(flush=True)
        try:
            self.play(total, count, events)
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def play(self, total, count, events):
        """One contract and what happens to it."""
        plan = self.make_plan(
            f"Plan {total} {count}", early_discount_method="flat", early_discount_percent=5.0
        )
        invoice = self.make_invoice(
            f"{total / 100:.2f}", count, "2026-02-02", sold=str(START), plan=plan
        )
        lines = invoice.installment_ids.sorted("installment_number")
        day, undoable = START, []
        for kind, later, share in events:
            day += timedelta(days=later)
            left = lines.filtered(lambda line: line.amount_residual > 0)
            if kind == "undo" and undoable:
                self.undo(lines, undoable.pop(), day)
            elif left and kind not in ("undo", "wait"):
                found = getattr(self, f"do_{kind}")(left, day, share)
                undoable += found
            self.check(invoice, lines)

    def do_pay(self, left, day, share):
        chosen = left[: 1 + share % len(left)]
        owed = sum(amount.total for amount in chosen._amounts_today(day).values())
        return self.receive(chosen, ("cash", str(owed)), on=str(day))

    def do_part(self, left, day, share):
        owed = sum(amount.total for amount in left._amounts_today(day).values())
        amount = max(round(float(owed) * share / 100, 2), 0.01)
        half = round(amount / 2, 2)
        methods = [("cash", f"{half:.2f}"), ("bank", f"{amount - half:.2f}")]
        return self.receive(left, *(m for m in methods if float(m[1])), on=str(day))

    def do_waive(self, left, day, _share):
        line = left[0]
        amount = line._amounts_today(day)[line.id]
        waive = {line: (amount.fine, amount.interest)} if amount.fine + amount.interest else {}
        return self.receive(
            line, ("bank", str(amount.principal)), on=str(day), waive=waive, reason="Agreed"
        )

    def do_early(self, left, day, _share):
        amounts, found = left._amounts_today(day), left._settlements(day)
        owed = sum(amounts[key].total - found[key].reduction for key in left.ids)
        return self.receive(left, ("bank", str(owed)), on=str(day), reduce=True)

    def do_core(self, left, day, share):
        amount = max(round(left[0].amount_residual * share / 100, 2), 0.01)
        payments = self.pay(left[0], f"{amount:.2f}", on=str(day))
        return self.env["crediario.receipt"].search([("payment_ids", "in", payments.ids)])

    def undo(self, lines, receipt, day):
        """Undone and done again in the ledger's eyes: the installments are as if it never was."""
        paid = {line: 0.0 for line in lines}
        for row in receipt.line_ids:
            paid[row.move_line_id] += row.principal
        before = {line: line.amount_residual for line in lines}
        receipt._cancel("Checking")
        for line in lines:
            self.assertAlmostEqual(line.amount_residual, before[line] + paid[line], 2)

    def check(self, invoice, lines):
        """Ledger, installments and receipts tell the same story."""
        Receipt = self.env["crediario.receipt"]
        receipts = Receipt.search([("partner_id", "=", self.customer.id), ("state", "=", "posted")])
        [(residual,)] = self.env["account.move.line"]._read_group(
            [
                ("partner_id", "=", self.customer.id),
                ("account_id", "=", lines.account_id.id),
                ("parent_state", "=", "posted"),
            ],
            [],
            ["balance:sum"],
        )
        still_open = sum(lines.mapped("amount_residual"))
        self.assertAlmostEqual(residual, still_open, 2, "the ledger's debt is the installments'")
        self.assertAlmostEqual(
            sum(receipts.mapped("amount_principal")),
            invoice.amount_total - still_open,
            2,
            "what left the debt is on receipts",
        )
        for kind, sign in (("fine", -1), ("interest", -1), ("discount", 1)):
            booked = sign * float(self.balance(kind))
            self.assertAlmostEqual(booked, sum(receipts.mapped(f"amount_{kind}")), 2, kind)
        money = sum(receipts.payment_ids.mapped("amount"))
        self.assertAlmostEqual(money, sum(receipts.mapped("amount_received")), 2)
        self.assertFalse([line for line in lines if line.amount_residual < 0])


class TestBookingsOutOfOrder(ReceivingCommon):
    """60 of the histories that ``./dev bench histories`` plays by the thousand."""

    def play(self, seeds):
        for seed in seeds:
            with self.subTest(seed=seed):
                savepoint = self.env.cr.savepoint(flush=True)
                try:
                    found = MoneyHistory(self.env, self.company, seed).play()
                finally:
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()
                    self.env.registry.clear_cache()
                self.assertEqual(found, [])

    def test_the_first_twenty(self):
        self.play(range(20))

    def test_the_next_twenty(self):
        self.play(range(20, 40))

    def test_the_last_twenty(self):
        self.play(range(40, 60))
