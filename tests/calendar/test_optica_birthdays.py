"""Birthdays without a year and by month; where a click calls or writes."""

from freezegun import freeze_time

from odoo.exceptions import ValidationError

from tests.calendar.test_optica_calendar import CalendarCommon

TODAY = "2026-03-17"


@freeze_time(f"{TODAY} 15:00:00")
class TestBirthdays(CalendarCommon):
    def test_day_and_month_without_a_year(self):
        self.customer.write({"birth_day": 9, "birth_month": "05"})
        found = self.of(kind="birthday", date="2026-05-09")
        self.assertEqual((found.age, found.display_name), (0, "Maria da Silva"))
        self.assertEqual(self.customer.birth_month_day, 509)
        self.assertFalse(self.customer.birthdate)
        self.assertEqual(self.customer._birthday_parts(), (5, 9))

    def test_29_february_without_a_year(self):
        self.customer.write({"birth_day": 29, "birth_month": "02"})
        days = [str(day) for day in self.of(kind="birthday").mapped("date")]
        self.assertEqual(days, ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"])

    def test_birthdate_fills_day_and_month_and_takes_them_away_with_it(self):
        self.customer.birthdate = "1996-02-29"
        self.assertEqual((self.customer.birth_day, self.customer.birth_month), (29, "02"))
        self.customer.birthdate = False
        self.assertEqual((self.customer.birth_day, self.customer.birth_month), (0, False))
        self.assertFalse(self.of(kind="birthday"))

    def test_no_such_day(self):
        for values in ({"birth_day": 31, "birth_month": "04"}, {"birth_day": 5}):
            with self.assertRaisesRegex(ValidationError, "29 and February"):
                self.make_customer("Never", **values)
        self.customer.birthdate = "1980-05-09"
        with self.assertRaisesRegex(ValidationError, "follow from the birthdate"):
            self.customer.birth_day = 10

    def test_nobody_is_collected_from_on_a_birthday_without_a_year(self):
        self.customer.write({"birth_day": 17, "birth_month": "03"})
        message = self.env["contact.message"].new(
            {"partner_id": self.customer.id, "purpose": "collection"}
        )
        self.assertEqual(message._silent_birthday(), (3, 17))

    def test_report_by_month(self):
        self.make_invoice(sold="2026-01-02", first_due="2026-01-31")
        self.customer.birthdate = "1980-05-09"
        march = self.make_customer("Rui", birth_day=3, birth_month="03", phone="+55 11 96123-0001")
        unknown = self.make_customer("Nobody knows")
        self.assertEqual(str(self.customer.last_purchase_date), "2026-01-02")
        report = self.env["ir.actions.report"].with_context(force_report_rendering=False)
        partners = self.customer | march | unknown
        html, _type = report._render_qweb_html("optica_cobranca.report_birthdays", partners.ids)
        text = html.decode()
        self.assertLess(text.index("March"), text.index("May"))
        self.assertIn("+55 11 96123-0001", text)
        self.assertNotIn("Nobody knows", text)

    def test_greeting_is_proposed(self):
        action = self.customer.action_send_birthday()
        self.assertEqual(
            action["context"]["default_template_id"],
            self.env.ref("optica_cobranca.template_birthday").id,
        )


@freeze_time(f"{TODAY} 15:00:00")
class TestContactLinks(CalendarCommon):
    def test_call_and_whatsapp(self):
        self.make_order()
        occurrence = self.of(kind="delivery_promised")
        self.assertEqual(
            occurrence.contact_links(),
            {"tel": "tel:+5511961234567", "whatsapp": "https://wa.me/5511961234567"},
        )
        self.customer.phone = False
        self.occurrences.invalidate_model()
        self.assertEqual(occurrence.contact_links(), {"tel": False, "whatsapp": False})
