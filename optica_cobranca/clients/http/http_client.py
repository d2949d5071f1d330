"""What clients of ordinary web services share.

One exchange, and what an answer without the provider's own words means.
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from ...domain.messaging.message_states import FailureClass
from ..base import FAILED, MAX_DETAIL, UNCERTAIN, ConnectionCheck, OutgoingMessage, SendResult
from .retry_after import retry_after_of
from .transport import Answer, HttpDoor, NoAnswer, NotSent

_logger = logging.getLogger(__name__)

E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_SEE_OTHER = 303
_STATUS_RETRY = (408, 425, 429)
_STATUS_AUTH = (401, 403)


class HttpClient:
    """Sends each message with one request; serves any number of threads."""

    is_automatic = True

    def __init__(self, door: HttpDoor):
        self._door = door

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self) -> None:
        """Drop the connections; the client can be used again and will connect anew."""
        self._door.close()

    def _exchange(
        self, reference: str, path: str, read: Callable[[Answer], SendResult], **body: Any
    ) -> SendResult:
        """Post once; trouble of any kind is in the result, never raised.

        :param read: reads an answer with a status line
        :param body: ``payload`` or ``fields``
        """
        try:
            answer = self._door.request("POST", path, **body)
        except NotSent as trouble:
            return SendResult(FAILED, failure=FailureClass.RETRY, code=trouble.code)
        except NoAnswer as trouble:
            result = SendResult(UNCERTAIN, code=trouble.code)
        else:
            result = read(answer)
        if result.status == UNCERTAIN:
            _logger.warning("Fate unknown of message %s: %s", reference, result.code)
        return result

    def _ask(
        self,
        path: str,
        read: Callable[[Answer], ConnectionCheck],
        method: str = "GET",
        **options: Any,
    ) -> ConnectionCheck:
        """Ask once about the account, or set it up; nothing is sent to anybody.

        :param options: ``params`` or ``payload``
        """
        try:
            answer = self._door.request(method, path, **options)
        except (NotSent, NoAnswer) as trouble:
            return ConnectionCheck(False, failure=FailureClass.RETRY, code=trouble.code)
        return read(answer)

    def _refusal(
        self, answer: Answer, failure: FailureClass | None, code: str | None, detail: str = ""
    ) -> SendResult:
        """The other side said no: the provider with words of its own, or any server by status.

        :param failure: what the provider's own code asks for; None: the status decides
        """
        if failure is None and answer.problem:
            # A refusal that was cut short: why is unknown, that nothing was sent is certain.
            failure, code = FailureClass.RETRY, answer.problem
        return SendResult(
            FAILED,
            failure=failure or failure_of_status(answer.status),
            code=code or f"http_{answer.status}",
            detail=self._door.redacted(detail)[:MAX_DETAIL],
            retry_after=retry_after_of(answer.headers),
        )

    def _unclear(
        self, answer: Answer, data: Any, said_code: str | None = None, detail: str = ""
    ) -> SendResult:
        """An answer that proves neither that the message was taken nor that it was not."""
        code = f"http_{answer.status}"
        if answer.is_success:
            code = "no_id" if isinstance(data, Mapping) else "bad_answer"
        return SendResult(
            UNCERTAIN,
            code=answer.problem or said_code or code,
            detail=self._door.redacted(detail)[:MAX_DETAIL],
        )

    def _check_of(self, refusal: SendResult) -> ConnectionCheck:
        return ConnectionCheck(
            False, failure=refusal.failure, code=refusal.code, detail=refusal.detail
        )


def is_unclear(answer: Answer, is_proof: bool = False) -> bool:
    """Without an id of the message: could it have been accepted all the same?

    A status of the 4xx kind is a refusal (RFC 9110 §15.5), one of the 3xx kind asks for more
    (§15.4) unless it points to what came of the request (303). A success, or a server that fell
    over after it had the whole request (§15.6), says nothing about the message.

    :param is_proof: the answer is one of which the provider documents that nothing was accepted
    """
    says_nothing = answer.is_success or answer.status >= 500 or answer.status == _SEE_OTHER
    return says_nothing and not is_proof


def failure_of_status(status: int) -> FailureClass:
    """What an HTTP status asks for when nothing else is known."""
    if status >= 500 or status in _STATUS_RETRY:
        return FailureClass.RETRY
    return FailureClass.AUTH if status in _STATUS_AUTH else FailureClass.FIX_REQUEST


def find_problem(message: OutgoingMessage, max_text: int) -> str | None:
    """Why a text cannot go to a telephone as it is, as a word for `SendResult.code`."""
    if not message.reference:
        return "no_reference"
    if not E164.fullmatch(message.to):
        return "bad_number"
    if not message.text.strip():
        return "no_text"
    return "text_too_long" if len(message.text) > max_text else None


def refused_by_us(problem: str) -> SendResult:
    """Not even asked: the provider would refuse it for its form."""
    return SendResult(FAILED, failure=FailureClass.FIX_REQUEST, code=problem)
