"""Messages that Meta took and holds back until it has looked at their template."""

from datetime import timedelta

from odoo.addons.optica_cobranca.clients.base import DeliveryEvent
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.clients.message_answers import meta_accepted
from tests.messaging.common import OutboxCommon

HELD = meta_accepted("held_for_quality_assessment")


class TestPaced(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.template.write(
            {
                "channel_order": "whatsapp,sms",
                "sms_body": "{{amount_today}} {{shop_identity}}",
                "fallback_hours": 4,
            }
        )
        self.make_gateway(name="SMS", channel="sms", provider="sandbox")
        self.server.enqueue(HELD)
        self.message = self.send_one()

    def report(self, state, **values):
        event = DeliveryEvent(
            key=f"{self.message.uuid}:{state}",
            reference=self.message.uuid,
            provider_id=self.message.provider_id,
            state=state,
            occurred_at=None,
            **values,
        )
        self.env["contact.message"]._apply_news([(self.message.id, event)])
        self.env.invalidate_all()

    def test_is_a_state_of_its_own(self):
        """Not sent yet: nothing to pay, no clock of the next channel, and no second message."""
        self.assertEqual((self.message.state, self.message.reason), ("paced", False))
        self.assertEqual(self.message.provider_id, "wamid.ABC")
        self.assertFalse(self.message.sent_at)
        self.assertFalse(self.message.cost)
        self.assertFalse(self.message.fallback_at)
        again = self.send_one(self.message.partner_id, at="2026-02-11 16:00:00")
        self.assertEqual((again.state, again.reason), ("cancelled", "duplicate"))

    def test_released(self):
        self.report("sent")
        self.assertEqual(self.message.state, "sent")
        self.assertTrue(self.message.sent_at)
        self.assertEqual(self.message.fallback_at, self.message.sent_at + timedelta(hours=4))

    def test_refused_and_the_next_channel_takes_over(self):
        self.report("failed", failure=FailureClass.FIX_TEMPLATE, code="132015")
        self.assertEqual((self.message.state, self.message.reason), ("failed", "template"))
        self.assertTrue(self.message.fallback_at)
