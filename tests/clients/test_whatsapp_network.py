"""Trouble on the way: provably not sent is tried again, anything else is never sent twice."""

import contextlib
import socket
import ssl
import threading
import time

import pytest
import urllib3.connection

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import CloudConfig
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.clients.pix_certificates import Authority
from tests.fakes.cloud_api_behaviour import Behaviour, drop_after, half_body, reset, silence


@contextlib.contextmanager
def listener(backlog=16):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(backlog)
        yield listening


@contextlib.contextmanager
def full_listener():
    """An address where connecting hangs: its queue is full and nobody takes from it."""
    with listener(0) as listening, contextlib.ExitStack() as stack:
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening


def address(listening, scheme="http"):
    return f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"


def assert_not_sent(result, code):
    assert (result.status, result.failure, result.code) == ("failed", FailureClass.RETRY, code)


def test_refused_connection(make_client, text_to):
    with listener() as listening:
        url = address(listening)
    assert_not_sent(make_client(base_url=url).send(text_to()), "connect")


def test_name_that_does_not_exist(make_client, text_to):
    client = make_client(base_url="https://no-such-host.invalid")
    assert_not_sent(client.send(text_to()), "connect")


def test_connecting_takes_too_long(make_client, text_to):
    with full_listener() as listening:
        client = make_client(base_url=address(listening), connect_timeout=0.2)
        assert_not_sent(client.send(text_to()), "connect_timeout")


def test_other_side_does_not_speak_tls(server, make_client, text_to):
    client = make_client(base_url=server.url.replace("http:", "https:"))
    assert_not_sent(client.send(text_to()), "tls")
    assert server.requests == []


def test_tls_handshake_takes_too_long(make_client, text_to):
    with listener() as listening:
        client = make_client(base_url=address(listening, "https"), connect_timeout=0.2)
        assert_not_sent(client.send(text_to()), "connect_timeout")


def test_certificate_of_a_stranger(make_client, text_to, tmp_path):
    """Signed by nobody we trust: neither token nor text is said to whoever answers."""
    own = tmp_path / "stranger.pem"
    own.write_bytes(b"".join(Authority().issue("localhost")))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(own)
    heard = []

    def answer(listening):
        with listening.accept()[0] as connection, contextlib.suppress(OSError):
            heard.append(tls.wrap_socket(connection, server_side=True).recv(1))

    with listener() as listening:
        stranger = threading.Thread(target=answer, args=[listening])
        stranger.start()
        client = make_client(base_url=address(listening, "https").replace("127.0.0.1", "localhost"))
        assert_not_sent(client.send(text_to()), "tls")
        stranger.join(10)
    assert heard == []


def test_half_a_minute_of_silence_with_the_usual_patience(server, make_client, text_to):
    server.default = silence(30)
    result = make_client(read_timeout=CloudConfig("1", "token").read_timeout).send(text_to())
    assert (result.status, result.code) == ("uncertain", "read_timeout")
    assert len(server.requests) == 1


def test_proxy_that_is_not_there(make_client, text_to, monkeypatch):
    with listener() as listening:
        proxy = address(listening)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    client = make_client(base_url="https://no-such-host.invalid")
    assert_not_sent(client.send(text_to()), "proxy")


def test_this_machine_is_asked_without_a_proxy(server, make_client, text_to, monkeypatch):
    with listener() as listening:
        monkeypatch.setenv("HTTP_PROXY", address(listening))
    assert make_client().send(text_to()).status == "accepted"


def test_password_file_does_not_replace_the_token(server, client, text_to, monkeypatch, tmp_path):
    """requests would put a netrc entry of the host above any Authorization header."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    client._door._session.trust_env = True
    client.send(text_to())
    assert server.requests[0].headers["Authorization"].startswith("Bearer ")


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [(silence(5), "read_timeout"), (reset(), "connection_lost"), (half_body(), "half_answer")],
)
def test_lost_answer_is_uncertain_and_asked_once(server, make_client, text_to, behaviour, code):
    server.default = behaviour
    result = make_client(read_timeout=0.3).send(text_to())
    assert (result.status, result.failure, result.code) == ("uncertain", None, code)
    time.sleep(0.2)  # a hidden second try would arrive now
    assert server.taken("ref-1") == 1
    assert len(server.requests) == 1


def test_question_about_the_account_is_asked_once_too(server, client):
    server.default = reset()
    check = client.check_connection()
    assert (check.ok, check.failure, check.code) == (
        False,
        FailureClass.RETRY,
        "connection_lost",
    )
    assert len(server.requests) == 1


def test_tls_trouble_after_sending_is_uncertain(server, make_client, text_to, monkeypatch):
    def broken(_connection):
        raise ssl.SSLEOFError("EOF occurred in violation of protocol")

    client = make_client()
    monkeypatch.setattr(urllib3.connection.HTTPConnection, "getresponse", broken)
    result = client.send(text_to())
    assert (result.status, result.code) == ("uncertain", "connection_lost")


def test_answer_that_is_no_http(make_client, text_to):
    def speak(listening):
        connection, _peer = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"220 mail.example ESMTP\r\n")

    with listener() as listening:
        thread = threading.Thread(target=speak, args=(listening,), daemon=True)
        thread.start()
        result = make_client(base_url=address(listening)).send(text_to())
        thread.join(5)
    assert (result.status, result.code) == ("uncertain", "connection_lost")


def test_answer_that_trickles_does_not_hold_the_worker(make_client, text_to):
    def trickle(listening):
        connection, _peer = listening.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                connection.sendall(b" " * 256)
                time.sleep(0.05)

    with listener() as listening:
        thread = threading.Thread(target=trickle, args=(listening,), daemon=True)
        thread.start()
        before = time.monotonic()
        result = make_client(base_url=address(listening), read_timeout=0.4).send(text_to())
        elapsed = time.monotonic() - before
        thread.join(5)
    assert (result.status, result.code) == ("uncertain", "answer_too_slow")
    assert elapsed < 2


def test_slow_answer_within_the_time_is_fine(server, make_client, text_to):
    server.default = Behaviour(latency=0.3)
    assert make_client(connect_timeout=0.1, read_timeout=2.0).send(text_to()).status == "accepted"


def test_connection_dropped_between_two_messages(server, client, text_to):
    server.enqueue(drop_after())
    first = client.send(text_to(reference="a"))
    time.sleep(0.1)
    second = client.send(text_to(reference="b"))
    assert (first.status, second.status) == ("accepted", "accepted")
    assert (server.taken("a"), server.taken("b")) == (1, 1)
    assert server.connections == 2


def test_trouble_of_one_message_does_not_reach_the_next(server, make_client, text_to):
    client = make_client(read_timeout=0.3)
    server.enqueue(reset(), silence(5), half_body())
    states = [client.send(text_to(reference=name)).status for name in "abcd"]
    assert states == ["uncertain", "uncertain", "uncertain", "accepted"]


def test_closed_client_connects_anew(server, client, text_to):
    client.send(text_to())
    client.close()
    assert client.send(text_to()).status == "accepted"
    assert server.connections == 2


def test_cookies_are_not_kept(server, client, text_to):
    server.enqueue(Behaviour(headers={"Set-Cookie": "track=me"}))
    client.send(text_to())
    client.send(text_to())
    assert "Cookie" not in server.requests[1].headers
