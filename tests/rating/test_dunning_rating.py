"""The nightly rating: letters, months, ranges; who may see it and start it."""

from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.optica_cobranca.domain.rating.rating import months_between

from tests.rating.rating_common import DAY, RatingCommon


class TestRatingRun(RatingCommon):
    def test_good_customer_gets_an_a(self):
        """100% → 35, 0 → 20, 0 → 20, 10, 5 months → 2 (from 11 December), nothing open → 5."""
        rating = self.rate(self.make_good(count=5))
        self.assertEqual((rating.letter, rating.points), ("A", 92))

    def test_new_customer_gets_none(self):
        partner = self.make_good(count=2)
        self.assertFalse(self.rate(partner))
        self.assertFalse(partner.dunning_rating)

    def test_one_row_a_month(self):
        partner = self.make_good(count=5)
        first = self.rate(partner, date(2026, 6, 9))
        again = self.rate(partner, date(2026, 6, 30))
        self.assertEqual(again, first)
        self.assertEqual(again.computed_on, date(2026, 6, 30))
        july = self.rate(partner, date(2026, 7, 1))
        self.assertNotEqual(july, first)
        self.assertFalse(first.current)
        self.assertEqual(first.computed_on, date(2026, 6, 30))
        rows = self.ratings.search([("partner_id", "=", partner.id)])
        self.assertEqual(rows.mapped("month"), [date(2026, 7, 1), date(2026, 6, 1)])

    def test_whole_company_in_ranges(self):
        good = [self.make_good(f"Good {number}") for number in range(3)]
        new = self.make_good("New", count=1)
        with (
            patch("odoo.addons.optica_cobranca.models.rating.dunning_rating_run.BATCH_SIZE", 2),
            freeze_time("2026-06-09 12:00:00"),
        ):
            steps = []
            runs = self.env["dunning.rating.run"]
            self.assertFalse(runs._rate_company(self.company, DAY, lambda run: False))
            run = runs.search([("company_id", "=", self.company.id), ("date", "=", DAY)])
            self.assertEqual(run.state, "running")
            self.assertTrue(run.ranges)
            self.assertTrue(
                runs._rate_company(self.company, DAY, lambda r: steps.append(1) or True)
            )
        self.assertTrue(steps)
        self.assertEqual(run.state, "done")
        self.assertFalse(run.ranges)
        self.assertGreater(run.customer_count, run.rated_count)
        self.assertTrue(all(self.current(partner) for partner in good))
        self.assertFalse(self.current(new))

    def test_done_is_done_unless_asked_again(self):
        partner = self.make_good()
        runs = self.env["dunning.rating.run"]
        runs._rate_company(self.company, DAY)
        self.current(partner).sudo().unlink()
        runs._rate_company(self.company, DAY)
        self.assertFalse(self.current(partner))
        runs._rate_company(self.company, DAY, again=True)
        self.assertTrue(self.current(partner))

    def test_a_rating_ends_when_nothing_is_left_to_say(self):
        partner = self.make_good()
        self.env["dunning.rating.run"]._rate_company(self.company, DAY)
        self.assertEqual(partner.dunning_rating, "A")
        self.env["dunning.rating.run"]._rate_company(self.company, date(2028, 6, 10))
        self.assertFalse(partner.dunning_rating)
        self.assertEqual(len(self.ratings.search([("partner_id", "=", partner.id)])), 1)

    def test_cron(self):
        partner = self.make_good()
        with freeze_time("2026-06-09 06:00:00"), self.enter_registry_test_mode():
            self.env.ref("optica_cobranca.ir_cron_dunning_rating").method_direct_trigger()
        self.assertEqual(self.current(partner).letter, "A")
        self.assertEqual(self.current(partner).computed_on, DAY)

    def test_merged_customers_have_one_history(self):
        one, other = self.make_good("One"), self.make_good("Other")
        self.rate(one, date(2026, 5, 12))
        self.rate(one)
        self.rate(other)
        self.env["base.partner.merge.automatic.wizard"]._merge((one | other).ids, other)
        self.assertEqual(
            self.ratings.search([("partner_id", "=", other.id)]).mapped("month"), [date(2026, 6, 1)]
        )
        self.assertEqual(self.facts(other).due_count, 8)

    def test_limits_of_the_letters(self):
        partner = self.make_good(count=5)
        self.company.rating_a_points = 95
        self.assertEqual(self.rate(partner).letter, "B")
        with self.assertRaises(ValidationError):
            self.company.rating_b_points = 95


class TestRatingOnTheCustomer(RatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = cls.make_good()
        cls.new = cls.make_customer("New")
        cls.contact = cls.make_customer("Contact", parent_id=cls.good.id, type="other")
        cls.rate(cls.good)

    def find(self, *domain):
        ours = self.good | self.new | self.contact
        return self.env["res.partner"].search([("id", "in", ours.ids), *domain])

    def test_shown_on_the_customer_and_the_contact(self):
        self.assertEqual(self.good.dunning_rating, "A")
        self.assertEqual(self.contact.dunning_rating_points, self.good.dunning_rating_points)
        self.assertFalse(self.new.dunning_rating)

    def test_search_by_letter(self):
        self.assertEqual(self.find(("dunning_rating", "=", "A")), self.good | self.contact)
        self.assertEqual(self.find(("dunning_rating", "in", ("B", "C"))), self.env["res.partner"])
        self.assertEqual(self.find(("dunning_rating", "=", False)), self.new)
        self.assertEqual(self.find(("dunning_rating", "!=", False)), self.good | self.contact)
        self.assertEqual(self.find(("dunning_rating", "!=", "A")), self.new)

    def test_search_by_points(self):
        self.assertEqual(self.find(("dunning_rating_points", ">=", 85)), self.good | self.contact)
        self.assertEqual(self.find(("dunning_rating_points", "<", 85)), self.new)
        self.assertEqual(self.find(("dunning_rating_points", "=", 0)), self.new)

    def test_of_the_company_one_works_in(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self.good.with_company(other).dunning_rating)

    def make_user(self, *groups):
        return self.env["res.users"].create(
            {
                "name": "User",
                "login": "rating user",
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "group_ids": [Command.set([self.env.ref(group).id for group in groups])],
            }
        )

    def test_now(self):
        collector = self.make_user("optica_cobranca.group_collector")
        with freeze_time("2026-07-02 12:00:00"):
            self.good.with_user(collector).action_rate_now()
        self.assertEqual(self.current(self.good).computed_on, date(2026, 7, 2))
        self.assertTrue(self.current(self.good).with_user(collector).explanation)

    def test_seller_sees_the_letter_and_starts_nothing(self):
        seller = self.make_user("optica_cobranca.group_seller")
        self.assertEqual(self.good.with_user(seller).dunning_rating, "A")
        with self.assertRaises(AccessError):
            self.good.with_user(seller).action_rate_now()
        with self.assertRaises(AccessError):
            self.ratings.with_user(seller).search([])

    def test_nobody_writes_ratings_by_hand(self):
        collector = self.make_user("optica_cobranca.group_manager")
        with self.assertRaises(AccessError):
            self.current(self.good).with_user(collector).letter = "E"


class TestMonths(RatingCommon):
    def test_search_counts_months_as_the_rule(self):
        """First contract on 31 December 2025: one month on 31 January, two on 28 February."""
        partner = self.make_customer()
        self.make_installments(("2026-01-30", "100.00"), partner=partner)
        for day, months in [("2026-01-30", 0), ("2026-01-31", 1), ("2026-02-28", 2)]:
            with self.subTest(day=day), freeze_time(f"{day} 15:00:00"):
                self.env.invalidate_all()
                self.assertEqual(partner.crediario_months, months)
                self.assertEqual(
                    months_between(date(2025, 12, 31), date.fromisoformat(day)), months
                )
                found = self.env["res.partner"].search(
                    [("id", "=", partner.id), ("crediario_months", "=", months)]
                )
                self.assertEqual(found, partner)
