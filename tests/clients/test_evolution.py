"""What is the Evolution API's own: bodies, errors, statuses, answers, its key in its events."""

import pytest

from odoo.addons.optica_cobranca.clients.base import OutgoingMessage
from odoo.addons.optica_cobranca.clients.evolution_webhook import parse_webhook
from odoo.addons.optica_cobranca.clients.registry import client_for
from odoo.addons.optica_cobranca.domain.message_states import FailureClass

from tests.clients.bytes_of import as_json
from tests.fakes.evolution_server import (
    EvolutionServer,
    event,
    inbound_event,
    refuse,
    status_event,
)


@pytest.fixture
def server():
    with EvolutionServer() as running:
        yield running


def send(server):
    with client_for("evolution", server.settings("whatsapp")) as client:
        return client.send(OutgoingMessage(reference="r", to="+5511960000001", text="Olá"))


def test_text(server):
    result = send(server)
    assert server.sent()[0].body == {"number": "5511960000001", "text": "Olá", "linkPreview": False}
    assert (result.provider_id, result.wa_id) == ("3EB000000001", "5511960000001")


@pytest.mark.parametrize(
    ("answer", "status", "failure", "code"),
    [
        (refuse(401, "Unauthorized"), "failed", FailureClass.AUTH, "http_401"),
        (
            refuse(400, {"exists": False, "number": "5511960000001"}),
            "failed",
            FailureClass.STOP_RECIPIENT,
            "not_on_whatsapp",
        ),
        (refuse(400, "text is required"), "failed", FailureClass.FIX_REQUEST, "http_400"),
        (
            refuse(404, "The instance does not exist"),
            "failed",
            FailureClass.PAUSE_SENDER,
            "no_instance",
        ),
        (
            refuse(500, "Error: Connection Closed"),
            "failed",
            FailureClass.PAUSE_SENDER,
            "not_connected",
        ),
        # It may have sent before it fell over.
        (refuse(500, "Internal Server Error"), "uncertain", None, "http_500"),
    ],
)
def test_errors(server, answer, status, failure, code):
    server.enqueue(answer)
    result = send(server)
    assert (result.status, result.failure, result.code) == (status, failure, code)


@pytest.mark.parametrize(("state", "ok"), [("open", True), ("close", False), ("connecting", False)])
def test_connection(server, state, ok):
    server.state = state
    with client_for("evolution", server.settings("whatsapp")) as client:
        assert client.check_connection().ok is ok


def test_webhook_is_registered(server):
    with client_for("evolution", server.settings("whatsapp")) as client:
        assert client.register_webhook("https://loja.example/hook", "word").ok
    webhook = server.sent()[0].body["webhook"]
    assert webhook["headers"] == {"X-Webhook-Token": "word"}
    assert set(webhook["events"]) == {"MESSAGES_UPSERT", "MESSAGES_UPDATE", "CONNECTION_UPDATE"}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("SERVER_ACK", "sent"),
        ("DELIVERY_ACK", "delivered"),
        ("READ", "read"),
        ("PLAYED", "read"),
        ("ERROR", "failed"),
    ],
)
def test_status(word, state):
    (news,) = parse_webhook(as_json(status_event("3EB0", word))).events
    assert (news.provider_id, news.state, news.key) == ("3EB0", state, f"3EB0:{word}")


def test_pending_is_no_news():
    batch = parse_webhook(as_json(status_event("3EB0", "PENDING")))
    assert (batch.events, batch.unknown) == ((), ())


def test_inbound():
    (message,) = parse_webhook(as_json(inbound_event("SAIR"))).inbound
    assert (message.sender, message.text, message.profile_name) == (
        "5511960000001",
        "SAIR",
        "Maria",
    )


@pytest.mark.parametrize(
    "key",
    [
        {"remoteJid": "5511960000001@s.whatsapp.net", "fromMe": True, "id": "A"},
        {"remoteJid": "120363@g.us", "fromMe": False, "id": "A"},
        {"remoteJid": "status@broadcast", "fromMe": False, "id": "A"},
    ],
)
def test_own_words_and_groups_are_nobodys(key):
    batch = parse_webhook(as_json(event("messages.upsert", key=key, message={})))
    assert (batch.inbound, batch.unknown) == ((), ())


def test_hidden_number_comes_beside_it():
    key = {
        "remoteJid": "998877@lid",
        "remoteJidAlt": "5511960000001@s.whatsapp.net",
        "fromMe": False,
        "id": "A",
    }
    payload = event(
        "messages.upsert",
        key=key,
        messageType="extendedTextMessage",
        message={"extendedTextMessage": {"text": "Oi", "contextInfo": {"stanzaId": "3EB0"}}},
    )
    (message,) = parse_webhook(as_json(payload)).inbound
    assert (message.sender, message.text, message.context_id) == ("5511960000001", "Oi", "3EB0")


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        ({"state": "open"}, None),
        ({"state": "close", "statusReason": 401}, FailureClass.AUTH),
        ({"state": "close", "statusReason": 408}, FailureClass.PAUSE_SENDER),
    ],
)
def test_connection_lost_stops_the_gateway(data, failure):
    (notice,) = parse_webhook(as_json(event("connection.update", **data))).notices
    assert notice.failure == failure


@pytest.mark.parametrize(
    "payload",
    [
        status_event("3EB0", "READ"),
        inbound_event("Oi"),
        event("connection.update", state="close"),
        event("something.new", a=1),
    ],
)
def test_the_servers_key_is_not_kept(payload):
    batch = parse_webhook(as_json(payload))
    items = (*batch.events, *batch.inbound, *batch.notices, *batch.unknown)
    assert len(items) == 1
    assert EvolutionServer.secret not in str(items[0].raw)
