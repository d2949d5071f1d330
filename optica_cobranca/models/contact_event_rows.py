"""What a webhook carried, as rows of ``contact.event``: dataclasses in, dicts out, no ORM."""

from datetime import timezone

from odoo import fields

from ..clients.base import DeliveryEvent, InboundMessage


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
        "occurred_at": naive_utc(event.occurred_at),
        "failure": event.failure,
        "error_code": event.code,
        "error_detail": event.detail or None,
        "category": event.category,
        "wa_id": event.wa_id,
        "payload": event.raw,
    }


def of_inbound(message):
    """What a customer wrote."""
    return {
        "kind": "inbound",
        "state": message.kind,
        "provider_id": message.provider_id,
        "occurred_at": naive_utc(message.received_at) or fields.Datetime.now(),
        "wa_id": message.sender,
        "text": message.text,
        "payload": message.raw,
    }


def of_notice(notice):
    """News about the account."""
    return {
        "kind": "account",
        "state": notice.kind,
        "occurred_at": naive_utc(notice.occurred_at),
        "failure": notice.failure,
        "error_code": notice.code,
        "error_detail": notice.detail or None,
        "payload": notice.raw,
    }


def of_unknown(item):
    """What could not be understood."""
    return {"kind": "unknown", "state": item.where, "error_code": item.why, "payload": item.raw}


def naive_utc(instant):
    """As Odoo stores instants; None stays None."""
    return instant.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0) if instant else None
