"""Files with messages: headers of templates, pictures and documents, uploaded once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from odoo.addons.optica_cobranca.clients.base import ButtonValue, OutgoingFile, OutgoingMessage
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.fakes.cloud_api_behaviour import answer, garbage, refuse, reset, silence

NUMBER = "+5551999990001"
PDF = b"%PDF-1.7\n..."
PNG = b"\x89PNG\r\n\x1a\n..."


def slip(content=PDF, filename="carne.pdf", **changes):
    return OutgoingFile(**{"kind": "document", "filename": filename, "content": content, **changes})


def template(reference="ref-1", **changes):
    message = {
        "reference": reference,
        "to": NUMBER,
        "kind": "template",
        "template_name": "aviso_parcela",
        "parameters": ("Maria",),
        "file": slip(),
    }
    return OutgoingMessage(**{**message, **changes})


def sent_body(server, client, message):
    result = client.send(message)
    assert result.status == "accepted", result
    return server.messages()[-1].body


def test_document_header_by_upload(server, client, validate):
    body = sent_body(server, client, template())
    validate(body, "TemplateMessage")
    (upload,) = server.uploads()
    validate(upload.body, "MediaUpload")
    assert upload.body == {
        "messaging_product": "whatsapp",
        "type": "application/pdf",
        "file": "carne.pdf",
    }
    ((media_id, kept),) = server.media.items()
    assert (kept.content, kept.mime_type) == (PDF, "application/pdf")
    header, text = body["template"]["components"]
    assert header == {
        "type": "header",
        "parameters": [{"type": "document", "document": {"id": media_id, "filename": "carne.pdf"}}],
    }
    assert text["type"] == "body"


def test_document_header_by_link(server, client, validate):
    link = "https://loja.example/carne.pdf"
    body = sent_body(server, client, template(file=slip(b"", link=link)))
    validate(body, "TemplateMessage")
    document = body["template"]["components"][0]["parameters"][0]["document"]
    assert document == {"link": link, "filename": "carne.pdf"}
    assert server.uploads() == []


def test_image_header(server, client, validate):
    file = OutgoingFile("image", content=PNG)
    body = sent_body(server, client, template(file=file))
    validate(body, "TemplateMessage")
    (media_id,) = server.media
    parameters = body["template"]["components"][0]["parameters"]
    assert parameters == [{"type": "image", "image": {"id": media_id}}]


def test_text_header_and_buttons(server, client, validate):
    message = template(
        file=None,
        header="Ótica\nBoa Vista",
        buttons=(ButtonValue(0, "url", "my/pay?t=1"), ButtonValue(2, "quick_reply", "stop")),
    )
    body = sent_body(server, client, message)
    validate(body, "TemplateMessage")
    header, _body, url, reply = body["template"]["components"]
    assert header["parameters"] == [{"type": "text", "text": "Ótica Boa Vista"}]
    assert (url["sub_type"], url["index"]) == ("url", "0")
    assert url["parameters"] == [{"type": "text", "text": "my/pay?t=1"}]
    assert (reply["sub_type"], reply["index"]) == ("quick_reply", "2")
    assert reply["parameters"] == [{"type": "payload", "payload": "stop"}]


def test_named_header(server, client, validate):
    message = template(
        file=None, parameter_names=("customer",), header="Boa Vista", header_name="shop"
    )
    body = sent_body(server, client, message)
    validate(body, "TemplateMessage")
    assert body["template"]["components"][0]["parameters"][0]["parameter_name"] == "shop"


def test_free_document_and_picture_with_caption(server, client, validate):
    document = OutgoingMessage("r", NUMBER, "document", " Segue o carnê ", file=slip())
    body = sent_body(server, client, document)
    validate(body, "DocumentMessage")
    assert body["document"]["caption"] == "Segue o carnê"
    picture = OutgoingMessage("r", NUMBER, "image", file=OutgoingFile("image", content=PNG))
    body = sent_body(server, client, picture)
    validate(body, "ImageMessage")
    assert list(body["image"]) == ["id"]


def test_answer_names_what_it_answers(server, client, validate):
    message = OutgoingMessage("r", NUMBER, "text", "Já vi!", answers="wamid.Q")
    body = sent_body(server, client, message)
    validate(body, "TextMessage")
    assert body["context"] == {"message_id": "wamid.Q"}


def test_same_file_is_uploaded_once_by_many_threads(server, client):
    server.latency = 0.02
    messages = [template(f"ref-{number}") for number in range(20)]
    messages.append(template("other", file=slip(PDF + b"other")))
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(client.send, messages))
    assert {result.status for result in results} == {"accepted"}
    assert len(server.uploads()) == 2


@pytest.mark.parametrize(
    ("behaviour", "failure", "code"),
    [
        (refuse(190, 401), FailureClass.AUTH, "190"),
        (refuse(131053), FailureClass.FIX_REQUEST, "131053"),
        (answer(503, ""), FailureClass.RETRY, "http_503"),
        (garbage(), FailureClass.FIX_REQUEST, "bad_answer"),
        (reset(), FailureClass.RETRY, "media_connection_lost"),
        (silence(3), FailureClass.RETRY, "media_read_timeout"),
    ],
)
def test_upload_that_fails_sends_nothing(server, make_client, behaviour, failure, code):
    """Never uncertain: an upload reaches nobody. And the next message uploads anew."""
    client = make_client(read_timeout=0.3)
    server.enqueue(behaviour)
    result = client.send(template())
    assert (result.status, result.failure, result.code) == ("failed", failure, code)
    assert server.messages() == []
    assert client.send(template()).status == "accepted"


def test_file_that_expired_is_uploaded_once_more(server, client):
    assert client.send(template("one")).status == "accepted"
    server.script(NUMBER, refuse(131052), answer(200, None))
    assert client.send(template("two")).status == "accepted"
    assert len(server.uploads()) == 2
    assert server.taken("two") == 1
    server.script(NUMBER, refuse(131053))
    result = client.send(template("three"))
    assert (result.status, result.code) == ("failed", "131053")
    assert len(server.uploads()) == 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"file": slip(b"<html>")}, "bad_file"),
        ({"file": slip(PNG)}, "bad_file"),
        ({"file": slip(filename=" ")}, "bad_file"),
        ({"file": slip(b"")}, "bad_file"),
        ({"file": slip(b"", link="http://loja.example/a.pdf")}, "bad_file"),
        ({"file": slip(link="https://loja.example/a.pdf")}, "bad_file"),
        ({"file": slip(PDF + b"x" * (16 * 1024 * 1024))}, "bad_file"),
        ({"file": slip(kind="video")}, "bad_file"),
        ({"header": "both"}, "bad_file"),
        ({"kind": "document", "file": None}, "bad_file"),
        ({"kind": "image"}, "bad_file"),
        ({"kind": "document", "text": "x" * 1025}, "text_too_long"),
        ({"file": None, "header": "x", "header_name": "shop"}, "parameter_names"),
        ({"buttons": (ButtonValue(0, "url", " "),)}, "bad_button"),
        ({"buttons": (ButtonValue(10, "url", "x"),)}, "bad_button"),
        ({"buttons": (ButtonValue(0, "call", "x"),)}, "bad_button"),
        ({"buttons": (ButtonValue(0, "url", "x"), ButtonValue(0, "url", "y"))}, "bad_button"),
    ],
)
def test_what_cannot_be_sent_never_leaves(server, client, changes, code):
    result = client.send(template(**changes))
    assert (result.status, result.failure, result.code) == (
        "failed",
        FailureClass.FIX_REQUEST,
        code,
    )
    assert server.requests == []


def test_bytes_are_not_in_what_is_printed():
    assert "%PDF" not in repr(template())
