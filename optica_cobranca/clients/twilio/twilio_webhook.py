"""What Twilio posts to us: statuses of calls and SMS, keys pressed during a call, SMS received."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit, urlunsplit

from ...domain.messaging.message_states import FailureClass
from ..base import RESUME, STOP, DeliveryEvent, InboundMessage, Media, UnknownItem, WebhookBatch
from ..http.untrusted import cleaned, digest_of, digits_of
from ..provider import Settings, WebhookCall, is_same_secret
from .twilio_errors import classify

REFERENCE_PARAM = "ref"
KEYS_PARAM = "keys"
SIGNATURE_HEADER = "X-Twilio-Signature"
_PORTS = {"https": 443, "http": 80}

_SMS_STATES = {
    "sent": "sent",
    "delivered": "delivered",
    # Of several parts some arrived, nobody knows which: not delivered, and not failed.
    "partially_delivered": "sent",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
# Twilio reads the words of stopping itself, those of the account included, and blocks the number.
_WISHES = {"STOP": STOP, "START": RESUME}
# Known words that say nothing new.
_SMS_EARLY = frozenset({"accepted", "scheduled", "queued", "sending"})
_CALL_STATES = {
    "initiated": "sent",
    "ringing": "sent",
    "in-progress": "sent",
    "completed": "delivered",
    "busy": "failed",
    "no-answer": "failed",
    "failed": "failed",
    "canceled": "failed",
}


def signature(token: str, url: str, form: tuple[tuple[str, str], ...]) -> str:
    """Base64 of the HMAC-SHA1 over the address and the form's sorted names and values."""
    named: dict[str, set[str]] = {}
    for name, value in form:
        named.setdefault(name, set()).add(value)
    text = url + "".join(name + value for name in sorted(named) for value in sorted(named[name]))
    digest = hmac.new(token.encode("utf-8"), text.encode("utf-8"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


def is_genuine(settings: Settings, call: WebhookCall) -> bool:
    """Signed with the account's token over the address that we gave, however it is written."""
    token, url = settings.get("access_token") or "", settings.get("webhook_url") or ""
    given = call.headers.get(SIGNATURE_HEADER)
    if not token or not url or not given:
        return False
    if call.query:
        url = f"{url}?{call.query}"
    return any(
        [
            is_same_secret(signature(token, form_of_url, call.form), given)
            for form_of_url in _spellings(url)
        ]
    )


def _spellings(url: str) -> list[str]:
    """The address with and without port and user, its host as given and in small letters.

    Twilio signs the address as it calls it; which of these that is differs by product and age.
    """
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    # An IPv6 address has colons of its own, in brackets.
    host = place[: place.find("]") + 1] or place.partition(":")[0]
    port = place[len(host) :].removeprefix(":") or str(_PORTS.get(parts.scheme, 443))
    return [
        urlunsplit((parts.scheme, f"{who}{name}{behind}", *parts[2:]))
        for who in dict.fromkeys((user + at, ""))
        for name in dict.fromkeys((host, host.lower()))
        for behind in (f":{port}", "")
    ]


def keys_of(call: WebhookCall) -> str | None:
    """The keys pressed, when this call of Twilio brings keys."""
    if KEYS_PARAM not in call.params():
        return None
    return dict(call.form).get("Digits", "")


def parse_webhook(call: WebhookCall) -> WebhookBatch:
    """Sort what one call carried; what is not understood ends in ``unknown``."""
    form = cleaned(dict(call.form))
    params = call.params()
    if KEYS_PARAM in params and form.get("CallSid"):
        return _keys(form, params[KEYS_PARAM])
    if form.get("CallSid") and form.get("CallStatus"):
        return _batch(_call(form, params.get(REFERENCE_PARAM) or None))
    if form.get("MessageSid") and form.get("MessageStatus"):
        return _batch(_sms(form, params.get(REFERENCE_PARAM) or None))
    if form.get("MessageSid") and digits_of(form.get("From")):
        return WebhookBatch(inbound=(_inbound(form),))
    return _batch(_unknown("payload", "missing", form))


def _batch(item: DeliveryEvent | UnknownItem | None) -> WebhookBatch:
    if isinstance(item, DeliveryEvent):
        return WebhookBatch(events=(item,))
    return WebhookBatch(unknown=(item,)) if item else WebhookBatch()


def _call(form: Mapping[str, str], reference: str | None) -> DeliveryEvent | UnknownItem | None:
    word = form["CallStatus"]
    if word == "queued":
        return None
    state = _CALL_STATES.get(word)
    if state is None:
        return _unknown("status", "unknown_value", form)
    machine = form.get("AnsweredBy", "").startswith(("machine", "fax"))
    if word == "completed" and machine:
        state = "failed"
    code = _number(form.get("ErrorCode"))
    failure = None
    if state == "failed":
        dialled = word in ("busy", "no-answer", "completed") or code is None
        failure = FailureClass.NOT_ANSWERED if dialled else classify(code)
    return _event(
        form,
        form["CallSid"],
        word,
        state,
        reference,
        failure,
        "voice_mail" if word == "completed" else form.get("ErrorCode") or word,
    )


def _sms(form: Mapping[str, str], reference: str | None) -> DeliveryEvent | UnknownItem | None:
    word = form["MessageStatus"]
    if word in _SMS_EARLY:
        return None
    state = _SMS_STATES.get(word)
    if state is None:
        return _unknown("status", "unknown_value", form)
    failure = classify(_number(form.get("ErrorCode"))) if state == "failed" else None
    return _event(
        form, form["MessageSid"], word, state, reference, failure, form.get("ErrorCode") or word
    )


def _event(form, sid, word, state, reference, failure, code) -> DeliveryEvent:
    return DeliveryEvent(
        key=f"{sid}:{word}",
        reference=reference,
        provider_id=sid,
        state=state,
        occurred_at=_instant(form.get("Timestamp")),
        failure=failure,
        code=code if state == "failed" else None,
        detail=form.get("ErrorMessage", "") if state == "failed" else "",
        wa_id=digits_of(form.get("To")),
        raw=form,
    )


def _keys(form: Mapping[str, str], reference: str) -> WebhookBatch:
    """Who presses a key has heard the message; what he asks for is his word to the shop."""
    sid = form["CallSid"]
    heard = _event(form, sid, "keys", "read", reference or None, None, None)
    pressed = form.get("Digits", "")
    person = digits_of(form.get("To"))
    if not pressed or not person:
        return WebhookBatch(events=(heard,) if pressed else ())
    return WebhookBatch(
        events=(heard,),
        inbound=(
            InboundMessage(
                provider_id=f"{sid}:keys",
                sender=person,
                sender_id=None,
                kind="keys",
                text=pressed,
                payload=pressed,
                received_at=_instant(form.get("Timestamp")),
                context_id=sid,
                raw=form,
            ),
        ),
    )


def _inbound(form: Mapping[str, str]) -> InboundMessage:
    sid = form["MessageSid"]
    url = form.get("MediaUrl0", "")
    return InboundMessage(
        provider_id=sid,
        sender=digits_of(form["From"]),
        sender_id=None,
        text=form.get("Body", ""),
        context_id=form.get("OriginalRepliedMessageSid") or None,
        media=Media(url, form.get("MediaContentType0", "")) if url else None,
        wish=_WISHES.get(form.get("OptOutType", "").upper(), ""),
        raw=form,
    )


def _number(text: str | None) -> int | None:
    return int(text[:9]) if text and text.isascii() and text.isdigit() else None


def _instant(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except (TypeError, ValueError):
        return None
    return found.astimezone(timezone.utc) if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _unknown(where: str, why: str, raw: Mapping[str, str]) -> UnknownItem:
    return UnknownItem(f"{where}:{digest_of(raw)}", where, why, raw)
