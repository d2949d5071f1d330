"""The words around amounts and dates are in the customer's language, not the programmer's."""

from tests.messaging.common import OutboxCommon


class TestWordsOfDebt(OutboxCommon):
    def test_late_installments_are_told_in_portuguese(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        partner = self.make_late()
        partner.lang = "pt_BR"
        template = self.make_template(
            "Atraso", "{{installments_summary}}. {{shop_identity}}.", whatsapp_language="pt_BR"
        )
        message = self.send_one(partner, template)
        self.assertEqual(message.state, "sent")
        self.assertIn(", vencida em ", message.body)
        self.assertNotIn("due since", message.body)

    def test_a_customer_is_asked_for_what_is_late_and_not_for_what_comes(self):
        """Written to by hand: 100.00 of January is late, those of March and April are not yet."""
        partner = self.make_late(due="2026-01-31")
        self.make_installments(("2026-03-10", "50.00"), ("2026-04-10", "50.00"), partner=partner)
        message = self.send_one(partner)
        # 2.00 fine and 0.30 of interest for nine days: Monday 2 to Wednesday 11 February.
        self.assertIn("R$ 102,30", message.body)
        self.assertIn("due since", message.body)
        self.assertNotIn("R$ 50,00", message.body)

    def test_with_nothing_late_the_next_one_is_meant(self):
        partner = self.make_late(due="2026-02-15")
        self.make_installments(("2026-03-10", "50.00"), partner=partner)
        message = self.send_one(partner)
        self.assertIn("R$ 100,00", message.body)
        self.assertNotIn("R$ 50,00", message.body)

    def test_the_whole_booklet_is_no_collection(self):
        partner = self.make_late(due="2026-01-31")
        self.make_installments(("2026-03-10", "50.00"), partner=partner)
        template = self.make_template(
            "Booklet", "{{installments_summary}}. {{shop_identity}}.", purpose="service"
        )
        message = self.send_one(partner, template)
        self.assertIn("R$ 102,30", message.body)
        self.assertIn("R$ 50,00", message.body)

    def test_an_installment_does_not_read_as_a_date(self):
        """ "2/12 of R$ 100,00" is the second of December to whoever reads it."""
        partner = self.make_customer("Late", phone="+55 11 96000-0001")
        self.make_invoice("1200.00", 12, "2026-01-31", partner=partner)
        message = self.send_one(partner)
        self.assertIn("installment 1 of 12 of R$ 102,30, due since 31/01", message.body)
        self.assertNotIn("1/12", message.body)

    def test_one_and_many(self):
        template = self.make_template(
            "Count", "{{overdue_installments}} late. {{overdue_total}}. {{shop_identity}}."
        )
        one = self.send_one(self.make_late(), template)
        self.assertIn("1 installment late. R$ 102,30.", one.body)
        partner = self.make_late("Two", "+55 11 96000-0002")
        self.make_installments(("2026-01-31", "50.00"), ("2026-03-10", "7.00"), partner=partner)
        two = self.send_one(partner, template)
        # 50.00 + 1.00 + 0.15; what is due in March is not in it.
        self.assertIn("2 installments late. R$ 153,45.", two.body)

    def test_greeting_by_the_customers_clock(self):
        """15:30 UTC is 12:30 in São Paulo and 10:30 in Rio Branco, two hours behind."""
        template = self.make_template(
            "Hi", "{{customer_first_name}}, {{greeting}}!", purpose="service"
        )
        acre = self.env["res.country.state"].search(
            [("code", "=", "AC"), ("country_id.code", "=", "BR")]
        )
        here = self.make_customer("Ana", phone="+55 11 96000-0011")
        there = self.make_customer("Bia", phone="+55 68 99600-0012", state_id=acre.id)
        messages = self.queue(here | there, template)
        self.dispatch("2026-02-11 15:30:00")
        self.assertEqual(messages.mapped("body"), ["Ana, Good afternoon!", "Bia, Good morning!"])

    def paid(self, partner, lines, template):
        receipt = self.env["crediario.receipt"].create(
            {
                "company_id": self.company.id,
                "name": f"REC/{partner.id}",
                "partner_id": partner.id,
                "date": "2026-02-11",
                "user_id": self.user.id,
            }
        )
        for line in lines:
            self.pay(line, on="2026-02-11")
        return self.send_one(receipt, template).body

    def test_thanks_say_what_is_left(self):
        template = self.make_template("Thanks", "Thank you. {{what_is_left}}.", purpose="service")
        cases = (
            ((("2026-01-31", "100.00"), ("2026-03-10", "50.00"), ("2026-04-10", "50.00")),
             "Thank you. The next installment is due on 10/03/2026."),
            ((("2026-01-31", "100.00"),), "Thank you. With it everything is paid."),
            ((("2026-01-31", "100.00"), ("2026-02-01", "50.00")),
             "Thank you. It has been taken off what is open."),
        )  # fmt: skip
        for number, (dues, said) in enumerate(cases):
            with self.subTest(said):
                partner = self.make_customer(f"C{number}", phone=f"+55 11 96000-70{number:02d}")
                lines = self.make_installments(*dues, partner=partner)
                self.assertEqual(self.paid(partner, lines[:1], template), said)
