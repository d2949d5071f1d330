"""Closed days of a shop: when what falls due then becomes late, and who is written to."""

from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user

from tests.common import CollectionCommon


class TestClosedDays(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.city = "São Paulo"
        cls.days = cls.env["crediario.closed.day"].with_company(cls.company)

    def late(self, due, day):
        """Fine and interest on ``day`` of one installment of 100.00 due on ``due``."""
        (line,) = self.make_installments((due, "100.00"))
        amount = line._amounts_today(date.fromisoformat(day))[line.id]
        return str(amount.fine), str(amount.interest)

    def test_what_falls_due_on_a_closed_day_may_be_paid_on_the_next_business_day(self):
        """25 January 2027 is a Monday, and no holiday of the state of São Paulo."""
        self.assertEqual(self.late("2027-01-25", "2027-01-26"), ("2.00", "0.03"))
        self.days.create({"name": "São Paulo", "date": "2020-01-25"})
        self.assertEqual(self.late("2027-01-25", "2027-01-26"), ("0.00", "0.00"))
        # From the 26th: two days of 1% a month on 100.00 are 0.07
        self.assertEqual(self.late("2027-01-25", "2027-01-28"), ("2.00", "0.07"))

    def test_every_way_to_change_the_list_counts_at_once(self):
        day = self.days.create({"name": "São Paulo", "date": "2020-01-25"})
        monday = date(2027, 1, 25)
        calendar = self.company._business_calendar
        self.assertFalse(calendar().is_business_day(monday))
        day.active = False
        self.assertTrue(calendar().is_business_day(monday))
        day.active = True
        self.assertFalse(calendar().is_business_day(monday))
        day.write({"date": "2020-01-26"})
        self.assertTrue(calendar().is_business_day(monday))
        day.date = "2020-01-25"
        day.unlink()
        self.assertTrue(calendar().is_business_day(monday))

    def test_only_once(self):
        self.days.create({"name": "Inventory", "date": "2027-01-25", "yearly": False})
        calendar = self.company._business_calendar()
        self.assertFalse(calendar.is_business_day(date(2027, 1, 25)))
        self.assertTrue(calendar.is_business_day(date(2028, 1, 25)))

    def test_another_company_keeps_its_own_days(self):
        self.days.create({"name": "São Paulo", "date": "2020-01-25"})
        other = self.env["res.company"].create({"name": "Other"})
        self.assertTrue(other._business_calendar().is_business_day(date(2027, 1, 25)))

    def test_nobody_is_written_to(self):
        self.days.create({"name": "São Paulo", "date": "2020-01-25"})
        self.assertIn(date(2027, 1, 25), self.company._contact_blocked_dates(range(2027, 2028)))

    def test_the_usual_days_are_proposed_once(self):
        action = self.days.action_propose()
        self.assertIn("Corpus Christi", action["params"]["message"])
        calendar = self.company._business_calendar()
        # Easter 2027 is 28 March: Carnival 8 and 9 February, Corpus Christi 27 May
        closed = [(2027, 2, 8), (2027, 2, 9), (2027, 5, 27), (2027, 1, 25)]
        for day in closed:
            self.assertFalse(calendar.is_business_day(date(*day)), day)
        self.assertTrue(calendar.is_business_day(date(2027, 2, 10)))
        mine = [("company_id", "=", self.company.id)]
        self.assertEqual(self.days.search_count(mine), 4)
        self.days.search([*mine, ("easter_days", "=", 60)]).active = False
        self.days.action_propose()
        archived = self.days.with_context(active_test=False)
        self.assertEqual(archived.search_count(mine), 4, "what was archived stays archived")

    def test_a_day_without_its_date_is_refused(self):
        with self.assertRaises(ValidationError):
            self.days.create({"name": "When?"})

    def test_only_managers_change_them(self):
        seller = new_test_user(
            self.env, login="closed_seller", groups="optica_cobranca.group_seller"
        )
        with self.assertRaises(AccessError):
            self.days.with_user(seller).create({"name": "Monday", "date": "2027-01-25"})
        with self.assertRaises(AccessError):
            self.days.with_user(seller).action_propose()
