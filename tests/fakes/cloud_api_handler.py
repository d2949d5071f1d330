"""How the stand-in for the Cloud API treats one connection: record first, then behave."""

import json
import socket
import struct
import time
import uuid
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes import cloud_api_account
from tests.fakes.cloud_api_behaviour import (
    DROP_AFTER,
    HALF,
    RESET,
    SILENCE,
    Behaviour,
    answer,
    refuse,
)

_LINGER_ZERO = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Received:
    """One request as it came.

    :param took_it: the provider has the message (see `Behaviour`)
    :param provider_id: id given to the message, even when the answer never told it
    :param connection: number of the TCP connection it came by
    """

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str] = field(repr=False)
    body: Any
    time: float
    connection: int
    took_it: bool
    provider_id: str

    @property
    def is_message(self) -> bool:
        return self.method == "POST" and self.path.endswith("/messages")

    @property
    def reference(self) -> str:
        return self.body.get("biz_opaque_callback_data", "")

    @property
    def to(self) -> str:
        return addressee(self.body)

    def as_line(self) -> dict[str, Any]:
        """What goes into the log: no token."""
        line = {name: value for name, value in asdict(self).items() if name != "headers"}
        return {**line, "reference": self.reference, "to": self.to}


def addressee(body: Any) -> str:
    """Whom a message is for: a number, a BSUID, or Instagram's id of a person."""
    recipient = body.get("recipient")
    if isinstance(recipient, dict):
        recipient = recipient.get("id")
    return body.get("to") or recipient or ""


class CloudApiHandler(BaseHTTPRequestHandler):
    """Answers as the server's behaviours say; connections are kept."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.number = self.server.next_connection()

    def log_message(self, format, *args):
        """Quiet: the record is kept in memory and in the log."""

    def do_GET(self):
        parts = urlsplit(self.path)
        if parts.path == "/_control/received":
            lines = [received.as_line() for received in self.server.messages()]
            self._write(answer(200, lines))
            return
        behaviour = self._refused_token() or self.server.behaviour_for("")
        self._record(behaviour, None, parts)
        media = self.server.media.get(parts.path.rsplit("/", 1)[-1])
        if media and parts.path.startswith("/_media/") and behaviour.body is None:
            self._write_file(behaviour, media)
        else:
            self._perform(behaviour, cloud_api_account.answer_to(self.server, parts))

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        if len(raw) < length:
            return  # the caller died while writing: nobody takes half a request
        parts = urlsplit(self.path)
        if parts.path.endswith("/media"):
            self._take_file(raw, parts)
            return
        body = json.loads(raw or b"{}")
        if parts.path == "/_control/script":
            behaviours = [Behaviour(**item) for item in body["behaviours"]]
            script = self.server.script if body.get("to") else self.server.enqueue
            script(*([body["to"]] if body.get("to") else []), *behaviours)
            self._write(answer(200, {"success": True}))
            return
        behaviour = self._refused_token()
        if behaviour is None and not parts.path.endswith(("/messages", "/subscribed_apps")):
            behaviour = refuse(100, 404, message="Unsupported post request")
        behaviour = behaviour or self.server.behaviour_for(addressee(body))
        received = self._record(behaviour, body, parts)
        done = parts.path.endswith("/subscribed_apps")
        self._perform(behaviour, {"success": True} if done else self._accepted(received))

    def _take_file(self, raw: bytes, parts) -> None:
        behaviour = self._refused_token() or self.server.behaviour_for("media")
        form = cloud_api_account.read_form(self.headers["Content-Type"], raw)
        received = self._record(behaviour, cloud_api_account.as_record(form), parts)
        media_id = f"media{received.provider_id[-12:]}"
        if behaviour.took_it:
            self.server.media[media_id] = form["file"]
        self._perform(behaviour, {"id": media_id})

    def _write_file(self, behaviour: Behaviour, media) -> None:
        head = (
            f"HTTP/1.1 {behaviour.status} Status\r\nContent-Type: {media.mime_type}\r\n"
            f"Content-Length: {len(media.content)}\r\n\r\n"
        )
        half = behaviour.kind == HALF
        content = media.content[: len(media.content) // 2] if half else media.content
        self.close_connection = half
        self.wfile.write(head.encode("latin-1") + content)

    def _refused_token(self) -> Behaviour | None:
        token = self.server.access_token
        if token is None or self.headers.get("Authorization") == f"Bearer {token}":
            return None
        return refuse(190, 401, message="Invalid OAuth access token")

    def _record(self, behaviour: Behaviour, body: Any, parts) -> Received:
        received = Received(
            method=self.command,
            path=parts.path,
            query=parse_qs(parts.query),
            headers=dict(self.headers),
            body=body or {},
            time=time.time(),
            connection=self.number,
            took_it=behaviour.took_it and body is not None,
            provider_id=f"wamid.{uuid.uuid4().hex}",
        )
        self.server.record(received)
        return received

    @staticmethod
    def _accepted(received: Received) -> dict[str, Any]:
        if isinstance(received.body.get("recipient"), dict):
            return {"recipient_id": received.to, "message_id": received.provider_id}
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": received.to, "wa_id": received.to.lstrip("+")}],
            "messages": [{"id": received.provider_id, "message_status": "accepted"}],
        }

    def _perform(self, behaviour: Behaviour, regular: dict[str, Any]) -> None:
        latency = self.server.latency if behaviour.latency is None else behaviour.latency
        if latency:
            self.server.stopping.wait(latency)
        if behaviour.kind == SILENCE:
            self.close_connection = True
        elif behaviour.kind == RESET:
            self._cut()
        else:
            self._write(behaviour, regular)
            if behaviour.kind in (HALF, DROP_AFTER):
                self.close_connection = True

    def _write(self, behaviour: Behaviour, regular: Any = None) -> None:
        """Status line, headers and body in one packet."""
        body = regular if behaviour.body is None else behaviour.body
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "Content-Length": str(len(data)),
            "Date": self.date_time_string(),
            **behaviour.headers,
        }
        head = f"HTTP/1.1 {behaviour.status} Status\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        sent = data[: len(data) // 2] if behaviour.kind == HALF else data
        self.wfile.write(head.encode("latin-1") + sent)

    def _cut(self) -> None:
        """Close with a reset instead of a goodbye."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        socket.close(self.connection.detach())
        self.close_connection = True
