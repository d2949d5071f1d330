"""What a webhook carried, as rows of ``contact.event``: dataclasses in, dicts out, no ORM."""

import dataclasses
from datetime import datetime

from odoo import fields

from ...clients.base import DeliveryEvent, InboundMessage, Media, WebhookBatch
from ...clients.http.untrusted import key_within, text_within
from ...domain.shop import clock

# What identifies stands in indexes, whose entries have a few kilobytes at most.
LONGEST_KEY = 250
LONGEST_WORD = 250
# Far more than any network lets people write.
LONGEST_TEXT = 65_536
KEYS = (
    *("key", "reference", "provider_id", "sender", "sender_id", "context_id", "wa_id", "user_id"),
    *("new_sender", "new_sender_id", "addressee_id", "account_id"),
)
WORDS = ("code", "category", "charge", "profile_name", "payload", "where", "why", "kind", "state")
TEXTS = ("text", "detail")


def within_bounds(batch):
    """The batch with identifiers, words and texts of bounded length, whoever made them."""
    return WebhookBatch(
        **{
            field.name: tuple(_within_bounds(item) for item in getattr(batch, field.name))
            for field in dataclasses.fields(batch)
        }
    )


def _within_bounds(item):
    changes = {}
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        if not isinstance(value, str):
            continue
        if field.name in KEYS:
            changes[field.name] = key_within(value, LONGEST_KEY)
        elif field.name in WORDS:
            changes[field.name] = text_within(value, LONGEST_WORD)
        elif field.name in TEXTS:
            changes[field.name] = text_within(value, LONGEST_TEXT)
    changed = {name: value for name, value in changes.items() if value != getattr(item, name)}
    return dataclasses.replace(item, **changed) if changed else item


def by_addressee(items, siblings, gateway):
    """The items by the gateway of the number they concern; the address may serve several."""
    of_number = {
        number: sibling
        for sibling in siblings
        for number in (sibling.phone_number_id, sibling.instagram_account_id)
        if number
    }
    found = {}
    for item in items:
        found.setdefault(of_number.get(_our_number(item), gateway), []).append(item)
    return found


def _our_number(item):
    if isinstance(item, DeliveryEvent):
        return item.sender_id
    return item.addressee_id if isinstance(item, InboundMessage) else None


def of_status(event):
    """How far a message got."""
    return {
        "kind": "status",
        "state": event.state,
        "reference": event.reference,
        "provider_id": event.provider_id,
        "occurred_at": clock.stored(event.occurred_at),
        "failure": event.failure,
        "error_code": event.code,
        "error_detail": event.detail or None,
        "category": event.category,
        "charge": event.charge,
        "wa_id": event.wa_id,
        "payload": event.raw,
    }


def of_inbound(message):
    """What a customer wrote."""
    return {
        "kind": "inbound",
        "state": message.kind,
        "provider_id": message.provider_id,
        "occurred_at": clock.stored(message.received_at) or fields.Datetime.now(),
        "wa_id": message.sender,
        "text": message.text,
        "payload": message.raw,
    }


def of_waiting(message):
    """What a customer wrote, with all that the job needs to know which heeds it later."""
    kept = {
        field.name: getattr(message, field.name)
        for field in dataclasses.fields(message)
        if field.name != "raw" and getattr(message, field.name)
    }
    if message.received_at:
        kept["received_at"] = message.received_at.isoformat()
    if message.media:
        kept["media"] = dataclasses.asdict(message.media)
    return {**of_inbound(message), "waiting": kept}


def waited(kept, raw):
    """The message that :func:`of_waiting` kept."""
    values = {"sender": None, "sender_id": None, **kept, "raw": raw or {}}
    if received_at := kept.get("received_at"):
        values["received_at"] = datetime.fromisoformat(received_at)
    if media := kept.get("media"):
        values["media"] = Media(**media)
    return InboundMessage(**values)


def of_notice(notice):
    """News about the account."""
    return {
        "kind": "account",
        "state": notice.kind,
        "occurred_at": clock.stored(notice.occurred_at),
        "failure": notice.failure,
        "error_code": notice.code,
        "error_detail": notice.detail or None,
        "payload": notice.raw,
    }


def of_unknown(item):
    """What could not be understood."""
    return {"kind": "unknown", "state": item.where, "error_code": item.why, "payload": item.raw}
