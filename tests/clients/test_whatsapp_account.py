"""The account at Meta: its configuration, its connections, and the question whether it works."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from odoo.addons.optica_cobranca.clients.base import ClientError
from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import CloudConfig, WhatsAppCloud
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.fakes.cloud_api_behaviour import answer, garbage, half_body, refuse

from .conftest import TOKEN


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"phone_number_id": "+55 51 3333-0000"}, "bad_sender"),
        ({"phone_number_id": "../1"}, "bad_sender"),
        ({"version": "25"}, "bad_version"),
        ({"access_token": " "}, "bad_token"),
        ({"access_token": f"{TOKEN}\nX-Evil: 1"}, "bad_token"),
        ({"access_token": f"{TOKEN}é"}, "bad_token"),
        ({"base_url": ""}, "bad_url"),
        ({"base_url": "graph.facebook.com"}, "bad_url"),
        ({"base_url": "ftp://graph.facebook.com"}, "bad_url"),
        ({"base_url": "https://graph.facebook.com:port"}, "bad_url"),
        ({"base_url": "https://me:secret@graph.facebook.com"}, "bad_url"),
        ({"base_url": "http://graph.facebook.com"}, "insecure_url"),
    ],
)
def test_configuration_that_cannot_work(change, code):
    settings = {"phone_number_id": "1", "access_token": TOKEN, **change}
    with pytest.raises(ClientError) as raised:
        WhatsAppCloud(CloudConfig(**settings))
    assert raised.value.code == code
    assert TOKEN not in str(raised.value)
    assert "secret" not in str(raised.value)


def test_pasted_blanks_are_forgiven(server, make_client, text_to):
    client = make_client(access_token=f" {TOKEN}\n", base_url=f"{server.url}/ ")
    assert client.send(text_to()).status == "accepted"
    assert server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_threads_share_a_bounded_number_of_kept_connections(server, make_client, text_to):
    client = make_client(pool_size=4)
    server.latency = 0.01
    messages = [text_to(reference=f"ref-{number}") for number in range(80)]
    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(client.send, messages))
    assert {result.status for result in results} == {"accepted"}
    ids = {received.reference: received.provider_id for received in server.messages()}
    assert [result.provider_id for result in results] == [
        ids[message.reference] for message in messages
    ]
    assert server.connections <= 4


def test_check_connection(server, client, validate):
    check = client.check_connection()
    assert (check.ok, check.display_phone_number) == (True, "+55 51 3333-0000")
    assert (check.verified_name, check.quality_rating) == ("Loja de teste", "GREEN")
    asked = server.requests[0]
    assert asked.method == "GET"
    assert (check.status, check.messaging_limit) == ("CONNECTED", "TIER_2K")
    assert asked.query == {
        "fields": [
            "display_phone_number,verified_name,quality_rating,status,"
            "whatsapp_business_manager_messaging_limit"
        ]
    }


def test_check_connection_of_an_account_that_tells_less(server, client):
    """An unknown field is an error of the whole question: it is asked again without."""
    server.enqueue(refuse(100, message="Tried accessing nonexisting field"))
    check = client.check_connection()
    assert (check.ok, check.quality_rating) == (True, "GREEN")
    fields = [request.query["fields"][0] for request in server.requests]
    assert fields[1] == "display_phone_number,verified_name,quality_rating"


@pytest.mark.parametrize(
    ("behaviour", "failure", "code"),
    [
        (refuse(190, 401), FailureClass.AUTH, "190"),
        (refuse(100, 400), FailureClass.FIX_REQUEST, "100"),
        (answer(503, ""), FailureClass.RETRY, "http_503"),
        (garbage(), FailureClass.FIX_REQUEST, "bad_answer"),
        (half_body(), FailureClass.FIX_REQUEST, "half_answer"),
    ],
)
def test_check_connection_that_fails(server, client, behaviour, failure, code):
    server.enqueue(behaviour, behaviour)
    check = client.check_connection()
    assert (check.ok, check.failure, check.code) == (False, failure, code)
