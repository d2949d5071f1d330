"""The stand-in itself: passing against it must mean something."""

import hashlib
import hmac
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.fakes import cloud_api_server
from tests.fakes.cloud_api_behaviour import accept, refuse, reset, silence
from tests.fakes.cloud_api_webhooks import post_webhook, signed_webhook, statuses_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def post(session, url, reference="ref-1", to="+5551999990001", **headers):
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "type": "text",
        "text": {"body": "Olá"},
        "biz_opaque_callback_data": reference,
    }
    return session.post(f"{url}/v25.0/1/messages", json=body, headers=headers, timeout=5)


def test_speaks_as_published(server, session, validate):
    server.enqueue(refuse(131026, details="x", is_transient=False), accept())
    validate(post(session, server.url).json(), "GraphAPIError")
    validate(post(session, server.url).json(), "MessageResponsePayload")
    validate(session.get(f"{server.url}/v25.0/1", timeout=5).json(), "PhoneNumberInfo")


def test_scripts_by_number_and_by_queue(server, session):
    server.script("+551", refuse(1), refuse(2))
    server.enqueue(refuse(3))
    codes = []
    for to in ("+551", "+551", "+551", "+551", "+552"):
        codes.append(post(session, server.url, to=to).json().get("error", {}).get("code"))
    assert codes == [3, 1, 2, 2, None]


def test_counts_what_was_taken_and_not_what_was_answered(server, session):
    server.script("+551", reset())
    server.script("+552", silence(0.05))
    server.script("+553", refuse(1))
    for to in ("+551", "+552"):
        with pytest.raises(requests.ConnectionError):
            post(session, server.url, reference=to, to=to)
    post(session, server.url, reference="+553", to="+553")
    assert [server.taken(reference) for reference in ("+551", "+552", "+553")] == [1, 1, 0]


def test_lets_in_one_token_only(session):
    with cloud_api_server.CloudApiServer(access_token="right") as server:
        wrong = post(session, server.url, Authorization="Bearer wrong")
        right = post(session, server.url, Authorization="Bearer right")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, 190)
    assert right.status_code == 200


def test_signs_like_meta():
    body, headers = signed_webhook({"object": "whatsapp_business_account"}, "secret")
    digest = hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={digest}"


def test_posts_webhooks(server, session, validate):
    post(session, server.url)
    payload = statuses_of(server.messages(), "sent", "delivered")
    validate(payload, "WebhookPayload")
    assert post_webhook(f"{server.url}/v25.0/1/messages", payload, "secret") == 200
    assert server.messages()[-1].body == payload


def test_as_a_process_of_its_own(session, tmp_path):
    """Started by its path, scripted from outside, killed hard: the log tells what arrived."""
    log = tmp_path / "received.jsonl"
    script = ROOT / "tests" / "fakes" / "cloud_api_server.py"
    process = subprocess.Popen(
        [sys.executable, str(script), "--port", "0", "--log", str(log)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    try:
        ready, url = process.stdout.readline().split()
        assert ready == "READY"
        script = {"to": "+552", "behaviours": [refuse(131026).as_json()]}
        assert session.post(f"{url}/_control/script", json=script, timeout=5).ok
        assert post(session, url, reference="a", to="+551").ok
        assert post(session, url, reference="b", to="+552").status_code == 400
        received = session.get(f"{url}/_control/received", timeout=5).json()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [(line["reference"], line["took_it"]) for line in lines] == [("a", True), ("b", False)]
    assert lines == received


def test_is_no_bottleneck(server, session):
    """Sixteen callers with kept connections: each connection is opened once."""

    def many(_number):
        with requests.Session() as own:
            own.trust_env = False
            return [post(own, server.url).status_code for _ in range(25)]

    with ThreadPoolExecutor(16) as pool:
        codes = [code for found in pool.map(many, range(16)) for code in found]
    assert codes == [200] * 400
    assert server.connections == 16
