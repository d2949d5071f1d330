"""What the Cloud API posts to us: payloads of its shape, signed as it signs them."""

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import Any

PHONE_NUMBER_ID = "106540352242922"
ACCOUNT_ID = "102290129340398"


def signed_webhook(payload: Any, secret: str) -> tuple[bytes, dict[str, str]]:
    """The raw body of a payload and the headers it comes with."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return body, {
        "Content-Type": "application/json",
        "X-Hub-Signature-256": f"sha256={digest}",
    }


def post_webhook(url: str, payload: Any, secret: str, timeout: float = 30.0) -> int:
    """Post a signed payload and return the HTTP status."""
    body, headers = signed_webhook(payload, secret)
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as response:
            return response.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def envelope(
    *values: dict[str, Any],
    field: str = "messages",
    time: int | None = None,
    account: str = ACCOUNT_ID,
) -> dict[str, Any]:
    """A payload with one change for each value; ``time`` is when Meta told it, epoch seconds."""
    changes = [{"field": field, "value": value} for value in values]
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": account, "changes": changes, **({} if time is None else {"time": time})}],
    }


def messages_value(phone_number_id: str = PHONE_NUMBER_ID, **lists: Any) -> dict[str, Any]:
    """The value of a ``messages`` change with ``statuses``, ``messages``, ``contacts``, ..."""
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": "555133330000",
            "phone_number_id": phone_number_id,
        },
        **lists,
    }


def status(
    provider_id: str,
    state: str,
    *,
    reference: str | None = None,
    at: int = 1_764_590_400,
    recipient: str | None = "5551999990001",
    error: int | None = None,
    category: str = "utility",
) -> dict[str, Any]:
    """One status; ``error`` is the code of a failure, ``recipient`` None hides the number."""
    item: dict[str, Any] = {"id": provider_id, "status": state, "timestamp": str(at)}
    if recipient:
        item["recipient_id"] = recipient
    if reference is not None:
        item["biz_opaque_callback_data"] = reference
    if error is None:
        item["pricing"] = {"billable": True, "pricing_model": "PMP", "category": category}
    else:
        item["errors"] = [
            {
                "code": error,
                "title": "Something is wrong",
                "message": "Something is wrong",
                "error_data": {"details": "Details of what is wrong"},
            }
        ]
    return item


def status_payload(provider_id: str, state: str, **options: Any) -> dict[str, Any]:
    """A payload with one status; options as of `status`."""
    return envelope(messages_value(statuses=[status(provider_id, state, **options)]))


def inbound_text(
    provider_id: str,
    text: str,
    *,
    sender: str | None = "5551999990001",
    user_id: str | None = None,
    name: str = "Maria",
    at: int = 1_764_590_400,
    answers: str | None = None,
) -> dict[str, Any]:
    """A payload with one text from a person; without ``sender`` only ``user_id`` tells who."""
    message: dict[str, Any] = {
        "id": provider_id,
        "timestamp": str(at),
        "type": "text",
        "text": {"body": text},
    }
    contact: dict[str, Any] = {"profile": {"name": name}}
    if sender:
        message["from"] = contact["wa_id"] = sender
    if user_id:
        contact["user_id"] = user_id
    if answers:
        message["context"] = {"from": "555133330000", "id": answers}
    return envelope(messages_value(contacts=[contact], messages=[message]))


def statuses_of(received: Iterable[Any], *states: str) -> dict[str, Any]:
    """A payload that tells these states of every message a `CloudApiServer` took."""
    items = [
        status(
            message.provider_id,
            state,
            reference=message.reference,
            recipient=message.to.lstrip("+"),
        )
        for message in received
        if message.took_it
        for state in states
    ]
    return envelope(messages_value(statuses=items))
