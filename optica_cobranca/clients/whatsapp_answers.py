"""Reading answers of the Graph API that are no success: what failed, and what it asks for."""

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ..domain.message_states import FailureClass
from .base import FAILED, SendResult
from .transport import Answer
from .whatsapp_errors import ProviderError, classify, read_error

MAX_RETRY_AFTER = 24 * 60 * 60


def error_of(data: Any) -> ProviderError | None:
    """The error object of a decoded answer, if there is one."""
    return read_error(data.get("error")) if isinstance(data, Mapping) else None


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


def retry_after_of(headers: Mapping[str, str]) -> int | None:
    """Seconds from the header ``Retry-After``: a number, or an instant compared with ``Date``."""
    value = (headers.get("Retry-After") or "").strip()
    if value.isascii() and value.isdigit():
        return min(int(value[:9]), MAX_RETRY_AFTER)
    until, answered = _http_date(value), _http_date(headers.get("Date") or "")
    if until is None or answered is None:
        return None
    return min(max(0, int((until - answered).total_seconds())), MAX_RETRY_AFTER)


def _http_date(value: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return parsed if parsed.tzinfo else None
