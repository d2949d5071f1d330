"""Over a year of random instants nothing leaves outside of the permitted hours.

Asked of the whole way to the decision, for a customer in each state, and judged by a plain
calendar of its own.
"""

import random
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import holidays
from freezegun import freeze_time

from odoo.exceptions import ValidationError

from odoo.addons.optica_cobranca.domain.shop.clock import STATE_TIMEZONES

from tests.messaging.common import NOON, OutboxCommon

# Of 2026, read off a calendar: the commemorative days that come with the program.
SILENT = {
    "01-01", "02-16", "02-17", "04-03", "04-04", "04-05", "05-10", "06-04", "06-12", "08-09",
    "10-12", "11-02", "12-24", "12-25", "12-31",
}  # fmt: skip
INSTANTS = 150


class TestWindowOverAYear(OutboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"contact_saturday": True})
        cls.env["contact.blocked.date"].with_context(active_test=False).search([]).active = True
        brazil = cls.env.ref("base.br")
        cls.states = {state.code: state for state in brazil.state_ids}
        cls.birthdays = {}
        template = cls.make_template("Birthday of the shop", "Hi!", purpose="service")
        cls.messages = cls.env["contact.message"]
        for number, code in enumerate(sorted(STATE_TIMEZONES)):
            born = date(1980, 1 + number % 12, 1 + number)
            partner = cls.make_customer(
                f"Customer of {code}",
                phone=f"+55 11 96000-{1000 + number}",
                state_id=cls.states[code].id,
                birthdate=born,
            )
            cls.birthdays[partner.id] = (born.month, born.day)
            cls.messages |= cls.env["contact.message"]._enqueue(partner, template)

    def is_permitted(self, message, instant):
        code = message.partner_id.state_id.code
        local = instant.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(STATE_TIMEZONES[code]))
        day = local.date()
        if day.weekday() == 6 or f"{day:%m-%d}" in SILENT:
            return False
        if day in holidays.country_holidays("BR", subdiv=code, years=2026):
            return False
        if (day.month, day.day) == self.birthdays[message.partner_id.id]:
            return False
        end = 13 if day.weekday() == 5 else 18
        return 9 <= local.hour < end

    def test_no_message_ever_leaves_outside(self):
        chance = random.Random(20260101)
        left = waited = 0
        for _try in range(INSTANTS):
            instant = datetime(2026, 1, 1) + timedelta(minutes=chance.randrange(365 * 24 * 60))
            with freeze_time(instant):
                facts = self.messages._gather(instant)
                verdicts = self.messages._decide(facts)
            for verdict in verdicts:
                permitted = self.is_permitted(verdict.message, instant)
                self.assertEqual(
                    (verdict.action, verdict.reason),
                    ("send", None) if permitted else ("postpone", "window"),
                    (instant, verdict.message.partner_id.name),
                )
                left += permitted
                if not permitted and verdict.until.year == 2026:
                    waited += 1
                    self.assertTrue(self.is_permitted(verdict.message, verdict.until))
        # Neither side of the question was asked in vain.
        self.assertGreater(left, 300)
        self.assertGreater(waited, 1000)


class TestSilentDays(OutboxCommon):
    def days(self, name, years=(2026, 2027)):
        record = self.env.ref(f"optica_cobranca.blocked_{name}")
        return [str(day) for day in record._days_in(years)]

    def test_those_that_come_with_the_program(self):
        self.assertEqual(self.days("mothers_day"), ["2026-05-10", "2027-05-09"])
        self.assertEqual(self.days("fathers_day"), ["2026-08-09", "2027-08-08"])
        self.assertEqual(self.days("carnival"), ["2026-02-17", "2027-02-09"])
        self.assertEqual(self.days("easter"), ["2026-04-05", "2027-03-28"])
        self.assertEqual(self.days("christmas"), ["2026-12-25", "2027-12-25"])

    def test_incomplete_rules_are_refused(self):
        Blocked = self.env["contact.blocked.date"]
        with self.assertRaisesRegex(ValidationError, "falls"):
            Blocked.create({"name": "When?", "rule": "weekday", "month": False})
        with self.assertRaisesRegex(ValidationError, "falls"):
            Blocked.create({"name": "When?"})

    def test_the_shop_may_write_on_one_of_them(self):
        # 12 June 2026 is a Friday.
        day = self.env.ref("optica_cobranca.blocked_lovers_day")
        day.active = True
        message = self.send_one(at="2026-06-12 15:00:00")
        self.assertEqual((message.state, message.reason), ("queued", "window"))
        day.active = False
        other = self.make_late("Other", phone="+55 11 96000-0002")
        self.assertEqual(self.send_one(other, at="2026-06-12 15:00:00").state, "sent")


class TestBestHour(OutboxCommon):
    def read_at(self, partner, *instants):
        for instant in instants:
            message = self.queue(partner)
            message.write({"state": "read", "read_at": instant})

    def test_learned_in_the_customers_own_time(self):
        # Manaus is at UTC-4: read four times between 10:05 and 11:40 there, then at 10:20.
        partner = self.make_late(state_id=self.env.ref("base.state_br_am").id)
        other = self.make_late("Other", phone="+55 11 96000-0002")
        with freeze_time(NOON):
            self.read_at(partner, "2026-01-05 14:05:00", "2026-01-06 14:40:00")
            self.read_at(partner, "2026-01-07 14:30:00", "2026-01-08 15:40:00")
            self.assertFalse(partner.best_contact_hour, "four are the luck of a week")
            self.read_at(partner, "2026-01-09 14:20:00")
            self.read_at(partner, "2024-12-01 20:00:00", "2024-12-02 20:00:00")
            self.env.invalidate_all()
            self.assertEqual(partner.best_contact_hour, "10")
            (partner | other).action_use_best_hour()
        self.assertEqual(partner.preferred_contact_hour, "10")
        self.assertFalse(other.preferred_contact_hour)
