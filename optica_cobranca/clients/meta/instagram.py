"""Instagram direct messages: answers to people who wrote to the shop's account.

The same Graph API as WhatsApp's, with another body: a recipient and a text. There are no
templates: Instagram lets a shop write only within 24 hours after the person did.
"""

from dataclasses import dataclass, field

from ...domain.messaging.message_states import FailureClass
from ..base import (
    ACCEPTED,
    TEXT,
    ConnectionCheck,
    Media,
    OutgoingMessage,
    SendResult,
)
from ..http.http_client import refused_by_us
from ..http.remote import FetchedMedia
from ..http.transport import Answer
from ..http.untrusted import text_of
from ..provider import NETWORK_SETTINGS, Provider, Settings, pick
from .graph import NODE, GraphClient
from .whatsapp_answers import error_of, failed, says_nothing, why_not
from .whatsapp_cloud import META_WEBHOOK
from .whatsapp_errors import classify as classify_common
from .whatsapp_errors import is_documented
from .whatsapp_media import fetch_media

MAX_TEXT_BYTES = 1000
# Instagram's own: too many calls, the person cannot be written to, the 24 hours are over.
_CODES = {
    613: FailureClass.RETRY,
    80006: FailureClass.RETRY,
    551: FailureClass.STOP_RECIPIENT,
    10: FailureClass.NEEDS_TEMPLATE,
}


@dataclass(frozen=True)
class InstagramConfig:
    """A professional account on Instagram.

    :param account_id: Instagram's id of the shop's account (digits)
    :param access_token: kept out of the repr
    """

    account_id: str
    access_token: str = field(repr=False)
    base_url: str = "https://graph.instagram.com"
    version: str = "v25.0"
    connect_timeout: float = 5.0
    read_timeout: float = 20.0
    pool_size: int = 4


class Instagram(GraphClient):
    """Client of one account."""

    def __init__(self, config: InstagramConfig):
        super().__init__(config, config.account_id, "the account id")

    def send(self, message: OutgoingMessage) -> SendResult:
        """Send once, from any thread; trouble of any kind is in the result, never raised."""
        problem = _problem(message)
        if problem:
            return refused_by_us(problem)
        body = {"recipient": {"id": message.recipient}, "message": {"text": message.text}}
        path = f"{self._path}/messages"
        return self._exchange(message.reference, path, self._read_result, payload=body)

    def _read_result(self, answer: Answer) -> SendResult:
        data = answer.json()
        provider_id = text_of(data, "message_id")
        if answer.is_success and provider_id:
            return SendResult(ACCEPTED, provider_id=provider_id)
        error = error_of(data)
        if says_nothing(answer, error, _is_listed):
            return self._unclear(answer, data)
        return failed(answer, error, self._door.redacted, classify)

    def check_connection(self) -> ConnectionCheck:
        """Ask about the shop's account; nothing is sent to anybody."""
        asked = {"fields": "id,username,name"}
        return self._ask(self._path, self._read_check, params=asked)

    def _read_check(self, answer: Answer) -> ConnectionCheck:
        data = answer.json()
        if answer.is_success and text_of(data, "username"):
            name = text_of(data, "name") or None
            return ConnectionCheck(True, f"@{text_of(data, 'username')}", name)
        return self._check_of(why_not(answer, self._door.redacted))

    def download(self, media: Media) -> FetchedMedia:
        """Get a file that a person sent."""
        return fetch_media(self._door, self._version_path, media)


def classify(
    code: int | None, http_status: int | None = None, is_transient: bool = False
) -> FailureClass:
    """What a failure asks for; see `whatsapp_errors.classify`."""
    return _CODES.get(code) or classify_common(code, http_status, is_transient)


def _is_listed(code: int | None) -> bool:
    return code in _CODES or is_documented(code)


def _problem(message: OutgoingMessage) -> str | None:
    if message.kind != TEXT or message.file is not None:
        return "bad_kind"
    if not message.text.strip():
        return "no_text"
    if len(message.text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
        return "text_too_long"
    return None if NODE.fullmatch(message.recipient or "") else "bad_number"


def config_from(settings: Settings) -> InstagramConfig:
    """The configuration of a gateway's settings; what is empty takes the default."""
    names = {
        "instagram_account_id": "account_id",
        "access_token": "access_token",
        "api_version": "version",
    }
    given = pick(settings, {**NETWORK_SETTINGS, **names})
    # A gateway that was WhatsApp's before may still have that address; Instagram has another.
    if "//graph.facebook.com" in given.get("base_url", ""):
        del given["base_url"]
    return InstagramConfig(**given)


PROVIDER = Provider(
    name="instagram",
    channels=("instagram",),
    required=("instagram_account_id", "access_token"),
    needed_to_hear=("app_secret",),
    optional=("api_version", "base_url", "verify_token"),
    make=lambda settings: Instagram(config_from(settings)),
    webhook=META_WEBHOOK,
    wants_template=lambda _channel: True,
)
