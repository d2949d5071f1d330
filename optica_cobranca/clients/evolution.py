"""Evolution API: an unofficial gateway that speaks WhatsApp Web. Off unless a shop turns it on.

WhatsApp does not permit it for business and may ban the number; the gateway's form says so.
Shapes: EvolutionAPI/evolution-api. The server's events repeat its key in clear: it is taken out
before anything is kept.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ..domain.message_states import FailureClass
from .base import ACCEPTED, UNCERTAIN, ClientError, ConnectionCheck, OutgoingMessage, SendResult
from .evolution_webhook import EVENTS, parse_webhook
from .http_client import HttpClient, find_problem, is_unclear, refused_by_us
from .provider import (
    NETWORK_SETTINGS,
    Provider,
    Settings,
    Webhook,
    WebhookCall,
    is_same_secret,
    pick,
)
from .transport import Answer, HttpDoor, NoAnswer, NotSent
from .untrusted import mapping_of, text_of

TOKEN_HEADER = "X-Webhook-Token"
MAX_TEXT = 4096
_INSTANCE = re.compile(r"[A-Za-z0-9 ._-]{1,100}", re.ASCII)
_NOT_FOUND = 404
# The server's telephone is not connected: nothing of this instance will leave.
_OFFLINE = ("connection closed", "not connected", "logged out", "connection failure")


@dataclass(frozen=True)
class EvolutionConfig:
    """An instance of a server.

    :param base_url: the shop's own server
    :param instance: name of the instance, one WhatsApp number
    :param access_token: the instance's key
    """

    base_url: str
    instance: str
    access_token: str = field(repr=False)
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    pool_size: int = 4


class Evolution(HttpClient):
    """Client of one instance.

    :raise ClientError: ``bad_account``, ``bad_token``, ``bad_url``, ``insecure_url``
    """

    def __init__(self, config: EvolutionConfig):
        instance = config.instance.strip()
        if not _INSTANCE.fullmatch(instance):
            raise ClientError("bad_account", "the name of the instance")
        self._instance = quote(instance, safe="")
        super().__init__(
            HttpDoor(
                config.base_url,
                config.access_token,
                connect_timeout=config.connect_timeout,
                read_timeout=config.read_timeout,
                pool_size=config.pool_size,
                token_header="apikey",
            )
        )

    def send(self, message: OutgoingMessage) -> SendResult:
        """Send once, from any thread; there are no templates, so always the text."""
        problem = find_problem(message, MAX_TEXT)
        if problem:
            return refused_by_us(problem)
        payload = {
            "number": message.to.removeprefix("+"),
            "text": message.text,
            # No preview: it would fetch the customer's private portal link.
            "linkPreview": False,
        }
        path = f"/message/sendText/{self._instance}"
        return self._exchange(message.reference, path, self._read_result, payload=payload)

    def check_connection(self) -> ConnectionCheck:
        """Ask whether the instance is connected to its telephone."""
        return self._ask(f"/instance/connectionState/{self._instance}", self._read_check)

    def register_webhook(self, url: str, secret: str) -> ConnectionCheck:
        """Tell the server where to report."""
        payload = {
            "webhook": {
                "enabled": True,
                "url": url,
                "headers": {TOKEN_HEADER: secret},
                "byEvents": False,
                "base64": False,
                "events": list(EVENTS),
            }
        }
        path = f"/webhook/set/{self._instance}"
        try:
            answer = self._door.request("POST", path, payload=payload)
        except (NotSent, NoAnswer) as trouble:
            return ConnectionCheck(False, failure=FailureClass.RETRY, code=trouble.code)
        return ConnectionCheck(True) if answer.is_success else self._check_of(self._failed(answer))

    def _read_result(self, answer: Answer) -> SendResult:
        data = answer.json()
        provider_id = text_of(data, "key", "id")
        if answer.is_success and provider_id:
            wa_id = text_of(data, "key", "remoteJid").partition("@")[0]
            return SendResult(
                ACCEPTED, provider_id=provider_id, wa_id=wa_id if wa_id.isdigit() else None
            )
        explained = _explained(data)
        if is_unclear(answer, has_error=bool(explained)):
            return self._unclear(answer, data)
        if answer.status >= 500 and not _is_offline(explained):
            # The server fell over its own telephone: it may have sent before it did.
            return SendResult(
                UNCERTAIN,
                code=answer.problem or f"http_{answer.status}",
                detail=self._door.redacted(explained),
            )
        return self._failed(answer)

    def _failed(self, answer: Answer) -> SendResult:
        data = answer.json()
        explained = _explained(data)
        if _says_no_whatsapp(data):
            return self._refusal(
                answer, FailureClass.STOP_RECIPIENT, "not_on_whatsapp", "Not on WhatsApp"
            )
        if _is_offline(explained):
            return self._refusal(answer, FailureClass.PAUSE_SENDER, "not_connected", explained)
        if answer.status == _NOT_FOUND:
            return self._refusal(answer, FailureClass.PAUSE_SENDER, "no_instance", explained)
        return self._refusal(answer, None, None, explained)

    def _read_check(self, answer: Answer) -> ConnectionCheck:
        state = text_of(answer.json(), "instance", "state")
        if answer.is_success and state == "open":
            name = text_of(answer.json(), "instance", "instanceName")
            return ConnectionCheck(True, verified_name=name or None)
        if answer.is_success:
            return ConnectionCheck(
                False, failure=FailureClass.PAUSE_SENDER, code=state or "bad_answer"
            )
        return self._check_of(self._failed(answer))


def _said(data: Any) -> list[Any]:
    """What the server puts into ``response.message``: a text, or a list of anything."""
    said = mapping_of(data, "response").get("message")
    return said if isinstance(said, list) else [said]


def _explained(data: Any) -> str:
    texts = [text for text in _said(data) if isinstance(text, str)]
    texts += [text_of(data, "message"), text_of(data, "error")]
    return " | ".join(dict.fromkeys(filter(None, texts)))


def _says_no_whatsapp(data: Any) -> bool:
    return any(isinstance(item, Mapping) and item.get("exists") is False for item in _said(data))


def _is_offline(explained: str) -> bool:
    return any(words in explained.lower() for words in _OFFLINE)


def _make(settings: Settings) -> Evolution:
    names = {"account_id": "instance", "access_token": "access_token"}
    return Evolution(EvolutionConfig(**pick(settings, {**NETWORK_SETTINGS, **names})))


def _is_genuine(settings: Settings, call: WebhookCall) -> bool:
    return is_same_secret(settings.get("verify_token") or "", call.headers.get(TOKEN_HEADER))


PROVIDER = Provider(
    name="evolution",
    rate_per_second=0.2,  # as fast as a person: whoever is faster is banned
    channels=("whatsapp",),
    required=("base_url", "account_id", "access_token"),
    optional=("verify_token",),
    make=_make,
    reports_deliveries=True,
    webhook=Webhook(is_genuine=_is_genuine, parse=lambda call: parse_webhook(call.body)),
    registers_webhook=True,
)
