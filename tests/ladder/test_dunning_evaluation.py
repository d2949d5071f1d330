"""The SQL of the ladder against the rules in ``domain``, on many random portfolios."""

import random
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo.tools import SQL

from odoo.addons.optica_cobranca.domain.crediario.late_charges import amount_today
from odoo.addons.optica_cobranca.domain.ladder.ladder import (
    InstallmentSnapshot,
    decide_customer,
    is_listed,
    merge,
)
from odoo.addons.optica_cobranca.tools.ladder.dunning_query import customers_in

from tests.ladder.dunning_common import DunningCommon

PORTFOLIOS = 40
CUSTOMERS = 4
INSTALLMENTS = 8
DAY = date(2026, 6, 15)
OFFSETS = (-40, -6, -5, -4, -2, -1, 0, 1, 2, 4, 5, 6, 9, 10, 11, 25, 30, 31, 400, 1826, 1827, 2500)


class TestEvaluationEqualsDomain(DunningCommon):
    """Random due dates, policies, rules, histories and pauses; the same decisions and cents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policies = (
            cls.policy
            + cls.make_policy("Late only", 3, 8)
            + cls.make_policy("On the day", -2, 0, 20)
        )
        cls.policies[1].level_ids[1].min_amount = 900.0
        cls.policies[2].level_ids[0].min_amount = 300.0
        cls.policies[2].level_ids[2].only_delivered = True
        cls.level(5).write({"min_amount": 1500.0, "only_delivered": True})
        # By segment, in this order; the third is an archived ladder, the last has no level.
        cls.segments = [
            cls.make_segment("New", 1, "ref", "new", -3, 2, 9),
            cls.make_segment("Returning", 2, "ref", "return", 7, 30),
            cls.make_segment("Archived", 3, "ref", "", 1, active=False),
            cls.make_segment("Without levels", 4, "ref", ""),
        ]
        cls.plans = [
            cls.make_plan("A", dunning_policy_id=False),
            cls.make_plan(
                "B", dunning_policy_id=cls.policies[1].id, grace_days=3, fine_percent=1.5
            ),
            cls.make_plan("C", late_interest_percent=0.33, fine_percent=0.0),
        ]
        cls.customers = [cls.make_customer(f"Customer {n}") for n in range(CUSTOMERS)]
        cls.calendar = cls.company._business_calendar()
        dues = [(DAY, "10.00")] * INSTALLMENTS
        cls.pool = [
            cls.make_installments(*dues, partner=partner, plan=plan)
            for partner in cls.customers
            for plan in cls.plans
        ]

    @classmethod
    def make_segment(cls, name, sequence, field, text, *offsets, **values):
        domain = str([(field, "ilike", text)])
        return cls.make_policy(name, *offsets, sequence=sequence, segment_domain=domain, **values)

    def test_random_portfolios(self):
        for seed in range(PORTFOLIOS):
            with self.subTest(seed=seed), self.cr.savepoint() as savepoint:
                self.check(random.Random(seed))
                savepoint.rollback()
                self.env.invalidate_all()

    def check(self, rng):
        facts = self.make_portfolio(rng)
        self.startPatcher(
            patch.object(
                self.env.registry["dunning.evaluation"],
                "_undelivered_queries",
                lambda *_args: [SQL("SELECT unnest(%s::int[])", self.awaited)],
            )
        )
        evaluation = self.env["dunning.evaluation"].sudo().with_company(self.company)
        rules = evaluation._ladder_rules(self.company, DAY)
        rows = {
            row["line_id"]: row
            for row in evaluation._decide(
                rules, customers_in([partner.id for partner in self.customers])
            )
        }
        expected = self.expect(facts)
        for partner in self.customers:
            # The oldest first: on a tie of levels it names the notice.
            mine = sorted(
                (line for line in facts if facts[line]["partner"] == partner),
                key=lambda line: (facts[line]["due"], line),
            )
            winner = merge(expected[line] for line in mine)
            for line in mine:
                self.compare(facts[line], expected[line], winner, rows.get(line))
        self.run_ladder(DAY.isoformat())
        noticed = {n.partner_id: n.level_id.id for n in self.notices(DAY)}
        for partner in self.customers:
            winner = merge(
                expected[line]
                for line in sorted(facts, key=lambda line: (facts[line]["due"], line))
                if facts[line]["partner"] == partner
            )
            self.assertEqual(noticed.get(partner), winner and winner.key)

    def make_portfolio(self, rng):
        """Scatter the pooled lines by SQL; returns {line id: facts} as the domain sees them."""
        awaited = []
        for partner in self.customers:
            own = rng.choice([False, False, False, *self.policies])
            partner.with_company(self.company).sudo().dunning_policy_id = own
            partner.sudo().dunning_excluded = rng.random() < 0.1
            partner.ref = rng.choice([False, "new", "returning", "return of the new"])
        for lines in self.pool:
            lines.move_id.sudo().dunning_policy_id = rng.choice(
                [False, False, self.policies[1], self.segments[3]]
            )
            if rng.random() < 0.3:
                awaited.append(lines.move_id.id)
        self.env.flush_all()
        self.awaited = awaited
        facts = {}
        for lines in self.pool:
            for line in rng.sample(lines, rng.randint(0, INSTALLMENTS)):
                facts[line.id] = self.scatter(rng, line)
            unused = [line.id for line in lines if line.id not in facts]
            self.env.cr.execute(
                "UPDATE account_move_line SET amount_residual = 0 WHERE id = ANY(%s)", [unused]
            )
        self.env.invalidate_all()
        return facts

    def policy_of(self, line):
        """The ladder by the order of choice; one without levels is no ladder."""
        partner, plan = line.partner_id, line.crediario_plan_id
        ref = partner.ref or ""
        chosen = [
            partner.with_company(self.company).dunning_policy_id,
            line.move_id.sudo().dunning_policy_id,
            plan.dunning_policy_id,
            "new" in ref and self.segments[0],
            "return" in ref and self.segments[1],
            self.policy,
        ]
        return next(policy for policy in chosen if policy and policy.level_ids)

    def scatter(self, rng, line):
        due = DAY - timedelta(days=rng.choice(OFFSETS))
        residual = Decimal(rng.randint(1, 99999)) / 100
        self.env.cr.execute(
            """UPDATE account_move_line SET date_maturity = %s, debit = %s, balance = %s,
                      amount_residual = %s WHERE id = %s""",
            [due, residual, residual, residual, line.id],
        )
        plan = line.crediario_plan_id
        policy = self.policy_of(line)
        return {
            "partner": line.partner_id,
            "due": due,
            "residual": residual,
            "plan": plan,
            "policy": policy,
            "reached": self.remember(rng, line, policy, due),
            "awaited": line.move_id.id in self.awaited,
            "hold": "excluded" if line.partner_id.dunning_excluded else self.pause(rng, line),
        }

    def remember(self, rng, line, policy, due):
        """Some installments have a history, some of it of an earlier due date."""
        if rng.random() < 0.5:
            return None
        level = rng.choice(policy.level_ids)
        history = due if rng.random() < 0.7 else due - timedelta(days=10)
        self.env.cr.execute(
            """INSERT INTO dunning_notice
                      (company_id, partner_id, date, level_id, state)
               VALUES (%s, %s, %s, %s, 'done') RETURNING id""",
            [
                self.company.id,
                line.partner_id.id,
                date(2000, 1, 1) + timedelta(days=line.id),
                level.id,
            ],
        )
        self.env.cr.execute(
            """INSERT INTO dunning_notice_line
                      (notice_id, move_line_id, due_date, level_id, level_offset, advanced)
               VALUES (%s, %s, %s, %s, %s, TRUE)""",
            [self.env.cr.fetchone()[0], line.id, history, level.id, level.offset_days],
        )
        return level.offset_days if history == due else None

    def pause(self, rng, line):
        if rng.random() < 0.8:
            return None
        until = rng.choice([DAY, DAY - timedelta(days=1), False])
        self.hold(move_line_id=line.id, date_until=until)
        return None if until and until < DAY else "paused_installment"

    def expect(self, facts):
        """{line id: decision} by the rules in ``domain``."""
        decisions = {}
        for partner in self.customers:
            mine = [line for line, fact in facts.items() if fact["partner"] == partner]
            installments = [
                (self.snapshot(facts[line]), facts[line]["policy"].level_ids._as_domain())
                for line in mine
            ]
            decisions.update(zip(mine, decide_customer(installments), strict=True))
        return decisions

    def snapshot(self, fact):
        return InstallmentSnapshot(
            (DAY - fact["due"]).days,
            fact["reached"],
            fact["hold"],
            fact["residual"],
            fact["awaited"],
        )

    def compare(self, fact, decision, winner, row):
        if row is None:
            self.assertIsNone(decision.key, f"missing: {fact}")
            return
        self.assertEqual(row["advances"], decision.level_offset is not None, fact)
        if row["advances"]:
            self.assertEqual(row["level_id"], decision.key, fact)
        self.assertEqual(row["hold"] is not None, decision.is_held, fact)
        listed = winner is not None and is_listed(self.snapshot(fact), decision)
        self.assertEqual(row["listed"], listed, fact)
        if listed:
            amount = amount_today(
                fact["residual"], fact["due"], fact["plan"]._charge_terms(), DAY, self.calendar
            )
            # Odoo's cursors give numeric columns as floats.
            charges = tuple(Decimal(str(row[name])) for name in ("fine", "interest"))
            self.assertEqual(charges, (amount.fine, amount.interest), fact)
