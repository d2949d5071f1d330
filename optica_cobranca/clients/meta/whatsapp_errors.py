"""What an error of the WhatsApp Cloud API asks for.

The meaning of a code is Meta's (as listed by the public library pywa and Meta's own pages); what
to do about it is ours. The code decides; only without a known code does the HTTP status.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...domain.messaging.message_states import FailureClass
from ..base import MAX_DETAIL
from ..http.http_client import failure_of_status

_CODES: dict[FailureClass, tuple[int, ...]] = {
    # Temporary, app and account call limits, throughput, unknown, unavailable, maintenance.
    FailureClass.RETRY: (1, 2, 4, 80007, 130429, 131000, 131016, 131057, 135000),
    # Too many messages to the same person in a short time.
    FailureClass.RETRY_RECIPIENT_LATER: (131056,),
    # Spam limit, template violations, policy locks, payment, certificate, country, display name,
    # number not registered, too many registration tries.
    FailureClass.PAUSE_SENDER: (
        131048,
        131064,
        368,
        131031,
        131042,
        131045,
        130497,
        131037,
        133010,
        133016,
    ),
    # Ecosystem engagement limit, experiment: trying again at once fails again.
    FailureClass.WAIT_A_DAY: (131049, 130472),
    # Not on WhatsApp, marketing stopped by the person, sender is recipient, not on the test
    # list, BSUID not possible for this message.
    FailureClass.STOP_RECIPIENT: (131026, 131050, 131021, 131030, 131062),
    # More than 24 hours since the person last wrote.
    FailureClass.NEEDS_TEMPLATE: (131047,),
    # Parameter count, missing or unapproved, too long, policy, format, paused, disabled, flow,
    # marketing disabled.
    FailureClass.FIX_TEMPLATE: (
        132000,
        132001,
        132005,
        132007,
        132008,
        132012,
        132015,
        132016,
        132068,
        132069,
        131063,
    ),
    # Parameters missing or invalid, unsupported type, media.
    FailureClass.FIX_REQUEST: (33, 100, 131008, 131009, 131051, 131052, 131053),
    # Token missing, expired or without the permission.
    FailureClass.AUTH: (0, 3, 10, 190, 131005, *range(200, 300)),
}
_CLASS_OF_CODE = {code: failure for failure, codes in _CODES.items() for code in codes}
# "Invalid request or possible server error": with a server's error it proves nothing.
_SAYS_NOTHING = 1
_TEMPLATE_FAMILY = range(132000, 133000)


@dataclass(frozen=True)
class ProviderError:
    """An error object of the provider, read with tolerance.

    :param code: Meta's number, when there is a readable one
    :param detail: message and details in Meta's words, shortened
    :param is_transient: Meta says that trying again may help
    """

    code: int | None
    detail: str
    is_transient: bool = False


def read_error(data: Any) -> ProviderError | None:
    """Read an error object of an answer or of a webhook; None when it is not one."""
    if not isinstance(data, Mapping):
        return None
    code = data.get("code")
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) < 10:
        code = int(code)
    if isinstance(code, bool) or not isinstance(code, int):
        code = None
    return ProviderError(code, _detail(data), data.get("is_transient") is True)


def _detail(data: Mapping[str, Any]) -> str:
    more = data.get("error_data")
    texts = [data.get("title"), data.get("message")]
    texts.append(more.get("details") if isinstance(more, Mapping) else None)
    kept: list[str] = []
    for text in texts:
        if isinstance(text, str) and text and text not in kept:
            kept.append(text)
    return " | ".join(kept)[:MAX_DETAIL]


def is_documented(code: int | None) -> bool:
    """Whether Meta lists this code as a refusal: nothing was accepted, whatever the status."""
    known = code in _CLASS_OF_CODE or code in _TEMPLATE_FAMILY
    return known and code != _SAYS_NOTHING


def classify(
    code: int | None, http_status: int | None = None, is_transient: bool = False
) -> FailureClass:
    """What the failure asks for.

    :param code: Meta's error code
    :param http_status: status of the answer; None for a failure told by a webhook
    :param is_transient: Meta's own hint, heeded only when the code is not a known one
    :return: `FailureClass.FIX_REQUEST` when nothing is known: a person has to look at it
    """
    if code in _CLASS_OF_CODE:
        return _CLASS_OF_CODE[code]
    if is_transient:
        return FailureClass.RETRY
    if code is not None and code in _TEMPLATE_FAMILY:
        return FailureClass.FIX_TEMPLATE
    return FailureClass.FIX_REQUEST if http_status is None else failure_of_status(http_status)
