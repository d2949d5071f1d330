"""The client against a bank's stand-in over real HTTP and mTLS: tokens, pages, troubles."""

import logging
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from odoo.addons.optica_cobranca.clients.pix_bacen import PixClient, PixConfig
from odoo.addons.optica_cobranca.clients.pix_certificate import Certificate
from odoo.addons.optica_cobranca.clients.pix_errors import PixTrouble, Trouble
from odoo.addons.optica_cobranca.clients.pix_profiles import PROFILES
from odoo.addons.optica_cobranca.clients.pix_shapes import cob_body
from odoo.addons.optica_cobranca.clients.pix_token import TokenStore
from odoo.addons.optica_cobranca.domain.pix_txid import dynamic_txid

from tests.clients.pix_certificates import Authority, bank_side
from tests.fakes.cloud_api_behaviour import HALF, RESET, SILENCE, Behaviour
from tests.fakes.pix_server import KEY, SECRET, PixServer

TXID = dynamic_txid(77, 3, 1)
BODY = cob_body(Decimal("108.29"), KEY, 3600, None)
DAY = timedelta(days=1)


def tokens_asked(bank):
    return sum(request.path == "/oauth/token" for request in bank.requests)


def test_one_token_for_many_calls_and_many_clients(bank, make_pix_client):
    tokens = TokenStore()
    for _client in range(2):
        client = make_pix_client(tokens=tokens)
        client.put_charge("cob", TXID, BODY)
        assert client.get_charge("cob", TXID).status == "ATIVA"
    assert tokens_asked(bank) == 1


def test_token_that_ends_in_the_middle_is_renewed_once(bank, make_pix_client):
    client = make_pix_client()
    client.put_charge("cob", TXID, BODY)
    bank.forget_tokens()
    assert client.get_charge("cob", TXID).txid == TXID
    assert tokens_asked(bank) == 2


def test_token_is_renewed_before_it_ends(bank, make_pix_client):
    now = [1000.0]
    bank.expires_in = 300
    client = make_pix_client(tokens=TokenStore(lambda: now[0]))
    client.put_charge("cob", TXID, BODY)
    now[0] += 239
    client.get_charge("cob", TXID)
    assert tokens_asked(bank) == 1
    now[0] += 1
    client.get_charge("cob", TXID)
    assert tokens_asked(bank) == 2


def test_refused_for_good_is_no_endless_circle(bank, make_pix_client):
    client = make_pix_client()
    client.put_charge("cob", TXID, BODY)
    bank.enqueue(Behaviour(status=401, body={}), Behaviour(body={"access_token": "bad"}))
    bank.enqueue(Behaviour(status=401, body={"title": "no"}))
    with pytest.raises(PixTrouble) as caught:
        client.get_charge("cob", TXID)
    assert caught.value.trouble == Trouble.AUTH


def test_wrong_secret(bank, make_pix_client):
    with pytest.raises(PixTrouble) as caught:
        make_pix_client(client_secret="wrong").get_webhook()
    assert (caught.value.trouble, caught.value.is_passing) == (Trouble.AUTH, False)


def test_charge_is_made_revised_and_removed(bank, make_pix_client):
    client = make_pix_client()
    made = client.put_charge("cob", TXID, BODY)
    assert (made.status, made.revision, made.location) == (
        "ATIVA",
        0,
        f"pix.example.com/qr/v2/cob/{TXID}",
    )
    assert made.code
    assert client.put_charge("cob", TXID, BODY) == made
    assert client.patch_charge("cob", TXID, {"valor": {"original": "1.00"}}).revision == 1
    removed = client.remove_charge("cob", TXID)
    assert removed.status == "REMOVIDA_PELO_USUARIO_RECEBEDOR"
    with pytest.raises(PixTrouble) as caught:
        client.remove_charge("cob", TXID)
    assert (caught.value.trouble, caught.value.kind) == (Trouble.REFUSED, "CobOperacaoInvalida")
    with pytest.raises(PixTrouble) as caught:
        client.get_charge("cob", dynamic_txid(1, 1, 1))
    assert caught.value.trouble == Trouble.NOT_FOUND


def test_pages_of_received_pix(bank, make_pix_client):
    bank.page_limit = 40
    at = datetime(2026, 3, 19, 12, tzinfo=timezone.utc)
    for number in range(101):
        bank.pay(dynamic_txid(1, number, 1), "1.00", at + timedelta(minutes=number))
    bank.pay("", "9.00", at - DAY)
    pages = list(make_pix_client().received(at, at + DAY))
    assert [len(page) for page in pages] == [40, 40, 21]
    assert len({pix.end_to_end_id for page in pages for pix in page}) == 101


def test_refund_twice_with_one_id_is_one(bank, make_pix_client):
    client = make_pix_client()
    found = bank.pay(TXID, "100.00")
    assert client.refund(found, "D1", Decimal("40"), "troco").status == "EM_PROCESSAMENTO"
    client.refund(found, "D1", Decimal("40"), "troco")
    assert client.get_refund(found, "D1").status == "DEVOLVIDO"
    assert [refund.amount for refund in client.get_pix(found).refunds] == [Decimal("40.00")]
    with pytest.raises(PixTrouble) as caught:
        client.refund(found, "D2", Decimal("60.01"))
    assert "Sem saldo" in caught.value.detail


def test_lot(bank, make_pix_client):
    client = make_pix_client()
    other = dynamic_txid(77, 4, 1)
    refused = BODY | {"valor": {"original": "13.13"}}
    client.put_lot(5, "Carnê", {TXID: BODY, other: refused})
    fates = client.get_lot(5)
    assert fates[TXID] == ("CRIADA", "")
    assert fates[other][0] == "NEGADA"
    assert "Valor recusado" in fates[other][1]


def test_webhook(bank, make_pix_client):
    client = make_pix_client()
    assert client.get_webhook() == ""
    client.put_webhook("https://otica.example/pix/abc")
    assert client.get_webhook() == "https://otica.example/pix/abc"


@pytest.mark.parametrize(
    ("behaviour", "trouble", "is_passing"),
    [
        (Behaviour(status=500, body={}), Trouble.BANK_DOWN, True),
        (Behaviour(status=503, body="<html>busy</html>"), Trouble.BANK_DOWN, True),
        (Behaviour(status=429, body={}), Trouble.TOO_FAST, True),
        (Behaviour(kind=RESET), Trouble.UNCLEAR, True),
        (Behaviour(kind=HALF), Trouble.UNCLEAR, True),
        (Behaviour(kind=SILENCE, latency=9), Trouble.UNCLEAR, True),
        (Behaviour(status=403, body={"title": "Acesso Negado"}), Trouble.FORBIDDEN, False),
        (Behaviour(status=200, body="<html>"), Trouble.BAD_ANSWER, False),
        (Behaviour(status=200, body={}), Trouble.BAD_ANSWER, False),
    ],
)
def test_troubles(bank, make_pix_client, behaviour, trouble, is_passing):
    client = make_pix_client(read_timeout=0.3)
    client.get_webhook()
    bank.enqueue(behaviour)
    with pytest.raises(PixTrouble) as caught:
        client.put_charge("cob", TXID, BODY)
    assert (caught.value.trouble, caught.value.is_passing) == (trouble, is_passing)
    # Whatever was done, doing it again is the same charge.
    assert client.put_charge("cob", TXID, BODY).txid == TXID


def test_violations_are_told(bank, make_pix_client):
    client = make_pix_client()
    client.get_webhook()
    problem = {
        "type": "https://pix.bcb.gov.br/api/v2/error/CobOperacaoInvalida",
        "title": "Cobrança inválida.",
        "status": 400,
        "detail": "Não respeita o schema.",
        "violacoes": [{"razao": "é obrigatório", "propriedade": "cob.chave"}],
    }
    bank.enqueue(Behaviour(status=400, body=problem))
    with pytest.raises(PixTrouble) as caught:
        client.put_charge("cob", TXID, BODY)
    assert caught.value.detail == (
        "Cobrança inválida.; Não respeita o schema.; cob.chave é obrigatório"
    )


def test_nobody_there(bank, make_pix_client):
    with pytest.raises(PixTrouble) as caught:
        make_pix_client(token_url="http://127.0.0.1:9/oauth/token").get_webhook()
    assert caught.value.trouble == Trouble.UNREACHABLE


# ------------------------------------------------------------------ mTLS


@pytest.fixture
def authority():
    return Authority()


@pytest.fixture
def tls_bank(authority, tmp_path):
    with PixServer(bank_side(authority, tmp_path)) as running:
        yield running


def test_the_bank_knows_the_shop_by_its_certificate(authority, tls_bank, caplog):
    caplog.set_level(logging.DEBUG)
    pem, key = authority.issue("shop")
    config = PixConfig(**tls_bank.config(certificate=Certificate(pem, key, authority.pem)))
    with PixClient(config, tokens=TokenStore()) as client:
        assert client.put_charge("cob", TXID, BODY).status == "ATIVA"
    told = caplog.text + repr(config)
    assert SECRET not in told
    assert "PRIVATE KEY" not in told
    assert key.decode().splitlines()[1] not in told


def test_a_stranger_stays_outside(authority, tls_bank):
    pem, key = Authority().issue("stranger")
    for certificate in (Certificate(pem, key, authority.pem),):
        config = PixConfig(**tls_bank.config(certificate=certificate))
        with PixClient(config, tokens=TokenStore()) as client, pytest.raises(PixTrouble):
            client.get_webhook()
    assert tls_bank.requests == []


def test_expired_certificate_is_told_before_anything_leaves(authority, tls_bank):
    pem, key = authority.issue("shop", good_for=-DAY)
    config = PixConfig(**tls_bank.config(certificate=Certificate(pem, key, authority.pem)))
    with pytest.raises(PixTrouble) as caught:
        PixClient(config)
    assert caught.value.trouble == Trouble.EXPIRED_CERTIFICATE


def test_key_of_another_certificate(authority):
    pem, _key = authority.issue("shop")
    _pem, key = authority.issue("other")
    for wrong in (key, b"no key", b""):
        with pytest.raises(PixTrouble) as caught:
            PixClient(PixConfig("other", "id", "secret", certificate=Certificate(pem, wrong)))
        assert caught.value.trouble == Trouble.BAD_CERTIFICATE


def test_banks_that_demand_a_certificate_get_no_request_without():
    for profile in PROFILES.values():
        if profile.needs_certificate:
            with pytest.raises(PixTrouble) as caught:
                PixClient(PixConfig(profile.code, "id", "secret"))
            assert caught.value.detail == "missing"
            assert profile.base_url.startswith("https://")
            assert profile.token_url.startswith("https://")


@pytest.mark.parametrize("code", ["bb", "inter", "efi"])
def test_habits_of_banks(bank, make_pix_client, authority, code):
    pem, key = authority.issue("shop")
    client = make_pix_client(profile=code, app_key="APP", certificate=Certificate(pem, key))
    client.get_webhook()
    token, call = bank.requests
    body = token.body
    if code == "efi":
        assert body["grant_type"] == "client_credentials"
    else:
        assert body["grant_type"] == ["client_credentials"]
    assert ("client_secret" in body) == (code == "inter")
    assert call.query.get("gw-dev-app-key") == (["APP"] if code == "bb" else None)
