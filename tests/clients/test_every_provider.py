"""What every provider with a web service must do, whichever it is.

A provider is found in the registry and its stand-in at ``tests/fakes/<name>_server.py``: adding
one adds no line here.
"""

import importlib
import logging
import traceback

import pytest

from odoo.addons.optica_cobranca.clients.base import ClientError, OutgoingMessage
from odoo.addons.optica_cobranca.clients.provider import WebhookCall
from odoo.addons.optica_cobranca.clients.registry import PROVIDERS, client_for
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.fakes.cloud_api_behaviour import answer, garbage, half_body, reset, silence
from tests.fakes.provider_server import ProviderServer

# Meta's have a richer stand-in and tests of their own.
ELSEWHERE = {"whatsapp_cloud", "instagram"}
NAMES = sorted(
    name
    for name, provider in PROVIDERS.items()
    if provider.make and provider.has_connection and name not in ELSEWHERE
)


def fake_of(name: str) -> type[ProviderServer]:
    module = importlib.import_module(f"tests.fakes.{name}_server")
    (fake,) = (
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, ProviderServer) and item.channels
    )
    return fake


CASES = [(name, channel) for name in NAMES for channel in PROVIDERS[name].channels]


@pytest.fixture
def server(name):
    with fake_of(name)() as running:
        yield running


@pytest.fixture
def client(name, channel, server):
    settings = {**server.settings(channel), "connect_timeout": 2.0, "read_timeout": 1.0}
    with client_for(name, settings) as made:
        yield made


def message(text="Olá, Maria!", to="+5511960000001"):
    return OutgoingMessage(reference="ref-1", to=to, text=text)


def test_there_are_some():
    assert {"zenvia", "twilio", "evolution"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_stand_in_serves_the_same_channels(name, server):
    assert set(server.channels) == set(PROVIDERS[name].channels)


@pytest.mark.parametrize(("name", "channel"), CASES)
class TestSending:
    def test_accepted_with_the_providers_id(self, client, server):
        result = client.send(message())
        assert result.status == "accepted"
        assert result.provider_id
        assert len(server.sent()) == 1

    def test_two_messages_have_two_ids(self, client):
        assert client.send(message()).provider_id != client.send(message()).provider_id

    @pytest.mark.parametrize(
        ("behaviour", "code"),
        [
            (garbage(), "bad_answer"),
            (answer(200, {"success": True}), "no_id"),
            (answer(504, "<html>Gateway Time-out</html>"), "http_504"),
            (half_body(), "half_answer"),
            (reset(), "connection_lost"),
            (silence(3.0), "read_timeout"),
        ],
        ids=["garbage", "no id", "504", "half", "reset", "silence"],
    )
    def test_lost_answers_are_uncertain(self, client, server, behaviour, code):
        server.enqueue(behaviour)
        result = client.send(message())
        assert (result.status, result.code, result.failure) == ("uncertain", code, None)
        assert len(server.sent()) == 1

    def test_too_many_with_a_time_to_wait(self, client, server):
        server.enqueue(answer(429, {}, Retry_After="7"))
        result = client.send(message())
        assert (result.status, result.failure, result.retry_after) == (
            "failed",
            FailureClass.RETRY,
            7,
        )

    def test_refused_token(self, name, channel, server):
        settings = {**server.settings(channel), "access_token": "another-token-0000"}
        with client_for(name, settings) as stranger:
            assert stranger.send(message()).failure == FailureClass.AUTH
            check = stranger.check_connection()
        assert (check.ok, check.failure) == (False, FailureClass.AUTH)

    def test_nobody_there(self, name, channel, server):
        settings = server.settings(channel)
        server.shutdown()
        server.server_close()
        with client_for(name, settings) as made:
            result, check = made.send(message()), made.check_connection()
        assert (result.status, result.failure, result.code) == (
            "failed",
            FailureClass.RETRY,
            "connect",
        )
        assert (check.ok, check.failure) == (False, FailureClass.RETRY)
        # For the fixture's own closing.
        server.shutdown = lambda: None

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            (message(to=""), "bad_number"),
            (message(to="11960000001"), "bad_number"),
            (message(text=" \n"), "no_text"),
            (message(text="x" * 5000), "text_too_long"),
        ],
    )
    def test_what_cannot_be_sent_is_not_even_asked(self, client, server, given, code):
        result = client.send(given)
        assert (result.status, result.failure, result.code) == (
            "failed",
            FailureClass.FIX_REQUEST,
            code,
        )
        assert server.requests == []

    def test_the_connection_works(self, client, server):
        assert client.check_connection().ok
        assert server.sent() == []

    def test_the_secret_shows_nowhere(self, client, server, caplog):
        caplog.set_level(logging.DEBUG)
        secret = server.secret
        server.enqueue(
            answer(400, {"message": f"token {secret} is odd", "code": "X"}), reset(), garbage()
        )
        shown = [repr(client), repr(vars(client))]
        for _try in range(3):
            shown.append(repr(client.send(message())))
        try:
            client.send(None)
        except AttributeError as error:
            shown += traceback.format_exception(error)
        assert secret not in "".join(shown) + caplog.text

    def test_settings_that_are_missing_are_named(self, name, channel, server):
        for required in PROVIDERS[name].required:
            with pytest.raises(ClientError) as raised:
                client_for(name, {**server.settings(channel), required: False})
            assert (raised.value.code, raised.value.detail) == ("incomplete", required)


WITH_WEBHOOK = sorted(name for name in NAMES if PROVIDERS[name].webhook)
GARBAGE = (
    b"",
    b"\x00\xff",
    b"[]",
    b"null",
    b'"text"',
    b"{}",
    b'{"type": "MESSAGE_STATUS", "event": "messages.update", "data": 7, "message": []}',
    b"[" * 50_000,
)


@pytest.mark.parametrize("name", WITH_WEBHOOK)
class TestWebhook:
    def test_nobody_is_believed_without_a_secret(self, name):
        webhook = PROVIDERS[name].webhook
        empty = {"access_token": "", "verify_token": "", "webhook_url": ""}
        for headers in ({}, {"X-Webhook-Token": ""}, {"X-Twilio-Signature": ""}):
            assert not webhook.is_genuine(empty, WebhookCall(b"{}", headers))

    @pytest.mark.parametrize("body", GARBAGE)
    def test_garbage_is_kept_and_never_breaks(self, name, body):
        batch = PROVIDERS[name].webhook.parse(WebhookCall(body, {}))
        assert not batch.events
        assert not batch.inbound
        assert len(batch.unknown) == 1
        assert batch == PROVIDERS[name].webhook.parse(WebhookCall(body, {}))
