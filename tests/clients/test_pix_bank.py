"""The client against a bank's stand-in over real HTTP and mTLS: tokens, pages, troubles."""

import logging
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from odoo.addons.optica_cobranca.clients.bank import pix_certificate
from odoo.addons.optica_cobranca.clients.bank.pix_bacen import PixClient, PixConfig
from odoo.addons.optica_cobranca.clients.bank.pix_certificate import Certificate
from odoo.addons.optica_cobranca.clients.bank.pix_errors import PixTrouble, Trouble
from odoo.addons.optica_cobranca.clients.bank.pix_profiles import PROFILES
from odoo.addons.optica_cobranca.clients.bank.pix_shapes import (
    Debtor,
    cob_body,
    cobv_body,
    read_page,
    read_pix,
)
from odoo.addons.optica_cobranca.clients.bank.pix_token import TokenStore
from odoo.addons.optica_cobranca.domain.pix.pix_terms import DueTerms
from odoo.addons.optica_cobranca.domain.pix.pix_txid import dynamic_txid

from tests.clients.pix_certificates import Authority, bank_side
from tests.fakes.cloud_api_behaviour import HALF, RESET, SILENCE, Behaviour
from tests.fakes.pix_server import KEY, SECRET, PixServer

TXID = dynamic_txid(77, 3, 1)
BODY = cob_body(Decimal("108.29"), KEY, 3600, None)
TERMS = DueTerms(Decimal("105.58"), date(2026, 12, 2), 60)
DUE_BODY = cobv_body(TERMS, KEY, Debtor("Maria da Silva", "12345678909"))
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


def test_who_waited_for_a_token_in_vain_asks_for_none():
    """The second came while the first one asked, the third afterwards."""
    clock = iter([0.0, 10.0, 5.0, 11.0, 12.0])
    store = TokenStore(lambda: next(clock))
    asked = []

    def silent():
        asked.append("silent")
        raise PixTrouble(Trouble.UNCLEAR, "read_timeout")

    for _caller in range(2):
        with pytest.raises(PixTrouble) as caught:
            store.get("bank", silent, 1.0)
        assert (caught.value.trouble, caught.value.detail) == (Trouble.UNCLEAR, "read_timeout")
    assert asked == ["silent"]
    assert store.get("bank", lambda: ("token", 300), 1.0) == "token"


def test_nobody_waits_for_another_ones_token_without_end():
    store = TokenStore()
    begun, end = threading.Event(), threading.Event()

    def slow():
        begun.set()
        assert end.wait(60)
        return "token", 300

    with ThreadPoolExecutor(1) as others:
        other = others.submit(store.get, "bank", slow, 1.0)
        assert begun.wait(60)
        with pytest.raises(PixTrouble) as caught:
            store.get("bank", slow, 0.01)
        end.set()
        assert other.result() == "token"
    assert (caught.value.trouble, caught.value.is_passing) == (Trouble.UNCLEAR, True)


def test_whose_patience_is_over_sends_nothing(bank, make_pix_client):
    tokens = TokenStore()
    make_pix_client(tokens=tokens).put_charge("cob", TXID, BODY)
    seen = len(bank.requests)
    impatient = make_pix_client(tokens=tokens, patience=-1.0)
    with pytest.raises(PixTrouble) as caught:
        impatient.get_charge("cob", TXID)
    assert (caught.value.may_be_done, caught.value.is_passing) == (False, True)
    assert len(bank.requests) == seen


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
    assert client.put_charge("cob", TXID, BODY).code == made.code
    assert client.patch_charge("cob", TXID, {"valor": {"original": "1.00"}}).revision == 2
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
    assert [len(page.pix) for page in pages] == [40, 40, 21]
    assert len({pix.end_to_end_id for page in pages for pix in page.pix}) == 101


def test_an_id_of_a_refund_is_taken_once(bank, make_pix_client):
    client = make_pix_client()
    found = bank.pay(TXID, "100.00")
    assert client.refund(found, "D1", Decimal("40"), "troco").status == "EM_PROCESSAMENTO"
    with pytest.raises(PixTrouble) as caught:
        client.refund(found, "D1", Decimal("40"), "troco")
    assert caught.value.trouble == Trouble.REFUSED
    assert client.get_refund(found, "D1").status == "DEVOLVIDO"
    assert [refund.amount for refund in client.get_pix(found).refunds] == [Decimal("40.00")]
    with pytest.raises(PixTrouble) as caught:
        client.refund(found, "D2", Decimal("60.01"))
    assert "Sem saldo" in caught.value.detail


def test_lot(bank, make_pix_client):
    client = make_pix_client()
    other = dynamic_txid(77, 4, 1)
    refused = DUE_BODY | {"valor": {"original": "13.13"}}
    client.put_lot(5, "Carnê", {TXID: DUE_BODY, other: refused})
    fates = client.get_lot(5)
    assert fates[TXID] == ("CRIADA", "")
    assert fates[other][0] == "NEGADA"
    assert "Valor recusado" in fates[other][1]


def test_webhook(bank, make_pix_client):
    client = make_pix_client()
    assert client.get_webhook() == ""
    client.put_webhook("https://otica.example/pix/abc")
    assert client.get_webhook() == "https://otica.example/pix/abc"
    client.delete_webhook()
    assert (client.get_webhook(), bank.webhooks) == ("", {})
    client.delete_webhook()  # there is none any more, and that is what was wanted


def test_webhook_answered_by_a_page_is_no_success(bank, make_pix_client):
    client = make_pix_client()
    bank.on("PUT", "/webhook/", Behaviour(status=200, body="<html>Portal do banco</html>"))
    with pytest.raises(PixTrouble) as caught:
        client.put_webhook("https://otica.example/pix/abc")
    assert (caught.value.trouble, bank.webhooks) == (Trouble.BAD_ANSWER, {})


def test_products_that_the_bank_has_not_granted_are_named(bank, make_pix_client):
    bank.granted = {"cob.read", "cob.write", "pix.read", "webhook.read", "webhook.write"}
    with pytest.raises(PixTrouble) as caught:
        make_pix_client().get_webhook()
    assert (caught.value.trouble, caught.value.detail) == (
        Trouble.NOT_GRANTED,
        "cobv, lotecobv, pix",
    )
    assert not caught.value.is_passing


def test_page_of_a_machine_in_between_proves_nothing(bank, make_pix_client):
    """A 404 in HTML is not the bank's word that it does not know the charge."""
    client = make_pix_client()
    client.put_charge("cob", TXID, BODY)
    bank.on("GET", TXID, Behaviour(status=404, body="<html>Not Found</html>"))
    with pytest.raises(PixTrouble) as caught:
        client.get_charge("cob", TXID)
    assert (caught.value.trouble, caught.value.may_be_done) == (Trouble.BAD_ANSWER, True)


def test_answer_about_another_charge_proves_nothing(bank, make_pix_client):
    client = make_pix_client()
    client.put_charge("cob", dynamic_txid(1, 1, 1), BODY)
    bank.on("GET", TXID, Behaviour(body=bank.charges[dynamic_txid(1, 1, 1)]))
    with pytest.raises(PixTrouble) as caught:
        client.get_charge("cob", TXID)
    assert caught.value.trouble == Trouble.BAD_ANSWER


def test_second_sixty_is_an_instant():
    """RFC 3339 §5.6: 23:59:60 is the leap second, the first one of the next day for us."""
    found = read_pix({"endToEndId": "E1", "valor": "1.00", "horario": "2026-12-31T23:59:60Z"})
    assert found.at == datetime(2027, 1, 1, tzinfo=timezone.utc)


def test_what_cannot_be_read_is_kept_apart():
    good = {"endToEndId": "E1", "valor": "1.00", "horario": "2026-03-19T10:00:00Z"}
    refund = {"id": "D1", "valor": "?", "status": "DEVOLVIDO"}
    bad = ({**good, "horario": "?"}, {**good, "devolucoes": [refund]})
    page = read_page([good, *bad, "x"])
    assert ([pix.end_to_end_id for pix in page.pix], page.unreadable) == (
        ["E1"],
        (*bad, {"item": "x"}),
    )


def test_refunds_are_read_with_their_nature(bank, make_pix_client):
    found = bank.pay(TXID, "100.00")
    at = datetime(2026, 3, 20, 12, tzinfo=timezone.utc)
    bank.give_back(found, "30.00", "MED_FRAUDE", at=at)
    [refund] = make_pix_client().get_pix(found).refunds
    assert (refund.amount, refund.status, refund.nature, refund.at) == (
        Decimal("30.00"),
        "DEVOLVIDO",
        "MED_FRAUDE",
        at,
    )


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
def strict(monkeypatch):
    """Every Python judges certificates as strictly as those from 3.13 on."""
    lenient = ssl.create_default_context

    def create():
        tls = lenient()
        tls.verify_flags |= ssl.VERIFY_X509_STRICT
        return tls

    monkeypatch.setattr(ssl, "create_default_context", create)


@pytest.fixture(params=[False, True], ids=["customary chain", "old chain"])
def authority(request):
    return Authority(old=request.param)


@pytest.fixture
def tls_bank(authority, tmp_path):
    with PixServer(bank_side(authority, tmp_path)) as running:
        yield running


def test_the_bank_knows_the_shop_by_its_certificate(strict, authority, tls_bank, caplog):
    caplog.set_level(logging.DEBUG)
    pem, key = authority.issue("shop")
    config = PixConfig(**tls_bank.config(certificate=Certificate(pem, key, authority.pem)))
    with PixClient(config, tokens=TokenStore()) as client:
        assert client.put_charge("cob", TXID, BODY).status == "ATIVA"
    told = caplog.text + repr(config)
    assert SECRET not in told
    assert "PRIVATE KEY" not in told
    assert key.decode().splitlines()[1] not in told


def test_a_bank_of_another_authority_learns_nothing(strict, authority, tls_bank):
    pem, key = authority.issue("shop")
    for other in (b"", Authority().pem, Authority(old=True).pem):
        config = PixConfig(**tls_bank.config(certificate=Certificate(pem, key, other)))
        with PixClient(config, tokens=TokenStore()) as client, pytest.raises(PixTrouble) as caught:
            client.get_webhook()
        assert caught.value.trouble == Trouble.BANK_NOT_TRUSTED
    assert tls_bank.requests == []


def test_a_stranger_stays_outside(authority, tls_bank):
    pem, key = Authority().issue("stranger")
    config = PixConfig(**tls_bank.config(certificate=Certificate(pem, key, authority.pem)))
    with PixClient(config, tokens=TokenStore()) as client, pytest.raises(PixTrouble) as caught:
        client.get_webhook()
    assert tls_bank.requests == []
    assert (caught.value.trouble, caught.value.is_passing) == (Trouble.TLS_REFUSED, False)
    assert "UNKNOWN_CA" in caught.value.detail or "DECRYPT" in caught.value.detail


def test_a_certificate_that_the_bank_finds_expired(authority, tls_bank):
    """By the shop's clock it is good: the clock is wrong."""
    pem, key = authority.issue("shop", good_for=-DAY)
    config = PixConfig(**tls_bank.config(certificate=Certificate(pem, key, authority.pem)))
    past = datetime.now(timezone.utc) - 3 * DAY
    client = PixClient(config, tokens=TokenStore(), now=lambda: past)
    with client, pytest.raises(PixTrouble) as caught:
        client.get_webhook()
    assert (caught.value.trouble, caught.value.detail) == (
        Trouble.TLS_REFUSED,
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    )


def test_bank_that_wants_a_certificate_and_gets_none(authority, tls_bank, monkeypatch):
    """TLS 1.3 tells it after our first bytes have left; the bank has read none of them."""
    tls = ssl.create_default_context(cadata=authority.pem.decode())
    monkeypatch.setattr(pix_certificate, "context", lambda certificate: tls)
    client = PixClient(PixConfig(**tls_bank.config()), tokens=TokenStore())
    with client, pytest.raises(PixTrouble) as caught:
        client.get_webhook()
    assert (caught.value.trouble, caught.value.may_be_done) == (Trouble.TLS_REFUSED, False)
    assert caught.value.detail == "TLSV13_ALERT_CERTIFICATE_REQUIRED"


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
