"""The words around amounts and dates are in the customer's language, not the programmer's."""

from tests.outbox.common import OutboxCommon


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
