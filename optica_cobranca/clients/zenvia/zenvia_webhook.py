"""What Zenvia posts to us, sorted: one event a call.

Of calls Zenvia's specification (zenvia/zenvia-openapi-spec) names ``TERMINATED``, with the seconds
it lasted, ``RECORDED`` and ``HANG_UP``, and does not say who hung up: the customer, or Zenvia
because a voice mailbox answered. So a call counts as taken by its seconds, never by ``HANG_UP``.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ...domain.messaging.message_states import FailureClass
from .. import inbound_words
from ..base import MAX_DETAIL, DeliveryEvent, InboundMessage, Media, UnknownItem, WebhookBatch
from ..http.untrusted import digest_of, digits_of, first_of, mapping_of, read_json, text_of
from ..meta.whatsapp_errors import classify

# CLICKED and VERIFIED are told of what was read.
_STATES = {
    "SENT": "sent",
    "ACCEPTED": "sent",
    "DELIVERED": "delivered",
    "HANG_UP": "sent",
    "TERMINATED": "delivered",
    "RECORDED": "delivered",
    "READ": "read",
    "CLICKED": "read",
    "VERIFIED": "read",
    "REJECTED": "failed",
    "NOT_DELIVERED": "failed",
}
_KIND_OF_MIME = ("image", "audio", "video")
_FRACTION = re.compile(r"\.(\d{1,6})\d*")


def parse_webhook(body: bytes) -> WebhookBatch:
    """Sort what one call carried; what is not understood ends in ``unknown``."""
    data = read_json(body)
    kind = text_of(data, "type")
    if kind == "MESSAGE_STATUS":
        item = _status(data)
    elif kind == "MESSAGE":
        return _inbound(data)
    else:
        item = _unknown("payload", "not_json" if data is None else "unknown_value", data)
    if isinstance(item, DeliveryEvent):
        return WebhookBatch(events=(item,))
    return WebhookBatch(unknown=(item,))


def _status(data: Mapping[str, Any]) -> DeliveryEvent | UnknownItem:
    message, status = mapping_of(data, "message"), mapping_of(data, "messageStatus")
    provider_id = text_of(message, "id") or text_of(data, "messageId")
    code = text_of(status, "code")
    if not provider_id or not code:
        return _unknown("status", "missing", data)
    state = _STATES.get(code)
    if state is None:
        return _unknown("status", "unknown_value", data)
    if code == "TERMINATED" and _seconds(status) == 0:
        state = "failed"
    cause = first_of(status, "causes")
    cause_code = text_of(cause, "channelErrorCode") or text_of(cause, "code")
    failed = state == "failed"
    told = (text_of(status, "description"), text_of(cause, "reason"), text_of(cause, "details"))
    return DeliveryEvent(
        key=f"{provider_id}:{code}",
        reference=text_of(message, "externalId") or None,
        provider_id=provider_id,
        state=state,
        occurred_at=instant(text_of(status, "timestamp") or text_of(data, "timestamp")),
        failure=_failure(text_of(data, "channel"), code, cause_code) if failed else None,
        code=(cause_code or code) if failed else None,
        detail=" | ".join(dict.fromkeys(filter(None, told)))[:MAX_DETAIL] if failed else "",
        wa_id=digits_of(message.get("to")),
        raw=data,
    )


def _seconds(status: Mapping[str, Any]) -> float | None:
    """How long a call lasted; None when it is not told."""
    seconds = mapping_of(status, "details").get("durationSeconds")
    return seconds if isinstance(seconds, int | float) else None


def _failure(channel: str, code: str, cause: str) -> FailureClass:
    if channel == "whatsapp" and cause.isascii() and cause.isdigit():
        return classify(int(cause[:9]))  # Zenvia passes Meta's own codes on
    if code == "REJECTED":
        return FailureClass.FIX_REQUEST
    is_call = channel == "voice" or code == "TERMINATED"
    return FailureClass.NOT_ANSWERED if is_call else FailureClass.STOP_RECIPIENT


def _inbound(data: Mapping[str, Any]) -> WebhookBatch:
    """A message may have several contents: each is words of the customer's own."""
    message = mapping_of(data, "message")
    if not text_of(message, "id") or not digits_of(message.get("from")):
        return WebhookBatch(unknown=(_unknown("message", "missing", data),))
    if text_of(message, "direction") not in ("", "IN"):
        return WebhookBatch(unknown=(_unknown("message", "unknown_value", data),))
    given = message.get("contents")
    given = given if isinstance(given, list) else []
    contents = [content for content in given if isinstance(content, Mapping)] or [{}]
    return WebhookBatch(
        inbound=tuple(
            _part(data, message, content, index) for index, content in enumerate(contents)
        )
    )


def _part(
    data: Mapping[str, Any], message: Mapping[str, Any], content: Mapping[str, Any], index: int
) -> InboundMessage:
    provider_id, url = text_of(message, "id"), text_of(content, "fileUrl")
    return InboundMessage(
        provider_id=f"{provider_id}#{index}" if index else provider_id,
        sender=digits_of(message.get("from")),
        sender_id=None,
        profile_name=text_of(message, "visitor", "name"),
        kind=_kind_of(content, text_of(content, "type")),
        text=_text_of(content),
        payload=text_of(content, "payload"),
        received_at=instant(text_of(message, "timestamp") or text_of(data, "timestamp")),
        context_id=text_of(message, "context", "id") or None,
        media=Media(url, text_of(content, "fileMimeType"), text_of(content, "fileName"))
        if url
        else None,
        # The whole call is kept with the first part only.
        raw=content if index else data,
    )


def _text_of(content: Mapping[str, Any]) -> str:
    kind = text_of(content, "type")
    if kind == "location":
        where = (text_of(content, "name"), text_of(content, "address"))
        return inbound_words.place(*where, content.get("latitude"), content.get("longitude"))
    if kind == "contacts":
        return inbound_words.cards(content.get("contacts"))
    return text_of(content, "text") or text_of(content, "fileCaption")


def _kind_of(content: Mapping[str, Any], kind: str) -> str:
    if kind == "file":
        family = text_of(content, "fileMimeType").partition("/")[0]
        return family if family in _KIND_OF_MIME else "document"
    return kind if kind in ("text", "location", "contacts", "button") else "unsupported"


def instant(text: str) -> datetime | None:
    """An ISO instant, to aware UTC; None when unreadable."""
    try:
        # Python 3.10 reads neither "Z" nor fractions of other than 3 or 6 digits.
        found = datetime.fromisoformat(
            _FRACTION.sub(lambda part: f".{part[1]:0<6}", text.strip()).replace("Z", "+00:00")
        )
    except ValueError:
        return None
    return found.astimezone(timezone.utc) if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _unknown(where: str, why: str, raw: Any) -> UnknownItem:
    return UnknownItem(f"{where}:{digest_of(raw)}", where, why, raw)
