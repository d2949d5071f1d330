"""What is Twilio's own: forms, TwiML, errors, signature, statuses, keys."""

from xml.etree import ElementTree

import pytest

from odoo.addons.optica_cobranca.clients.base import ClientError, OutgoingMessage
from odoo.addons.optica_cobranca.clients.provider import WebhookCall
from odoo.addons.optica_cobranca.clients.registry import PROVIDERS, client_for
from odoo.addons.optica_cobranca.clients.twilio.twilio import build_twiml
from odoo.addons.optica_cobranca.clients.twilio.twilio_errors import classify
from odoo.addons.optica_cobranca.clients.twilio.twilio_webhook import parse_webhook, signature
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.fakes.cloud_api_behaviour import answer
from tests.fakes.twilio_server import ACCOUNT, NUMBER, TwilioServer, call_status, refuse, sign

TO = "+5511960000001"
HOOK = "https://loja.example/optica_cobranca/webhook/abc"
WEBHOOK = PROVIDERS["twilio"].webhook


@pytest.fixture
def server():
    with TwilioServer() as running:
        yield running


def send(server, channel, text="Olá <Maria> & cia", **settings):
    with client_for("twilio", {**server.settings(channel), **settings}) as client:
        return client.send(OutgoingMessage(reference="ref-1", to=TO, text=text))


def call(form, query="", **headers):
    return WebhookCall(b"", headers, tuple(form.items()), query)


def test_call(server):
    send(server, "voice", voice="Polly.Camila")
    (request,) = server.sent()
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    form = request.body
    assert (form["To"], form["From"]) == ([TO], [NUMBER])
    assert form["StatusCallback"] == [f"{HOOK}?ref=ref-1"]
    assert form["StatusCallbackEvent"] == ["initiated", "completed"]
    assert form["MachineDetection"] == ["Enable"]
    gather = ElementTree.fromstring(form["Twiml"][0]).find("Gather")
    assert gather.get("action") == f"{HOOK}?keys=ref-1"
    said = gather.find("Say")
    assert (said.get("language"), said.get("voice")) == ("pt-BR", "Polly.Camila")
    assert said.text == "Olá <Maria> & cia"


def test_call_without_a_webhook_listens_to_no_keys():
    response = ElementTree.fromstring(build_twiml("Olá", "", ""))
    assert [item.tag for item in response] == ["Pause", "Say"]
    assert response.find("Say").get("voice") is None


def test_script_that_does_not_fit_is_not_called(server):
    result = send(server, "voice", text="&" * 1000)  # five characters each in XML
    assert (result.status, result.code) == ("failed", "text_too_long")
    assert server.sent() == []


@pytest.mark.parametrize(
    ("sender", "field"), [(NUMBER, "From"), ("MG" + "a" * 32, "MessagingServiceSid")]
)
def test_sms(server, sender, field):
    send(server, "sms", text="Ola", sender=sender)
    form = server.sent()[0].body
    assert server.sent()[0].path.endswith("/Messages.json")
    assert (form["Body"], form[field]) == (["Ola"], [sender])


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"account_id": "AC12"}, "bad_account"),
        ({"sender": "Otica"}, "bad_sender_number"),
        ({"channel": "whatsapp"}, "bad_channel"),
        ({"base_url": "http://api.twilio.com"}, "insecure_url"),
    ],
)
def test_settings_that_cannot_work(server, settings, code):
    with pytest.raises(ClientError) as raised:
        client_for("twilio", {**server.settings("voice"), **settings})
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("code", "status", "failure"),
    [
        (20003, 401, FailureClass.AUTH),
        (20429, 429, FailureClass.RETRY),
        (21610, 400, FailureClass.STOP_RECIPIENT),
        (21614, 400, FailureClass.STOP_RECIPIENT),
        (21211, 400, FailureClass.STOP_RECIPIENT),
        (21215, 400, FailureClass.PAUSE_SENDER),
        (21408, 400, FailureClass.PAUSE_SENDER),
        (21617, 400, FailureClass.FIX_REQUEST),
        (99999, 400, FailureClass.FIX_REQUEST),
    ],
)
def test_errors(server, code, status, failure):
    server.enqueue(refuse(code, status))
    result = send(server, "sms", text="Ola")
    assert (result.status, result.failure, result.code) == ("failed", failure, str(code))


def test_a_code_told_later_without_a_known_meaning_is_for_a_person():
    assert classify(99999) == FailureClass.FIX_REQUEST
    assert classify(30003) == FailureClass.STOP_RECIPIENT


@pytest.mark.parametrize(
    ("status", "ok", "failure"),
    [
        ("active", True, None),
        ("suspended", False, FailureClass.PAUSE_SENDER),
        ("closed", False, FailureClass.PAUSE_SENDER),
    ],
)
def test_account(server, status, ok, failure):
    server.enqueue(answer(200, {"sid": ACCOUNT, "status": status, "friendly_name": "Otica"}))
    with client_for("twilio", server.settings("voice")) as client:
        check = client.check_connection()
    assert (check.ok, check.failure) == (ok, failure)


# The example of Twilio's own documentation of request validation.
DOCUMENTED = {
    "url": "https://mycompany.com/myapp.php?foo=1&bar=2",
    "token": "12345",
    "form": {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    },
    "signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
}


def test_documented_signature():
    form = tuple(DOCUMENTED["form"].items())
    assert signature(DOCUMENTED["token"], DOCUMENTED["url"], form) == DOCUMENTED["signature"]
    shuffled = tuple(reversed(form))
    assert signature(DOCUMENTED["token"], DOCUMENTED["url"], shuffled) == DOCUMENTED["signature"]


@pytest.mark.parametrize("signed_url", [HOOK, HOOK.replace(".example/", ".example:443/")])
def test_genuine_with_and_without_the_port(signed_url):
    form = call_status("CA1", "completed")
    settings = {"access_token": TwilioServer.secret, "webhook_url": HOOK}
    given = sign(f"{signed_url}?ref=r", form)
    genuine = call(form, "ref=r", **{"X-Twilio-Signature": given})
    assert WEBHOOK.is_genuine(settings, genuine)
    for forged in (
        call(form, "ref=s", **{"X-Twilio-Signature": given}),
        call({**form, "CallStatus": "busy"}, "ref=r", **{"X-Twilio-Signature": given}),
        call({**form, "More": "x"}, "ref=r", **{"X-Twilio-Signature": given}),
        call(form, "ref=r", **{"X-Twilio-Signature": given.lower()}),
        call(form, "ref=r"),
    ):
        assert not WEBHOOK.is_genuine(settings, forged)


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ("https://Loja.Example/hook", "https://Loja.Example/hook"),
        ("https://Loja.Example/hook", "https://loja.example/hook"),
        ("https://Loja.Example:8443/hook", "https://Loja.Example/hook"),
        ("https://[2001:db8::1]/hook", "https://[2001:db8::1]/hook"),
        ("https://[2001:db8::1]/hook", "https://[2001:db8::1]:443/hook"),
        ("https://[2001:DB8::1]:8443/hook", "https://[2001:db8::1]:8443/hook"),
        ("https://ana:s3:cret@loja.example/hook", "https://ana:s3:cret@loja.example/hook"),
        ("https://ana:s3:cret@loja.example/hook", "https://ana:s3:cret@loja.example:443/hook"),
        ("https://ana:s3:cret@loja.example:8443/hook", "https://ana:s3:cret@loja.example/hook"),
        ("https://ana:s3cret@loja.example/hook", "https://loja.example/hook"),
        ("http://loja.example/hook", "http://loja.example:80/hook"),
    ],
)
def test_genuine_however_the_address_is_written(given, called):
    form = call_status("CA1", "completed")
    settings = {"access_token": TwilioServer.secret, "webhook_url": given}
    headers = {"X-Twilio-Signature": sign(f"{called}?ref=r", form)}
    assert WEBHOOK.is_genuine(settings, call(form, "ref=r", **headers))
    forged = {"X-Twilio-Signature": sign(f"{called}?ref=r".replace("hook", "hok"), form)}
    assert not WEBHOOK.is_genuine(settings, call(form, "ref=r", **forged))


@pytest.mark.parametrize(
    ("word", "more", "state", "failure"),
    [
        ("initiated", {}, "sent", None),
        ("completed", {}, "delivered", None),
        ("completed", {"AnsweredBy": "human"}, "delivered", None),
        ("completed", {"AnsweredBy": "unknown"}, "delivered", None),
        ("completed", {"AnsweredBy": "machine_start"}, "failed", FailureClass.NOT_ANSWERED),
        ("completed", {"AnsweredBy": "fax"}, "failed", FailureClass.NOT_ANSWERED),
        ("busy", {}, "failed", FailureClass.NOT_ANSWERED),
        ("no-answer", {}, "failed", FailureClass.NOT_ANSWERED),
        ("failed", {}, "failed", FailureClass.NOT_ANSWERED),
        ("failed", {"ErrorCode": "21217"}, "failed", FailureClass.STOP_RECIPIENT),
    ],
)
def test_call_status(word, more, state, failure):
    (event,) = parse_webhook(call(call_status("CA1", word, **more), "ref=r")).events
    assert (event.key, event.reference, event.provider_id) == (f"CA1:{word}", "r", "CA1")
    assert (event.state, event.failure) == (state, failure)


@pytest.mark.parametrize(
    ("word", "code", "state", "failure"),
    [
        ("sent", None, "sent", None),
        ("delivered", None, "delivered", None),
        ("partially_delivered", None, "sent", None),
        ("undelivered", "30006", "failed", FailureClass.STOP_RECIPIENT),
        ("failed", "30002", "failed", FailureClass.PAUSE_SENDER),
    ],
)
def test_sms_status(word, code, state, failure):
    form = {"MessageSid": "SM1", "MessageStatus": word, "To": TO}
    (event,) = parse_webhook(
        call({**form, **({"ErrorCode": code} if code else {})}, "ref=r")
    ).events
    assert (event.state, event.failure, event.reference) == (state, failure, "r")


@pytest.mark.parametrize(
    "form", [call_status("CA1", "queued"), {"MessageSid": "SM1", "MessageStatus": "queued"}]
)
def test_what_says_nothing_new(form):
    batch = parse_webhook(call(form))
    assert (batch.events, batch.inbound, batch.unknown) == ((), (), ())


@pytest.mark.parametrize(
    ("word", "kind", "wish"),
    [
        ("STOPALL", "STOP", "stop"),
        ("REVOKE", "STOP", "stop"),
        ("quero que pare", "STOP", "stop"),
        ("START", "START", "resume"),
        ("YES", "START", "resume"),
        ("HELP", "HELP", ""),
        ("oi", "", ""),
    ],
)
def test_twilios_own_word_for_a_wish(word, kind, wish):
    form = {"MessageSid": "SM2", "From": TO, "To": NUMBER, "Body": word, "OptOutType": kind}
    (message,) = parse_webhook(call(form)).inbound
    assert (message.text, message.wish) == (word, wish)


def test_inbound_sms():
    form = {"MessageSid": "SM2", "From": TO, "To": NUMBER, "Body": "SAIR"}
    (message,) = parse_webhook(call(form)).inbound
    assert (message.sender, message.text) == ("5511960000001", "SAIR")


def test_keys():
    batch = parse_webhook(call(call_status("CA1", "in-progress", Digits="9"), "keys=r"))
    assert [(event.state, event.reference) for event in batch.events] == [("read", "r")]
    (message,) = batch.inbound
    assert (message.kind, message.payload, message.context_id) == ("keys", "9", "CA1")


def test_reply_to_keys():
    settings = {"said_after_keys": {"9": "Não ligamos mais."}, "voice": ""}
    asked = call(call_status("CA1", "in-progress", Digits="9"), "keys=r")
    response = ElementTree.fromstring(WEBHOOK.reply(settings, asked).body)
    assert [item.tag for item in response] == ["Say", "Hangup"]
    assert response.find("Say").text == "Não ligamos mais."
    other = call(call_status("CA1", "in-progress", Digits="5"), "keys=r")
    assert [item.tag for item in ElementTree.fromstring(WEBHOOK.reply(settings, other).body)] == [
        "Hangup"
    ]
    status = call(call_status("CA1", "completed"), "ref=r")
    assert WEBHOOK.reply(settings, status).body == "<Response/>"
