"""What an error of Twilio asks for. The meaning of a code is Twilio's (its error dictionary)."""

from ...domain.messaging.message_states import FailureClass
from ..http.http_client import failure_of_status

_CODES: dict[FailureClass, tuple[int, ...]] = {
    # Too many requests, queue of the number full, network trouble.
    FailureClass.RETRY: (20429, 14107, 21611, 30001, 30008, 30017, 31930),
    # Account not active or suspended, no permission for the country, the sending number cannot
    # do this or is not verified, the carrier blocks the account.
    FailureClass.PAUSE_SENDER: (
        10001,
        10002,
        20005,
        21210,
        21212,
        21215,
        21216,
        21408,
        21603,
        21606,
        21608,
        21659,
        21660,
        30002,
        30018,
    ),
    # No such number, a landline for SMS, unsubscribed, unreachable, blocked, unknown.
    FailureClass.STOP_RECIPIENT: (
        13223,
        13224,
        21211,
        21214,
        21217,
        21219,
        21265,
        21266,
        21610,
        21612,
        21614,
        30003,
        30004,
        30005,
        30006,
    ),
    # Body missing or too long, filtered for its content, message could not be read out.
    FailureClass.FIX_REQUEST: (21602, 21604, 21605, 21609, 21617, 12100, 12200, 30007, 30034),
    # Wrong user or token, no right to this resource.
    FailureClass.AUTH: (20003, 20006, 20008, 20104, 20404),
}
_CLASS_OF_CODE = {code: failure for failure, codes in _CODES.items() for code in codes}


def classify(code: int | None, http_status: int | None = None) -> FailureClass:
    """What the failure asks for.

    :param http_status: status of the answer; None for a failure told by a webhook
    """
    if code in _CLASS_OF_CODE:
        return _CLASS_OF_CODE[code]
    return FailureClass.FIX_REQUEST if http_status is None else failure_of_status(http_status)
