"""Totals of amount today by SQL are those of the lines, whatever was paid."""

import random
from datetime import date, timedelta

from freezegun import freeze_time

from .receiving_common import ReceivingCommon

TODAY = date(2026, 6, 15)
NAMES = ("amount_today", "late_fine", "late_interest", "days_late")


@freeze_time("2026-06-15 15:00:00")
class TestTotals(ReceivingCommon):
    def totals_of(self, lines, groupby=()):
        rows = self.env["account.move.line"]._read_group(
            [("id", "in", lines.ids)], groupby, [f"{name}:sum" for name in NAMES]
        )
        return {row[:-4]: tuple(round(value, 2) for value in row[-4:]) for row in rows}

    def expected(self, lines):
        lines.invalidate_recordset()
        return tuple(round(sum(lines.mapped(name)), 2) for name in NAMES)

    def random_lines(self, rng):
        plans = [
            self.make_plan(grace_days=rng.choice((0, 0, 3, 10)), late_interest_percent=rate)
            for rate in (0.0, 0.33, 1.0)
        ]
        lines = self.env["account.move.line"]
        for _contract in range(6):
            dues = sorted(TODAY + timedelta(days=rng.randint(-700, 60)) for _k in range(5))
            lines += self.make_installments(
                *((str(due), f"{rng.randint(1, 40000) / 100:.2f}") for due in dues),
                plan=rng.choice(plans),
            )
        lines += self.make_installments(("2019-03-11", "55.55"))
        return lines

    def pay_at_random(self, lines, rng):
        for line in rng.sample(list(lines), 12):
            day = TODAY - timedelta(days=rng.randint(-10, 300))
            owed = line._amounts_today(day)[line.id].total
            amount = f"{max(rng.randint(1, 130) * float(owed) / 100, 0.01):.2f}"
            receipt = self.receive(line, ("cash", amount), on=str(day))
            if rng.random() < 0.2:
                receipt._cancel("Mistake")

    def test_sql_is_the_domain(self):
        rng = random.Random(20260615)
        lines = self.random_lines(rng)
        self.pay_at_random(lines, rng)
        self.assertEqual(self.totals_of(lines), {(): self.expected(lines)})
        for (plan,), totals in self.totals_of(lines, ["crediario_plan_id"]).items():
            of_plan = lines.filtered(lambda line, plan=plan: line.crediario_plan_id == plan)
            self.assertEqual(totals, self.expected(of_plan))
        for line in lines:
            self.assertEqual(self.totals_of(line), {(): self.expected(line)}, line.name)

    def test_hand_made_figures(self):
        """Due Mon 16 Feb 2026, 119 days late: 2.00 and 100 × 1% / 30 × 119 = 3.97."""
        lines = self.make_installments(("2026-02-16", "100.00"), ("2026-07-16", "50.00"))
        self.assertEqual(self.totals_of(lines), {(): (155.97, 2.0, 3.97, 119)})

    def test_the_list_asks_for_its_totals(self):
        fields = self.env["account.move.line"].fields_get(NAMES, ["aggregator", "sortable"])
        self.assertEqual({field["aggregator"] for field in fields.values()}, {"sum"})

    def test_sorted_by_amount_today(self):
        lines = self.make_installments(
            ("2026-02-16", "100.00"), ("2026-01-05", "100.00"), ("2026-07-16", "100.00")
        )
        found = self.env["account.move.line"].search(
            [("id", "in", lines.ids)], order="amount_today desc"
        )
        self.assertEqual(found, lines[1] + lines[0] + lines[2])
