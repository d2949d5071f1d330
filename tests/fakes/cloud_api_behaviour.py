"""What the stand-in for the Cloud API can be told to do with a request.

A behaviour says how the answer looks and whether the provider took the message: an answer that
is lost, cut or garbled does not undo that, which is what makes a double sending visible.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

ANSWER = "answer"  # status, headers and body as given
SILENCE = "silence"  # never answers; holds the line for `latency` seconds, then closes it
RESET = "reset"  # reads the request and cuts the line
HALF = "half"  # announces the whole body and sends half of it
DROP_AFTER = "drop_after"  # answers well, then closes the kept connection without saying so


@dataclass(frozen=True)
class Behaviour:
    """One way to treat one request.

    :param kind: ``answer``, ``silence``, ``reset``, ``half`` or ``drop_after``
    :param took_it: the provider has the message, whatever the caller gets to know
    :param latency: seconds before the answer (None: the server's own latency)
    :param body: JSON document, raw text, or None for the regular answer with an id
    """

    kind: str = ANSWER
    status: int = 200
    took_it: bool = True
    latency: float | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None

    def as_json(self) -> dict[str, Any]:
        """For the control address of a server in another process."""
        return asdict(self)


def accept(latency: float | None = None) -> Behaviour:
    """The regular answer: 200 with an id."""
    return Behaviour(latency=latency)


def refuse(
    code: int,
    status: int = 400,
    *,
    message: str = "(#0) Something is wrong",
    details: str = "",
    is_transient: bool | None = None,
    retry_after: str | None = None,
    latency: float | None = None,
) -> Behaviour:
    """An error of the Graph API; the message is not taken."""
    error: dict[str, Any] = {
        "message": message,
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "AAAAAAAAAAAAAAAAAAAAAA",
    }
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    if is_transient is not None:
        error["is_transient"] = is_transient
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Behaviour(
        status=status, took_it=False, latency=latency, headers=headers, body={"error": error}
    )


def answer(status: int, body: Any, *, took_it: bool | None = None, **headers: str) -> Behaviour:
    """Any answer; a 2xx counts as taken unless told otherwise."""
    taken = status < 300 if took_it is None else took_it
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Behaviour(status=status, took_it=taken, headers=named, body=body)


def garbage() -> Behaviour:
    """A success that is no JSON: the message was taken, nobody can tell its id."""
    return answer(200, "<html><body>Welcome to the hotel network</body></html>")


def without_id() -> Behaviour:
    """A success that names no message."""
    return answer(200, {"messaging_product": "whatsapp", "contacts": [], "messages": []})


def silence(seconds: float = 30.0) -> Behaviour:
    """Takes the message and never says so."""
    return Behaviour(kind=SILENCE, latency=seconds)


def reset() -> Behaviour:
    """Takes the message and cuts the line."""
    return Behaviour(kind=RESET)


def half_body(status: int = 200) -> Behaviour:
    """Sends half of the answer and closes."""
    return Behaviour(kind=HALF, status=status, took_it=status < 300)


def drop_after() -> Behaviour:
    """Answers well and then closes the connection that the caller believes to be kept."""
    return Behaviour(kind=DROP_AFTER)
