"""WhatsApp Business Cloud API: send, ask whether the account works, read what comes back.

Shapes are those of Meta's published Business Messaging API specification. One client serves any
number of threads over a pool of kept connections and never repeats a request by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..base import (
    ACCEPTED,
    FAILED,
    MAX_DETAIL,
    STOP_OFFERS,
    ConnectionCheck,
    Media,
    OutgoingMessage,
    SendResult,
)
from ..http.http_client import refused_by_us
from ..http.remote import FetchedMedia, TemplateListing
from ..http.transport import Answer
from ..http.untrusted import first_of, text_of
from ..provider import NETWORK_SETTINGS, Provider, Settings, Webhook, WebhookCall, pick
from .graph import GraphClient
from .whatsapp_account import check_number, list_templates, subscribe_app
from .whatsapp_answers import error_of, failed, says_nothing
from .whatsapp_errors import classify
from .whatsapp_media import MediaShelf, fetch_media
from .whatsapp_payload import build_body, find_problem
from .whatsapp_signature import signature_is_valid, verify_subscription
from .whatsapp_webhook import parse_webhook

__all__ = [
    "CloudConfig",
    "WhatsAppCloud",
    "classify",
    "parse_webhook",
    "signature_is_valid",
    "verify_subscription",
]

# Meta's pacing: released or dropped when the first customers' reactions are known.
_HELD = "held_for_quality_assessment"
# Media could not be downloaded, could not be uploaded: the file has expired at Meta.
_MEDIA_CODES = ("131052", "131053")


@dataclass(frozen=True)
class CloudConfig:
    """An account at Meta.

    :param phone_number_id: Meta's id of the sending number (digits; not the number itself)
    :param access_token: system-user token; kept out of the repr
    :param base_url: address of the Graph API, or of a stand-in on this machine
    :param version: Graph version
    :param connect_timeout: seconds to connect
    :param read_timeout: seconds to wait for the answer
    :param pool_size: number of threads that send at once
    """

    phone_number_id: str
    access_token: str = field(repr=False)
    base_url: str = "https://graph.facebook.com"
    version: str = "v25.0"
    connect_timeout: float = 5.0
    read_timeout: float = 20.0
    pool_size: int = 16


class WhatsAppCloud(GraphClient):
    """Client of one account."""

    def __init__(self, config: CloudConfig):
        super().__init__(config, config.phone_number_id, "the phone number id")
        self._shelf = MediaShelf(self._door, self._path)

    def send(self, message: OutgoingMessage) -> SendResult:
        """Send once, from any thread; trouble of any kind is in the result, never raised."""
        problem = find_problem(message)
        if problem:
            return refused_by_us(problem)
        result, used = self._send_once(message)
        if used and result.status == FAILED and result.code in _MEDIA_CODES:
            # Refused for its file, so nothing was sent: uploaded and sent once more.
            self._shelf.forget(message.file)
            result, _used = self._send_once(message)
        return result

    def _send_once(self, message: OutgoingMessage) -> tuple[SendResult, bool]:
        """:return: what came of it, and whether an uploaded file was used"""
        media_id = None
        if message.file is not None and not message.file.link:
            media_id = self._shelf.id_of(message.file)
            if isinstance(media_id, SendResult):
                return media_id, False
        result = self._exchange(
            message.reference,
            f"{self._path}/messages",
            self._read_result,
            payload=build_body(message, media_id),
        )
        return result, media_id is not None

    def check_connection(self) -> ConnectionCheck:
        """Ask Meta about the sending number; nothing is sent to anybody."""
        return check_number(self._door, self._path)

    def templates(self, account_id: str) -> TemplateListing:
        """All templates of a WhatsApp Business Account, with status, category and components."""
        return list_templates(self._door, self._version_path, account_id)

    def subscribe(self, account_id: str) -> ConnectionCheck:
        """Have the app behind the token hear of what happens in this account."""
        return subscribe_app(self._door, self._version_path, account_id)

    def download(self, media: Media) -> FetchedMedia:
        """Get a file that a person sent."""
        return fetch_media(self._door, self._version_path, media)

    def _read_result(self, answer: Answer) -> SendResult:
        data = answer.json()
        error = error_of(data)
        sent = first_of(data, "messages")
        if answer.is_success and text_of(sent, "id"):
            return _accepted(data, sent)
        if says_nothing(answer, error):
            return self._unclear(answer, data, detail=error.detail if error else "")
        return failed(answer, error, self._door.redacted)


def _accepted(data: Any, sent: Mapping[str, Any]) -> SendResult:
    state = text_of(sent, "message_status")
    return SendResult(
        ACCEPTED,
        provider_id=text_of(sent, "id"),
        wa_id=text_of(first_of(data, "contacts"), "wa_id") or None,
        # "held_for_quality_assessment" and "paused" are worth showing; "accepted" is not.
        detail="" if state == "accepted" else state[:MAX_DETAIL],
        is_held=state == _HELD,
    )


def _make(settings: Settings) -> WhatsAppCloud:
    names = {
        "phone_number_id": "phone_number_id",
        "access_token": "access_token",
        "api_version": "version",
    }
    return WhatsAppCloud(CloudConfig(**pick(settings, {**NETWORK_SETTINGS, **names})))


def _is_genuine(settings: Settings, call: WebhookCall) -> bool:
    header = call.headers.get("X-Hub-Signature-256")
    return signature_is_valid(settings.get("app_secret") or "", call.body, header)


# Instagram's messages come by the same door.
META_WEBHOOK = Webhook(
    is_genuine=_is_genuine,
    parse=lambda call: parse_webhook(call.body),
    greet=lambda settings, params: verify_subscription(params, settings.get("verify_token") or ""),
)
PROVIDER = Provider(
    name="whatsapp_cloud",
    channels=("whatsapp",),
    required=("phone_number_id", "access_token"),
    needed_to_hear=("app_secret",),
    optional=("business_account_id", "api_version", "base_url", "verify_token"),
    make=_make,
    reports_deliveries=True,
    webhook=META_WEBHOOK,
    wants_template=lambda _channel: True,
    wish_of_code={"131050": STOP_OFFERS},
    rate_per_second=80.0,
)
