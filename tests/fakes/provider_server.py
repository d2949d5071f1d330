"""A stand-in for a provider's web service over real HTTP; the protocol comes from a subclass.

Every request is recorded before it is answered. How one is answered can be told beforehand with
the behaviours of :mod:`tests.fakes.cloud_api_behaviour`.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.fakes.cloud_api_behaviour import HALF, RESET, SILENCE, Behaviour


@dataclass(frozen=True)
class Request:
    """One request as it came.

    :param body: decoded JSON, or the fields of a form as lists
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: Any = None
    query: Mapping[str, list[str]] = field(default_factory=dict)


class ProviderServer(ThreadingHTTPServer):
    """Speaks as a subclass says; use it in a ``with`` block.

    A subclass has the attributes below and the three hooks.

    :cvar channels: what :meth:`settings` can be asked for
    :cvar secret: the token it lets in
    """

    daemon_threads = True
    request_queue_size = 128
    channels: ClassVar[tuple[str, ...]] = ()
    secret: ClassVar[str] = ""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self._queue: list[Behaviour] = []

    # ------------------------------------------------------------ hooks

    def settings(self, channel: str) -> dict[str, Any]:
        """A gateway's settings that lead here."""
        raise NotImplementedError

    def lets_in(self, request: Request) -> bool:
        """Does the request carry the token?"""
        raise NotImplementedError

    def regular(self, request: Request) -> Behaviour:
        """What the provider answers to a well-formed request."""
        raise NotImplementedError

    def refusal(self) -> Behaviour:
        """What the provider answers without a good token."""
        raise NotImplementedError

    # ------------------------------------------------------------- use

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()
        return self

    def __exit__(self, *exc_info):
        self.stopping.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """A caller that went away is no news."""

    def enqueue(self, *behaviours: Behaviour) -> None:
        """Treat the next requests so; each is used once."""
        self._queue.extend(behaviours)

    def sent(self) -> list[Request]:
        """The messages posted so far."""
        return [request for request in self.requests if request.method == "POST"]

    def behaviour_for(self, request: Request) -> Behaviour:
        self.requests.append(request)
        if self._queue:
            return self._queue.pop(0)
        return self.regular(request) if self.lets_in(request) else self.refusal()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format, *args):
        """Quiet."""

    def do_GET(self):
        self._serve(None)

    def do_DELETE(self):
        self._serve(None)

    def do_PUT(self):
        self.do_POST()

    def do_PATCH(self):
        self.do_POST()

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.headers.get("Content-Type", "").startswith("application/json"):
            self._serve(json.loads(raw))
        else:
            self._serve(parse_qs(raw, keep_blank_values=True))

    def _serve(self, body: Any) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        request = Request(self.command, parts.path, self.headers, body, query)
        behaviour = self.server.behaviour_for(request)
        if behaviour.latency:
            self.server.stopping.wait(behaviour.latency)
        if behaviour.kind in (SILENCE, RESET):
            self.close_connection = True
            return
        data = self.server.regular(request).body if behaviour.body is None else behaviour.body
        data = data.encode() if isinstance(data, str) else json.dumps(data).encode()
        head = {"Content-Type": "application/json", **behaviour.headers}
        head["Content-Length"] = str(len(data))
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        if behaviour.kind == HALF:
            data, self.close_connection = data[: len(data) // 2], True
        status = f"HTTP/1.1 {behaviour.status} Status\r\n"
        self.wfile.write((status + lines + "\r\n").encode("latin-1") + data)
