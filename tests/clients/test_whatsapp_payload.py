"""What the client puts on the wire, judged by Meta's published schema."""

import jsonschema
import pytest

from odoo.addons.optica_cobranca.clients.base import OutgoingMessage
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from .conftest import SENDER, TOKEN

NUMBER = "+5551999990001"


def a_template(**changes):
    message = {
        "reference": "6f1c7a52-0001",
        "to": NUMBER,
        "kind": "template",
        "template_name": "aviso_parcela",
        "language": "pt_BR",
        "parameters": ("Maria", "3/10 de 105,58"),
    }
    return OutgoingMessage(**{**message, **changes})


def a_text(**changes):
    message = {"reference": "6f1c7a52-0002", "to": NUMBER, "kind": "text", "text": "Olá, Maria!"}
    return OutgoingMessage(**{**message, **changes})


def sent_body(server, client, message):
    result = client.send(message)
    assert result.status == "accepted", result
    return server.messages()[-1].body


def test_positional_template(server, client, validate):
    body = sent_body(server, client, a_template())
    validate(body, "TemplateMessage")
    assert body["to"] == NUMBER
    assert body["template"] == {
        "name": "aviso_parcela",
        "language": {"code": "pt_BR"},
        "components": [
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "text": "Maria"},
                    {"type": "text", "text": "3/10 de 105,58"},
                ],
            }
        ],
    }


def test_named_template(server, client, validate):
    message = a_template(parameter_names=("customer_first_name", "installments_summary"))
    body = sent_body(server, client, message)
    validate(body, "TemplateMessage")
    assert body["template"]["components"][0]["parameters"] == [
        {"type": "text", "text": "Maria", "parameter_name": "customer_first_name"},
        {"type": "text", "text": "3/10 de 105,58", "parameter_name": "installments_summary"},
    ]


def test_template_without_parameters_has_no_components(server, client, validate):
    body = sent_body(server, client, a_template(parameters=()))
    validate(body, "TemplateMessage")
    assert "components" not in body["template"]


def test_parameters_lose_what_meta_refuses(server, client):
    message = a_template(parameters=("Maria\n\tda  Silva", "  1/3,\r\n2/3 "))
    body = sent_body(server, client, message)
    texts = [item["text"] for item in body["template"]["components"][0]["parameters"]]
    assert texts == ["Maria da Silva", "1/3, 2/3"]


def test_text_keeps_its_lines_and_shows_no_preview(server, client, validate):
    body = sent_body(server, client, a_text(text="Olá!\nhttps://loja.example/my/x?token=1"))
    validate(body, "TextMessage")
    assert body["text"] == {
        "body": "Olá!\nhttps://loja.example/my/x?token=1",
        "preview_url": False,
    }


def test_person_without_visible_number(server, client, validate):
    body = sent_body(server, client, a_text(to="", recipient="BR.1A2B3C"))
    validate(body, "TextMessage")
    assert body["recipient"] == "BR.1A2B3C"
    assert "to" not in body


def test_request_line_and_headers(server, make_client):
    make_client(version="v26.0").send(a_text())
    request = server.messages()[0]
    assert request.path == f"/v26.0/{SENDER}/messages"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Content-Type"] == "application/json"
    assert request.reference == "6f1c7a52-0002"


def test_schema_would_notice_a_slip(server, client, validate):
    """The judge itself: a misspelt or missing property is refused."""
    body = sent_body(server, client, a_template())
    for broken in (
        {**body, "biz_opaque_callbackdata": "x"},
        {name: value for name, value in body.items() if name != "to"},
        {**body, "template": {**body["template"], "lang": "pt_BR"}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            validate(broken, "TemplateMessage")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (a_text(reference=""), "no_reference"),
        (a_text(reference="x" * 513), "no_reference"),
        (a_text(to="5551999990001"), "bad_number"),
        (a_text(to="+55 51 99999-0001"), "bad_number"),
        (a_text(to="+५५५१९९९९९०००१"), "bad_number"),
        (a_text(to="", recipient="5551999990001"), "bad_number"),
        (a_text(to=""), "bad_number"),
        (a_text(kind="video"), "bad_kind"),
        (a_text(kind="image"), "bad_file"),
        (a_text(text=" \n"), "no_text"),
        (a_text(text="x" * 4097), "text_too_long"),
        (a_template(template_name=""), "no_template"),
        (a_template(language=""), "no_template"),
        (a_template(parameters=("Maria", " ")), "empty_parameter"),
        (a_template(parameter_names=("only_one",)), "parameter_names"),
        (a_template(parameter_names=("one", "")), "parameter_names"),
    ],
)
def test_what_cannot_be_sent_never_leaves(server, client, message, code):
    result = client.send(message)
    assert (result.status, result.failure, result.code) == (
        "failed",
        FailureClass.FIX_REQUEST,
        code,
    )
    assert server.requests == []
