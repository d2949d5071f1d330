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
