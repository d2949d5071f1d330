"""Random histories of contracts, with bookings out of order, and what must hold in each.

A history is played on two contracts of one customer by the product's own methods: money at the
counter and by Odoo's own wizard, also dated back; waivers, extensions, credit notes, agreements
and their breach, undone receipts, returned cheques, locked months, merged customers. After each
act it is looked at, and what does not hold is a *violation*, a sentence. The same seed plays the
same history. ``tests/crediario`` plays some, ``./dev bench histories`` many.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError

from odoo.addons.optica_cobranca.domain.crediario.late_charges import (
    AmountToday,
    DueMove,
    Payment,
    amount_today,
    apply_payment,
)
from odoo.addons.optica_cobranca.domain.shop.money import cents
from odoo.addons.optica_cobranca.tools.receiving.receiving_order import (
    Method,
    ReceivingOrder,
    Waiver,
)

SIGNED = date(2026, 1, 5)
ZERO = Decimal("0.00")
# Of each act as many as it comes up.
ACTS = (
    *["pay"] * 4,
    *["pay_before"] * 5,
    *["core"] * 2,
    "waive",
    "waive_before",
    *["extend"] * 2,
    "extend_waiving",
    *["credit_note"] * 2,
    *["undo"] * 2,
    "undo_at_once",
    "returned",
    "lock",
    "merge",
    "agree",
    "breach",
)


@dataclass
class Facts:
    """What is known of one installment, whenever it became known."""

    money: list[tuple[date, Decimal, int]] = field(default_factory=list)
    credits: list[Payment] = field(default_factory=list)
    moves: list[DueMove] = field(default_factory=list)
    # A waiver or an agreement is a decision on the figures of its day: another order, another one.
    decided: bool = False


class MoneyHistory:
    """One history, played by :meth:`play` in an environment that is rolled back afterwards.

    :param env: of a user who may all that a manager may
    :param company: one with Brazil's chart and our accounts
    """

    def __init__(self, env, company, seed):
        self.env = env(su=True)
        self.company = company.with_env(self.env)
        self.random = random.Random(seed)
        self.day = SIGNED
        self.violations = []
        self.facts = defaultdict(Facts)
        self.undoable = []
        self.agreement = self.env["crediario.agreement"]
        self.told = []

    # ------------------------------------------------------------ playing

    def play(self, acts=8):
        """Play and look after each act.

        :return: the violations found, a sentence each
        """
        with (
            freeze_time(SIGNED) as self.clock,
            patch.object(self.env.registry["dunning.promise"], "_commit_batch", lambda *args: None),
        ):
            self.begin()
            for _act in range(acts):
                self.day += timedelta(days=self.random.randint(0, 25))
                self.clock.move_to(f"{self.day} 15:00:00")
                self.act(self.random.choice(ACTS))
            self.day += timedelta(days=self.random.randint(1, 60))
            self.clock.move_to(f"{self.day} 15:00:00")
            self.check()
        return self.violations

    def begin(self):
        """Two contracts of one customer, a plan of their own and the shop's cash and bank."""
        self.partner = self.make_partner("Maria da Silva")
        self.plan = self.env["crediario.plan"].create(
            {
                "name": "History",
                "company_id": self.company.id,
                "max_installments": 48,
                "min_installment_value": 0.01,
                "first_due_min_days": 0,
                "first_due_max_days": 3650,
                "fine_percent": self.random.choice((2.0, 2.0, 1.0, 0.0)),
                "late_interest_percent": self.random.choice((1.0, 1.0, 0.33, 0.0)),
                "grace_days": self.random.choice((0, 0, 0, 5)),
            }
        )
        journals = self.env["account.journal"].search([("company_id", "=", self.company.id)])
        self.cash = self.company._usual_cash_journal()
        self.bank = journals.filtered(lambda journal: journal.type == "bank")[:1]
        self.accounts = self.company._receiving_accounts()
        self.before = {kind: self.booked(kind) for kind in ("fine", "interest")}
        self.lines = self.env["account.move.line"]
        for count in (2, 1):
            first_due = SIGNED + timedelta(days=self.random.randint(15, 45))
            total = self.random.randint(5000, 90000)
            self.lines += self.contract(total, count, first_due).installment_ids
        self.lines = self.lines.sorted("id")
        self.policy = self.company.agreement_step_ids

    def make_partner(self, name):
        return self.env["res.partner"].create({"name": name, "company_id": False})

    def contract(self, total, count, first_due):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "company_id": self.company.id,
                "invoice_date": SIGNED,
                "crediario_plan_id": self.plan.id,
                "installment_count": count,
                "first_due_date": first_due,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Glasses",
                            "quantity": 1,
                            "price_unit": total / 100,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        move.action_post()
        return move

    def act(self, kind):
        """One act, looked at; one that makes no sense just now is left out."""
        try:
            with self.env.cr.savepoint():
                self.told.append((str(self.day), kind))
                getattr(self, f"do_{kind}")()
                self.env.flush_all()
        except UserError:
            # Refused with a sentence: nothing was done, and everything is as it was.
            self.env.invalidate_all()
            self.told.append("refused")
        self.check()

    # --------------------------------------------------------------- money

    def open_line(self):
        """One installment to act upon: open, and not in an agreement."""
        lines = self.lines.filtered(lambda line: line.amount_residual > 0)
        return self.random.choice(lines) if lines else None

    def receive(self, line, on, amount=None, waive=False):
        """Money at the counter for one installment; a share of what it costs that day."""
        owed = line._amounts_today(on)[line.id]
        waiver = Waiver(max(owed.fine, ZERO), max(owed.interest, ZERO)) if waive else Waiver()
        most = owed.total - waiver.total
        amount = min(cents(most), self.some_of(line))
        if amount <= 0:
            return None
        receipt = self.env["crediario.receipt"]._receive(
            line,
            ReceivingOrder(
                on=on,
                methods=(Method(self.random.choice((self.cash, self.bank)), amount),),
                waivers={line.id: waiver} if waiver.total else {},
                waiver_reason="Agreed" if waiver.total else "",
            ),
        )
        self.facts[line.id].money.append((on, amount, receipt.id))
        self.facts[line.id].decided |= bool(waiver.total)
        self.undoable.append((line, receipt))
        return receipt

    def some_of(self, line):
        """A part of an installment that leaves something for the acts to come."""
        return cents(Decimal(str(line.balance)) * self.random.randint(1, 25) / 100)

    def earlier(self):
        """A day that lies back, the contract's first one at the earliest."""
        return max(self.day - timedelta(days=self.random.randint(1, 28)), SIGNED)

    def do_pay(self):
        if line := self.open_line():
            self.receive(line, self.day)

    def do_pay_before(self):
        if line := self.open_line():
            self.receive(line, self.earlier())

    def do_core(self):
        """Odoo's own wizard, at times dated back."""
        if not (line := self.open_line()):
            return
        on = self.random.choice((self.day, self.earlier()))
        amount = min(self.some_of(line), cents(line._amounts_today(on)[line.id].total))
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move.line", active_ids=line.ids)
            .create({"payment_date": on, "journal_id": self.bank.id})
        )
        wizard.amount = float(amount)
        payment = wizard._create_payments()
        receipt = self.env["crediario.receipt"].search([("payment_ids", "in", payment.ids)])
        self.facts[line.id].money.append((on, amount, receipt.id))
        self.undoable.append((line, receipt))

    def do_waive(self):
        if line := self.open_line():
            self.receive(line, self.day, waive=True)

    def do_waive_before(self):
        if line := self.open_line():
            self.receive(line, self.earlier(), waive=True)

    def do_undo(self):
        if self.undoable:
            self.undo(*self.undoable.pop(self.random.randrange(len(self.undoable))))

    def undo(self, line, receipt):
        if receipt.state == "posted":
            receipt._cancel("Checking")
            self.forget(line, receipt)

    def forget(self, line, receipt):
        facts = self.facts[line.id]
        facts.money = [fact for fact in facts.money if fact[2] != receipt.id]

    def do_undo_at_once(self):
        """What was booked a moment ago is undone: every figure is what it was, to the cent."""
        line = self.open_line()
        if not line:
            return
        before, decided = self.amounts(), self.facts[line.id].decided
        receipt = self.receive(line, self.earlier(), waive=self.random.random() < 0.3)
        if receipt:
            self.undo(*self.undoable.pop())
            self.facts[line.id].decided = decided
            self.expect(self.amounts() == before, f"undo leaves {self.amounts()}, was {before}")

    def do_returned(self):
        """A payment is taken back by Odoo's own reversal of its entry."""
        alive = [pair for pair in self.undoable if pair[1].state == "posted"]
        if not alive:
            return
        line, receipt = self.random.choice(alive)
        self.undoable.remove((line, receipt))
        move = receipt.payment_ids.move_id
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id})
        )
        wizard.refund_moves()
        self.expect(receipt.state == "cancelled", f"{receipt.name} lives on without its money")
        self.forget(line, receipt)

    # ------------------------------------------------------- other decisions

    def do_extend(self, *, waive=False):
        if not (line := self.open_line()):
            return
        new_due = max(line.date_maturity, self.day) + timedelta(days=self.random.randint(1, 40))
        charges = line._amounts_today(self.day)[line.id]
        self.env["crediario.extension"]._grant({line.id: new_due}, "Salary", waive)
        facts = self.facts[line.id]
        facts.moves.append(DueMove(self.day, new_due))
        facts.decided |= waive and (charges.fine > 0 or charges.interest > 0)

    def do_extend_waiving(self):
        self.do_extend(waive=True)

    def do_credit_note(self):
        """On one installment, for some of it, of today or of a day that lies back."""
        if not (line := self.open_line()):
            return
        on = self.random.choice((self.day, self.earlier()))
        amount = min(self.some_of(line), cents(line.amount_residual))
        note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": line.partner_id.id,
                "company_id": self.company.id,
                "invoice_date": on,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Back", "price_unit": float(amount), "tax_ids": [Command.clear()]}
                    )
                ],
            }
        )
        note.action_post()
        credit = note.line_ids.filtered(lambda item: item.account_id == line.account_id)
        (credit + line).reconcile()
        self.facts[line.id].credits.append(Payment(on, amount))

    def do_lock(self):
        """The month before this one is locked from now on."""
        last = self.day.replace(day=1) - timedelta(days=1)
        if last > (self.company.fiscalyear_lock_date or date.min):
            self.company.fiscalyear_lock_date = last

    def do_merge(self):
        """The customer was registered twice: nothing that is owed changes."""
        twin = self.make_partner("Maria Silva")
        before = self.amounts()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.partner + twin).ids, twin)
        self.env.invalidate_all()
        self.partner = twin
        self.expect(self.amounts() == before, f"a merge leaves {self.amounts()}, was {before}")

    def do_agree(self):
        lines = self.lines.filtered(lambda line: line.amount_residual > 0)
        if self.agreement or not lines:
            return
        action = lines.action_propose_agreement()
        agreement = self.env["crediario.agreement"].browse(action["res_id"])
        agreement.write(
            {
                "installment_count": self.random.randint(1, 3),
                "first_due_date": self.day + timedelta(days=30),
            }
        )
        if agreement.state == "draft" and agreement.approval_reasons:
            agreement.action_approve()
        agreement.action_accept()
        self.agreement = agreement
        self.taken_in = lines
        for line in lines:
            self.facts[line.id].decided = True

    def do_breach(self):
        """Something is paid of the agreement, and then it is broken."""
        if self.agreement.state != "open":
            return
        part = self.agreement.installment_ids.filtered(lambda line: line.amount_residual > 0)[:1]
        if part and self.random.random() < 0.7:
            self.receive(part, self.day)
            self.undoable.pop()
        self.agreement._breach(self.day)

    # ------------------------------------------------------------- looking

    def check(self):
        """Everything that must hold at any time."""
        self.env.invalidate_all()
        self.check_fines()
        self.check_books()
        self.check_order()
        self.check_sql()

    def check_fines(self):
        """One fine of what the plan says at most, in an installment's whole life."""
        paid = self.charges_paid()
        for line in self.all_lines():
            fine, _interest = paid[line.id]
            most = cents(Decimal(str(line.balance)) * Decimal(str(self.plan.fine_percent)) / 100)
            self.expect(0 <= fine <= most, f"{line.name}: fines of {fine}, at most {most}")

    def check_books(self):
        """What the books have as charges is what customers paid as charges."""
        paid = self.charges_paid().values()
        for position, kind in enumerate(("fine", "interest")):
            booked = self.before[kind] - self.booked(kind)
            told = sum((charges[position] for charges in paid), ZERO)
            self.expect(booked == told, f"{kind} booked {booked}, paid {told}")
        for line in self.all_lines():
            self.expect(line.amount_residual >= 0, f"{line.name} is overpaid")

    def check_order(self):
        """What is owed is what it would be had everything been known on its day."""
        amounts = self.lines._amounts_today(self.day)
        for line in self.lines:
            facts = self.facts[line.id]
            if not facts.decided and line.amount_residual > 0:
                expected = self.in_order(line, facts)
                total = amounts[line.id].total
                self.expect(total == expected, f"{line.name}: {total} owed, in order {expected}")

    def in_order(self, line, facts):
        """What is owed of a line whose facts became known in the order of their days (BRL)."""
        due = facts.moves and line.extension_ids.sorted("id")[:1].old_due_date
        principal, calendar = cents(line.balance), self.company._business_calendar()
        terms = self.plan._charge_terms()
        known = list(facts.credits)
        moves = facts.moves

        def owed(on):
            past = [payment for payment in known if payment.on <= on]
            return amount_today(
                principal, due or line.date_maturity, terms, on, calendar, past, moves
            )

        for on, amount, _receipt in sorted(facts.money):
            state = owed(on)
            state = AmountToday(state.principal, state.fine, state.interest)
            known.append(apply_payment(amount, state).payment(on))
        return owed(self.day).total

    def check_sql(self):
        """The sums of lists are those of the installments."""
        lines = self.all_lines()
        [(total,)] = lines._read_group([("id", "in", lines.ids)], [], ["amount_today:sum"])
        told = sum((amount.total for amount in lines._amounts_today(self.day).values()), ZERO)
        self.expect(cents(total) == told, f"lists say {total}, installments {told}")

    # ------------------------------------------------------------- figures

    def all_lines(self):
        return self.lines | self.agreement.installment_ids

    def amounts(self):
        """What is owed of each installment today, as text."""
        self.env.invalidate_all()
        amounts = self.lines._amounts_today(self.day)
        return {line.id: str(amounts[line.id].total) for line in self.lines}

    def charges_paid(self):
        """(fine, interest) that was paid of each installment, by line id."""
        paid = defaultdict(lambda: (ZERO, ZERO))
        receipts = self.env["crediario.receipt.line"].search(
            [
                ("move_line_id", "in", self.all_lines().ids),
                ("receipt_id.state", "=", "posted"),
            ]
        )
        rows = [(row.move_line_id.id, row.fine, row.interest) for row in receipts]
        if self.agreement.state == "breached":
            rows += [
                (row.move_line_id.id, row.credited_fine, row.credited_interest)
                for row in self.agreement.line_ids
            ]
        elif self.agreement.move_id.state == "posted":
            # Owed as part of the new debt: paid as far as the old one goes.
            rows += [
                (
                    row.move_line_id.id,
                    row.fine - row.forgiven_fine,
                    row.interest - row.forgiven_interest,
                )
                for row in self.agreement.line_ids
            ]
        for key, fine, interest in rows:
            paid[key] = (paid[key][0] + cents(fine), paid[key][1] + cents(interest))
        return paid

    def booked(self, kind):
        """Balance of the account of a charge in posted entries (Decimal)."""
        [(balance,)] = self.env["account.move.line"]._read_group(
            [("account_id", "=", self.accounts[kind].id), ("parent_state", "=", "posted")],
            [],
            ["balance:sum"],
        )
        return cents(balance or 0)

    def expect(self, holds, sentence):
        if not holds:
            self.violations.append(f"{self.day}: {sentence} (after {self.told})")
