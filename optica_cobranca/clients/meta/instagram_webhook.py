"""What Instagram posts to us: direct messages to the shop's account, and how far ours got.

It comes by the same address and signature as WhatsApp's. Shapes are those of Meta's webhook
reference for Instagram messaging: ``entry[].messaging[]`` or, for apps with Instagram's own login,
``entry[].changes[]`` with the same content as ``value``. Instants are milliseconds.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..base import DeliveryEvent, InboundMessage, Media
from ..http.untrusted import first_of, instant_of, mapping_of, text_of

INSTAGRAM = "instagram"
_KINDS = {"image": "image", "video": "video", "audio": "audio", "file": "document"}


def read_instagram(
    payload: Mapping[str, Any],
    events: list[DeliveryEvent],
    inbound: list[InboundMessage],
    objects: Callable[..., Any],
    keep: Callable[[str, str, Any], None],
) -> None:
    """Sort one payload into ``events`` and ``inbound``.

    :param objects: gives the objects in a list of a mapping, and keeps what is none
    :param keep: keeps what could not be understood (where, why, raw)
    """
    for entry in objects(payload, "entry"):
        items = list(objects(entry, "messaging", optional=True))
        for change in objects(entry, "changes", optional=True):
            value = change.get("value")
            if text_of(change, "field") == "messages" and isinstance(value, Mapping):
                items.append(value)
            else:
                keep(f"field:{text_of(change, 'field')}", "unknown_value", change)
        for item in items:
            _read(item, events, inbound, keep)


def _read(item, events, inbound, keep) -> None:
    sender, ours = text_of(item, "sender", "id"), text_of(item, "recipient", "id")
    if "read" in item:
        _read_seen(item, sender, ours, events, keep)
        return
    message = _message_of(item)
    provider_id = text_of(message, "mid")
    if message.get("is_echo") is True:
        return  # our own words, told back to us
    changed = _change_of(item, message)
    if not provider_id or not sender:
        keep("message", "missing" if message else "unknown_value", item)
        return
    inbound.append(
        InboundMessage(
            provider_id=f"{provider_id}:{changed}" if changed else provider_id,
            sender=None,
            sender_id=sender,
            kind=changed.partition(":")[0] or _kind(item, message),
            text=text_of(message, "text") or text_of(message, "title") or text_of(message, "emoji"),
            payload=text_of(message, "quick_reply", "payload") or text_of(message, "payload"),
            received_at=_instant(item.get("timestamp")),
            context_id=(provider_id if changed else text_of(message, "reply_to", "mid")) or None,
            media=_media(message),
            addressee_id=ours or None,
            raw=item,
        )
    )


def _message_of(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message, the pressed button, or the reaction, which names the message it is about."""
    message = (
        mapping_of(item, "message")
        or mapping_of(item, "postback")
        or mapping_of(item, "message_edit")
    )
    reaction = mapping_of(item, "reaction")
    if message or not reaction:
        return message
    mid = text_of(reaction, "mid")
    about = f"{mid}:reaction:{item.get('timestamp')}" if mid else ""
    # Taken back: without an emoji.
    emoji = "" if text_of(reaction, "action") == "unreact" else text_of(reaction, "emoji")
    return {"mid": about, "emoji": emoji, "reply_to": {"mid": mid}}


def _change_of(item: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """``revoke`` or ``edit:<number>`` when an earlier message is taken back or changed."""
    if message.get("is_deleted") is True:
        return "revoke"
    if mapping_of(item, "message_edit"):
        return f"edit:{message.get('num_edit', 1)}"
    return ""


def _read_seen(item, sender, ours, events, keep) -> None:
    provider_id = text_of(item, "read", "mid")
    if not provider_id:
        keep("status", "missing", item)
        return
    events.append(
        DeliveryEvent(
            key=f"{provider_id}:read",
            reference=None,
            provider_id=provider_id,
            state="read",
            occurred_at=_instant(item.get("timestamp")),
            user_id=sender or None,
            sender_id=ours or None,
            raw=item,
        )
    )


def _kind(item: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    if mapping_of(item, "reaction"):
        return "reaction"
    if mapping_of(item, "postback"):
        return "button"
    attachment = first_of(message, "attachments")
    if attachment:
        # A post or a story shown to the shop: it has no file, and somebody shows it for a reason.
        return _KINDS.get(text_of(attachment, "type"), "share")
    return "text" if text_of(message, "text") else "unsupported"


def _media(message: Mapping[str, Any]) -> Media | None:
    attachment = first_of(message, "attachments")
    url = text_of(attachment, "payload", "url")
    if text_of(attachment, "type") not in _KINDS or not url:
        return None
    return Media(id="", url=url)


def _instant(value: Any):
    """Milliseconds since 1970, to aware UTC."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return instant_of(value // 1000)
