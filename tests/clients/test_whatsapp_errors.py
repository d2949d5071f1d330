"""Answers of the provider: what was accepted, what was refused and why, what nobody knows."""

import pytest

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import CloudConfig, classify
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.fakes.cloud_api_behaviour import (
    answer,
    garbage,
    half_body,
    refuse,
    without_id,
)

from .conftest import TOKEN

CODES = {
    FailureClass.RETRY: [1, 2, 4, 80007, 130429, 131000, 131016, 131057, 135000],
    FailureClass.RETRY_RECIPIENT_LATER: [131056],
    FailureClass.PAUSE_SENDER: [
        131048, 131064, 368, 131031, 131042, 131045, 130497, 131037, 133010, 133016,
    ],
    FailureClass.WAIT_A_DAY: [131049, 130472],
    FailureClass.STOP_RECIPIENT: [131026, 131050, 131021, 131030, 131062],
    FailureClass.NEEDS_TEMPLATE: [131047],
    FailureClass.FIX_TEMPLATE: [
        132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068, 132069, 131063,
    ],
    FailureClass.FIX_REQUEST: [33, 100, 131008, 131009, 131051, 131052, 131053],
    FailureClass.AUTH: [0, 3, 10, 190, 200, 250, 299, 131005],
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "failure"), [(code, failure) for failure, codes in CODES.items() for code in codes]
)
def test_the_code_decides(server, client, text_to, code, failure):
    """Whatever the status and the hint say."""
    status = 400 if code == 1 else 500  # 1 with 500: "possible server error", nobody knows
    server.enqueue(refuse(code, status, is_transient=True), refuse(code, 400, is_transient=False))
    for _ in range(2):
        result = client.send(text_to())
        assert (result.status, result.failure, result.code) == ("failed", failure, str(code))
        assert result.provider_id is None


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (400, FailureClass.FIX_REQUEST),
        (401, FailureClass.AUTH),
        (403, FailureClass.AUTH),
        (404, FailureClass.FIX_REQUEST),
        (408, FailureClass.RETRY),
        (429, FailureClass.RETRY),
    ],
)
@pytest.mark.parametrize("body", ["", "<html>sorry</html>", "[]", '{"error": "no"}'])
def test_without_a_code_the_status_decides(server, client, text_to, status, failure, body):
    server.enqueue(answer(status, body))
    result = client.send(text_to())
    assert (result.status, result.failure, result.code) == ("failed", failure, f"http_{status}")


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("body", ["", "<html>sorry</html>", "[]", '{"error": "no"}'])
def test_a_server_that_fell_over_may_have_sent_before(server, client, text_to, status, body):
    server.enqueue(answer(status, body))
    result = client.send(text_to())
    assert (result.status, result.failure, result.code) == ("uncertain", None, f"http_{status}")


@pytest.mark.parametrize(
    ("code", "failure", "shown"),
    [
        ("131026", FailureClass.STOP_RECIPIENT, "131026"),
        ("1310260000000", FailureClass.AUTH, "http_403"),
        (True, FailureClass.AUTH, "http_403"),
        (None, FailureClass.AUTH, "http_403"),
        ([131026], FailureClass.AUTH, "http_403"),
    ],
)
def test_codes_of_odd_types(server, client, text_to, code, failure, shown):
    server.enqueue(answer(403, {"error": {"code": code, "message": "no"}}))
    result = client.send(text_to())
    assert (result.failure, result.code, result.detail) == (failure, shown, "no")


def test_unknown_codes():
    assert classify(987654, 400) is FailureClass.FIX_REQUEST
    assert classify(987654, 400, is_transient=True) is FailureClass.RETRY
    assert classify(987654, 503) is FailureClass.RETRY
    assert classify(132999, 400) is FailureClass.FIX_TEMPLATE
    assert classify(987654) is FailureClass.FIX_REQUEST
    assert classify(None) is FailureClass.FIX_REQUEST


def test_gateway_timeout_of_a_machine_in_between_is_uncertain(server, client, text_to):
    server.enqueue(answer(504, "<html>504</html>"), refuse(131000, 504))
    assert client.send(text_to()).status == "uncertain"
    told = client.send(text_to())
    assert (told.status, told.failure) == ("failed", FailureClass.RETRY)


def test_redirect_is_not_followed(server, client, text_to):
    server.enqueue(answer(307, "", took_it=False, Location=f"{server.url}/v25.0/1/messages"))
    result = client.send(text_to())
    assert (result.status, result.code) == ("failed", "http_307")
    assert len(server.requests) == 1


def test_accepted(server, client, text_to, validate):
    shown = {
        "messaging_product": "whatsapp",
        "contacts": [{"input": "+5551999990001", "wa_id": "555199990001"}],
        "messages": [{"id": "wamid.ABC", "message_status": "held_for_quality_assessment"}],
    }
    validate(shown, "MessageResponsePayload")
    server.enqueue(answer(200, shown))
    result = client.send(text_to())
    assert (result.status, result.provider_id, result.wa_id) == (
        "accepted",
        "wamid.ABC",
        "555199990001",
    )
    assert result.detail == "held_for_quality_assessment"
    assert client.send(text_to()).detail == ""


def test_accepted_without_contacts(server, client, text_to):
    server.enqueue(answer(200, {"messages": [{"id": "wamid.ABC"}]}))
    result = client.send(text_to())
    assert (result.status, result.provider_id, result.wa_id) == ("accepted", "wamid.ABC", None)


@pytest.mark.parametrize(
    "odd",
    [
        garbage(),
        without_id(),
        half_body(),
        answer(200, ""),
        answer(200, "null"),
        answer(200, "[" * 100_000),
        answer(200, '{"messages": [{"id": 5}]}'),
        answer(200, '{"messages": {"id": "wamid.1"}}'),
        answer(200, '{"messages": ["wamid.1"]}'),
        answer(200, '{"error": {}}'),
        answer(200, "x" * 1_000_000),
    ],
)
def test_success_without_a_readable_id_is_uncertain(server, client, text_to, odd):
    server.enqueue(odd)
    result = client.send(text_to())
    assert (result.status, result.provider_id, result.failure) == ("uncertain", None, None)
    assert result.code
    assert len(server.requests) == 1


def test_endless_answer_is_not_read_to_the_end(server, client, text_to):
    server.enqueue(answer(200, " " * 5_000_000))
    assert client.send(text_to()).code == "answer_too_long"


def test_success_that_names_an_error_is_a_refusal(server, client, text_to):
    server.enqueue(answer(200, {"error": {"code": 131026, "message": "no", "type": "x"}}))
    result = client.send(text_to())
    assert (result.status, result.failure) == ("failed", FailureClass.STOP_RECIPIENT)


def test_refusal_cut_short_was_still_a_refusal(server, client, text_to):
    server.enqueue(half_body(400))
    result = client.send(text_to())
    assert (result.status, result.failure, result.code) == (
        "failed",
        FailureClass.RETRY,
        "half_answer",
    )


def test_detail_says_what_meta_said(server, client, text_to, validate):
    behaviour = refuse(
        131008, message="(#131008) Required parameter is missing", details="to is missing"
    )
    validate(behaviour.body, "GraphAPIError")
    server.enqueue(behaviour)
    detail = client.send(text_to()).detail
    assert detail == "(#131008) Required parameter is missing | to is missing"


def test_detail_can_be_stored(server, client, text_to):
    server.enqueue(answer(400, '{"error": {"code": 100, "message": "a\\u0000b\\ud800c"}}'))
    assert client.send(text_to()).detail == "ab?c"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "9" * 40}, 86400),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        (
            {
                "Date": "Mon, 01 Dec 2025 12:00:00 GMT",
                "Retry-After": "Mon, 01 Dec 2025 12:01:30 GMT",
            },
            90,
        ),
        (
            {
                "Date": "Mon, 01 Dec 2025 12:00:00 GMT",
                "Retry-After": "Mon, 01 Dec 2025 11:00:00 GMT",
            },
            0,
        ),
        (
            {
                "Date": "Mon, 01 Dec 2025 12:00:00 GMT",
                "Retry-After": "Mon, 01 Dec 2025 12:01:30 -0000",
            },
            None,
        ),
    ],
)
def test_too_many_requests(server, client, text_to, headers, seconds):
    server.enqueue(answer(429, "", **headers))
    result = client.send(text_to())
    assert (result.failure, result.retry_after) == (FailureClass.RETRY, seconds)


def test_no_secret_in_texts(server, client, text_to, caplog):
    caplog.set_level("DEBUG")
    caplog.set_level("DEBUG", logger="odoo.addons.optica_cobranca.clients")
    server.enqueue(
        refuse(190, 401, message=f"Malformed access token {TOKEN}"), garbage(), half_body()
    )
    results = [client.send(text_to()) for _ in range(3)]
    config = CloudConfig(phone_number_id="1", access_token=TOKEN)
    shown = f"{results} {client} {vars(client)} {config} {caplog.text}"
    assert results[0].detail == "Malformed access token ***"
    assert "ref-1" in caplog.text
    assert TOKEN not in shown
