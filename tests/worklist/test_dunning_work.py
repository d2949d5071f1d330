"""The work list: who is shown, in which order, and who rests, with figures worked out by hand."""

from datetime import date
from decimal import Decimal

from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import UserError

from odoo.addons.optica_cobranca.domain.worklist.priority import priority

from .work_common import NOW, TODAY, WorkCommon


class TestRanking(WorkCommon):
    def test_amount_times_days(self):
        # On 20 March: 100 × 10 = 1000, 60 × 20 = 1200, 300 × 3 = 900.
        self.make_late("Ten days", "2026-03-10", "100.00")
        self.make_late("Twenty days", "2026-02-28", "60.00")
        self.make_late("Three days", "2026-03-17", "300.00")
        self.assertEqual(self.listed(), ["Twenty days", "Ten days", "Three days"])

    def test_all_late_installments_count_by_the_oldest(self):
        partner = self.make_customer("Two", phone="+55 11 96123-4567")
        # 100.00 + 50.50 late, the oldest for 10 days; what is due today or later is not late.
        self.make_installments(
            ("2026-03-10", "100.00"),
            ("2026-03-19", "50.50"),
            ("2026-03-20", "70.00"),
            ("2026-04-10", "70.00"),
            partner=partner,
        )
        with self.at():
            (row,) = self.work().load({})["rows"]
        self.assertEqual((row["lines"], row["days"], row["points"]), (2, 10, "1,505"))
        self.assertIn("150.50", row["amount"])

    def test_the_card_shows_the_formula_of_the_list(self):
        partner = self.make_late("Ten days", "2026-03-10", "100.00")
        card = self.open_card(partner)
        self.assertIn("× 1.0 (rating –) × 10 days = 1,000 points", card["formula"])
        standing = {"amount": 100.0, "letter": "", "days": 1, "company_id": self.company.id}
        self.assertIn("× 1.0 (rating –) × 1 day = 100 points", self.work()._formula(standing))
        # 2.00 fine, 10 days at 1% a month: 0.33.
        self.assertIn("102.33", card["total"])
        self.assertEqual([line["days"] for line in card["lines"]], [10])

    def test_five_years_late_is_not_called_for(self):
        self.make_late("Old", "2021-03-19", "100.00")
        self.make_late("Not yet", "2021-03-20", "100.00")
        self.assertEqual(self.listed(), ["Not yet"])

    @settings(max_examples=6, deadline=None)
    @given(
        st.lists(
            st.tuples(st.decimals("0.01", "9999.99", places=2), st.integers(1, 1826)),
            min_size=1,
            max_size=5,
        )
    )
    def test_the_statement_ranks_as_the_rule_does(self, debts):
        day = date(2026, 3, 20)
        with self.env.cr.savepoint() as savepoint:
            for number, (amount, days) in enumerate(debts):
                due = date.fromordinal(day.toordinal() - days)
                self.make_late(f"Customer {number}", str(due), str(amount))
            expected = sorted(
                (priority(Decimal(amount), None, days).points for amount, days in debts),
                reverse=True,
            )
            with self.at():
                rows = self.work().load({})["rows"]
            points = [int(row["points"].replace(",", "")) for row in rows]
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertEqual(points, expected)


class TestWhenToCallAgain(WorkCommon):
    """São Paulo is three hours behind UTC; messages leave from nine to six."""

    def offered(self, at):
        partner = self.make_late(f"At {at}", "2026-03-10", "100.00")
        card = self.open_card(partner, at=at)
        return [
            (moment["text"], moment["at"]) for moment in card["choices"]["moments"]["no_answer"]
        ]

    def test_two_hours_only_within_the_hours_of_the_shop(self):
        texts = {
            at: "In 2 hours" in dict(self.offered(at))
            for at in (
                "2026-03-20 05:06:00",  # Friday 02:06: two hours later it is 04:06
                "2026-03-20 09:59:00",  # 06:59: 08:59
                "2026-03-20 10:00:00",  # 07:00: 09:00
                "2026-03-20 18:59:00",  # 15:59: 17:59
                "2026-03-20 19:00:00",  # 16:00: 18:00
                "2026-03-21 13:00:00",  # Saturday 10:00, the shop writes on weekdays
                "2026-04-03 13:00:00",  # Good Friday
            )
        }
        self.assertEqual(list(texts.values()), [False, False, True, True, False, False, False])

    def test_before_the_morning_the_next_morning_is_todays(self):
        night = dict(self.offered("2026-03-20 05:06:00"))
        self.assertEqual(night["Next morning"], "2026-03-20 12:00:00")
        self.assertEqual(night["Next afternoon"], "2026-03-20 17:00:00")
        day = dict(self.offered("2026-03-20 13:00:00"))
        self.assertEqual(day["Next morning"], "2026-03-23 12:00:00")  # a Monday


class TestAddressOfThePage(WorkCommon):
    def test_the_customer_of_the_address_is_opened_again(self):
        partner = self.make_late("Again", "2026-03-10", "100.00")
        with self.at():
            card = self.work().reopen(partner.id, self.company.id)
            self.assertEqual((card["partner_id"], card["locked_by"]), (partner.id, ""))
            # A company of another choice: the present one is meant.
            self.assertEqual(self.work().reopen(partner.id, 0)["company_id"], self.company.id)
            self.assertIn("Ana", self.work(self.bia).reopen(partner.id, False)["locked_by"])

    def test_an_old_address_opens_nobody(self):
        self.assertIsNone(self.work().reopen(0, self.company.id))


class TestWhoRests(WorkCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.free = cls.make_late("Free", "2026-03-10", "100.00")
        cls.other = cls.make_late("Other", "2026-03-10", "50.00")

    def test_a_customer_who_is_never_reminded(self):
        self.other.sudo().dunning_excluded = True
        self.assertEqual(self.counts(), {"todo": 1, "excluded": 1})
        self.assertEqual(self.listed(status="excluded"), ["Other"])

    def test_a_paused_customer(self):
        self.hold(partner_id=self.other.id)
        self.assertEqual(self.counts(), {"todo": 1, "held": 1})
        with self.at():
            (row,) = self.work().load({"status": "held"})["rows"]
        self.assertEqual((row["name"], row["hold"]), ("Other", "Customer paused"))

    def test_a_paused_installment_does_not_count(self):
        lines = self.make_installments(("2026-01-10", "1000.00"), partner=self.other)
        self.assertEqual(self.listed(), ["Other", "Free"])
        self.hold(move_line_id=lines.id)
        # Without it 50.00 × 10 = 500 are left, less than 1000 of the other.
        self.assertEqual(self.listed(), ["Free", "Other"])
        with self.at():
            self.assertEqual(self.work().load({})["rows"][1]["points"], "500")

    def test_a_promise_rests_until_it_is_due(self):
        self.record(self.other, "promise", date="2026-03-27")
        self.assertEqual(self.counts(), {"todo": 1, "held": 1})
        with self.at():
            (row,) = self.work().load({"status": "held"})["rows"]
        self.assertEqual(row["hold"], "Promise to pay")
        # One day of tolerance: on the 29th the customer is called again.
        self.assertEqual(self.counts(at="2026-03-29 13:00:00"), {"todo": 2})

    def test_a_dispute_that_holds(self):
        reason = self.env.ref("optica_cobranca.dispute_reason_defect")
        self.record(self.other, "dispute", reason_id=reason.id)
        self.assertEqual(self.counts(), {"todo": 1, "held": 1})

    def test_called_today_rests_today(self):
        self.record(self.other, "refuses", call_again_at="2026-03-25 12:00:00")
        self.assertEqual(self.counts(), {"todo": 1, "later": 1})
        self.assertEqual(self.counts(at="2026-03-25 11:59:00"), {"todo": 1, "later": 1})

    def test_an_agreed_call_comes_first_and_is_over_with_the_next_one(self):
        self.record(self.other, "no_answer", call_again_at="2026-03-20 15:00:00")
        self.assertEqual(self.listed(at="2026-03-20 14:59:00"), ["Free"])
        # 15:00 UTC: due, so it comes before the one with more points.
        self.assertEqual(self.listed(at="2026-03-20 15:00:00"), ["Other", "Free"])
        self.record(self.other, "wrong_number", at="2026-03-20 15:05:00")
        self.assertEqual(self.listed(at="2026-03-20 15:10:00"), ["Free"])

    def test_written_to_today(self):
        template = self.env["contact.template"].search([("purpose", "=", "collection")], limit=1)
        message = (
            self.env["contact.message"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "partner_id": self.other.id,
                    "purpose": "collection",
                    "template_id": template.id,
                    "channel": "whatsapp",
                    "state": "sent",
                    # 00:30 in São Paulo, which is today there.
                    "sent_at": "2026-03-20 03:30:00",
                }
            )
        )
        self.assertEqual(self.counts(), {"todo": 1, "contacted": 1})
        # 23:30 of the day before.
        message.sent_at = "2026-03-20 02:30:00"
        self.assertEqual(self.counts(), {"todo": 2})

    def test_nobody_calls_without_a_number(self):
        self.other.phone = False
        self.assertEqual(self.counts(), {"todo": 1, "no_phone": 1})
        self.other.child_ids = [Command.create({"name": "Son", "phone": "+55 11 96000-0009"})]
        self.assertEqual(self.counts(), {"todo": 2})

    def test_paid_is_gone(self):
        with freeze_time(NOW):
            self.pay(self.other._open_installments(), on=TODAY)
        self.assertEqual(self.listed(), ["Free"])


class TestFilters(WorkCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.week = cls.make_late("Week", "2026-03-13", "100.00", user_id=cls.ana.id)
        cls.month = cls.make_late("Month", "2026-02-18", "40.00")
        cls.long = cls.make_late("Long", "2025-12-10", "20.00", user_id=cls.bia.id)

    def test_by_days_late_amount_and_words(self):
        # 7, 30 and 100 days late.
        self.assertEqual(self.listed(band="1-15"), ["Week"])
        self.assertEqual(self.listed(band="16-30"), ["Month"])
        self.assertEqual(self.listed(band="90+"), ["Long"])
        self.assertEqual(self.listed(min_amount="40"), ["Month", "Week"])
        self.assertEqual(self.listed(search="mont"), ["Month"])

    def test_mine_and_nobodys(self):
        self.assertEqual(self.listed(share="mine"), ["Week"])
        self.assertEqual(self.listed(share="pool"), ["Month"])
        self.assertEqual(self.listed(self.bia, share="mine"), ["Long"])
        self.company.dunning_user_id = self.ana
        self.assertEqual(self.listed(share="mine"), ["Month", "Week"])
        self.assertEqual(self.listed(share="pool"), [])

    def test_a_salesperson_who_does_not_collect_leaves_the_customer_to_everybody(self):
        self.week.user_id = self.make_collector("Vera", "seller")
        self.assertEqual(self.listed(share="pool"), ["Month", "Week"])

    def test_the_company_says_how_the_list_begins(self):
        self.assertEqual(self.work().start()["share"], "all")
        self.company.dunning_work_share = "own"
        self.assertEqual(self.work().start()["share"], "mine")

    def test_pages(self):
        for number in range(40):
            self.make_late(f"Small {number}", "2026-03-19", "1.00")
        with self.at():
            first = self.work().load({})
            second = self.work().load({}, 40)
        self.assertEqual((len(first["rows"]), len(second["rows"])), (40, 3))
        self.assertEqual(first["counts"]["todo"], 43)
        self.assertFalse(
            {row["partner_id"] for row in first["rows"]}
            & {row["partner_id"] for row in second["rows"]}
        )


class TestLocks(WorkCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.make_late("First", "2026-03-10", "100.00")
        cls.second = cls.make_late("Second", "2026-03-10", "50.00")

    def next_of(self, user, at=NOW, skipped=()):
        with freeze_time(at):
            card = self.work(user).take_next({}, skipped)
        return card and card["name"]

    def taken(self, at):
        """Who keeps Bia from opening the first customer."""
        return self.open_card(self.first, self.bia, at=at)["locked_by"]

    def test_each_gets_a_customer_of_their_own(self):
        self.assertEqual(self.next_of(self.ana), "First")
        self.assertEqual(self.next_of(self.bia), "Second")
        with self.at():
            rows = self.work(self.bia).load({})["rows"]
        self.assertEqual([row["locked_by"] for row in rows], ["Ana", "Bia"])

    def test_a_colleague_sees_who_works_on_it_and_cannot_record(self):
        self.open_card(self.first, self.ana)
        card = self.open_card(self.first, self.bia)
        self.assertEqual(card["locked_by"], "Ana")
        with self.at(), self.assertRaisesRegex(UserError, "colleague has taken over"):
            self.work(self.bia).record(
                self.first.id, self.company.id, "promise", {"date": "2026-03-27"}
            )

    def test_a_lock_ends_after_fifteen_minutes_unless_renewed(self):
        self.open_card(self.first, self.ana, at="2026-03-20 13:00:00")
        self.assertTrue(self.taken("2026-03-20 13:14:59"))
        with freeze_time("2026-03-20 13:14:00"):
            self.assertTrue(self.work(self.ana).renew(self.first.id))
        self.assertTrue(self.taken("2026-03-20 13:28:00"))
        self.assertFalse(self.taken("2026-03-20 13:29:00"))
        with freeze_time("2026-03-20 13:30:00"):
            self.assertFalse(self.work(self.ana).renew(self.first.id))

    def test_leaving_releases_only_ones_own(self):
        self.open_card(self.first, self.ana)
        with self.at():
            self.work(self.bia).release(self.first.id)
        self.assertTrue(self.open_card(self.first, self.bia)["locked_by"])
        with self.at():
            self.work(self.ana).release(self.first.id)
        self.assertFalse(self.open_card(self.first, self.bia)["locked_by"])

    def test_opening_another_customer_leaves_the_one_before(self):
        self.open_card(self.first, self.ana)
        self.open_card(self.second, self.ana)
        self.assertFalse(self.open_card(self.first, self.bia)["locked_by"])

    def test_the_result_releases(self):
        self.record(self.first, "no_answer", call_again_at="2026-03-20 15:00:00")
        self.assertFalse(self.env["dunning.work.lock"].search([]))

    def test_skipping_goes_on_after_the_one_skipped(self):
        self.assertEqual(self.next_of(self.ana), "First")
        self.assertEqual(self.next_of(self.ana, skipped=self.first.ids), "Second")
        self.assertEqual(self.next_of(self.ana, skipped=self.second.ids), "First")
