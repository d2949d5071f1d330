"""From a gateway's settings to its client."""

import pytest

from odoo.addons.optica_cobranca.clients.base import ClientError, OutgoingMessage
from odoo.addons.optica_cobranca.clients.by_hand import ByHand
from odoo.addons.optica_cobranca.clients.registry import PROVIDERS, client_for
from odoo.addons.optica_cobranca.clients.sandbox.sandbox import Sandbox

from .conftest import SENDER, TOKEN

# As an Odoo record gives them: empty fields are False or 0.
EMPTY = {
    "uuid": "a-uuid",
    "base_url": False,
    "api_version": False,
    "phone_number_id": False,
    "access_token": False,
    "connect_timeout": 0,
    "read_timeout": 0.0,
    "pool_size": 0,
}


def test_cloud_takes_the_settings(server, text_to):
    settings = {
        **EMPTY,
        "base_url": server.url,
        "api_version": "v26.0",
        "phone_number_id": SENDER,
        "access_token": TOKEN,
    }
    with client_for("whatsapp_cloud", settings) as client:
        assert client.send(text_to()).status == "accepted"
    assert server.requests[0].path == f"/v26.0/{SENDER}/messages"


def test_cloud_time_outs_and_pool(server, text_to):
    settings = {"base_url": server.url, "phone_number_id": SENDER, "access_token": TOKEN}
    server.latency = 0.5
    with client_for("whatsapp_cloud", {**settings, "read_timeout": 0.1}) as client:
        assert client.send(text_to()).code == "read_timeout"


@pytest.mark.parametrize(
    ("provider", "settings", "code", "detail"),
    [
        ("carrier_pigeon", {}, "unknown_provider", "carrier_pigeon"),
        ("whatsapp_cloud", EMPTY, "incomplete", "phone_number_id, access_token"),
        ("whatsapp_cloud", {"phone_number_id": "1"}, "incomplete", "access_token"),
        (
            "whatsapp_cloud",
            {"phone_number_id": "+55", "access_token": TOKEN},
            "bad_sender",
            "the phone number id has digits only",
        ),
    ],
)
def test_set_up_that_cannot_work(provider, settings, code, detail):
    with pytest.raises(ClientError) as raised:
        client_for(provider, settings)
    assert (raised.value.code, raised.value.detail) == (code, detail)


def test_clients_have_the_common_surface(server):
    settings = {
        "base_url": server.url,
        "phone_number_id": SENDER,
        "instagram_account_id": SENDER,
        "access_token": TOKEN,
    }
    for name in ("whatsapp_cloud", "instagram", "sandbox", "by_hand"):
        with client_for(name, settings) as client:
            assert client.is_automatic == PROVIDERS[name].is_automatic
            assert client.check_connection().ok


def test_every_file_with_a_provider_is_found():
    assert set(PROVIDERS) == {
        "whatsapp_cloud",
        "instagram",
        "zenvia",
        "twilio",
        "evolution",
        "odoo_sms",
        "odoo_mail",
        "by_hand",
        "sandbox",
    }


@pytest.mark.parametrize("name", ["odoo_sms", "odoo_mail"])
def test_what_leaves_through_odoo_has_no_client(name):
    with pytest.raises(ClientError) as raised:
        client_for(name, EMPTY)
    assert raised.value.code == "not_automatic"


def test_sandboxes_of_two_gateways_differ(text_to):
    one, two = (client_for("sandbox", {"uuid": uuid}) for uuid in ("one", "two"))
    assert isinstance(one, Sandbox)
    assert one.send(text_to()).provider_id != two.send(text_to()).provider_id


def test_by_hand_builds_the_link():
    message = OutgoingMessage(
        reference="r", to="+5551999990001", kind="text", text="Olá, Maria!\n3/10 & mais"
    )
    assert client_for("by_hand", {}).link(message) == (
        "https://wa.me/5551999990001?text=Ol%C3%A1%2C%20Maria%21%0A3%2F10%20%26%20mais"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": ""}, "bad_number"),
        ({"to": "5551999990001"}, "bad_number"),
        ({"to": "+55 51 9"}, "bad_number"),
        ({"text": "  "}, "no_text"),
    ],
)
def test_by_hand_needs_number_and_text(change, code):
    message = {"reference": "r", "to": "+5551999990001", "text": "Olá", **change}
    with pytest.raises(ClientError) as raised:
        ByHand().link(OutgoingMessage(**message))
    assert raised.value.code == code


def test_no_program_sends_by_hand(text_to):
    with pytest.raises(ClientError) as raised:
        ByHand().send(text_to())
    assert raised.value.code == "not_automatic"
