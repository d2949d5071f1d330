"""One HTTP door that always knows whether a request may have reached the other side.

Sending the same message twice is worse than not knowing its fate, so nothing is ever repeated
here, no redirect is followed, and each trouble is one of two: :class:`NotSent` (not one byte of
the request left: trying again is safe) or :class:`NoAnswer` (it may have arrived).
"""

import contextlib
import threading
import time
from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from ssl import SSLContext, SSLError
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from ..base import ClientError
from .addresses import checked_base_url, checked_token, may_carry_token
from .untrusted import read_json

MAX_ANSWER_BYTES = 256 * 1024
_CHUNK_BYTES = 256
_FILE_CHUNK_BYTES = 64 * 1024
_ALERT = "_ALERT_"
_NETWORK_ERRORS = (requests.RequestException, HTTPError, HTTPException, OSError)

_progress = threading.local()


class NotSent(Exception):
    """Nothing of the request left this machine.

    :ivar code: ``connect``, ``connect_timeout``, ``tls`` or ``proxy``
    :ivar detail: OpenSSL's word for what went wrong with ``tls``, such as
        ``CERTIFICATE_VERIFY_FAILED`` or ``TLSV13_ALERT_CERTIFICATE_REQUIRED``
    """

    def __init__(self, code: str, detail: str = ""):
        super().__init__(code)
        self.code = code
        self.detail = detail


class NoAnswer(Exception):
    """The request left, wholly or in part, and no status line came back.

    :ivar code: ``read_timeout`` or ``connection_lost``
    """

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """A status line and what followed it.

    :param headers: case-insensitive
    :param body: None when it did not arrive whole; then ``problem`` says why
        (``half_answer``, ``answer_too_long``, ``answer_too_slow``)
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    problem: str = ""

    @property
    def is_success(self) -> bool:
        """A status of the 2xx kind."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The decoded body, or None when it is missing or is not JSON."""
        return read_json(self.body)


class _MarkingSend:
    """Notes on the calling thread that bytes are handed to a connected socket."""

    def send(self, data):
        if self.sock is None and self.auto_open:
            self.connect()
        _progress.sent = True
        try:
            return super().send(data)
        except OSError:
            self._raise_alert()
            raise

    def _raise_alert(self):
        """A line that was cut while we wrote may still hold the word why (TLS)."""


class _PlainConnection(_MarkingSend, HTTPConnection):
    pass


class _TlsConnection(_MarkingSend, HTTPSConnection):
    def getresponse(self):
        try:
            return super().getresponse()
        except OSError:
            self._raise_alert()
            raise

    def _raise_alert(self):
        """Hear an alert of the other side, if one waits.

        :raise SSLError: the alert
        """
        if self.sock is not None:
            with contextlib.suppress(ConnectionError, TimeoutError, ValueError):
                self.sock.settimeout(1.0)
                self.sock.recv(1)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


_POOLS = {"http": _PlainPool, "https": _TlsPool}


class _Adapter(HTTPAdapter):
    """Fixed time-outs, no repetition, and at most ``pool_size`` connections, which are kept."""

    def __init__(self, timeouts: tuple[float, float], pool_size: int, tls: SSLContext | None):
        self._timeouts = timeouts
        self._tls = tls
        super().__init__(pool_connections=1, pool_maxsize=pool_size, max_retries=0, pool_block=True)

    def init_poolmanager(self, *args, **kwargs):
        if self._tls:
            kwargs["ssl_context"] = self._tls
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy, **kwargs):
        if self._tls:
            kwargs["ssl_context"] = self._tls
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, request, stream=False, timeout=None, **kwargs):
        # The time-outs belong to the gateway, not to whoever calls or wraps the session.
        return super().send(request, stream=stream, timeout=self._timeouts, **kwargs)


class _Secret(AuthBase):
    """Puts the token on the wire and nowhere else (a header argument would reach error texts)."""

    def __init__(self, token: str, header: str, user: str):
        self._token = token
        self._header = header
        self._value = f"Bearer {token}" if header == "Authorization" else token
        if user:
            self._value = f"Basic {b64encode(f'{user}:{token}'.encode()).decode('ascii')}"

    def __call__(self, request):
        request.headers[self._header] = self._value
        return request

    def redacted(self, text: str) -> str:
        return text.replace(self._value, "***").replace(self._token, "***")


class HttpDoor:
    """Requests to one service, from any number of threads.

    Close it, or use it in a ``with`` block, when the batch is done: an idle connection that the
    other side has dropped meanwhile would turn the next message ``uncertain`` for nothing.

    :param base_url: ``https://...``; plain ``http`` only to this very machine
    :param token_header: header that carries the bare token, instead of a bearer's
    :param user: sends user and token as HTTP's basic authentication
    :param connect_timeout: seconds for TCP and TLS
    :param read_timeout: seconds of silence after the request
    :param pool_size: number of threads that may wait for answers at once
    :param tls: holds a certificate of ours that the service asks for
    :raise ClientError: ``bad_url``, ``insecure_url``, ``bad_token``
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        connect_timeout: float,
        read_timeout: float,
        pool_size: int,
        token_header: str = "Authorization",
        user: str = "",
        tls: SSLContext | None = None,
    ):
        self._base_url, is_local = checked_base_url(base_url)
        self._is_local = is_local
        self._read_timeout = read_timeout
        self._auth = _Secret(checked_token(token), token_header, user)
        self._session = requests.Session()
        # No proxy stands between a machine and itself, whatever the environment says.
        self._session.trust_env = not is_local
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update(
            {"User-Agent": "optica_cobranca", "Accept-Encoding": "identity"}
        )
        adapter = _Adapter((connect_timeout, read_timeout), max(1, pool_size), tls)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self) -> None:
        """Drop the connections."""
        self._session.close()

    def redacted(self, text: str) -> str:
        """The text without the token, should the other side have repeated it."""
        return self._auth.redacted(text)

    def request(
        self,
        method: str,
        path: str,
        *,
        payload: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, Any] | None = None,
        fields: Mapping[str, Any] | None = None,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> Answer:
        """Ask once.

        :param path: below ``base_url``, with its slash
        :param payload: JSON body
        :param form: multipart form instead: name -> (file name or None, content, content type)
        :param fields: fields of a plain form instead: name -> value or list of values
        :param max_bytes: longest answer that is read
        :raise NotSent: provably nothing arrived
        :raise NoAnswer: it may have arrived
        """
        return self._ask(
            method,
            self._base_url + path,
            max_bytes,
            json=payload,
            params=params,
            files=form,
            data=fields,
            auth=self._auth,
        )

    def fetch(self, url: str, *, hosts: Collection[str], max_bytes: int) -> Answer:
        """Get a file from the address the service named.

        The token goes along: only to ``https`` and only to these hosts or what lies below them,
        or to this very machine when the service itself is here (a stand-in).

        :raise ClientError: ``bad_host``: the token must not go there
        :raise NotSent: provably nothing arrived
        :raise NoAnswer: it may have arrived
        """
        if not may_carry_token(url, hosts, self._is_local):
            raise ClientError("bad_host", "the file lies with somebody else")
        return self._ask("GET", url, max_bytes, auth=self._auth)

    def _ask(self, method: str, url: str, max_bytes: int, **options: Any) -> Answer:
        _progress.sent = False
        try:
            response = self._session.request(
                method, url, allow_redirects=False, stream=True, **options
            )
        except _NETWORK_ERRORS as error:
            # "from None": the chain would carry the request, and with it the token.
            raise _trouble(error) from None
        with response:
            deadline = time.monotonic() + self._read_timeout
            body, problem = _read_body(response, deadline, max_bytes)
        return Answer(response.status_code, response.headers, body, problem)


def _trouble(error: Exception) -> NotSent | NoAnswer:
    if isinstance(error, requests.exceptions.ProxyError):
        return NotSent("proxy")  # the tunnel to the service was never opened
    reason = _tls_reason(error)
    if _ALERT in reason:
        # In TLS 1.3 a refused certificate is told after our first bytes have left; who ends the
        # handshake so has read none of them (RFC 8446 §6.2: an alert of this kind is fatal).
        return NotSent("tls", reason)
    if _progress.sent:
        slow = isinstance(error, requests.exceptions.ReadTimeout)
        return NoAnswer("read_timeout" if slow else "connection_lost")
    if isinstance(error, requests.exceptions.SSLError):
        return NotSent("tls", reason)
    if isinstance(error, requests.exceptions.Timeout):
        return NotSent("connect_timeout")
    return NotSent("connect")


def _tls_reason(error: BaseException) -> str:
    """OpenSSL's word somewhere in the chain of an error; empty when TLS is not the trouble."""
    found, waiting = set(), [error]
    while waiting:
        each = waiting.pop()
        if id(each) in found:
            continue
        found.add(id(each))
        # A connection that ended in the middle is an SSLError too, without a word of OpenSSL's.
        reason = getattr(each, "reason", None)
        if isinstance(each, SSLError) and reason:
            return str(reason)
        causes = (each.__cause__, each.__context__, reason, *each.args)
        waiting += [cause for cause in causes if isinstance(cause, BaseException)]
    return ""


def _read_body(
    response: requests.Response, deadline: float, max_bytes: int
) -> tuple[bytes | None, str]:
    chunks, size = [], 0
    # Files come in large pieces; an answer in small ones, so that a slow trickle is noticed.
    piece = _CHUNK_BYTES if max_bytes <= MAX_ANSWER_BYTES else _FILE_CHUNK_BYTES
    response.raw.enforce_content_length = True  # not the default of urllib3 before 2.0
    try:
        for chunk in response.iter_content(piece):
            chunks.append(chunk)
            size += len(chunk)
            if size > max_bytes:
                return None, "answer_too_long"
            if time.monotonic() > deadline:
                return None, "answer_too_slow"
    except _NETWORK_ERRORS:
        return None, "half_answer"
    return b"".join(chunks), ""
