"""Reading answers of the Graph API that are no success: what failed, and what it asks for."""

from collections.abc import Callable, Mapping
from typing import Any

from ...domain.messaging.message_states import FailureClass
from ..base import FAILED, SendResult
from ..http.http_client import is_unclear
from ..http.retry_after import retry_after_of
from ..http.transport import Answer
from .whatsapp_errors import ProviderError, classify, is_documented, read_error


def error_of(data: Any) -> ProviderError | None:
    """The error object of a decoded answer, if there is one."""
    return read_error(data.get("error")) if isinstance(data, Mapping) else None


def says_nothing(
    answer: Answer,
    error: ProviderError | None,
    is_listed: Callable[[int | None], bool] = is_documented,
) -> bool:
    """Without an id of the message: could it have been accepted all the same?

    :param is_listed: whether a code is one of the service's documented refusals
    """
    if answer.is_success and error is not None and error.code is not None:
        return False  # a refusal in the wrapping of a success
    return is_unclear(answer, is_proof=error is not None and is_listed(error.code))


def failed(
    answer: Answer,
    error: ProviderError | None,
    redacted: Callable[[str], str],
    classify: Callable[..., FailureClass] = classify,
) -> SendResult:
    """The other side said no: Meta with an error object, or any server with its status.

    :param redacted: takes the token out of a text: Meta repeats a malformed one in its message
    :param classify: code, status and hint to class, when the service has codes of its own
    """
    retry_after = retry_after_of(answer.headers)
    if error is None:
        # A refusal that was cut short: why is unknown, that nothing was sent is certain.
        failure = FailureClass.RETRY if answer.problem else classify(None, answer.status)
        code = answer.problem or f"http_{answer.status}"
        return SendResult(FAILED, failure=failure, code=code, retry_after=retry_after)
    return SendResult(
        FAILED,
        failure=classify(error.code, answer.status, error.is_transient),
        code=f"http_{answer.status}" if error.code is None else str(error.code),
        detail=redacted(error.detail),
        retry_after=retry_after,
    )


def why_not(answer: Answer, redacted: Callable[[str], str]) -> SendResult:
    """Why a question was not answered as expected: refused, or a success nobody can read."""
    error = error_of(answer.json())
    if answer.is_success and error is None:
        code = answer.problem or "bad_answer"
        return SendResult(FAILED, failure=FailureClass.FIX_REQUEST, code=code)
    return failed(answer, error, redacted)
