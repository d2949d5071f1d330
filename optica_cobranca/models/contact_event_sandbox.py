from datetime import timedelta, timezone
from uuid import uuid4

from odoo import api, fields, models

from ..clients.base import IMAGE, TEXT, InboundMessage, Media, WebhookBatch
from ..clients.sandbox import PROOF

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

    @api.model
    def _play_answer(self, gateway, sender, text, with_proof=False, context_id=None, name=""):
        """Let a customer of the sandbox write, by the way a webhook goes.

        :param sender: the customer's number, any notation
        :param with_proof: a picture of a payment comes with it
        :param context_id: the provider's reference of the message that is answered
        :param name: what the customer calls himself
        :return: the event
        """
        inbound = InboundMessage(
            provider_id=f"sandbox.answer.{uuid4().hex}",
            sender="".join(digit for digit in sender or "" if digit.isdigit()) or None,
            sender_id=None,
            profile_name=name,
            kind=IMAGE if with_proof else TEXT,
            text=text or "",
            received_at=fields.Datetime.now().replace(tzinfo=timezone.utc),
            context_id=context_id,
            media=Media(PROOF, "image/png") if with_proof else None,
        )
        self._take_in(gateway, WebhookBatch(inbound=(inbound,)))
        return self.search([("gateway_id", "=", gateway.id), ("key", "=", inbound.key)])
