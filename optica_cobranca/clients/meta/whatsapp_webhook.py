"""What WhatsApp posts to us, sorted.

Order and number of calls are not guaranteed: the same news may come again, late, or several in
one call. Each item therefore carries a key that is equal for every repetition. Shapes are those of
Meta's published specification; anything else ends in ``unknown`` and never in an exception.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from .. import inbound_words
from ..base import (
    RESUME_OFFERS,
    STOP_OFFERS,
    AccountNotice,
    DeliveryEvent,
    InboundMessage,
    Media,
    UnknownItem,
    WebhookBatch,
)
from ..http.untrusted import (
    cleaned,
    digits_of,
    first_of,
    instant_of,
    mapping_of,
    read_json,
    text_of,
)
from .instagram_webhook import INSTAGRAM, read_instagram
from .whatsapp_errors import classify, read_error
from .whatsapp_notices import read_news

_OBJECT = "whatsapp_business_account"
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}", re.ASCII)

# "played" is told of voice messages only and means more than read.
_STATES = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}
_ACCOUNT_FIELDS = frozenset(
    {
        "account_alerts",
        "account_review_update",
        "account_update",
        "business_capability_update",
        "message_template_components_update",
        "message_template_quality_update",
        "message_template_status_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
        "template_category_update",
    }
)
_VALUE_NAMES = frozenset(
    {"messaging_product", "metadata", "contacts", "statuses", "messages", "errors"}
)
_MEDIA_KINDS = frozenset({"image", "audio", "video", "document", "sticker"})
_KINDS = _MEDIA_KINDS | {
    "text",
    "button",
    "interactive",
    "location",
    "contacts",
    "reaction",
    "order",
    "system",
    "edit",
    "revoke",
}
# Of `user_preferences`, which Meta has for marketing messages only.
_PREFERENCES = {"stop": STOP_OFFERS, "resume": RESUME_OFFERS}


def parse_webhook(payload: Any) -> WebhookBatch:
    """Sort what one call carried.

    :param payload: the decoded body, or the raw one as bytes
    :return: events, inbound messages, notices and unknown parts, each in the order of the call
    """
    payload = read_json(payload) if isinstance(payload, bytes | str) else cleaned(payload)
    reader = _Reader()
    reader.read(payload)
    return WebhookBatch(
        tuple(reader.events), tuple(reader.inbound), tuple(reader.notices), tuple(reader.unknown)
    )


class _Reader:
    """Walks one payload and collects."""

    def __init__(self):
        self.events: list[DeliveryEvent] = []
        self.inbound: list[InboundMessage] = []
        self.notices: list[AccountNotice] = []
        self.unknown: list[UnknownItem] = []

    def read(self, payload: Any) -> None:
        if payload is None:
            self._keep("payload", "not_json", None)
        elif isinstance(payload, Mapping) and payload.get("object") == INSTAGRAM:
            read_instagram(payload, self.events, self.inbound, self._objects, self._keep)
        elif not isinstance(payload, Mapping) or payload.get("object") != _OBJECT:
            self._keep("payload", "unknown_value", payload)
        else:
            for entry in self._objects(payload, "entry"):
                for change in self._objects(entry, "changes"):
                    self._read_change(entry, change)

    def _read_change(self, entry: Mapping, change: Mapping) -> None:
        name, value = text_of(change, "field"), change.get("value")
        if not isinstance(value, Mapping):
            self._keep(f"field:{name}", "wrong_type", change)
        elif name == "messages":
            self._read_messages(entry, value)
        elif name == "user_preferences":
            self._read_preferences(value)
        elif name in _ACCOUNT_FIELDS:
            self._notice(name, entry, value)
        else:
            self._keep(f"field:{name}", "unknown_value", change)

    def _read_messages(self, entry: Mapping, value: Mapping) -> None:
        our_number = text_of(value, "metadata", "phone_number_id") or None
        for status in self._objects(value, "statuses", optional=True):
            self._read_status(status, our_number)
        contacts = list(self._objects(value, "contacts", optional=True))
        for message in self._objects(value, "messages", optional=True):
            self._read_inbound(message, contacts, our_number)
        for error in self._objects(value, "errors", optional=True):
            self._notice("error", entry, error)
        rest = {name: value[name] for name in value if name not in _VALUE_NAMES}
        if rest:
            self._keep("value", "unknown_value", rest)

    def _read_status(self, status: Mapping, our_number: str | None) -> None:
        provider_id, word = text_of(status, "id"), text_of(status, "status")
        if not provider_id or not word:
            self._keep("status", "missing", status)
            return
        state = _STATES.get(word)
        if state is None:
            self._keep("status", "unknown_value", status)
            return
        error = read_error(first_of(status, "errors")) if state == "failed" else None
        code = error.code if error else None
        self.events.append(
            DeliveryEvent(
                key=f"{provider_id}:{word}",
                reference=text_of(status, "biz_opaque_callback_data") or None,
                provider_id=provider_id,
                state=state,
                occurred_at=instant_of(status.get("timestamp")),
                failure=classify(code) if state == "failed" else None,
                code=None if code is None else str(code),
                detail=error.detail if error else "",
                category=text_of(status, "pricing", "category") or None,
                charge=_charge(mapping_of(status, "pricing")),
                wa_id=digits_of(status.get("recipient_id")),
                user_id=text_of(status, "recipient_user_id") or None,
                sender_id=our_number,
                raw=status,
            )
        )

    def _read_inbound(self, message: Mapping, contacts: list, our_number: str | None) -> None:
        provider_id = text_of(message, "id")
        contact = _contact_of(message, contacts)
        sender = digits_of(message.get("from")) or digits_of(contact.get("wa_id"))
        system = mapping_of(message, "system")
        # Who changed is known by the former id.
        sender_id = text_of(system, "previous_user_id") or _user_id(message, contact)
        if not provider_id or not (sender or sender_id):
            self._keep("message", "missing", message)
            return
        given = text_of(message, "type")
        kind = given if given in _KINDS else "unsupported"
        text, payload = _content(kind, message)
        self.inbound.append(
            InboundMessage(
                provider_id=provider_id,
                sender=sender,
                sender_id=sender_id,
                profile_name=text_of(contact, "profile", "name"),
                kind=kind,
                text=text,
                payload=payload,
                received_at=instant_of(message.get("timestamp")),
                context_id=_context_of(kind, message),
                media=_media(kind, message),
                new_sender=digits_of(system.get("wa_id") or system.get("new_wa_id")),
                new_sender_id=text_of(system, "user_id") or None,
                addressee_id=our_number,
                raw=message,
            )
        )

    def _read_preferences(self, value: Mapping) -> None:
        """Who refused offers in WhatsApp itself, or wants them again."""
        our_number = text_of(value, "metadata", "phone_number_id") or None
        contacts = list(self._objects(value, "contacts", optional=True))
        for item in self._objects(value, "user_preferences"):
            contact = _contact_of({"from": item.get("wa_id")}, contacts)
            sender = digits_of(item.get("wa_id"))
            sender_id = text_of(item, "user_id") or text_of(contact, "user_id") or None
            wish = _PREFERENCES.get(text_of(item, "value").lower())
            about = text_of(item, "category") in ("", "marketing_messages")
            if not (wish and about and (sender or sender_id)):
                self._keep(
                    "preference", "unknown_value" if sender or sender_id else "missing", item
                )
                continue
            self.inbound.append(
                InboundMessage(
                    provider_id=_key("preference", item),
                    sender=sender,
                    sender_id=sender_id,
                    profile_name=text_of(contact, "profile", "name"),
                    kind="preference",
                    text=text_of(item, "detail"),
                    received_at=instant_of(item.get("timestamp")),
                    addressee_id=our_number,
                    wish=wish,
                    raw=item,
                )
            )

    def _notice(self, kind: str, entry: Mapping, value: Mapping) -> None:
        error = read_error(value) if kind == "error" else None
        code = error.code if error else None
        moment = entry.get("time")
        self.notices.append(
            AccountNotice(
                key=_key(kind, [entry.get("id"), moment, value]),
                kind=kind,
                occurred_at=instant_of(moment),
                failure=classify(code) if error else None,
                code=None if code is None else str(code),
                detail=error.detail if error else text_of(value, "event"),
                # News about partners come under the partner's id, and name the account inside.
                account_id=text_of(value, "waba_info", "waba_id") or text_of(entry, "id") or None,
                news=None if error else read_news(kind, value),
                raw=value,
            )
        )

    def _objects(self, data: Mapping, name: str, optional: bool = False):
        """The objects in a list; whatever is not one is kept as unknown."""
        items = data.get(name)
        if items is None and optional:
            return
        if not isinstance(items, list):
            self._keep(name, "missing" if items is None else "wrong_type", data)
            return
        for item in items:
            if isinstance(item, Mapping):
                yield item
            else:
                self._keep(name, "wrong_type", item)

    def _keep(self, where: str, why: str, raw: Any) -> None:
        self.unknown.append(UnknownItem(_key(where, raw), where, why, raw))


def _charge(pricing: Mapping) -> str | None:
    """Meta's word for whether it charges; its older "billable" where there is no word yet."""
    word = text_of(pricing, "type")
    return word or ("free" if pricing.get("billable") is False else None)


def _key(kind: str, raw: Any) -> str:
    text = json.dumps(raw, sort_keys=True, separators=(",", ":"))
    return f"{kind}:{hashlib.sha256(text.encode('utf-8')).hexdigest()}"


def _contact_of(message: Mapping, contacts: list[Mapping]) -> Mapping:
    ids = {message.get(name) for name in ("from", "from_user_id") if text_of(message, name)}
    for contact in contacts:
        if ids & {text_of(contact, "wa_id"), text_of(contact, "user_id")}:
            return contact
    # The two may be written differently (ninth digit); a single contact is the sender anyway.
    return contacts[0] if len(contacts) == 1 else {}


def _user_id(message: Mapping, contact: Mapping) -> str | None:
    given = text_of(message, "from")
    hidden = given if _BSUID.fullmatch(given) else ""
    return text_of(message, "from_user_id") or text_of(contact, "user_id") or hidden or None


def _context_of(kind: str, message: Mapping) -> str | None:
    """Which message is answered, reacted to, changed or taken back."""
    about = {"reaction": "message_id", "edit": "original_message_id"}
    about["revoke"] = about["edit"]
    named = text_of(message, kind, about[kind]) if kind in about else ""
    return named or text_of(message, "context", "id") or None


def _content(kind: str, message: Mapping) -> tuple[str, str]:
    """Text and payload of one message."""
    part = mapping_of(message, kind)
    if kind == "edit":
        inner = mapping_of(part, "message")
        given = text_of(inner, "type")
        return _content(given, inner) if given in _KINDS - {"edit"} else ("", "")
    if kind == "location":
        where = (text_of(part, "name"), text_of(part, "address"))
        return inbound_words.place(*where, part.get("latitude"), part.get("longitude")), ""
    if kind == "contacts":
        return inbound_words.cards(message.get("contacts")), ""
    if kind == "text":
        return text_of(part, "body"), ""
    if kind == "button":
        return text_of(part, "text"), text_of(part, "payload")
    if kind == "interactive":
        reply = mapping_of(part, text_of(part, "type"))
        filled_in = inbound_words.form(text_of(reply, "response_json"))
        text = filled_in or text_of(reply, "title") or text_of(reply, "body")
        return text or text_of(reply, "response"), text_of(reply, "id")
    if kind in _MEDIA_KINDS:
        return text_of(part, "caption"), ""
    return text_of(part, {"reaction": "emoji", "order": "text"}.get(kind, "body")), ""


def _media(kind: str, message: Mapping) -> Media | None:
    part = mapping_of(message, kind) if kind in _MEDIA_KINDS else {}
    if not text_of(part, "id"):
        return None
    names = ("id", "mime_type", "filename", "sha256")
    return Media(**{name: text_of(part, name) for name in names})
