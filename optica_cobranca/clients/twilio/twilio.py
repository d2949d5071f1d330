"""Twilio: calls that are read out (TwiML) and SMS. Shapes: Twilio's published twilio_api_v2010.

During a call the customer may press 1 (send me the page by WhatsApp) or 9 (call me no more);
Twilio posts the key to the gateway's webhook and says what :func:`reply_to_keys` answers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from ...domain.messaging.message_states import FailureClass
from ..base import ACCEPTED, STOP, ClientError, ConnectionCheck, OutgoingMessage, SendResult
from ..http.http_client import HttpClient, find_problem, is_unclear, refused_by_us
from ..http.transport import Answer, HttpDoor
from ..http.untrusted import text_of
from ..provider import (
    NETWORK_SETTINGS,
    Provider,
    Settings,
    Webhook,
    WebhookCall,
    WebhookReply,
    pick,
)
from .twilio_errors import classify
from .twilio_webhook import KEYS_PARAM, REFERENCE_PARAM, is_genuine, keys_of, parse_webhook

LANGUAGE = "pt-BR"
MAX_TEXT = {"sms": 1600, "voice": 3000}
MAX_TWIML = 4000
RING_SECONDS = 25
_SID = re.compile(r"AC[0-9a-fA-F]{32}", re.ASCII)
_MAYBE_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,6}", re.ASCII)
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}", re.ASCII)


@dataclass(frozen=True)
class TwilioConfig:
    """An account at Twilio and one sender of it.

    :param account_sid: ``AC`` and 32 hexadecimal digits
    :param sender: E.164 number, short code, or for SMS a messaging service (``MG...``)
    :param webhook_url: the gateway's public address; empty: nothing is reported
    :param voice: name of a voice, such as ``Polly.Camila``
    """

    channel: str
    account_sid: str
    sender: str
    access_token: str = field(repr=False)
    webhook_url: str = ""
    voice: str = ""
    base_url: str = "https://api.twilio.com"
    connect_timeout: float = 5.0
    read_timeout: float = 20.0
    pool_size: int = 16


class Twilio(HttpClient):
    """Client of one sender on one channel.

    :raise ClientError: ``bad_account``, ``bad_sender_number``, ``bad_channel``, ``bad_token``,
        ``bad_url``, ``insecure_url``
    """

    def __init__(self, config: TwilioConfig):
        account, sender = config.account_sid.strip(), config.sender.strip()
        if config.channel not in MAX_TEXT:
            raise ClientError("bad_channel", config.channel)
        if not _SID.fullmatch(account):
            raise ClientError("bad_account", "an Account SID is AC and 32 hexadecimal digits")
        by_service = config.channel == "sms" and _SERVICE.fullmatch(sender)
        if not by_service and not _MAYBE_NUMBER.fullmatch(sender):
            raise ClientError("bad_sender_number", "a number with its country, such as +5511...")
        self._config = config
        self._sender = {"MessagingServiceSid" if by_service else "From": sender}
        self._path = f"/2010-04-01/Accounts/{account}"
        super().__init__(
            HttpDoor(
                config.base_url,
                config.access_token,
                connect_timeout=config.connect_timeout,
                read_timeout=config.read_timeout,
                pool_size=config.pool_size,
                user=account,
            )
        )

    def send(self, message: OutgoingMessage) -> SendResult:
        """Send or call once, from any thread."""
        problem = find_problem(message, MAX_TEXT[self._config.channel])
        if problem:
            return refused_by_us(problem)
        form: dict[str, Any] = {**self._sender, "To": message.to}
        # Comes back with every status: it finds our row even when the answer was lost.
        reported_at = self._webhook_with(REFERENCE_PARAM, message.reference)
        if reported_at:
            form["StatusCallback"] = reported_at
        if self._config.channel == "sms":
            form["Body"] = message.text
            return self._exchange(
                message.reference, f"{self._path}/Messages.json", self._read_result, fields=form
            )
        form["Twiml"] = build_twiml(
            message.text, self._config.voice, self._webhook_with(KEYS_PARAM, message.reference)
        )
        if len(form["Twiml"]) > MAX_TWIML:
            return refused_by_us("text_too_long")
        form["StatusCallbackEvent"] = ["initiated", "completed"]
        # Tells a person from a voice mailbox.
        form.update(MachineDetection="Enable", Timeout=str(RING_SECONDS))
        return self._exchange(
            message.reference, f"{self._path}/Calls.json", self._read_result, fields=form
        )

    def check_connection(self) -> ConnectionCheck:
        """Ask about the account; nobody is called."""
        return self._ask(f"{self._path}.json", self._read_check)

    def _webhook_with(self, name: str, reference: str) -> str:
        url = self._config.webhook_url
        return f"{url}?{name}={quote(reference, safe='')}" if url else ""

    def _read_result(self, answer: Answer) -> SendResult:
        data = answer.json()
        if answer.is_success and text_of(data, "sid"):
            return SendResult(ACCEPTED, provider_id=text_of(data, "sid"))
        # Twilio on 20500: sending is not idempotent, a second try may send a second message.
        if is_unclear(answer):
            code = _code_of(data)
            said_code = None if code is None else str(code)
            return self._unclear(answer, data, said_code, text_of(data, "message"))
        return self._failed(answer)

    def _failed(self, answer: Answer) -> SendResult:
        data = answer.json()
        code = _code_of(data)
        return self._refusal(
            answer,
            None if code is None else classify(code, answer.status),
            None if code is None else str(code),
            text_of(data, "message"),
        )

    def _read_check(self, answer: Answer) -> ConnectionCheck:
        data = answer.json()
        state = text_of(data, "status")
        if not answer.is_success:
            return self._check_of(self._failed(answer))
        if state == "active":
            return ConnectionCheck(
                True,
                display_phone_number=self._config.sender,
                verified_name=text_of(data, "friendly_name") or None,
            )
        failure = FailureClass.PAUSE_SENDER if state else FailureClass.FIX_REQUEST
        return ConnectionCheck(False, failure=failure, code=state or "bad_answer")


def build_twiml(text: str, voice: str, keys_url: str) -> str:
    """What the call says, twice, while it listens for one key.

    :param keys_url: where the key is posted; empty: it does not listen
    """
    response = ElementTree.Element("Response")
    place = response
    if keys_url:
        place = ElementTree.SubElement(
            response, "Gather", numDigits="1", timeout="6", action=keys_url, method="POST"
        )
    ElementTree.SubElement(place, "Pause", length="1")
    said = ElementTree.SubElement(place, "Say", language=LANGUAGE, loop="2")
    if voice:
        said.set("voice", voice)
    said.text = text
    return ElementTree.tostring(response, encoding="unicode")


def reply_to_keys(settings: Settings, call: WebhookCall) -> WebhookReply:
    """What the call says after a key; nothing to a status."""
    keys = keys_of(call)
    if keys is None:
        return WebhookReply("<Response/>", "text/xml; charset=utf-8")
    sentence = (settings.get("said_after_keys") or {}).get(keys)
    response = ElementTree.Element("Response")
    if sentence:
        said = ElementTree.SubElement(response, "Say", language=LANGUAGE)
        if settings.get("voice"):
            said.set("voice", settings["voice"])
        said.text = sentence
    ElementTree.SubElement(response, "Hangup")
    return WebhookReply(
        ElementTree.tostring(response, encoding="unicode"), "text/xml; charset=utf-8"
    )


def _code_of(data: Any) -> int | None:
    code = data.get("code") if isinstance(data, Mapping) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _make(settings: Settings) -> Twilio:
    names = {
        "channel": "channel",
        "account_id": "account_sid",
        "sender": "sender",
        "access_token": "access_token",
        "webhook_url": "webhook_url",
        "voice": "voice",
    }
    return Twilio(TwilioConfig(**pick(settings, {**NETWORK_SETTINGS, **names})))


PROVIDER = Provider(
    name="twilio",
    rate_per_second=1.0,  # calls and long numbers of a new account
    channels=("voice", "sms"),
    required=("account_id", "access_token", "sender"),
    optional=("voice", "base_url"),
    make=_make,
    reports_deliveries=True,
    wish_of_code={"21610": STOP},  # the person answered STOP, and Twilio blocks the number
    webhook=Webhook(is_genuine=is_genuine, parse=parse_webhook, reply=reply_to_keys),
)
