"""A real HTTP server on this machine that speaks the WhatsApp Cloud API.

Inside a test::

    with CloudApiServer() as server:
        server.script("+5551999990001", refuse(131026))   # for one number, the last one stays
        server.enqueue(reset(), accept())                 # for whoever comes next, used up
        ...
        assert server.taken("my-reference") == 1

As a process of its own (benchmarks, killed workers)::

    python tests/fakes/cloud_api_server.py --port 8099 --latency 0.1 --log received.jsonl

It prints ``READY http://127.0.0.1:8099`` and appends one JSON line per message before it answers,
so that the file tells what really arrived. ``GET /_control/received`` gives the same lines as a
list; ``POST /_control/script`` takes ``{"to": "+55...", "behaviours": [{...}]}`` (without ``to``:
the queue) with the fields of `Behaviour`.
"""

import argparse
import json
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

if __package__ in (None, ""):  # started by its path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.fakes import cloud_api_account
from tests.fakes.cloud_api_behaviour import Behaviour, accept
from tests.fakes.cloud_api_handler import CloudApiHandler, Received


class CloudApiServer(ThreadingHTTPServer):
    """Serves on 127.0.0.1 in threads of its own while inside a ``with`` block.

    :param port: 0 takes a free one
    :param latency: seconds before every answer that has no latency of its own
    :param log: file to append to, one JSON line per message, flushed
    :param access_token: when given, any other token is answered with 401 and code 190
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self,
        port: int = 0,
        *,
        latency: float = 0.0,
        log: str | Path | None = None,
        access_token: str | None = None,
    ):
        super().__init__(("127.0.0.1", port), CloudApiHandler)
        self.latency = latency
        self.access_token = access_token
        self.default = accept()
        self.requests: list[Received] = []
        self.media: dict[str, cloud_api_account.File] = {}
        self.templates: list[dict] = []  # of the account, as Meta lists them
        self.number: dict[str, str] = {}  # what differs from a healthy number
        self.page_size = 50
        self.connections = 0
        self.stopping = threading.Event()
        self._queue: list[Behaviour] = []
        self._by_number: dict[str, list[Behaviour]] = {}
        self._lock = threading.Lock()
        self._log = open(log, "a", encoding="utf-8") if log else None  # noqa: SIM115
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self.stopping.set()
        self.shutdown()
        self.server_close()
        if self._log:
            self._log.close()

    def handle_error(self, request, client_address):
        """A caller that went away is no news; anything else is a fault of the stand-in."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def script(self, to: str, *behaviours: Behaviour) -> None:
        """Treat a number's requests so, in order; the last behaviour stays."""
        with self._lock:
            self._by_number[to] = list(behaviours)

    def enqueue(self, *behaviours: Behaviour) -> None:
        """Treat the next requests so, whoever they are for; each is used once."""
        with self._lock:
            self._queue.extend(behaviours)

    def messages(self) -> list[Received]:
        """The messages posted so far, oldest first."""
        with self._lock:
            return [received for received in self.requests if received.is_message]

    def uploads(self) -> list[Received]:
        """The files posted so far, oldest first; their bytes are in `media`."""
        with self._lock:
            return [received for received in self.requests if received.path.endswith("/media")]

    def keep_file(self, content: bytes, mime_type: str, media_id: str = "1908647269898587") -> str:
        """A file that a person sent; its id."""
        self.media[media_id] = cloud_api_account.File("", mime_type, content)
        return media_id

    def taken(self, reference: str) -> int:
        """How often the provider took the message with this reference: more than once is bad."""
        mine = (received for received in self.messages() if received.reference == reference)
        return sum(received.took_it for received in mine)

    def next_connection(self) -> int:
        with self._lock:
            self.connections += 1
            return self.connections

    def behaviour_for(self, to: str) -> Behaviour:
        with self._lock:
            if self._queue:
                return self._queue.pop(0)
            scripted = self._by_number.get(to)
            if not scripted:
                return self.default
            return scripted.pop(0) if len(scripted) > 1 else scripted[0]

    def record(self, received: Received) -> None:
        with self._lock:
            self.requests.append(received)
            if self._log and received.is_message:
                self._log.write(json.dumps(received.as_line()) + "\n")
                self._log.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for the WhatsApp Cloud API")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--log", help="file to append to, one JSON line per message")
    parser.add_argument("--access-token", help="the only token that is let in")
    options = parser.parse_args()
    server = CloudApiServer(
        options.port,
        latency=options.latency,
        log=options.log,
        access_token=options.access_token,
    )
    sys.stdout.write(f"READY {server.url}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
