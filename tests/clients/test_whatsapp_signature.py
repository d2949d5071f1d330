"""Only Meta gets in: the subscription's handshake and the signature of each call."""

import pytest

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import (
    signature_is_valid,
    verify_subscription,
)

from tests.fakes.cloud_api_webhooks import signed_webhook

SECRET = "app-secret"
# Computed once with: printf '%s' '{"a": "é"}' | openssl dgst -sha256 -hmac app-secret
BODY = '{"a": "é"}'.encode()
DIGEST = "f089520bb197fb895fce2737c271cbcdf0a259f3ffc9455cf4c9a6f6d002c626"


def test_known_signature():
    assert signature_is_valid(SECRET, BODY, f"sha256={DIGEST}")


def test_signed_by_the_stand_in():
    body, headers = signed_webhook({"object": "whatsapp_business_account"}, SECRET)
    assert signature_is_valid(SECRET, body, headers["X-Hub-Signature-256"])


@pytest.mark.parametrize("header", [f"sha256={DIGEST.upper()}", f"SHA256= {DIGEST} "])
def test_writing_of_the_header_is_tolerated(header):
    assert signature_is_valid(SECRET, BODY, header)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        DIGEST,
        f"sha1={DIGEST}",
        f"sha256:{DIGEST}",
        f"sha256={DIGEST[:-1]}",
        f"sha256={DIGEST}0",
        f"sha256={DIGEST},sha256={DIGEST}",
        "sha256=" + "0" * 64,
        "sha256=ééé",
        "sha256=\ud800",
        b"sha256=" + DIGEST.encode(),
        5,
    ],
)
def test_anything_else_is_refused(header):
    assert signature_is_valid(SECRET, BODY, header) is False


def test_body_and_secret_have_to_be_the_signed_ones():
    header = f"sha256={DIGEST}"
    assert not signature_is_valid(SECRET, BODY + b" ", header)
    assert not signature_is_valid(SECRET, b"", header)
    assert not signature_is_valid("other", BODY, header)


def test_empty_secret_makes_nothing_valid():
    body, headers = signed_webhook({}, "")
    assert not signature_is_valid("", body, headers["X-Hub-Signature-256"])


def test_subscription():
    params = {"hub.mode": "subscribe", "hub.verify_token": "wórd", "hub.challenge": "115820"}
    assert verify_subscription(params, "wórd") == "115820"


@pytest.mark.parametrize(
    ("change", "token"),
    [
        ({"hub.verify_token": "other"}, "word"),
        ({"hub.verify_token": ""}, "word"),
        ({"hub.verify_token": None}, "word"),
        ({"hub.verify_token": "\ud800"}, "word"),
        ({"hub.mode": "unsubscribe"}, "word"),
        ({"hub.mode": None}, "word"),
        ({"hub.challenge": ""}, "word"),
        ({"hub.challenge": None}, "word"),
        ({"hub.verify_token": ""}, ""),
    ],
)
def test_subscription_refused(change, token):
    params = {"hub.mode": "subscribe", "hub.verify_token": "word", "hub.challenge": "1"}
    params = {name: value for name, value in {**params, **change}.items() if value is not None}
    assert verify_subscription(params, token) is None
