"""A template of two channels: WhatsApp goes to the local server, SMS to a sandbox."""

from datetime import datetime, timezone

from freezegun import freeze_time

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook

from tests.fakes.cloud_api_webhooks import envelope, messages_value, status
from tests.messaging.common import NOON, OutboxCommon

# At the sandbox the digits 0004 mean: sent, and never heard of again.
NUMBER = "+5511960000004"
TEXT = "Hello {{customer_first_name}}: {{amount_today}}. {{shop_identity}}."
NEXT_NOON = "2026-02-12 15:00:00"


class FallbackCommon(OutboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.make_template(
            "Two ways", TEXT, channel_order="whatsapp,sms", sms_body=TEXT
        )

    def setUp(self):
        super().setUp()
        self.sms = self.make_gateway(name="SMS", channel="sms", provider="sandbox")
        self.partner = self.make_late(phone=NUMBER)

    def report(self, message, state, at=NOON):
        """The provider's report about a message, heard at an instant."""
        then = datetime.fromisoformat(at).replace(tzinfo=timezone.utc)
        item = status(
            message.provider_id,
            state,
            at=int(then.timestamp()),
            error=131026 if state == "failed" else None,
        )
        with freeze_time(at):
            payload = envelope(messages_value(statuses=[item]))
            self.env["contact.event"]._take_in(self.gateway, parse_webhook(payload))
            self.env.flush_all()
        self.env.invalidate_all()

    def check(self, message, state, reason=False):
        self.assertEqual((message.state, message.reason), (state, reason))

    def notice_message(self, *behaviours, **options):
        self.server.script(NUMBER, *behaviours)
        return self.send_one(self.make_notice(self.partner), **options)
