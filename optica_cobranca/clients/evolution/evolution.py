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

from ...domain.messaging.message_states import FailureClass
from ..base import ACCEPTED, FAILED, ClientError, ConnectionCheck, OutgoingMessage, SendResult
from ..http.http_client import HttpClient, find_problem, is_unclear, refused_by_us
from ..http.transport import Answer, HttpDoor
from ..http.untrusted import mapping_of, text_of
from ..meta.whatsapp_errors import classify, is_documented, read_error
from ..provider import (
    NETWORK_SETTINGS,
    Provider,
    Settings,
    Webhook,
    WebhookCall,
    is_same_secret,
    pick,
)
from .evolution_webhook import EVENTS, number_of, parse_webhook

TOKEN_HEADER = "X-Webhook-Token"
MAX_TEXT = 4096
_INSTANCE = re.compile(r"[A-Za-z0-9 ._-]{1,100}", re.ASCII)
_BAD_REQUEST = 400
_NOT_FOUND = 404
# The server's telephone is not connected: nothing of this instance will leave. Baileys says so
# of a socket that is not open, before it writes to it.
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
        return self._ask(path, self._read_registered, "POST", payload=payload)

    def _read_registered(self, answer: Answer) -> ConnectionCheck:
        return ConnectionCheck(True) if answer.is_success else self._check_of(self._failed(answer))

    def _read_result(self, answer: Answer) -> SendResult:
        data = answer.json()
        provider_id = text_of(data, "key", "id")
        if answer.is_success and provider_id:
            return SendResult(ACCEPTED, provider_id=provider_id, wa_id=number_of(data.get("key")))
        # In its Meta mode the server hands Meta's refusal on, in the wrapping of a success.
        refused_by_meta = read_error(data) if answer.is_success else None
        if refused_by_meta and is_documented(refused_by_meta.code):
            return SendResult(
                FAILED,
                failure=classify(refused_by_meta.code),
                code=str(refused_by_meta.code),
                detail=self._door.redacted(refused_by_meta.detail),
            )
        explained = _explained(data)
        is_proof = _says_no_whatsapp(data) or _is_offline(explained) or _is_validation(data)
        # What goes wrong inside of the server is answered with 400 as well, even after the
        # message has left: a time-out of the telephone, a database that is full.
        may_have_left = answer.status == _BAD_REQUEST or is_unclear(answer)
        if may_have_left and not is_proof:
            return self._unclear(answer, data, detail=explained)
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
    """What the server puts into ``response.message``: a text, or a list, or a list in a list."""
    said = mapping_of(data, "response").get("message")
    found = []
    for item in said if isinstance(said, list) else [said]:
        found += item if isinstance(item, list) else [item]
    return found


def _explained(data: Any) -> str:
    said = _said(data)
    texts = [text for text in said if isinstance(text, str)]
    texts += [text_of(item, "message") for item in said if isinstance(item, Mapping)]
    texts += [text_of(data, "message"), text_of(data, "error")]
    return " | ".join(dict.fromkeys(filter(None, texts)))


def _says_no_whatsapp(data: Any) -> bool:
    return any(isinstance(item, Mapping) and item.get("exists") is False for item in _said(data))


def _is_validation(data: Any) -> bool:
    """The server did not like the request's form: these come as a list in the list."""
    said = mapping_of(data, "response").get("message")
    return isinstance(said, list) and any(item and isinstance(item, list) for item in said)


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
