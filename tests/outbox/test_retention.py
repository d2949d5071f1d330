"""After the time to keep: numbers and texts are erased, facts stay."""

from odoo import fields

from odoo.addons.optica_cobranca.clients.whatsapp_cloud import parse_webhook

from tests.fakes.cloud_api_webhooks import inbound_text
from tests.outbox.common import OutboxCommon

# 60 months before this night is 2021-02-12 05:30.
TONIGHT = "2026-02-12 05:30:00"


class TestRetention(OutboxCommon):
    def backdate(self, records, at):
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {records._table} SET create_date = %s WHERE id = ANY(%s)", [at, records.ids]
        )
        self.env.invalidate_all()

    def anonymise(self):
        self.run_job("contact.message", "_cron_anonymise", at=TONIGHT)

    def test_old_message_keeps_its_facts_only(self):
        message = self.send_one()
        self.backdate(message, "2021-02-12 05:29:00")
        sent_at, provider_id = message.sent_at, message.provider_id
        self.anonymise()
        for name in ("address", "body", "parameters", "wa_id", "error_detail"):
            self.assertFalse(message[name], name)
        self.assertEqual(
            (message.channel, message.state, message.sent_at, message.provider_id),
            ("whatsapp", "sent", sent_at, provider_id),
        )
        self.assertEqual(message.partner_id.name, "Late Customer")
        self.assertEqual(str(message.anonymised_at), TONIGHT)

    def test_message_within_the_time_stays(self):
        message = self.send_one()
        self.backdate(message, "2021-02-12 05:31:00")
        self.anonymise()
        self.assertTrue(message.address and message.body)
        self.assertFalse(message.anonymised_at)

    def test_each_company_keeps_for_its_own_time(self):
        message = self.send_one()
        self.company.contact_retention_months = 12
        self.backdate(message, "2025-02-11 12:00:00")
        self.anonymise()
        self.assertFalse(message.body)

    def test_message_that_waits_is_not_touched(self):
        message = self.queue(self.make_late())
        self.backdate(message, "2020-01-01 00:00:00")
        self.anonymise()
        self.assertFalse(message.anonymised_at)

    def test_what_the_customer_wrote(self):
        self.make_late()
        inbound = inbound_text("wamid.in", "My new address is ...", sender="5511960000001")
        self.env["contact.event"]._take_in(self.gateway, parse_webhook(inbound))
        event = self.env["contact.event"].search([("kind", "=", "inbound")], limit=1)
        self.backdate(event, "2020-01-01 00:00:00")
        self.anonymise()
        self.assertFalse(event.text or event.payload or event.wa_id)
        self.assertTrue(event.partner_id and event.occurred_at)

    def test_more_than_one_batch(self):
        from odoo.addons.optica_cobranca.models import contact_retention

        self.patch(contact_retention, "BATCH", 2)
        partners = [self.make_late(f"P{n}", phone=f"+55 11 96000-10{n:02d}") for n in range(5)]
        messages = self.queue(self.env["res.partner"].union(*partners))
        self.dispatch()
        self.backdate(messages, fields.Datetime.to_datetime("2020-01-01"))
        self.anonymise()
        self.assertFalse(any(messages.mapped("body")))
