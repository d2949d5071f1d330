"""Each day's real run equals the forecast of that day, on random portfolios."""

import random
from datetime import timedelta

from freezegun import freeze_time

from tests.ladder.test_dunning_forecast import FIRST, ForecastCase


class TestForecastEqualsRuns(ForecastCase):
    """Random portfolios: forecast N days, then really run them one after the other."""

    DAYS = 9

    def build(self, seed):
        dice = random.Random(seed)
        soft = self.make_policy("Soft", -2, 3, 8, 12, 20)
        named = self.make_policy(
            "By name", 1, 7, 9, segment_domain="[('name', 'in', ['P3', 'P4', 'P5'])]"
        )
        strict = self.make_policy("Strict", -3, -1, 0, 2, 4, 6)
        (soft | strict | named | self.policy).level_ids.filtered(
            lambda level: level.offset_days in (4, 8, 10)
        ).needs_approval = True
        self.level(15).min_amount = self.level(5).min_amount = 200
        plan = self.make_plan("Strict plan", dunning_policy_id=strict.id, grace_days=2)
        partners = []
        for number in range(14):
            partner = self.make_customer(f"P{number}")
            partners.append(partner)
            if dice.random() < 0.2:
                partner.sudo().dunning_policy_id = soft
            partner.sudo().dunning_excluded = dice.random() < 0.1
            dues = [
                (
                    FIRST - timedelta(days=dice.randint(-14, 34)),
                    f"{dice.randint(500, 40000) / 100:.2f}",
                )
                for _installment in range(dice.randint(1, 4))
            ]
            lines = self.make_installments(
                *((str(due), value) for due, value in dues),
                partner=partner,
                plan=dice.choice((self.plan, plan)),
            )
            self.hold_some(dice, partner, lines)
            self.promise_some(dice, partner, lines)
            if dice.random() < 0.2:
                self.pay(lines[0], amount="3.00", on=str(FIRST - timedelta(days=1)))
        return partners

    def hold_some(self, dice, partner, lines):
        target = dice.choice(
            [
                {},
                {},
                {"partner_id": partner.id},
                {"move_id": lines.move_id.id},
                {"move_line_id": lines[0].id},
            ]
        )
        if target:
            start = FIRST + timedelta(days=dice.randint(-5, 5))
            self.hold(
                date_from=start,
                date_until=start + timedelta(days=dice.randint(0, 6)),
                **target,
            )

    def promise_some(self, dice, partner, lines):
        """One in four of those who are late promises to pay within the week."""
        late = lines.filtered(lambda line: line.date_maturity < FIRST)
        day = FIRST + timedelta(days=dice.randint(1, 6))
        if late and dice.random() < 0.25:
            self.env["dunning.promise"]._register_promise(partner, self.company, day, lines=late)

    def check(self, seed):
        self.build(seed)
        self.run_ladder(FIRST - timedelta(days=2))
        forecast = self.forecast(days=self.DAYS)
        foreseen = self.said(forecast.line_ids)
        self.assertTrue(foreseen)
        for ahead in range(self.DAYS):
            day = FIRST + timedelta(days=ahead)
            with freeze_time(f"{day} 10:00:00"):
                self.run_ladder(day)
            self.assertEqual(
                self.said(self.notices(day)),
                [row for row in foreseen if row[0] == str(day)],
                f"seed {seed}, {day}",
            )
        waiting = {
            (line.date, line.partner_id) for line in forecast.line_ids if line.needs_approval
        }
        really = self.env["dunning.notice"].search(
            [("state", "=", "waiting"), ("date", ">=", FIRST)]
        )
        self.assertEqual({(notice.date, notice.partner_id) for notice in really}, waiting)

    def test_random_portfolio_1(self):
        self.check(1)

    def test_random_portfolio_2(self):
        self.check(2)

    def test_random_portfolio_3(self):
        self.check(3)
