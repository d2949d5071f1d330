"""Totals of amount today by SQL are those of the lines, whatever was paid."""

import random
from datetime import date, timedelta

from freezegun import freeze_time

from ..ladder.dunning_common import DunningCommon
from ..receiving.receiving_common import ReceivingCommon

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


@freeze_time("2026-06-15 15:00:00")
class TestGroups(DunningCommon, ReceivingCommon):
    """Lists are grouped by what is not stored: situation, band, level reached, collector."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.env["res.users"].create({"name": "Own collector", "login": "own.collector"})
        cls.chief = cls.env["res.users"].create({"name": "Chief", "login": "chief.collector"})
        cls.env.company.dunning_user_id = cls.chief

    def groups(self, lines, name):
        """{value: number of lines} and each group's domain finds just its lines."""
        found = {}
        for row in self.env["account.move.line"].formatted_read_group(
            [("id", "in", lines.ids)], [name], ["__count", "amount_residual:sum"]
        ):
            value = row[name][0] if isinstance(row[name], tuple) else row[name]
            inside = self.env["account.move.line"].search(
                [("id", "in", lines.ids), *row["__extra_domain"]]
            )
            self.assertEqual(len(inside), row["__count"], f"{name} = {value}")
            self.assertEqual(
                {line[name].id if name.endswith("_id") else line[name] for line in inside}, {value}
            )
            found[value] = row["__count"]
        return found

    def test_situation_and_band(self):
        lines = self.make_installments(
            ("2026-03-16", "10.00"),  # 91 days late
            ("2026-03-17", "10.00"),  # 90
            ("2026-04-15", "10.00"),  # 61
            ("2026-04-16", "10.00"),  # 60
            ("2026-05-15", "10.00"),  # 31
            ("2026-05-16", "10.00"),  # 30
            ("2026-06-14", "10.00"),  # 1
            ("2026-06-15", "10.00"),  # today
            ("2026-07-15", "10.00"),
        )
        paid = self.make_installments(("2026-06-01", "10.00"), partner=self.make_customer("Paid"))
        owed = paid._amounts_today(TODAY)[paid.id].total
        self.receive(paid, ("cash", str(owed)), on="2026-06-15")
        every = lines + paid
        self.assertEqual(
            self.groups(every, "installment_state"),
            {"overdue": 7, "due": 1, "open": 1, "paid": 1},
        )
        self.assertEqual(
            self.groups(every, "late_band"),
            {"late_01_30": 2, "late_31_60": 2, "late_61_90": 2, "late_91": 1, "not_late": 3},
        )

    def test_collector_is_the_customers_salesperson_or_the_companys(self):
        theirs = self.make_customer("Theirs")
        theirs.user_id = self.own
        lines = self.make_installments(("2026-06-01", "10.00"), ("2026-07-01", "10.00"))
        of_own = self.make_installments(("2026-06-01", "10.00"), partner=theirs)
        self.assertEqual(
            self.groups(lines + of_own, "collector_id"), {self.chief.id: 2, self.own.id: 1}
        )
        self.env.company.dunning_user_id = False
        self.assertEqual(self.groups(lines + of_own, "collector_id"), {False: 2, self.own.id: 1})

    def test_level_reached(self):
        late = self.make_installments(("2026-06-05", "100.00"))
        later = self.make_installments(("2026-12-05", "100.00"))
        self.run_ladder("2026-06-15")
        reached = late.dunning_level_id
        self.assertTrue(reached)
        self.assertEqual(self.groups(late + later, "dunning_level_id"), {reached.id: 1, False: 1})

    def test_grouped_list_is_offered(self):
        names = ["installment_state", "late_band", "dunning_level_id", "collector_id"]
        described = self.env["account.move.line"].fields_get(names, ["groupable"])
        self.assertEqual({field["groupable"] for field in described.values()}, {True})
