"""Zenvia v2: SMS, WhatsApp and calls that are read out. Shapes: zenvia/zenvia-openapi-spec.

Zenvia documents no signature of its webhooks: they are proven by a header of ours, which the
subscription makes Zenvia send along.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...domain.messaging.message_states import FailureClass
from ..base import (
    ACCEPTED,
    STOP_OFFERS,
    TEMPLATE,
    ClientError,
    ConnectionCheck,
    OutgoingMessage,
    SendResult,
)
from ..http.http_client import HttpClient, find_problem, is_unclear, refused_by_us
from ..http.transport import Answer, HttpDoor
from ..http.untrusted import text_of
from ..provider import (
    NETWORK_SETTINGS,
    Provider,
    Settings,
    Webhook,
    WebhookCall,
    is_same_secret,
    pick,
)
from .zenvia_webhook import parse_webhook

TOKEN_HEADER = "X-Webhook-Token"
MAX_TEXT = {"sms": 1000, "whatsapp": 4096, "voice": 3000}
SUBSCRIBED = ("MESSAGE_STATUS", "MESSAGE")

# Zenvia's own words; without a known one the status decides.
_CODES = {
    "AUTHENTICATION_ERROR": FailureClass.AUTH,
    "AUTHORIZATION_ERROR": FailureClass.AUTH,
    "INTERNAL_ERROR": FailureClass.RETRY,
    "INSUFFICIENT_CREDITS": FailureClass.PAUSE_SENDER,
    "NOT_FOUND": FailureClass.FIX_REQUEST,
    "VALIDATION_ERROR": FailureClass.FIX_REQUEST,
}
# The same external id twice: the message is there already.
_DUPLICATED = "DUPLICATED"


@dataclass(frozen=True)
class ZenviaConfig:
    """An account at Zenvia and one sender of it.

    :param sender: the sender's id: a keyword for SMS, digits for WhatsApp and calls
    :param voice: name of a voice; Zenvia's usual one is ``br-Vitoria``
    """

    channel: str
    sender: str
    access_token: str = field(repr=False)
    voice: str = ""
    base_url: str = "https://api.zenvia.com/v2"
    connect_timeout: float = 5.0
    read_timeout: float = 20.0
    pool_size: int = 16


class Zenvia(HttpClient):
    """Client of one sender on one channel.

    :raise ClientError: ``bad_channel``, ``bad_token``, ``bad_url``, ``insecure_url``
    """

    def __init__(self, config: ZenviaConfig):
        if config.channel not in MAX_TEXT:
            raise ClientError("bad_channel", config.channel)
        self._config = config
        super().__init__(
            HttpDoor(
                config.base_url,
                config.access_token,
                connect_timeout=config.connect_timeout,
                read_timeout=config.read_timeout,
                pool_size=config.pool_size,
                token_header="X-API-TOKEN",
            )
        )

    def send(self, message: OutgoingMessage) -> SendResult:
        """Send once, from any thread."""
        problem = find_problem(message, MAX_TEXT[self._config.channel])
        if message.kind == TEMPLATE and not message.template_name:
            problem = problem or "no_template"
        if problem:
            return refused_by_us(problem)
        path = f"/channels/{self._config.channel}/messages"
        payload = {
            "from": self._config.sender.removeprefix("+"),
            "to": message.to.removeprefix("+"),
            # Comes back in every status: it finds our row even when the answer was lost.
            "externalId": message.reference,
            "contents": [self._content(message)],
        }
        return self._exchange(message.reference, path, self._read_result, payload=payload)

    def check_connection(self) -> ConnectionCheck:
        """Ask which subscriptions there are; nothing is sent to anybody."""
        return self._ask("/subscriptions", self._read_check)

    def register_webhook(self, url: str, secret: str) -> ConnectionCheck:
        """Subscribe our address to statuses and messages of this channel."""
        for event in SUBSCRIBED:
            criteria = {"channel": self._config.channel}
            if event == "MESSAGE":
                criteria["direction"] = "IN"
            payload = {
                "eventType": event,
                "webhook": {"url": url, "headers": {TOKEN_HEADER: secret}},
                "criteria": criteria,
                "status": "ACTIVE",
                "version": "v2",
            }
            done = self._ask("/subscriptions", self._read_subscribed, "POST", payload=payload)
            if not done.ok:
                return done
        return ConnectionCheck(True)

    def _read_subscribed(self, answer: Answer) -> ConnectionCheck:
        # 409: this subscription is there already.
        if answer.is_success or answer.status == 409:
            return ConnectionCheck(True)
        return self._check_of(self._failed(answer))

    def _content(self, message: OutgoingMessage) -> dict[str, Any]:
        if self._config.channel == "voice":
            audio = {"type": "tts", "text": message.text}
            if self._config.voice:
                audio["voiceStyle"] = self._config.voice
            # Whatever listens to a voice mailbox is not the customer.
            return {"type": "call", "audio": [audio], "hangUpOnVoiceMail": True}
        if message.kind == TEMPLATE:
            names = message.parameter_names or message.value_names
            names = names or tuple(str(place) for place in range(1, len(message.parameters) + 1))
            return {
                "type": "template",
                "templateId": message.template_name,
                "fields": dict(zip(names, message.parameters, strict=True)),
            }
        return {"type": "text", "text": message.text}

    def _read_result(self, answer: Answer) -> SendResult:
        data = answer.json()
        if answer.is_success and text_of(data, "id"):
            return SendResult(ACCEPTED, provider_id=text_of(data, "id"))
        code = text_of(data, "code")
        # Zenvia allows to repeat after INTERNAL_ERROR, and does not say that nothing was taken.
        if is_unclear(answer) or code == _DUPLICATED:
            return self._unclear(answer, data, code or None, _explained(data))
        return self._failed(answer)

    def _failed(self, answer: Answer) -> SendResult:
        data = answer.json()
        code = text_of(data, "code")
        return self._refusal(answer, _CODES.get(code), code or None, _explained(data))

    def _read_check(self, answer: Answer) -> ConnectionCheck:
        if answer.is_success and isinstance(answer.json(), list):
            return ConnectionCheck(True, display_phone_number=self._config.sender)
        if answer.is_success:
            return ConnectionCheck(False, failure=FailureClass.FIX_REQUEST, code="bad_answer")
        return self._check_of(self._failed(answer))


def _explained(data: Any) -> str:
    """Message and details in Zenvia's words."""
    said = [text_of(data, "message")]
    details = data.get("details") if isinstance(data, Mapping) else None
    for detail in details if isinstance(details, list) else ():
        said.append(" ".join(filter(None, (text_of(detail, "path"), text_of(detail, "message")))))
    return " | ".join(filter(None, said))


def _make(settings: Settings) -> Zenvia:
    names = {"channel": "channel", "sender": "sender", "access_token": "access_token"}
    return Zenvia(ZenviaConfig(**pick(settings, {**NETWORK_SETTINGS, **names, "voice": "voice"})))


def _is_genuine(settings: Settings, call: WebhookCall) -> bool:
    return is_same_secret(settings.get("verify_token") or "", call.headers.get(TOKEN_HEADER))


PROVIDER = Provider(
    name="zenvia",
    channels=("sms", "whatsapp", "voice"),
    required=("sender", "access_token"),
    optional=("voice", "base_url", "verify_token"),
    make=_make,
    reports_deliveries=True,
    webhook=Webhook(is_genuine=_is_genuine, parse=lambda call: parse_webhook(call.body)),
    wants_template=lambda channel: channel == "whatsapp",
    registers_webhook=True,
    wish_of_code={"131050": STOP_OFFERS},  # Meta's own code, passed on
)
