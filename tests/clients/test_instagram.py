"""Instagram: messages in by the same webhook, answers out by the same kind of endpoint."""

import json
from datetime import datetime, timezone

import pytest

from odoo.addons.optica_cobranca.clients.base import (
    ClientError,
    Media,
    OutgoingFile,
    OutgoingMessage,
)
from odoo.addons.optica_cobranca.clients.meta.instagram import (
    Instagram,
    InstagramConfig,
    config_from,
)
from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.fakes.cloud_api_behaviour import answer, garbage, half_body, refuse, reset, silence

from .conftest import TOKEN

SHOP = "17841400000000001"


def at(seconds):
    return datetime(2025, 12, 1, 12, 0, seconds, tzinfo=timezone.utc)


@pytest.fixture
def instagram(server):
    config = InstagramConfig(SHOP, TOKEN, base_url=server.url, read_timeout=1.0)
    with Instagram(config) as client:
        yield client


def reply(**changes):
    message = {"reference": "ref-1", "recipient": "990001", "text": "Sim, consertamos!"}
    return OutgoingMessage(**{**message, **changes})


def test_inbound(sample):
    batch = parse_webhook(sample("instagram"))
    assert [(item.provider_id, item.kind, item.text) for item in batch.inbound] == [
        ("mid.TEXT", "text", "Vocês consertam óculos?"),
        ("mid.PROOF", "image", ""),
        ("mid.OURS:reaction:1764590404000", "reaction", "❤"),
        ("mid.BUTTON", "button", "Quero negociar"),
        ("mid.SHARE", "share", ""),
        ("mid.LOGIN", "text", "PARAR"),
    ]
    text, proof, reaction, button, share, login = batch.inbound
    assert (text.sender, text.sender_id, text.addressee_id) == (None, "990001", SHOP)
    assert (text.received_at, text.context_id) == (at(0), "mid.OURS")
    assert proof.media == Media("", url="https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1")
    assert (reaction.context_id, button.payload) == ("mid.OURS", "agree")
    assert share.media is None
    assert (login.sender_id, login.received_at) == ("990003", at(10))


def instagram_item(**parts):
    item = {"sender": {"id": "990001"}, "recipient": {"id": SHOP}, "timestamp": 1764590400000}
    payload = {"object": "instagram", "entry": [{"messaging": [{**item, **parts}]}]}
    (found,) = parse_webhook(payload).inbound
    return found


def test_changed_and_taken_back():
    found = instagram_item(message={"mid": "mid.OLD", "is_deleted": True})
    assert (found.kind, found.context_id) == ("revoke", "mid.OLD")
    assert found.key == "mid.OLD:revoke:inbound"
    found = instagram_item(message_edit={"mid": "mid.OLD", "text": "PARAR", "num_edit": 2})
    assert (found.kind, found.text, found.context_id) == ("edit", "PARAR", "mid.OLD")
    assert found.key == "mid.OLD:edit:2:inbound"
    found = instagram_item(reaction={"mid": "mid.OURS", "action": "unreact"})
    assert (found.kind, found.text, found.context_id) == ("reaction", "", "mid.OURS")
    found = instagram_item(message={"mid": "mid.X", "is_unsupported": True})
    assert (found.kind, found.is_reply) == ("unsupported", False)


def test_seen_is_read(sample):
    (event,) = parse_webhook(sample("instagram")).events
    assert (event.provider_id, event.state, event.occurred_at) == ("mid.OURS", "read", at(3))
    assert (event.user_id, event.sender_id) == ("990001", SHOP)


def test_what_is_no_message_is_kept(sample):
    (item,) = parse_webhook(sample("instagram")).unknown
    assert item.where == "field:comments"


def test_raw_body_and_keys(sample):
    payload = sample("instagram")
    batch = parse_webhook(json.dumps(payload).encode())
    assert batch == parse_webhook(payload)
    keys = [item.key for item in (*batch.events, *batch.inbound, *batch.unknown)]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("odd", [None, 5, True, "x", [], {}, [None], {"id": {}}])
def test_no_wrong_type_anywhere_raises(sample, odd):
    original = sample("instagram")
    for number, item in enumerate(original["entry"][0]["messaging"]):
        for key in item:
            changed = json.loads(json.dumps(original))
            changed["entry"][0]["messaging"][number][key] = odd
            parse_webhook(changed)
    for key in ("messaging", "changes", "id", "time"):
        changed = json.loads(json.dumps(original))
        changed["entry"][0][key] = odd
        parse_webhook(changed)


def test_send(server, instagram):
    result = instagram.send(reply())
    assert (result.status, result.provider_id) == ("accepted", server.requests[0].provider_id)
    request = server.requests[0]
    assert request.path == f"/v25.0/{SHOP}/messages"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.body == {
        "recipient": {"id": "990001"},
        "message": {"text": "Sim, consertamos!"},
    }


@pytest.mark.parametrize(
    ("behaviour", "status", "failure", "code"),
    [
        (refuse(10, 403), "failed", FailureClass.NEEDS_TEMPLATE, "10"),
        (refuse(190, 401), "failed", FailureClass.AUTH, "190"),
        (refuse(551), "failed", FailureClass.STOP_RECIPIENT, "551"),
        (refuse(613), "failed", FailureClass.RETRY, "613"),
        (refuse(100), "failed", FailureClass.FIX_REQUEST, "100"),
        (answer(500, ""), "uncertain", None, "http_500"),
        (answer(504, ""), "uncertain", None, "http_504"),
        (answer(200, {"recipient_id": "1"}), "uncertain", None, "no_id"),
        (garbage(), "uncertain", None, "bad_answer"),
        (half_body(), "uncertain", None, "half_answer"),
        (reset(), "uncertain", None, "connection_lost"),
        (silence(3), "uncertain", None, "read_timeout"),
    ],
)
def test_troubles(server, instagram, behaviour, status, failure, code):
    server.enqueue(behaviour)
    result = instagram.send(reply())
    assert (result.status, result.failure, result.code) == (status, failure, code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"recipient": None, "to": "+5551999990001"}, "bad_number"),
        ({"recipient": "BR.1A2B"}, "bad_number"),
        ({"text": " "}, "no_text"),
        ({"text": "é" * 501}, "text_too_long"),
        ({"kind": "template"}, "bad_kind"),
        ({"file": OutgoingFile("image")}, "bad_kind"),
    ],
)
def test_what_cannot_be_sent_never_leaves(server, instagram, changes, code):
    assert instagram.send(reply(**changes)).code == code
    assert server.requests == []


def test_check_connection(server, instagram):
    check = instagram.check_connection()
    assert (check.ok, check.display_phone_number) == (True, "@loja.de.teste")
    server.enqueue(refuse(190, 401))
    check = instagram.check_connection()
    assert (check.ok, check.failure) == (False, FailureClass.AUTH)


def test_download(server, instagram):
    server.keep_file(b"%PDF-1.4", "application/pdf", "a")
    assert instagram.download(Media("", url=f"{server.url}/_media/a")).ok


def test_address_of_whatsapp_is_not_instagrams():
    settings = {"instagram_account_id": SHOP, "access_token": TOKEN}
    default = config_from({**settings, "base_url": "https://graph.facebook.com"})
    assert default.base_url == "https://graph.instagram.com"
    assert config_from({**settings, "base_url": "http://127.0.0.1:1"}).base_url.endswith(":1")
    assert TOKEN not in repr(default)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"account_id": "@loja"}, "bad_sender"), ({"version": "25"}, "bad_version")],
)
def test_configuration_that_cannot_work(changes, code):
    with pytest.raises(ClientError) as raised:
        Instagram(InstagramConfig(**{"account_id": SHOP, "access_token": TOKEN, **changes}))
    assert raised.value.code == code
