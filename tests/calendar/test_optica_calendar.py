"""What the calendar and the page of today ask for, and what dragging does."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.optica_cobranca.models.calendar import optica_occurrence_screen

from tests.calendar.test_optica_occurrence_mark import OccurrenceCommon

TODAY = "2026-03-17"
NAMES = ["display_name", "date", "kind", "color", "is_handled"]
MONTH = ("2026-03-01", "2026-04-11", "month")


class CalendarCommon(OccurrenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What other tests' shared data might have is not of these customers.
        cls.mine = [("partner_id", "=", cls.customer.id)]
        cls.collector = cls.make_user("collector_calendar", "collector")
        cls.manager = cls.make_user("manager_calendar", "manager")

    @classmethod
    def make_user(cls, login, group):
        return new_test_user(
            cls.env,
            login,
            f"optica_cobranca.group_{group}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="America/Sao_Paulo",
        )

    def load(self, *month, domain=None):
        month = month or MONTH
        return self.occurrences.load_calendar(domain or self.mine, *month, NAMES)


@freeze_time(f"{TODAY} 15:00:00")
class TestCalendarCall(CalendarCommon):
    def test_few_come_by_name(self):
        self.make_installments(("2026-03-16", "100.00"), ("2026-04-16", "100.00"))
        found = self.load()
        self.assertFalse(found["days"])
        self.assertEqual(
            [(row["kind"], str(row["date"])) for row in found["records"]],
            [("installment_overdue", "2026-03-16")],
        )

    def test_many_come_as_a_count_and_a_sum_a_day(self):
        self.make_installments(
            ("2026-03-20", "100.00"), ("2026-03-20", "40.50"), ("2026-03-21", "10.00")
        )
        self.make_order()
        self.of(kind="installment_due", date="2026-03-21")._mark_handled()
        with patch.dict(optica_occurrence_screen.NAMED, {"month": 2}):
            found = self.load()
        self.assertEqual([row["kind"] for row in found["records"]], ["delivery_promised"])
        days = {(day["date"], day["is_handled"]): day for day in found["days"]}
        self.assertEqual(
            {key: (day["count"], day["amount"]) for key, day in days.items()},
            {("2026-03-20", False): (2, 140.5), ("2026-03-21", True): (1, 10.0)},
        )
        title = days["2026-03-20", False]["title"]
        self.assertIn("2 × Installment Due", title)
        self.assertIn("140.50", title)
        action = self.occurrences.action_open_day("installment_due", "2026-03-20", False, self.mine)
        self.assertEqual(self.occurrences.search_count(action["domain"]), 2)

    def days(self, domain, user=None):
        """``{(day, kind, handled): (count, sum)}`` of the installments of all customers."""
        reader = self.occurrences.with_user(user or self.collector)
        with patch.dict(optica_occurrence_screen.NAMED, {"month": 0}):
            found = reader.load_calendar(domain, *MONTH, NAMES)["days"]
        return {
            (day["date"], day["kind"], day["is_handled"]): (day["count"], day["amount"])
            for day in found
            if day["kind"].startswith("installment")
        }

    def test_all_customers_with_what_was_handled_and_paid(self):
        """Of the shop as a whole installments are counted by day, not one by one."""
        searches = {
            "all": [],
            "to do": [("is_handled", "=", False)],
            "handled": [("is_handled", "=", True)],
            "late": [("kind", "=", "installment_overdue")],
        }
        for domain in searches.values():
            self.assertFalse(self.days(domain), "no data of other tests in this month")
        lines = self.make_installments(
            ("2026-03-10", "100.00"),
            ("2026-03-10", "40.50"),
            ("2026-03-12", "7.00"),
            ("2026-03-20", "30.00"),
            ("2026-03-20", "20.00"),
            ("2026-04-12", "99.00"),
        )
        self.pay(lines[4], on=TODAY)
        self.of(source_id=lines[1].id)._mark_handled("spoke")
        self.of(source_id=lines[2].id)._mark_handled("spoke")
        undone = self.of(source_id=lines[3].id)
        undone._mark_handled("spoke")
        undone._undo_handled()
        late, due = "installment_overdue", "installment_due"
        todo = {("2026-03-10", late, False): (1, 100.0), ("2026-03-20", due, False): (1, 30.0)}
        handled = {("2026-03-10", late, True): (1, 40.5), ("2026-03-12", late, True): (1, 7.0)}
        expected = {
            "all": {**todo, **handled},
            "to do": todo,
            "handled": handled,
            "late": {key: day for key, day in {**todo, **handled}.items() if key[1] == late},
        }
        self.assertEqual({name: self.days(searches[name]) for name in searches}, expected)
        other = self.setup_other_company()["company"]
        stranger = self.make_user("stranger_calendar", "collector")
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertFalse(self.days([], stranger))

    def by_responsible(self):
        """Late and due installments by whose they are: 1, 2, 4, 8 …, so that sums tell them apart.

        A contract names its seller, who goes before the one who takes care of the customer.
        """
        cared = self.make_customer("Cared for", user_id=self.collector.id)
        sellers = [
            (self.customer, self.collector, "1.00", "2.00"),
            (cared, False, "4.00", "8.00"),
            (cared, self.manager, "16.00", "32.00"),
            (self.customer, False, "64.00", "128.00"),
        ]
        lines = self.env["account.move.line"]
        for partner, seller, late, due in sellers:
            found = self.make_installments(
                ("2026-03-10", late), ("2026-03-20", due), partner=partner
            )
            found.move_id.invoice_user_id = seller
            lines += found
        return lines

    def sums(self, user, domain=()):
        """``{kind: sum}`` by count and, the same, by name."""
        mine = [("user_id", "=", user.id), *domain]
        counted = {}
        for (_day, kind, _handled), (_count, amount) in self.days(mine).items():
            counted[kind] = counted.get(kind, 0) + amount
        named = {}
        found = self.occurrences.with_user(self.collector).load_calendar(
            mine, *MONTH, [*NAMES, "amount"]
        )
        for row in found["records"]:
            if row["kind"].startswith("installment"):
                named[row["kind"]] = named.get(row["kind"], 0) + row["amount"]
        self.assertEqual(named, counted)
        return counted

    def test_only_those_of_one_responsible(self):
        late, due = "installment_overdue", "installment_due"
        lines = self.by_responsible()
        self.assertEqual(self.sums(self.collector), {late: 1 + 4, due: 2 + 8})
        self.assertEqual(self.sums(self.manager), {late: 16, due: 32})
        self.assertEqual(self.sums(self.seller), {})
        self.of(source_id=lines[0].id)._mark_handled("spoke")
        todo = [("is_handled", "=", False)]
        self.assertEqual(self.sums(self.collector), {late: 1 + 4, due: 2 + 8})
        self.assertEqual(self.sums(self.collector, todo), {late: 4, due: 2 + 8})
        of_customer = [("partner_id", "=", self.customer.id)]
        self.assertEqual(self.sums(self.collector, of_customer), {late: 1, due: 2})

    def test_one_responsible_for_all_of_a_kind(self):
        late, due = "installment_overdue", "installment_due"
        self.by_responsible()
        self.kind(late).with_company(self.company).user_id = self.manager
        self.assertEqual(self.sums(self.collector), {due: 2 + 8})
        self.assertEqual(self.sums(self.manager), {late: 1 + 4 + 16 + 64, due: 32})
        other = self.setup_other_company()["company"]
        self.kind(late).with_company(self.company).user_id = False
        self.kind(late).with_company(other).user_id = self.collector
        self.assertEqual(self.sums(self.collector), {late: 1 + 4, due: 2 + 8})

    def test_paid_is_out_of_the_count_at_once(self):
        lines = self.make_installments(("2026-03-20", "100.00"), ("2026-03-20", "40.00"))
        self.pay(lines[0], on=TODAY)
        with patch.dict(optica_occurrence_screen.NAMED, {"month": 0}):
            (day,) = self.load()["days"]
        self.assertEqual((day["count"], day["amount"]), (1, 40.0))

    def test_the_day_is_the_readers(self):
        """At 01:00 UTC on the 18th it is the 17th in São Paulo: due that day, not late."""
        self.make_installments((TODAY, "100.00"))
        with freeze_time("2026-03-18 01:00:00"):
            kinds = []
            for zone in ("America/Sao_Paulo", "Asia/Tokyo"):
                reader = self.occurrences.with_context(tz=zone)
                reader.invalidate_model()
                found = reader.load_calendar(self.mine, *MONTH, NAMES)["records"]
                kinds.append([row["kind"] for row in found])
        self.assertEqual(kinds, [["installment_due"], ["installment_overdue"]])

    def test_other_companies_are_not_counted(self):
        other = self.setup_other_company()["company"]
        self.make_installments(("2026-03-20", "100.00"))
        user = new_test_user(
            self.env,
            "other_company_calendar",
            "optica_cobranca.group_seller",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with patch.dict(optica_occurrence_screen.NAMED, {"month": 0}):
            found = self.occurrences.with_user(user).load_calendar(self.mine, *MONTH, NAMES)
        self.assertEqual(found, {"records": [], "days": []})

    def test_no_access_no_counts(self):
        employee = new_test_user(self.env, "employee_calendar", "base.group_user")
        with self.assertRaises(AccessError):
            self.occurrences.with_user(employee).load_calendar([], *MONTH, NAMES)


@freeze_time(f"{TODAY} 15:00:00")
class TestMoving(CalendarCommon):
    """17 March 2026 is a Tuesday, the 21st a Saturday."""

    def test_delivery_after_the_question(self):
        order = self.make_order()
        occurrence = self.of(kind="delivery_promised").with_user(self.seller)
        question = occurrence.question_of_move("2026-03-26")
        self.assertIn("Maria da Silva", question)
        self.assertIn("Thursday, March 26, 2026", question)
        self.assertEqual(
            str(order.promised_date), "2026-03-24", "nothing changes before the answer"
        )
        occurrence.move_to("2026-03-26")
        self.assertEqual(str(order.promised_date), "2026-03-26")
        self.assertEqual(str(self.of(kind="delivery_promised").date), "2026-03-26")

    def test_the_question_says_when_the_shop_rests(self):
        self.make_order()
        occurrence = self.of(kind="delivery_promised")
        self.assertIn("does not work", occurrence.question_of_move("2026-03-21"))
        self.assertNotIn("does not work", occurrence.question_of_move("2026-03-20"))

    def test_not_into_the_past_and_nothing_else(self):
        self.make_order()
        with self.assertRaisesRegex(UserError, "today or a later day"):
            self.of(kind="delivery_promised").move_to("2026-03-16")
        self.make_installments(("2026-04-16", "100.00"))
        with self.assertRaisesRegex(UserError, "cannot be dragged"):
            self.of(kind="installment_due").question_of_move("2026-04-17")

    def promise(self):
        lines = self.make_installments(("2026-03-10", "100.00"))
        self.company.promise_max_days = 15
        promise = self.env["dunning.promise"]._register_promise(
            self.customer, self.company, fields.Date.to_date("2026-03-20"), 80.0, lines, note="Pix"
        )
        return promise

    def test_a_promise_is_replaced(self):
        promise = self.promise()
        occurrence = self.of(kind="promise_due")
        self.assertIn("replaced", occurrence.question_of_move("2026-03-23"))
        occurrence.move_to("2026-03-23")
        new = promise.replaced_by_id
        self.assertEqual(
            (promise.state, new.state, str(new.date)), ("cancelled", "open", "2026-03-23")
        )
        self.assertEqual((new.amount, new.note), (80.0, "Pix"))
        self.assertEqual(self.of(kind="promise_due").source_id, new.id)

    def test_what_the_rules_of_promises_refuse(self):
        promise = self.promise()
        with self.assertRaises(UserError):
            self.of(kind="promise_due").move_to("2026-06-30")
        # Sellers see no promises in the calendar.
        with self.assertRaises(AccessError):
            self.of(kind="promise_due").with_user(self.seller).move_to("2026-03-23")
        self.assertEqual(promise.state, "open")
