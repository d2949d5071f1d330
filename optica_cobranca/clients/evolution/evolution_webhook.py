"""What a server of the Evolution API posts to us, sorted: one event a call."""

from collections.abc import Mapping
from typing import Any

from ...domain.messaging.message_states import FailureClass
from .. import inbound_words
from ..base import AccountNotice, DeliveryEvent, InboundMessage, UnknownItem, WebhookBatch
from ..http.untrusted import digest_of, digits_of, instant_of, mapping_of, read_json, text_of

EVENTS = (
    "MESSAGES_UPSERT",
    "MESSAGES_UPDATE",
    "MESSAGES_EDITED",
    "MESSAGES_DELETE",
    "CONNECTION_UPDATE",
)
_STATES = {
    "SERVER_ACK": "sent",
    "DELIVERY_ACK": "delivered",
    "READ": "read",
    "PLAYED": "read",
    "ERROR": "failed",
    # Of an instance in Meta mode: Meta's own words.
    "SENT": "sent",
    "DELIVERED": "delivered",
    "FAILED": "failed",
}
# Meta's reason for a failure does not come along.
_FAILURES = {"ERROR": FailureClass.STOP_RECIPIENT, "FAILED": FailureClass.FIX_REQUEST}
# Ids of Meta's: of these the server says wrongly that they were the customer's.
_META_ID = "wamid."
# Known, and says nothing of how far the message got.
_NO_NEWS = frozenset({"PENDING", "DELETED"})
# The connection's states in which nothing leaves: closed, or nobody has scanned the code.
_LOST = ("close", "refused")
_SECRETS = ("apikey", "server_url")
_KINDS = {
    "conversation": "text",
    "extendedTextMessage": "text",
    "imageMessage": "image",
    "audioMessage": "audio",
    "videoMessage": "video",
    "ptvMessage": "video",
    "documentMessage": "document",
    "stickerMessage": "sticker",
    "lottieStickerMessage": "sticker",
    "locationMessage": "location",
    "liveLocationMessage": "location",
    "contactMessage": "contacts",
    "contactsArrayMessage": "contacts",
    "reactionMessage": "reaction",
    "buttonsResponseMessage": "button",
    "templateButtonReplyMessage": "button",
    "listResponseMessage": "interactive",
    "interactiveResponseMessage": "interactive",
    "orderMessage": "order",
}
# What WhatsApp puts around a message that disappears, is seen once, has a caption, was changed.
_WRAPPERS = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
    "editedMessage",
    "deviceSentMessage",
)
MAX_WRAPPERS = 6
# Types of a protocol message, by name or number.
_REVOKE, _EDIT = ("REVOKE", 0, None), ("MESSAGE_EDIT", 14)
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
    if event in ("messages.edited", "messages.delete"):
        return _change(data, part, is_deleted=event == "messages.delete")
    if event == "connection.update":
        return _connection(data, part)
    return _unknown("payload", "unknown_value", data)


def _status(data: Mapping[str, Any], part: Mapping[str, Any]) -> WebhookBatch:
    provider_id, word = text_of(part, "keyId"), text_of(part, "status")
    if not provider_id or not word:
        return _unknown("status", "missing", data)
    is_metas = provider_id.startswith(_META_ID)
    if word in _NO_NEWS or (part.get("fromMe") is False and not is_metas):
        return WebhookBatch()
    state = _STATES.get(word)
    if state is None:
        return _unknown("status", "unknown_value", data)
    event = DeliveryEvent(
        key=f"{provider_id}:{word}",
        reference=None,
        provider_id=provider_id,
        state=state,
        occurred_at=None,
        failure=_FAILURES.get(word),
        code=word if word in _FAILURES else None,
        wa_id=_person(part.get("remoteJid")),
        raw=data,
    )
    return WebhookBatch(events=(event,))


def _inbound(data: Mapping[str, Any], part: Mapping[str, Any]) -> WebhookBatch:
    key = mapping_of(part, "key")
    if key.get("fromMe") is True or _is_crowd(text_of(key, "remoteJid")):
        return WebhookBatch()
    message = _unwrapped(mapping_of(part, "message"))
    protocol = mapping_of(message, "protocolMessage")
    if protocol:
        # Of a chat's own settings (disappearing messages, keys) nothing is read.
        told = protocol.get("type") in (*_REVOKE, *_EDIT)
        return _change(data, {"key": key, **protocol}, sender_key=key) if told else WebhookBatch()
    name = next((name for name in _KINDS if name in message), text_of(part, "messageType"))
    kind = _KINDS.get(name, "unsupported")
    content = mapping_of(message, name)
    context = (
        text_of(content, "key", "id")
        if kind == "reaction"
        else text_of(part, "contextInfo", "stanzaId") or text_of(content, "contextInfo", "stanzaId")
    )
    return _said(
        data,
        key,
        text_of(key, "id"),
        profile_name=text_of(part, "pushName"),
        kind=kind,
        text=text_of(message, "conversation") or _words(name, content),
        payload=_choice(content),
        received_at=instant_of(part.get("messageTimestamp")),
        context_id=context or None,
    )


def _change(
    data: Mapping[str, Any],
    part: Mapping[str, Any],
    is_deleted: bool = False,
    sender_key: Mapping[str, Any] | None = None,
) -> WebhookBatch:
    """An earlier message, named by ``key``, was changed or taken back."""
    # The event of a deletion is the key itself.
    about = mapping_of(part, "key") or part
    key = sender_key or about
    if key.get("fromMe") is True or _is_crowd(text_of(key, "remoteJid")):
        return WebhookBatch()
    original = text_of(about, "id")
    message = _unwrapped(mapping_of(part, "editedMessage"))
    name = next((name for name in _KINDS if name in message), "")
    kind = "revoke" if is_deleted or not message else "edit"
    text = text_of(message, "conversation") or _words(name, mapping_of(message, name))
    # Told by several events: the same change has one key.
    news = f"edit:{digest_of(text)[:12]}" if kind == "edit" else kind
    return _said(
        data,
        key,
        original and f"{original}:{news}",
        kind=kind,
        text=text,
        context_id=original or None,
    )


def _said(
    data: Mapping[str, Any], key: Mapping[str, Any], provider_id: str, **values: Any
) -> WebhookBatch:
    """One item of the person whom ``key`` names: by number, by hidden id (LID), or by both."""
    jids = [key.get(name) for name in ("remoteJid", "remoteJidAlt", "senderPn", "participantPn")]
    sender = next(filter(None, map(_person, jids)), None)
    hidden = (*jids, key.get("senderLid"), key.get("previousRemoteJid"))
    sender_id = next(
        (jid for jid in hidden if isinstance(jid, str) and jid.endswith("@lid") and len(jid) > 4),
        None,
    )
    if not provider_id or not (sender or sender_id):
        return _unknown("message", "missing", data)
    message = InboundMessage(
        provider_id=provider_id, sender=sender, sender_id=sender_id, raw=data, **values
    )
    return WebhookBatch(inbound=(message,))


def _unwrapped(message: Mapping[str, Any]) -> Mapping[str, Any]:
    for _layer in range(MAX_WRAPPERS):
        inner = next(
            (
                mapping_of(mapping_of(message, name), "message")
                for name in _WRAPPERS
                if name in message
            ),
            None,
        )
        if not inner:
            return message
        message = inner
    return message


def _words(name: str, content: Mapping[str, Any]) -> str:
    """The text of a part of a message."""
    if name in ("locationMessage", "liveLocationMessage"):
        where = (text_of(content, "name"), text_of(content, "address"))
        point = (content.get("degreesLatitude"), content.get("degreesLongitude"))
        return inbound_words.place(*where, *point) or text_of(content, "caption")
    if name == "contactMessage":
        return _card(content)
    if name == "contactsArrayMessage":
        cards = content.get("contacts")
        cards = cards if isinstance(cards, list) else []
        return "\n".join(_card(card) for card in cards if isinstance(card, Mapping))
    filled_in = text_of(content, "nativeFlowResponseMessage", "paramsJson")
    return inbound_words.form(filled_in) or next(
        filter(
            None,
            (
                text_of(content, "text"),
                text_of(content, "caption"),
                text_of(content, "selectedDisplayText"),
                text_of(content, "title"),
                text_of(content, "body", "text"),
                text_of(content, "message"),
            ),
        ),
        "",
    )


def _card(content: Mapping[str, Any]) -> str:
    return inbound_words.vcard_line(text_of(content, "displayName"), text_of(content, "vcard"))


def _choice(content: Mapping[str, Any]) -> str:
    """Id of the button or the row that was chosen."""
    return (
        text_of(content, "selectedButtonId")
        or text_of(content, "selectedId")
        or text_of(content, "singleSelectReply", "selectedRowId")
    )


def _connection(data: Mapping[str, Any], part: Mapping[str, Any]) -> WebhookBatch:
    state = text_of(part, "state")
    reason = part.get("statusReason")
    lost = state in _LOST
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


def number_of(key: Any) -> str | None:
    """Digits of the person a message's ``key`` names; None when only a hidden id is given."""
    if not isinstance(key, Mapping):
        return None
    return _person(key.get("remoteJid")) or _person(key.get("remoteJidAlt"))


def _person(jid: Any) -> str | None:
    """Digits of ``5511...@s.whatsapp.net``; None for groups, broadcasts and hidden ids."""
    number, _, place = jid.partition("@") if isinstance(jid, str) else ("", "", "")
    return digits_of(number.partition(":")[0]) if place in ("s.whatsapp.net", "c.us") else None


def _is_crowd(jid: str) -> bool:
    return jid.endswith(("@g.us", "@broadcast", "@newsletter"))


def _unknown(where: str, why: str, raw: Any) -> WebhookBatch:
    return WebhookBatch(unknown=(UnknownItem(f"{where}:{digest_of(raw)}", where, why, raw),))
