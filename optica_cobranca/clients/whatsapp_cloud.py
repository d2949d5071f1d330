"""WhatsApp Business Cloud API: send, ask whether the account works, read what comes back.

Shapes are those of Meta's published Business Messaging API specification. One client serves any
number of threads over a pool of kept connections and never repeats a request by itself.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ..domain.message_states import FailureClass
from .base import (
    ACCEPTED,
    FAILED,
    MAX_DETAIL,
    UNCERTAIN,
    ClientError,
    ConnectionCheck,
    OutgoingMessage,
    SendResult,
)
from .transport import Answer, HttpDoor, NoAnswer, NotSent
from .untrusted import first_of, text_of
from .whatsapp_errors import ProviderError, classify, read_error
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

_logger = logging.getLogger(__name__)

_VERSION = re.compile(r"v[0-9]+\.[0-9]+", re.ASCII)
_SENDER = re.compile(r"[0-9]+", re.ASCII)
_CHECKED_FIELDS = ("display_phone_number", "verified_name", "quality_rating")
_GATEWAY_TIMEOUT = 504
_MAX_RETRY_AFTER = 24 * 60 * 60


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


class WhatsAppCloud:
    """Client of one account.

    :raise ClientError: the configuration cannot work (``bad_sender``, ``bad_version``,
        ``bad_token``, ``bad_url``, ``insecure_url``)
    """

    is_automatic = True

    def __init__(self, config: CloudConfig):
        sender, version = config.phone_number_id.strip(), config.version.strip()
        if not _SENDER.fullmatch(sender):
            raise ClientError("bad_sender", "the phone number id has digits only")
        if not _VERSION.fullmatch(version):
            raise ClientError("bad_version", version)
        self._path = f"/{version}/{sender}"
        self._door = HttpDoor(
            config.base_url,
            config.access_token,
            connect_timeout=config.connect_timeout,
            read_timeout=config.read_timeout,
            pool_size=config.pool_size,
        )

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self) -> None:
        """Drop the connections; the client can be used again and will connect anew."""
        self._door.close()

    def send(self, message: OutgoingMessage) -> SendResult:
        """Send once, from any thread; trouble of any kind is in the result, never raised."""
        problem = find_problem(message)
        if problem:
            return SendResult(FAILED, failure=FailureClass.FIX_REQUEST, code=problem)
        try:
            answer = self._door.request(
                "POST", f"{self._path}/messages", payload=build_body(message)
            )
        except NotSent as trouble:
            return SendResult(FAILED, failure=FailureClass.RETRY, code=trouble.code)
        except NoAnswer as trouble:
            result = SendResult(UNCERTAIN, code=trouble.code)
        else:
            result = self._read_result(answer)
        if result.status == UNCERTAIN:
            _logger.warning("Fate unknown of message %s: %s", message.reference, result.code)
        return result

    def check_connection(self) -> ConnectionCheck:
        """Ask Meta about the sending number; nothing is sent to anybody."""
        try:
            answer = self._door.request(
                "GET", self._path, params={"fields": ",".join(_CHECKED_FIELDS)}
            )
        except (NotSent, NoAnswer) as trouble:
            return ConnectionCheck(False, failure=FailureClass.RETRY, code=trouble.code)
        data = answer.json()
        number = text_of(data, "display_phone_number")
        if answer.is_success and number:
            found = {name: text_of(data, name) or None for name in _CHECKED_FIELDS}
            return ConnectionCheck(True, **found)
        error = _error_of(data)
        if answer.is_success and error is None:
            code = answer.problem or "bad_answer"
            return ConnectionCheck(False, failure=FailureClass.FIX_REQUEST, code=code)
        failed = self._failed(answer, error)
        return ConnectionCheck(
            False, failure=failed.failure, code=failed.code, detail=failed.detail
        )

    def _read_result(self, answer: Answer) -> SendResult:
        data = answer.json()
        error = _error_of(data)
        sent = first_of(data, "messages")
        if answer.is_success and text_of(sent, "id"):
            return _accepted(data, sent)
        if _is_unclear(answer, error):
            return SendResult(UNCERTAIN, code=answer.problem or _unclear_code(answer, data))
        return self._failed(answer, error)

    def _failed(self, answer: Answer, error: ProviderError | None) -> SendResult:
        """The other side said no: Meta with an error object, or any server with its status."""
        retry_after = _retry_after(answer.headers)
        if error is None:
            # A refusal that was cut short: why is unknown, that nothing was sent is certain.
            failure = FailureClass.RETRY if answer.problem else classify(None, answer.status)
            code = answer.problem or f"http_{answer.status}"
            return SendResult(FAILED, failure=failure, code=code, retry_after=retry_after)
        return SendResult(
            FAILED,
            failure=classify(error.code, answer.status, error.is_transient),
            code=f"http_{answer.status}" if error.code is None else str(error.code),
            # Meta repeats a malformed token in its message.
            detail=self._door.redacted(error.detail),
            retry_after=retry_after,
        )


def _accepted(data: Any, sent: Mapping[str, Any]) -> SendResult:
    state = text_of(sent, "message_status")
    return SendResult(
        ACCEPTED,
        provider_id=text_of(sent, "id"),
        wa_id=text_of(first_of(data, "contacts"), "wa_id") or None,
        # "held_for_quality_assessment" and "paused" are worth showing; "accepted" is not.
        detail="" if state == "accepted" else state[:MAX_DETAIL],
    )


def _is_unclear(answer: Answer, error: ProviderError | None) -> bool:
    """Without an id of the message: could it have been accepted all the same?"""
    if answer.is_success:
        return error is None or error.code is None
    # With 504 a machine in between gave up waiting; Meta itself may have taken the message.
    return error is None and answer.status == _GATEWAY_TIMEOUT


def _unclear_code(answer: Answer, data: Any) -> str:
    if not answer.is_success:
        return f"http_{answer.status}"
    return "no_id" if isinstance(data, Mapping) else "bad_answer"


def _error_of(data: Any) -> ProviderError | None:
    return read_error(data.get("error")) if isinstance(data, Mapping) else None


def _retry_after(headers: Mapping[str, str]) -> int | None:
    """Seconds from the header ``Retry-After``: a number, or an instant compared with ``Date``."""
    value = (headers.get("Retry-After") or "").strip()
    if value.isascii() and value.isdigit():
        return min(int(value[:9]), _MAX_RETRY_AFTER)
    until, answered = _http_date(value), _http_date(headers.get("Date") or "")
    if until is None or answered is None:
        return None
    return min(max(0, int((until - answered).total_seconds())), _MAX_RETRY_AFTER)


def _http_date(value: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return parsed if parsed.tzinfo else None
