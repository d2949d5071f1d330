"""What is the Evolution API's own: bodies, errors, statuses, answers, its key in its events."""

import pytest

from odoo.addons.optica_cobranca.clients.base import OutgoingMessage
from odoo.addons.optica_cobranca.clients.evolution.evolution_webhook import parse_webhook
from odoo.addons.optica_cobranca.clients.registry import client_for
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.clients.bytes_of import as_json
from tests.fakes.cloud_api_behaviour import answer
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
        (refuse(400, ["text is required"]), "failed", FailureClass.FIX_REQUEST, "http_400"),
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
    assert set(webhook["events"]) == {
        "MESSAGES_UPSERT",
        "MESSAGES_UPDATE",
        "MESSAGES_EDITED",
        "MESSAGES_DELETE",
        "CONNECTION_UPDATE",
    }


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


@pytest.mark.parametrize(
    ("word", "state", "failure"),
    [
        ("SENT", "sent", None),
        ("DELIVERED", "delivered", None),
        ("READ", "read", None),
        ("FAILED", "failed", FailureClass.FIX_REQUEST),
    ],
)
def test_status_of_an_instance_in_meta_mode(word, state, failure):
    """Meta's words; the server always says that the message was not ours."""
    payload = status_event("wamid.HBg1", word)
    payload["data"]["fromMe"] = False
    (news,) = parse_webhook(as_json(payload)).events
    assert (news.provider_id, news.state, news.failure) == ("wamid.HBg1", state, failure)


def test_status_of_somebody_elses_message_is_no_news():
    payload = status_event("3EB0", "READ")
    payload["data"]["fromMe"] = False
    batch = parse_webhook(as_json(payload))
    assert (batch.events, batch.unknown) == ((), ())


@pytest.mark.parametrize(
    ("key", "wa_id"),
    [
        ({"remoteJid": "5511960000001@s.whatsapp.net"}, "5511960000001"),
        ({"remoteJid": "99887766554433@lid"}, None),
        (
            {
                "remoteJid": "99887766554433@lid",
                "remoteJidAlt": "5511960000001@s.whatsapp.net",
            },
            "5511960000001",
        ),
        ({"remoteJid": "120363@g.us"}, None),
    ],
)
def test_digits_of_a_hidden_id_are_no_number(server, key, wa_id):
    server.enqueue(answer(201, {"key": {"id": "3EB0", "fromMe": True, **key}}))
    result = send(server)
    assert (result.status, result.wa_id) == ("accepted", wa_id)


def test_what_the_server_did_not_like_is_shown(server):
    server.enqueue(refuse(400, ["Number is required", "Text is required"]))
    assert send(server).detail == "Number is required | Text is required | Error"


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
        # Nobody scanned the code in time (Baileys: connection closed, 428).
        ({"state": "refused", "statusReason": 428}, FailureClass.PAUSE_SENDER),
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


NUMBER_JID, LID = "5511960000001@s.whatsapp.net", "998877665544@lid"


@pytest.mark.parametrize(
    ("key", "sender", "sender_id"),
    [
        ({"remoteJid": LID, "senderPn": NUMBER_JID}, "5511960000001", LID),
        ({"remoteJid": LID, "remoteJidAlt": NUMBER_JID}, "5511960000001", LID),
        ({"remoteJid": LID, "participantPn": NUMBER_JID}, "5511960000001", LID),
        ({"remoteJid": NUMBER_JID, "senderLid": LID}, "5511960000001", LID),
        ({"remoteJid": NUMBER_JID, "previousRemoteJid": LID}, "5511960000001", LID),
        # The hidden id alone: somebody nobody knows yet, and its digits are no number.
        ({"remoteJid": LID}, None, LID),
    ],
)
def test_who_wrote_with_and_without_a_number(key, sender, sender_id):
    payload = event(
        "messages.upsert",
        key={"fromMe": False, "id": "A", **key},
        messageType="conversation",
        message={"conversation": "SAIR"},
    )
    (message,) = parse_webhook(as_json(payload)).inbound
    assert (message.sender, message.sender_id, message.text) == (sender, sender_id, "SAIR")


def test_digits_of_a_hidden_id_are_no_number_in_answer_or_status(server):
    server.enqueue(
        answer(201, {"key": {"remoteJid": LID, "remoteJidAlt": NUMBER_JID, "id": "3EB0"}}),
        answer(201, {"key": {"remoteJid": LID, "id": "3EB1"}}),
    )
    assert (send(server).wa_id, send(server).wa_id) == ("5511960000001", None)
    payload = status_event("3EB0", "READ")
    payload["data"]["remoteJid"] = LID
    (news,) = parse_webhook(as_json(payload)).events
    assert news.wa_id is None


def wrapped(*names, message):
    for name in reversed(names):
        message = {name: {"message": message}}
    return message


TEXT = {"extendedTextMessage": {"text": "SAIR"}}
IMAGE = {"imageMessage": {"caption": "SAIR"}}


@pytest.mark.parametrize(
    ("message", "kind", "text", "payload"),
    [
        (wrapped("ephemeralMessage", message=TEXT), "text", "SAIR", ""),
        (wrapped("ephemeralMessage", message={"conversation": "SAIR"}), "text", "SAIR", ""),
        (wrapped("viewOnceMessage", message=IMAGE), "image", "SAIR", ""),
        (wrapped("viewOnceMessageV2", message=IMAGE), "image", "SAIR", ""),
        (
            wrapped("ephemeralMessage", "viewOnceMessageV2Extension", message=IMAGE),
            "image",
            "SAIR",
            "",
        ),
        (
            wrapped("documentWithCaptionMessage", message={"documentMessage": {"caption": "SAIR"}}),
            "document",
            "SAIR",
            "",
        ),
        (
            {"messageContextInfo": {}, "conversation": "SAIR"},
            "text",
            "SAIR",
            "",
        ),
        (
            {"buttonsResponseMessage": {"selectedButtonId": "b1", "selectedDisplayText": "Sair"}},
            "button",
            "Sair",
            "b1",
        ),
        (
            {"templateButtonReplyMessage": {"selectedId": "b2", "selectedDisplayText": "Sair"}},
            "button",
            "Sair",
            "b2",
        ),
        (
            {
                "listResponseMessage": {
                    "title": "Sair",
                    "singleSelectReply": {"selectedRowId": "r1"},
                }
            },
            "interactive",
            "Sair",
            "r1",
        ),
        (
            {
                "interactiveResponseMessage": {
                    "body": {"text": "Sent"},
                    "nativeFlowResponseMessage": {"paramsJson": '{"data": "2026-02-13"}'},
                }
            },
            "interactive",
            "data: 2026-02-13",
            "",
        ),
        (
            {"interactiveResponseMessage": {"body": {"text": "Sair"}}},
            "interactive",
            "Sair",
            "",
        ),
        (
            {
                "locationMessage": {
                    "degreesLatitude": -23.5,
                    "degreesLongitude": -46.6,
                    "name": "Casa",
                }
            },
            "location",
            "Casa (-23.5, -46.6)",
            "",
        ),
        (
            {
                "contactMessage": {
                    "displayName": "Rita",
                    "vcard": "BEGIN:VCARD\nitem1.TEL;waid=55:+55 11 96000-0002\nEND:VCARD",
                }
            },
            "contacts",
            "Rita: +55 11 96000-0002",
            "",
        ),
        ({"pollUpdateMessage": {"vote": 1}}, "unsupported", "", ""),
    ],
)
def test_what_is_wrapped_is_read(message, kind, text, payload):
    name = next(iter(message))
    data = event(
        "messages.upsert",
        key={"remoteJid": NUMBER_JID, "fromMe": False, "id": "A"},
        messageType=name,
        message=message,
    )
    (found,) = parse_webhook(as_json(data)).inbound
    assert (found.kind, found.text, found.payload) == (kind, text, payload)


def protocol(**values):
    about = {"remoteJid": NUMBER_JID, "fromMe": False, "id": "OLD"}
    return {"protocolMessage": {"key": about, **values}}


EDIT = protocol(type="MESSAGE_EDIT", editedMessage={"conversation": "SAIR"})


@pytest.mark.parametrize(
    "payload",
    [
        event("messages.upsert", key={"remoteJid": NUMBER_JID, "id": "N"}, message=EDIT),
        event(
            "messages.upsert",
            key={"remoteJid": NUMBER_JID, "id": "N"},
            message=wrapped("editedMessage", message=EDIT),
        ),
        event("messages.edited", **EDIT["protocolMessage"]),
    ],
)
def test_a_changed_message_is_read_once_whoever_tells_it(payload):
    (found,) = parse_webhook(as_json(payload)).inbound
    assert (found.kind, found.text, found.context_id) == ("edit", "SAIR", "OLD")
    assert found.sender == "5511960000001"
    assert not found.is_reply
    again = parse_webhook(as_json(event("messages.edited", **EDIT["protocolMessage"])))
    assert found.key == again.inbound[0].key


@pytest.mark.parametrize(
    "payload",
    [
        event(
            "messages.upsert", key={"remoteJid": NUMBER_JID, "id": "N"}, message=protocol(type=0)
        ),
        event("messages.edited", **protocol(type="REVOKE")["protocolMessage"]),
        event("messages.delete", remoteJid=NUMBER_JID, fromMe=False, id="OLD"),
    ],
)
def test_a_message_that_is_taken_back(payload):
    (found,) = parse_webhook(as_json(payload)).inbound
    assert (found.kind, found.context_id, found.key) == ("revoke", "OLD", "OLD:revoke:inbound")
    assert not found.is_reply


def test_reaction_tells_about_what_and_when_it_is_taken_back():
    for emoji in ("👍", ""):
        message = {"reactionMessage": {"text": emoji, "key": {"id": "3EB0"}}}
        key = {"remoteJid": NUMBER_JID, "fromMe": False, "id": "A"}
        payload = event("messages.upsert", key=key, message=message)
        (found,) = parse_webhook(as_json(payload)).inbound
        assert (found.kind, found.text, found.context_id) == ("reaction", emoji, "3EB0")
        assert not found.is_reply


def test_settings_of_a_chat_are_nobodys_words():
    key = {"remoteJid": NUMBER_JID, "fromMe": False, "id": "A"}
    message = protocol(type="EPHEMERAL_SETTING", ephemeralExpiration=604800)
    batch = parse_webhook(as_json(event("messages.upsert", key=key, message=message)))
    assert (batch.inbound, batch.unknown) == ((), ())
