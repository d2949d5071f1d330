from datetime import timedelta, timezone

from odoo import api, fields, models

from ..clients.base import WebhookBatch

SANDBOX_BATCH = 500


class ContactEvent(models.Model):
    """What a sandbox reports instead of a provider."""

    _inherit = "contact.event"

    @api.model
    def _play_sandbox(self, gateways):
        """Let sandbox gateways report what a provider would, by the way a webhook goes.

        :return: number of new events
        """
        count = 0
        now = fields.Datetime.now()
        for gateway in gateways.filtered(lambda gateway: gateway.provider == "sandbox"):
            client = gateway._client_factory()()
            messages = self.env["contact.message"].search(
                [
                    ("gateway_id", "=", gateway.id),
                    ("state", "in", ("sent", "uncertain")),
                    ("event_ids", "=", False),
                    # What is never heard of again is not asked for again and again.
                    ("claimed_at", ">", now - timedelta(hours=1)),
                ],
                limit=SANDBOX_BATCH,
            )
            events = [
                event
                for message in messages
                for event in client.events_for(
                    message.uuid,
                    message.provider_id or None,
                    message.address,
                    now.replace(tzinfo=timezone.utc),
                    message.body or "",
                )
            ]
            count += self._take_in(gateway, WebhookBatch(events=tuple(events)))
        return count
