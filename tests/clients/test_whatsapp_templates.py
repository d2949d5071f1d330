"""The account's templates, and having the app hear of its news."""

import pytest

from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.fakes.cloud_api_account import a_template
from tests.fakes.cloud_api_behaviour import accept, answer, garbage, half_body, refuse, reset

ACCOUNT = "102290129340398"


def test_all_pages(server, client, validate):
    server.templates = [a_template(f"template_{number}") for number in range(7)]
    server.page_size = 3
    listing = client.templates(ACCOUNT)
    assert (listing.ok, listing.code) == (True, None)
    assert [template.name for template in listing.templates] == [
        f"template_{number}" for number in range(7)
    ]
    assert [request.path for request in server.requests] == [
        f"/v25.0/{ACCOUNT}/message_templates"
    ] * 3
    assert [request.query.get("after") for request in server.requests] == [None, ["3"], ["6"]]


def test_one_template_in_full(server, client, validate):
    header = {"type": "HEADER", "format": "DOCUMENT"}
    server.templates = [
        a_template(
            "carne",
            header,
            status="PAUSED",
            category="marketing",
            parameter_format="NAMED",
            quality_score={"score": "RED", "date": 1764590400},
            rejected_reason="PROMOTIONAL",
        )
    ]
    from urllib.parse import urlsplit

    from tests.fakes import cloud_api_account

    parts = urlsplit(f"/v25.0/{ACCOUNT}/message_templates?limit=50")
    validate(cloud_api_account.answer_to(server, parts), "TemplateList")
    (template,) = client.templates(ACCOUNT).templates
    assert (template.language, template.status, template.category) == (
        "pt_BR",
        "PAUSED",
        "MARKETING",
    )
    assert (template.quality, template.parameter_format) == ("RED", "NAMED")
    assert template.rejected_reason == "PROMOTIONAL"
    assert template.components[0] == header


def test_none(server, client):
    listing = client.templates(ACCOUNT)
    assert (listing.ok, listing.templates) == (True, ())


def test_odd_items_are_left_out(server, client):
    items = [5, {}, {"name": "x"}, {**a_template(), "components": "none"}]
    server.enqueue(answer(200, {"data": items}))
    (template,) = client.templates(ACCOUNT).templates
    assert (template.name, template.components) == ("aviso_parcela", ())


def test_account_that_is_none(server, client):
    for account in ("", "../1", "+55"):
        listing = client.templates(account)
        assert (listing.ok, listing.code) == (False, "bad_account")
        assert client.subscribe(account).code == "bad_account"
    assert server.requests == []


@pytest.mark.parametrize(
    ("behaviour", "failure", "code"),
    [
        (refuse(190, 401), FailureClass.AUTH, "190"),
        (refuse(200, 403), FailureClass.AUTH, "200"),
        (answer(500, ""), FailureClass.RETRY, "http_500"),
        (answer(200, {"paging": {}}), FailureClass.FIX_REQUEST, "bad_answer"),
        (garbage(), FailureClass.FIX_REQUEST, "bad_answer"),
        (half_body(), FailureClass.FIX_REQUEST, "half_answer"),
        (reset(), FailureClass.RETRY, "connection_lost"),
    ],
)
def test_all_or_nothing(server, client, behaviour, failure, code):
    """A second page that fails must not look like templates that were deleted."""
    server.templates = [a_template(f"template_{number}") for number in range(4)]
    server.page_size = 3
    server.enqueue(accept(), behaviour)
    listing = client.templates(ACCOUNT)
    assert (listing.ok, listing.templates) == (False, ())
    assert (listing.failure, listing.code) == (failure, code)


def test_paging_that_never_ends(server, client):
    page = {"data": [], "paging": {"next": "x", "cursors": {"after": "7"}}}
    server.enqueue(*[answer(200, page)] * 5)
    listing = client.templates(ACCOUNT)
    assert (listing.ok, listing.code) == (False, "endless_list")
    assert len(server.requests) == 2


def test_subscribe(server, client, validate):
    assert client.subscribe(ACCOUNT).ok
    request = server.requests[0]
    assert (request.method, request.path) == ("POST", f"/v25.0/{ACCOUNT}/subscribed_apps")
    server.enqueue(refuse(200, 403, message="(#200) No permission"))
    refused = client.subscribe(ACCOUNT)
    assert (refused.ok, refused.failure, refused.code) == (False, FailureClass.AUTH, "200")
    server.enqueue(reset())
    assert client.subscribe(ACCOUNT).code == "connection_lost"
