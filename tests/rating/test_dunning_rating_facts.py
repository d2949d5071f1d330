"""What the rating knows of a customer: figures from the ledger, as they were on a day."""

from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command

from odoo.addons.optica_cobranca.domain.rating.rating import ON_TIME_DAYS, windows
from odoo.addons.optica_cobranca.tools.ladder.dunning_query import customers_in

from tests.rating.rating_common import DAY, RatingCommon


class TestRatingFacts(RatingCommon):
    def make_mixed(self):
        """Five of 100.00: on the day, 3 days late, 10 late, in two parts to 20 late, still open."""
        partner = self.make_customer("Mixed")
        lines = self.make_installments(
            ("2026-01-10", "100.00"),
            ("2026-02-10", "100.00"),
            ("2026-03-10", "100.00"),
            ("2026-04-10", "100.00"),
            ("2026-05-10", "100.00"),
            partner=partner,
        )
        self.pay(lines[0], on=date(2026, 1, 10))
        self.pay(lines[1], on=date(2026, 2, 13))
        self.pay(lines[2], on=date(2026, 3, 20))
        self.pay(lines[3], "40.00", on=date(2026, 4, 10))
        self.pay(lines[3], on=date(2026, 4, 30))
        return partner

    def test_worked_customer(self):
        facts = self.facts(self.make_mixed())
        self.assertEqual(
            (facts.due_count, facts.on_time_count, facts.delay_days, facts.worst_delay),
            (5, 2, 0 + 3 + 10 + 20 + 30, 30),
        )
        self.assertEqual((facts.open_amount, facts.repaid_amount), (100, 400))
        self.assertEqual(facts.first_contract, date(2025, 12, 11))

    def test_worked_rating(self):
        """40% → 0; 12.6 days → 5; 30 → 8; none broken → 10; 5 months → 2; 25% → 5: 30, a D."""
        rating = self.rate(self.make_mixed())
        self.assertEqual((rating.letter, rating.points), ("D", 30))
        self.assertEqual([row["points"] for row in rating.detail], [0, 5, 8, 10, 2, 5])
        self.assertEqual(rating.on_time_share, 40.0)
        self.assertEqual(rating.average_delay, 12.6)
        self.assertEqual(rating.month, date(2026, 6, 1))
        self.assertIn("12.6 days", rating.explanation)

    def test_a_day_is_seen_as_it_was(self):
        """On 15 March three were due: two settled, the third 5 days late and not yet paid."""
        facts = self.facts(self.make_mixed(), date(2026, 3, 15))
        self.assertEqual(
            (facts.due_count, facts.on_time_count, facts.delay_days, facts.worst_delay),
            (3, 2, 0 + 3 + 5, 5),
        )
        self.assertEqual((facts.open_amount, facts.repaid_amount), (300, 200))

    def test_just_due_is_not_late_yet(self):
        partner = self.make_customer()
        self.make_installments(("2026-06-06", "100.00"), partner=partner)
        self.assertEqual(self.facts(partner).due_count, 0)
        self.assertEqual(self.facts(partner, date(2026, 6, 10)).due_count, 1)

    def test_paid_early_counts_as_punctual(self):
        partner = self.make_customer()
        line = self.make_installments(("2026-12-10", "100.00"), partner=partner)
        self.pay(line, on=date(2026, 6, 1))
        facts = self.facts(partner, date(2026, 11, 20))
        self.assertEqual((facts.due_count, facts.on_time_count, facts.delay_days), (1, 1, 0))

    def test_what_was_settled_long_ago_is_forgotten(self):
        partner = self.make_good(start="2023-01-10")  # settled until 10 April 2023
        self.assertEqual(self.facts(partner, date(2025, 1, 10)).due_count, 4)
        self.assertEqual(self.facts(partner, date(2025, 4, 9)).due_count, 1)
        self.assertEqual(self.facts(partner, date(2025, 4, 11)).due_count, 0)

    def test_more_than_five_years_late_is_forgotten(self):
        partner = self.make_customer()
        self.make_installments(("2020-01-10", "100.00"), partner=partner)
        limit = date(2020, 1, 10) + timedelta(days=1826)
        self.assertEqual(self.facts(partner, limit).due_count, 1)
        self.assertEqual(self.facts(partner, limit + timedelta(days=1)).due_count, 0)
        self.assertEqual(self.facts(partner, limit + timedelta(days=1)).open_amount, 100)

    def test_worst_delay_looks_back_twelve_months(self):
        partner = self.make_customer()
        line = self.make_installments(("2025-01-10", "100.00"), partner=partner)
        self.pay(line, on=date(2025, 3, 11))
        self.assertEqual(self.facts(partner, date(2026, 3, 11)).worst_delay, 60)
        self.assertEqual(self.facts(partner, date(2026, 3, 12)).worst_delay, 0)

    def test_imported_as_paid_counts_as_on_time(self):
        """Entered on 1 June with its payments of unknown days: in doubt for the customer."""
        partner = self.make_customer()
        old, late = self.make_installments(
            ("2025-02-10", "100.00"), ("2026-05-10", "100.00"), partner=partner
        )
        move = old.move_id
        move.button_draft()
        move.write({"name": False, "date": "2026-06-01"})
        move.line_ids = [
            Command.create(
                {
                    "account_id": old.account_id.id,
                    "partner_id": partner.id,
                    "credit": 100.0,
                    "name": "Paid before",
                }
            ),
            Command.create(
                {
                    "account_id": move.line_ids.filtered("credit")[:1].account_id.id,
                    "debit": 100.0,
                    "name": "Paid before",
                }
            ),
        ]
        move.action_post()
        (
            old | move.line_ids.filtered(lambda line: line.name == "Paid before" and line.credit)
        ).reconcile()
        self.assertEqual((old.amount_residual, late.amount_residual), (0.0, 100.0))
        facts = self.facts(partner)
        self.assertEqual(
            (facts.due_count, facts.on_time_count, facts.delay_days, facts.repaid_amount),
            (2, 1, 30, 100),
        )
        self.assertEqual(facts.first_contract, date(2025, 2, 10))

    def test_reversed_contract_says_nothing(self):
        partner = self.make_customer()
        invoice = self.make_invoice("300.00", 3, "2026-02-02", partner=partner)
        invoice._reverse_moves([{"date": date(2026, 3, 30)}], cancel=True)
        self.assertEqual(invoice.payment_state, "reversed")
        self.env.flush_all()
        self.assertNotIn(
            partner.id, self.ratings._facts(self.company, DAY, customers_in(partner.ids))
        )

    def test_of_one_company_only(self):
        self.assertEqual(
            self.ratings._facts(
                self.env["res.company"].create({"name": "Other"}),
                DAY,
                customers_in(self.make_mixed().ids),
            ),
            {},
        )

    def test_as_one_record_at_a_time(self):
        """The statement agrees with the history of each installment, whatever was paid when."""
        partners = self.env["res.partner"]
        for number in range(6):
            partner = self.make_customer(f"Customer {number}")
            partners |= partner
            lines = self.make_installments(
                *[(f"202{5 + m // 12}-{m % 12 + 1:02d}-15", "90.00") for m in range(3, 15)],
                partner=partner,
            )
            for index, line in enumerate(lines[: 4 + number]):
                late = (number * 7 + index * 11) % 50 - 5
                if (number + index) % 3 == 0:
                    self.pay(line, "30.00", on=line.date_maturity - timedelta(days=6))
                if (number + index) % 7 != 5:
                    self.pay(line, on=line.date_maturity + timedelta(days=late))
        for day in (date(2025, 9, 30), date(2026, 2, 28), DAY, date(2027, 8, 1)):
            facts = self.ratings._facts(self.company, day, customers_in(partners.ids))
            for partner in partners:
                with self.subTest(day=day, partner=partner.name):
                    self.assert_as_records(partner, day, facts[partner.id])

    def assert_as_records(self, partner, day, facts):
        lines = self.env["account.move.line"].search(
            [("partner_id", "=", partner.id), ("crediario_plan_id", "!=", False)]
        )
        since, histories = windows(day), lines._installment_payments()
        delays, worst, still_open, repaid = [], 0, 0, 0
        for line in lines:
            paid = [p for p in histories[line.id].later if p.principal and p.on <= day]
            left = round(line.balance - float(sum(p.principal for p in paid)), 2)
            still_open += left
            repaid += float(sum(p.principal for p in paid))
            settled = max((p.on for p in paid), default=None) if not left else None
            if line.date_maturity < since.oldest:
                continue
            delay = max(((settled or day) - line.date_maturity).days, 0)
            if settled and settled < since.installments or not settled and delay <= ON_TIME_DAYS:
                continue
            delays.append(delay)
            if not settled or settled >= since.worst_delay:
                worst = max(worst, delay)
        self.assertEqual(facts.due_count, len(delays))
        self.assertEqual(facts.on_time_count, sum(delay <= ON_TIME_DAYS for delay in delays))
        self.assertEqual(facts.delay_days, sum(delays))
        self.assertEqual(facts.worst_delay, worst)
        self.assertAlmostEqual(float(facts.open_amount), still_open, 2)
        self.assertAlmostEqual(float(facts.repaid_amount), repaid, 2)

    def test_promises_broken_in_the_window(self):
        partner = self.make_mixed()
        promises = self.env["dunning.promise"].sudo()
        for promised, state in [
            ("2026-05-20", "broken"),
            ("2026-05-25", "kept"),
            ("2026-06-20", "broken"),  # after the day of the rating
            ("2024-06-01", "broken"),  # more than two years ago
        ]:
            promises.create(
                {
                    "company_id": self.company.id,
                    "partner_id": partner.id,
                    "date": promised,
                    "amount": 50.0,
                    "state": state,
                    "user_id": self.env.uid,
                    "registered_at": "2024-05-01 12:00:00",
                }
            )
        self.assertEqual(self.facts(partner).broken_promises, 1)
        self.assertEqual(self.facts(partner, date(2026, 6, 30)).broken_promises, 2)
        with freeze_time("2026-06-30 12:00:00"):
            self.env.invalidate_all()
            found = self.env["res.partner"].search(
                [("id", "in", (partner | self.customer).ids), ("broken_promise_count", ">=", 2)]
            )
        self.assertEqual(found, partner)
