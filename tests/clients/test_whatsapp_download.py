"""Files that people send: by id, then by address, only from Meta and only what is taken."""

import pytest

from odoo.addons.optica_cobranca.clients.base import ClientError, Media
from odoo.addons.optica_cobranca.clients.http.addresses import may_carry_token
from odoo.addons.optica_cobranca.clients.http.transport import HttpDoor
from odoo.addons.optica_cobranca.clients.media_kinds import real_type
from odoo.addons.optica_cobranca.clients.meta.whatsapp_media import META_HOSTS
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.fakes.cloud_api_behaviour import accept, answer, half_body, refuse, reset

from .conftest import TOKEN

JPEG = b"\xff\xd8\xff\xe0" + b"x" * 2000
PDF = b"%PDF-1.4 a payment proof"


def test_download(server, client, validate):
    media_id = server.keep_file(JPEG, "image/jpeg")
    found = client.download(Media(media_id, "image/jpeg"))
    assert (found.ok, found.content, found.mime_type) == (True, JPEG, "image/jpeg")
    asked, got = server.requests
    assert asked.path == f"/v25.0/{media_id}"
    assert {request.headers["Authorization"] for request in (asked, got)} == {f"Bearer {TOKEN}"}


def test_address_has_the_published_shape(server, client, validate):
    from tests.fakes import cloud_api_account

    media_id = server.keep_file(PDF, "application/pdf")
    validate(cloud_api_account._media_url(server, media_id), "MediaUrl")


def test_download_by_address(server, client):
    server.keep_file(PDF, "application/pdf", "a")
    found = client.download(Media("", url=f"{server.url}/_media/a"))
    assert (found.ok, found.mime_type) == (True, "application/pdf")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("media", "code"),
    [
        (Media("1", "video/mp4"), "kind_not_taken"),
        (Media("1", "application/x-msdownload"), "kind_not_taken"),
        (Media("../1", "image/jpeg"), "bad_id"),
        (Media("1?x=1", "image/jpeg"), "bad_id"),
        (Media("", "image/jpeg"), "bad_id"),
        (Media("", url="https://evil.example/a.jpg"), "bad_host"),
    ],
)
def test_what_is_not_even_asked_for(server, client, media, code):
    found = client.download(media)
    assert (found.ok, found.failure, found.code) == (False, FailureClass.FIX_REQUEST, code)
    assert server.requests == []


@pytest.mark.parametrize(
    "content", [b"<html><script>", b"MZ\x90", b"", b"RIFF....WAVE", b"....ftypisom"]
)
def test_bytes_decide_and_not_what_is_said(server, client, content):
    found = client.download(Media(server.keep_file(content, "image/jpeg"), "image/jpeg"))
    assert (found.ok, found.code) == (False, "kind_not_taken")


def test_too_large(server, client):
    over_image = JPEG + b"x" * (5 * 1024 * 1024)
    over_all = PDF + b"x" * (16 * 1024 * 1024)
    for content in (over_image, over_all):
        found = client.download(Media(server.keep_file(content, "image/jpeg"), "image/jpeg"))
        assert (found.ok, found.code) == (False, "too_large")


@pytest.mark.parametrize(
    ("behaviours", "failure", "code"),
    [
        ((refuse(100),), FailureClass.FIX_REQUEST, "100"),
        ((refuse(190, 401),), FailureClass.AUTH, "190"),
        ((answer(200, {"id": "1"}),), FailureClass.FIX_REQUEST, "bad_answer"),
        ((reset(),), FailureClass.RETRY, "connection_lost"),
        ((accept(), answer(404, "gone")), FailureClass.FIX_REQUEST, "http_404"),
        ((accept(), answer(302, "", Location="https://evil.example/")), None, "http_302"),
        ((accept(), half_body()), FailureClass.RETRY, "half_answer"),
    ],
)
def test_download_that_fails(server, client, behaviours, failure, code):
    server.enqueue(*behaviours)
    found = client.download(Media(server.keep_file(JPEG, "image/jpeg"), "image/jpeg"))
    assert (found.ok, found.code) == (False, code)
    assert failure in (None, found.failure)


def test_bytes_that_are_not_those_announced(server, client):
    """The digest of the address is that of the file; what arrives is another one."""
    media_id = server.keep_file(JPEG, "image/jpeg")
    url = f"{server.url}/_media/{media_id}"
    server.enqueue(answer(200, {"url": url, "sha256": "0" * 64, "id": media_id}))
    found = client.download(Media(media_id, "image/jpeg"))
    assert (found.ok, found.failure, found.code) == (False, FailureClass.RETRY, "digest")


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", True),
        ("https://facebook.com/x", True),
        ("https://LOOKASIDE.FBSBX.COM./x", True),
        ("http://lookaside.fbsbx.com/x", False),
        ("https://fbsbx.com.evil.example/x", False),
        ("https://evilfbsbx.com/x", False),
        ("https://evil.example/fbsbx.com", False),
        ("https://lookaside.fbsbx.com@evil.example/x", False),
        ("https://evil.example\\@lookaside.fbsbx.com/x", False),
        ("https://evil.example\\.fbsbx.com/x", False),
        ("https://127.0.0.1/x", False),
        ("http://localhost/x", False),
        ("file:///etc/passwd", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_where_the_token_may_go(url, may):
    assert may_carry_token(url, META_HOSTS, is_local=False) is may


def test_token_does_not_leave_for_elsewhere():
    door = HttpDoor(
        "https://graph.facebook.com", TOKEN, connect_timeout=1, read_timeout=1, pool_size=1
    )
    with door, pytest.raises(ClientError) as raised:
        door.fetch("http://127.0.0.1:1/x", hosts=META_HOSTS, max_bytes=10)
    assert raised.value.code == "bad_host"
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (JPEG, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"OggS\x00", "audio/ogg"),
        (b"#!AMR\n", "audio/amr"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (b"\xff\xf1\x50", "audio/aac"),
        (b"ID3\x03", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b" %PDF-", None),
        (b"GIF89a", None),
    ],
)
def test_real_type(content, kind):
    assert real_type(content) == kind
