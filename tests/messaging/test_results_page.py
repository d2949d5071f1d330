"""The page of results: its figures, what they open, and who sees what."""

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from tests.messaging.results_common import NOW, ResultsCommon


class TestResultsPage(ResultsCommon):
    def setUp(self):
        super().setUp()
        self.manager = self.worker("manager")
        ana, bia = self.make_late("Ana"), self.make_late("Bia")
        self.message(ana, "2026-02-02 10:00", "read", cost=0.5)
        self.message(bia, "2026-02-03 11:00", "sent", template=self.other_template, cost=0.5)
        self.message(
            bia,
            "2026-02-04 11:00",
            "cancelled",
            sent_at=False,
            reason="cap",
            failed_at=self.local("2026-02-04 11:00"),
        )
        self.pay(self.line_of(ana), "100.00", on="2026-02-03")
        self.tally()

    def worker(self, group):
        return new_test_user(
            self.env, login=f"results_{group}", groups=f"optica_cobranca.group_{group}"
        )

    def page(self, user=None, *arguments):
        with freeze_time(NOW):
            return self.env["contact.report"].with_user(user or self.manager).load(*arguments)

    def test_cards_compare_with_the_period_before(self):
        ana = self.make_late("Caio")
        self.message(ana, "2025-12-20 10:00", "sent")
        self.tally("2025-12-01", "2026-01-01")
        cards = {card["name"]: card for card in self.page()["cards"]}
        self.assertEqual(
            [cards[name]["value"] for name in ("sent", "delivered", "seen", "answered", "paid")],
            ["2", "50.0%", "50.0%", "0.0%", "50.0%"],
        )
        self.assertEqual(cards["sent"]["change_text"], "+100.0%")
        self.assertEqual(cards["paid"]["change_text"], "+50.0 points")
        self.assertIn("100.00", cards["paid"]["detail"])
        # 1.00 spent, 100.00 received
        self.assertTrue(cards["cost"]["detail"].startswith("1.00 per"))

    def test_two_messages_name_no_best_hour_and_no_best_message(self):
        """One paid, one did not: 29 more of each side are missing to 30, and that is said."""
        words = "Too early to tell: about 29 more messages are needed."
        self.assertEqual(
            self.page()["best"],
            [{"label": "Best hour", "missing": words}, {"label": "Best message", "missing": words}],
        )

    def test_best_hour_and_message(self):
        """Of 30 asked at 10 with one text, 15 pay; of 30 at 11 with the other, none."""
        for number in range(29):
            good, poor = self.make_late(f"Good {number}"), self.make_late(f"Poor {number}")
            self.message(good, "2026-02-02 10:00", "read")
            self.message(poor, "2026-02-03 11:00", "sent", template=self.other_template)
            if number % 2:
                self.pay(self.line_of(good), "100.00", on="2026-02-03")
        self.tally()
        found = [(best["name"], best["of"]) for best in self.page()["best"]]
        self.assertEqual(found, [("10h", "50.0% paid"), ("Late", "50.0% paid")])

    def test_refusals_and_what_they_open(self):
        page = self.page()
        [refusal] = page["refusals"]
        self.assertEqual((refusal["reason"], refusal["count"]), ("cap", "1"))
        domain = [*page["domain"], ("state", "=", "cancelled"), ("reason", "=", "cap")]
        action = self.env["contact.report"].with_user(self.manager).open_messages(domain)
        messages = self.env["contact.message"].search(action["domain"])
        self.assertEqual(messages.mapped("reason"), ["cap"])

    def test_rows_open_their_messages(self):
        for row in self.env["contact.report"].search([("company_id", "=", self.company.id)]):
            action = row.action_open_messages()
            found = self.env["contact.message"].search(action["domain"])
            self.assertEqual(len(found), row.messages)
            self.assertEqual(found.template_id, row.template_id)
            self.assertEqual({str(message.report_hour) for message in found}, {row.hour})
            self.assertEqual({message.report_day for message in found}, {row.day})

    def test_filters_of_the_analysis_open_messages(self):
        report = self.env["contact.report"]
        for domain, count in (
            ([("hour", "=", "10")], 1),
            ([("weekday", "=", "2")], 1),
            ([("day", ">=", "2026-02-03"), ("day", "<", "2026-02-05")], 2),
            ([("policy_id", "=", False), ("day", ">", "2026-02-01"), ("sent", ">", 0)], 3),
            ([("template_id", "=", self.template.id), ("hour", ">=", "12")], 0),
        ):
            action = report.open_messages([("company_id", "=", self.company.id), *domain])
            with self.subTest(domain=domain):
                self.assertEqual(self.env["contact.message"].search_count(action["domain"]), count)

    def test_today_is_counted_on_opening(self):
        self.message(self.make_late("Davi"), "2026-02-11 09:00", "sent")
        cards = {card["name"]: card for card in self.page(None, "week")["cards"]}
        self.assertEqual(cards["sent"]["value"], "1")

    def test_collectors_see_all_but_the_cost(self):
        page = self.page(self.worker("collector"))
        self.assertNotIn("cost", [card["name"] for card in page["cards"]])
        self.assertNotIn("cost", page["templates"][0])
        report = self.env["contact.report"].with_user(self.worker_of("collector"))
        with self.assertRaises(AccessError):
            report._read_group([], [], ["cost:sum"])
        with self.assertRaises(AccessError):
            report._read_group([], [], ["cost_per_paid:avg"])

    def worker_of(self, group):
        return self.env["res.users"].search([("login", "=", f"results_{group}")])

    def test_sellers_see_nothing_of_it_and_nobody_writes(self):
        seller = self.worker("seller")
        with self.assertRaises(AccessError):
            self.page(seller)
        report = self.env["contact.report"]
        with self.assertRaises(AccessError):
            report.with_user(seller).search([])
        with self.assertRaises(AccessError):
            report.with_user(self.manager).search([], limit=1).write({"paid": 9})

    def test_other_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        row = self.env["contact.report"].search([("company_id", "=", self.company.id)], limit=1)
        row.copy({"company_id": other.id})
        self.assertEqual(self.page()["cards"][0]["value"], "2")
        self.assertFalse(
            self.env["contact.report"]
            .with_user(self.manager)
            .search_count([("company_id", "=", other.id)])
        )
