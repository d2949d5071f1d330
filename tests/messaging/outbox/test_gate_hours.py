"""When a message may leave, and how often: hours, days, caps."""

from tests.messaging.common import NOON, OutboxCommon


class TestHours(OutboxCommon):
    """The window of the shop, the customer's time zone, holidays, birthdays, own dates."""

    def waits_until(self, message, text):
        self.assertEqual((message.state, message.reason), ("queued", "window"))
        self.assertEqual(str(message.scheduled_at), text)

    def test_evening_waits_for_the_morning(self):
        message = self.send_one(at="2026-02-11 21:00:00")  # 18:00 in São Paulo
        self.waits_until(message, "2026-02-12 12:00:00")
        self.dispatch(at="2026-02-12 11:59:00")
        self.assertEqual(message.state, "queued")
        self.dispatch(at="2026-02-12 12:00:00")
        self.assertEqual(message.state, "sent")

    def test_friday_evening_waits_for_monday(self):
        # Friday 13 Feb 2026; Monday 16 is no holiday by law.
        self.waits_until(self.send_one(at="2026-02-13 22:00:00"), "2026-02-16 12:00:00")

    def test_saturday_only_if_the_shop_says_so(self):
        self.company.write({"contact_saturday": True})
        self.assertEqual(self.send_one(at="2026-02-14 15:00:00").state, "sent")

    def test_customers_clock_not_the_shops(self):
        acre = self.make_late(state_id=self.env.ref("base.state_br_ac").id)
        # 12:00 UTC: 09:00 in São Paulo, 07:00 in Rio Branco.
        self.waits_until(self.send_one(acre, at="2026-02-11 12:00:00"), "2026-02-11 14:00:00")

    def test_national_holiday(self):
        # Tuesday 21 April, Tiradentes.
        self.waits_until(self.send_one(at="2026-04-21 15:00:00"), "2026-04-22 12:00:00")

    def test_holiday_of_the_customers_state(self):
        # 9 July: Constitutionalist Revolution in São Paulo, an ordinary Thursday in Rio.
        self.waits_until(self.send_one(at="2026-07-09 15:00:00"), "2026-07-10 12:00:00")
        rio = self.make_late(
            "Rio", phone="+55 21 96000-0001", state_id=self.env.ref("base.state_br_rj").id
        )
        self.assertEqual(self.send_one(rio, at="2026-07-09 15:00:00").state, "sent")

    def test_own_silent_day_every_year(self):
        self.env["contact.blocked.date"].create(
            {"name": "Founders' day", "date": "2020-02-11", "yearly": True}
        )
        self.waits_until(self.send_one(), "2026-02-12 12:00:00")

    def test_silent_day_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["contact.blocked.date"].create(
            {"name": "Theirs", "date": "2026-02-11", "company_id": other.id}
        )
        self.assertEqual(self.send_one().state, "sent")

    def test_no_debt_on_the_birthday_but_a_greeting(self):
        partner = self.make_late(birthdate="1980-02-11")
        self.waits_until(self.send_one(partner), "2026-02-12 12:00:00")
        template = self.make_template(
            "Greeting", "Happy day, {{customer_first_name}}!", purpose="relationship"
        )
        self.assertEqual(self.send_one(partner, template).state, "sent")

    def test_preferred_hour(self):
        partner = self.make_late(preferred_contact_hour="16")
        self.waits_until(self.send_one(partner), "2026-02-11 19:00:00")
        self.dispatch(at="2026-02-11 19:00:00")
        self.assertEqual(self.env["contact.message"].search([], limit=1).state, "sent")


class TestCaps(OutboxCommon):
    """One collection message a day and three in seven days, over companies."""

    def setUp(self):
        super().setUp()
        self.partner = self.make_late()

    def send_on(self, day):
        return self.send_one(self.partner, at=f"{day} 15:00:00", author=self.user)

    def test_one_a_day(self):
        self.assertEqual(self.send_on("2026-02-11").state, "sent")
        second = self.send_one(self.partner, at="2026-02-11 16:00:00", author=self.user)
        self.assertEqual((second.state, second.reason), ("queued", "cap"))
        # Free again at local midnight, which is outside of the hours.
        self.assertEqual(str(second.scheduled_at), "2026-02-12 03:00:00")

    def test_two_in_one_batch(self):
        first = self.queue(self.partner, author=self.user)
        second = self.queue(self.partner, author=self.user)
        self.dispatch()
        self.assertEqual((first.state, second.state), ("sent", "queued"))
        self.assertEqual(second.reason, "cap")

    def test_three_in_seven_days(self):
        for day in ("2026-02-09", "2026-02-10", "2026-02-11"):
            self.assertEqual(self.send_on(day).state, "sent")
        fourth = self.send_on("2026-02-12")
        self.assertEqual((fourth.state, fourth.reason), ("queued", "cap"))
        # The first one, of Monday 9, leaves the seven days on Monday 16.
        self.assertEqual(str(fourth.scheduled_at), "2026-02-16 03:00:00")

    def test_other_purposes_do_not_count(self):
        template = self.make_template(
            "Receipt", "Thanks, {{customer_first_name}}!", purpose="service"
        )
        self.send_one(self.partner, template)
        self.assertEqual(self.send_on("2026-02-11").state, "sent")

    def test_failed_ones_do_not_count_unless_whatsapp_spared_the_customer(self):
        message = self.send_on("2026-02-11")
        message.write({"state": "failed", "reason": "unreachable", "failed_at": NOON})
        self.assertEqual(self.send_on("2026-02-11").state, "sent")

    def test_spared_ones_count(self):
        message = self.send_on("2026-02-11")
        message.write({"state": "failed", "reason": "spared", "failed_at": NOON})
        second = self.send_on("2026-02-11")
        self.assertEqual((second.state, second.reason), ("queued", "cap"))

    def test_uncertain_ones_count(self):
        self.send_on("2026-02-11").write({"state": "uncertain"})
        self.assertEqual(self.send_on("2026-02-11").reason, "cap")

    def test_contact_and_company_count_as_one_customer(self):
        contact = self.make_customer("Son", phone="+55 11 96000-0009", parent_id=self.partner.id)
        self.send_on("2026-02-11")
        message = self.send_one(contact)
        self.assertEqual((message.state, message.reason), ("queued", "cap"))

    def test_two_companies_share_the_cap(self):
        other = self.env["res.company"].create(
            {"name": "Other Shop", "country_id": self.env.ref("base.br").id}
        )
        self.make_gateway(name="Other", company_id=other.id)
        elsewhere = self.queue(self.partner, author=self.user)
        elsewhere.write({"company_id": other.id, "state": "sent", "sent_at": NOON})
        message = self.send_on("2026-02-11")
        self.assertEqual((message.state, message.reason), ("queued", "cap"))
