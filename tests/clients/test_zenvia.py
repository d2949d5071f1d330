"""What is Zenvia's own: bodies, errors, statuses, answers."""

import pytest

from odoo.addons.optica_cobranca.clients.base import OutgoingMessage
from odoo.addons.optica_cobranca.clients.provider import WebhookCall
from odoo.addons.optica_cobranca.clients.registry import PROVIDERS, client_for
from odoo.addons.optica_cobranca.clients.zenvia.zenvia_webhook import instant, parse_webhook
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.clients.bytes_of import as_json
from tests.fakes.zenvia_server import ZenviaServer, inbound_event, refuse, status_event

TO = "+5511960000001"


@pytest.fixture
def server():
    with ZenviaServer() as running:
        yield running


def send(server, channel, **message):
    with client_for(
        "zenvia", {**server.settings(channel), **message.pop("settings", {})}
    ) as client:
        return client.send(OutgoingMessage(reference="ref-1", to=TO, **message))


def test_sms(server):
    send(server, "sms", text="Ola")
    assert server.sent()[0].path == "/v2/channels/sms/messages"
    assert server.sent()[0].body == {
        "from": "otica",
        "to": "5511960000001",
        "externalId": "ref-1",
        "contents": [{"type": "text", "text": "Ola"}],
    }


def test_call_is_read_out_and_leaves_no_voice_mail(server):
    send(server, "voice", text="Ola", settings={"voice": "br-Camila"})
    assert server.sent()[0].body["contents"] == [
        {
            "type": "call",
            "audio": [{"type": "tts", "text": "Ola", "voiceStyle": "br-Camila"}],
            "hangUpOnVoiceMail": True,
        }
    ]


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        ({}, {"1": "Maria", "2": "R$ 10,00"}),
        ({"value_names": ("name", "amount")}, {"name": "Maria", "amount": "R$ 10,00"}),
        (
            {"parameter_names": ("n", "a"), "value_names": ("x", "y")},
            {"n": "Maria", "a": "R$ 10,00"},
        ),
    ],
)
def test_whatsapp_template(server, names, fields):
    send(
        server,
        "whatsapp",
        kind="template",
        text="Ola, Maria",
        template_name="b2c4",
        parameters=("Maria", "R$ 10,00"),
        **names,
    )
    assert server.sent()[0].body["contents"] == [
        {"type": "template", "templateId": "b2c4", "fields": fields}
    ]


@pytest.mark.parametrize(
    ("code", "status", "failure"),
    [
        ("AUTHENTICATION_ERROR", 401, FailureClass.AUTH),
        ("AUTHORIZATION_ERROR", 403, FailureClass.AUTH),
        ("INSUFFICIENT_CREDITS", 402, FailureClass.PAUSE_SENDER),
        ("VALIDATION_ERROR", 400, FailureClass.FIX_REQUEST),
        ("NOT_FOUND", 404, FailureClass.FIX_REQUEST),
        ("SOMETHING_NEW", 418, FailureClass.FIX_REQUEST),
    ],
)
def test_errors(server, code, status, failure):
    server.enqueue(refuse(code, status, "contents"))
    result = send(server, "sms", text="Ola")
    assert (result.status, result.failure, result.code) == ("failed", failure, code)
    assert "contents is missing" in result.detail


def test_webhook_is_registered_for_both_kinds(server):
    with client_for("zenvia", server.settings("sms")) as client:
        assert client.register_webhook("https://loja.example/hook", "secret-word").ok
    statuses, messages = (request.body for request in server.sent())
    assert (statuses["eventType"], messages["eventType"]) == ("MESSAGE_STATUS", "MESSAGE")
    assert statuses["webhook"] == {
        "url": "https://loja.example/hook",
        "headers": {"X-Webhook-Token": "secret-word"},
    }
    assert messages["criteria"] == {"channel": "sms", "direction": "IN"}


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("SENT", "sent"),
        ("ACCEPTED", "sent"),
        ("DELIVERED", "delivered"),
        ("READ", "read"),
        ("CLICKED", "read"),
    ],
)
def test_status(code, state):
    (event,) = parse_webhook(as_json(status_event("z1", code, reference="ref-1"))).events
    assert (event.key, event.reference, event.provider_id) == (f"z1:{code}", "ref-1", "z1")
    assert (event.state, event.failure) == (state, None)
    assert event.occurred_at.isoformat() == "2026-02-11T15:01:02+00:00"


@pytest.mark.parametrize(
    ("channel", "code", "cause", "failure"),
    [
        ("sms", "NOT_DELIVERED", {}, FailureClass.STOP_RECIPIENT),
        ("voice", "NOT_DELIVERED", {}, FailureClass.NOT_ANSWERED),
        ("sms", "REJECTED", {"reason": "no route"}, FailureClass.FIX_REQUEST),
        ("whatsapp", "REJECTED", {"channelErrorCode": "132001"}, FailureClass.FIX_TEMPLATE),
        ("whatsapp", "NOT_DELIVERED", {"channelErrorCode": "131026"}, FailureClass.STOP_RECIPIENT),
    ],
)
def test_failure(channel, code, cause, failure):
    payload = status_event("z1", code, channel=channel, causes=[cause] if cause else [])
    (event,) = parse_webhook(as_json(payload)).events
    assert (event.state, event.failure) == ("failed", failure)


@pytest.mark.parametrize(
    ("code", "details", "state", "failure"),
    [
        ("TERMINATED", {"durationSeconds": 12}, "delivered", None),
        ("TERMINATED", {"durationSeconds": 0}, "failed", FailureClass.NOT_ANSWERED),
        # How long it lasted is not always told.
        ("TERMINATED", {}, "delivered", None),
        # Zenvia itself hangs up when a voice mailbox answers: nobody was told anything.
        ("HANG_UP", {}, "sent", None),
        ("RECORDED", {}, "delivered", None),
    ],
)
def test_a_call_was_taken_when_it_lasted(code, details, state, failure):
    payload = status_event("z1", code, channel="voice")
    payload["messageStatus"]["details"] = details
    (event,) = parse_webhook(as_json(payload)).events
    assert (event.state, event.failure) == (state, failure)


@pytest.mark.parametrize("code", ["DELETED", "MOON_PHASE"])
def test_status_nobody_knows_is_kept(code):
    batch = parse_webhook(as_json(status_event("z1", code)))
    assert (len(batch.unknown), batch.events) == (1, ())


def test_inbound():
    (message,) = parse_webhook(as_json(inbound_event("SAIR"))).inbound
    assert (message.sender, message.text, message.kind) == ("5511960000001", "SAIR", "text")
    assert (message.profile_name, message.provider_id) == ("Maria", "zenvia-in")


def test_all_contents_are_read():
    payload = inbound_event("um")
    payload["message"]["contents"] += [
        {"type": "text", "text": "PARE"},
        {"type": "location", "latitude": -23.5, "longitude": -46.6, "name": "Casa"},
        "odd",
    ]
    first, second, place = parse_webhook(as_json(payload)).inbound
    assert (first.text, first.key) == ("um", "zenvia-in:inbound")
    assert (second.text, second.key) == ("PARE", "zenvia-in#1:inbound")
    assert (place.kind, place.text) == ("location", "Casa (-23.5, -46.6)")
    assert {item.sender for item in (first, second, place)} == {"5511960000001"}


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-02-11T15:01:02Z", "2026-02-11T15:01:02+00:00"),
        ("2026-02-11T12:01:02.5-03:00", "2026-02-11T15:01:02.500000+00:00"),
        ("2026-02-11T15:01:02.123456789Z", "2026-02-11T15:01:02.123456+00:00"),
        ("2026-02-11T15:01:02", "2026-02-11T15:01:02+00:00"),
    ],
)
def test_instants(text, iso):
    assert instant(text).isoformat() == iso


def test_only_the_secret_header_is_believed():
    is_genuine = PROVIDERS["zenvia"].webhook.is_genuine
    settings = {"verify_token": "secret-word"}
    for headers, believed in (
        ({"X-Webhook-Token": "secret-word"}, True),
        ({"X-Webhook-Token": "secret-worm"}, False),
        ({"X-Webhook-Token": "sécret"}, False),
        ({}, False),
    ):
        assert is_genuine(settings, WebhookCall(b"{}", headers)) is believed
