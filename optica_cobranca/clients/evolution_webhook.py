"""What a server of the Evolution API posts to us, sorted: one event a call."""

from collections.abc import Mapping
from typing import Any

from ..domain.message_states import FailureClass
from .base import AccountNotice, DeliveryEvent, InboundMessage, UnknownItem, WebhookBatch
from .untrusted import digest_of, digits_of, instant_of, mapping_of, read_json, text_of

EVENTS = ("MESSAGES_UPSERT", "MESSAGES_UPDATE", "CONNECTION_UPDATE")
_STATES = {
    "SERVER_ACK": "sent",
    "DELIVERY_ACK": "delivered",
    "READ": "read",
    "PLAYED": "read",
    "ERROR": "failed",
}
_EARLY = "PENDING"
_SECRETS = ("apikey", "server_url")
_KINDS = {
    "conversation": "text",
    "extendedTextMessage": "text",
    "imageMessage": "image",
    "audioMessage": "audio",
    "videoMessage": "video",
    "documentMessage": "document",
    "stickerMessage": "sticker",
    "locationMessage": "location",
    "contactMessage": "contacts",
    "reactionMessage": "reaction",
}
# Baileys: the telephone was unlinked.
_LOGGED_OUT = 401


def parse_webhook(body: bytes) -> WebhookBatch:
    """Sort what one call carried; what is not understood ends in ``unknown``."""
    data = read_json(body)
    if not isinstance(data, Mapping):
        return _unknown("payload", "not_json" if data is None else "wrong_type", data)
    data = {name: value for name, value in data.items() if name not in _SECRETS}
    event = text_of(data, "event").lower().replace("_", ".")
    part = mapping_of(data, "data")
    if event == "messages.update":
        return _status(data, part)
    if event == "messages.upsert":
        return _inbound(data, part)
    if event == "connection.update":
        return _connection(data, part)
    return _unknown("payload", "unknown_value", data)


def _status(data: Mapping[str, Any], part: Mapping[str, Any]) -> WebhookBatch:
    provider_id, word = text_of(part, "keyId"), text_of(part, "status")
    if not provider_id or not word:
        return _unknown("status", "missing", data)
    if word == _EARLY or part.get("fromMe") is False:
        return WebhookBatch()
    state = _STATES.get(word)
    if state is None:
        return _unknown("status", "unknown_value", data)
    failed = state == "failed"
    event = DeliveryEvent(
        key=f"{provider_id}:{word}",
        reference=None,
        provider_id=provider_id,
        state=state,
        occurred_at=None,
        failure=FailureClass.STOP_RECIPIENT if failed else None,
        code=word if failed else None,
        wa_id=_person(part.get("remoteJid")),
        raw=data,
    )
    return WebhookBatch(events=(event,))


def _inbound(data: Mapping[str, Any], part: Mapping[str, Any]) -> WebhookBatch:
    key = mapping_of(part, "key")
    # With LID addressing the number comes beside the hidden id.
    sender = _person(key.get("remoteJid")) or _person(key.get("remoteJidAlt"))
    if key.get("fromMe") is True or _is_crowd(text_of(key, "remoteJid")):
        return WebhookBatch()
    provider_id = text_of(key, "id")
    if not provider_id or not sender:
        return _unknown("message", "missing", data)
    message = mapping_of(part, "message")
    name = text_of(part, "messageType")
    content = mapping_of(message, name)
    inbound = InboundMessage(
        provider_id=provider_id,
        sender=sender,
        sender_id=None,
        profile_name=text_of(part, "pushName"),
        kind=_KINDS.get(name, "unsupported"),
        text=text_of(message, "conversation") or text_of(content, "text") or _caption(content),
        received_at=instant_of(part.get("messageTimestamp")),
        context_id=text_of(part, "contextInfo", "stanzaId")
        or text_of(content, "contextInfo", "stanzaId")
        or None,
        raw=data,
    )
    return WebhookBatch(inbound=(inbound,))


def _connection(data: Mapping[str, Any], part: Mapping[str, Any]) -> WebhookBatch:
    state = text_of(part, "state")
    reason = part.get("statusReason")
    lost = state == "close"
    failure = None
    if lost:
        failure = FailureClass.AUTH if reason == _LOGGED_OUT else FailureClass.PAUSE_SENDER
    notice = AccountNotice(
        key=f"connection:{digest_of(data)}",
        kind="connection",
        failure=failure,
        code="not_connected" if lost else None,
        detail=state,
        raw=data,
    )
    return WebhookBatch(notices=(notice,))


def _caption(content: Mapping[str, Any]) -> str:
    return text_of(content, "caption")


def _person(jid: Any) -> str | None:
    """Digits of ``5511...@s.whatsapp.net``; None for groups, broadcasts and hidden ids."""
    number, _, place = jid.partition("@") if isinstance(jid, str) else ("", "", "")
    return digits_of(number.partition(":")[0]) if place in ("s.whatsapp.net", "c.us") else None


def _is_crowd(jid: str) -> bool:
    return jid.endswith(("@g.us", "@broadcast", "@newsletter"))


def _unknown(where: str, why: str, raw: Any) -> WebhookBatch:
    return WebhookBatch(unknown=(UnknownItem(f"{where}:{digest_of(raw)}", where, why, raw),))
