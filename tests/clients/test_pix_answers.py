"""Every row of the bank's table, played for all that is asked of a bank, over HTTP and mTLS."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from odoo.addons.optica_cobranca.clients.bank import pix_certificate
from odoo.addons.optica_cobranca.clients.bank.pix_bacen import PixClient, PixConfig
from odoo.addons.optica_cobranca.clients.bank.pix_certificate import Certificate
from odoo.addons.optica_cobranca.clients.bank.pix_errors import PixTrouble, Trouble
from odoo.addons.optica_cobranca.clients.bank.pix_shapes import Debtor, cob_body, cobv_body
from odoo.addons.optica_cobranca.clients.bank.pix_token import TokenStore
from odoo.addons.optica_cobranca.domain.pix.pix_terms import DueTerms
from odoo.addons.optica_cobranca.domain.pix.pix_txid import dynamic_txid

from tests.clients.answer_table import (
    AFTER,
    BEFORE,
    DONE,
    DURING,
    NO_CONNECTION,
    NOT_DONE,
    OWN_CHECK,
    RFC_9110_ELSEWHERE,
    RFC_9110_REFUSED,
    RFC_9110_SERVER,
    UNSURE,
    Row,
    Table,
    assert_in_guide,
    assert_whole,
)
from tests.clients.message_answers import Nobody, address_of_nobody
from tests.clients.pix_certificates import Authority, bank_side
from tests.fakes.cloud_api_behaviour import HALF, RESET, SILENCE, Behaviour
from tests.fakes.pix_server import KEY, PUBLISHED, PixServer, executed

TXID, OTHER = dynamic_txid(77, 3, 1), dynamic_txid(77, 4, 1)
DUE = cobv_body(
    DueTerms(Decimal("105.58"), date(2027, 3, 2), 60), KEY, Debtor("Maria da Silva", "12345678909")
)
HTML = "<html><body>Bad gateway</body></html>"
PIX = "API Pix 2.9.0"
ERRORS = f"{PIX}, Tratamento de erros"
OAUTH = "RFC 6749 §5.2"

# What happens next, in the words of the guide.
LATER = "is asked for again later, under the same id"
PERSON = "waits; the managers are told what to mend"
LOOK = (
    "the bank is asked by our id (GET): what it knows counts; a refund stays set aside and a code "
    "is not shown until then"
)
JUDGE = (
    "the bank is asked by our id (GET): known there, that counts; unknown and nothing earlier in "
    "doubt, it has failed"
)


@dataclass(frozen=True)
class Token:
    """The call for a token is answered so."""

    behaviour: Behaviour


@dataclass(frozen=True)
class Granted:
    """The bank grants these scopes only."""

    scopes: str


@dataclass(frozen=True)
class Tls:
    """Certificates that do not fit: ``missing``, ``stranger``, ``ended``, ``bank``."""

    how: str


@dataclass(frozen=True)
class Unwritten:
    """What is wrong is seen before anything leaves: ``certificate`` or ``no_tax_number``."""

    what: str


def problem(status: int, kind: str) -> Behaviour:
    body = {"type": f"https://pix.bcb.gov.br/api/v2/error/{kind}", "title": kind, "status": status}
    return Behaviour(status=status, body=body, took_it=False)


def row(phase, shown, played, belief, then, source, trouble=None) -> Row:
    return Row(phase, shown, played, belief, then, source, asks=trouble)


def before(shown, played, then, source, trouble) -> Row:
    return row(BEFORE, shown, played, NOT_DONE, then, source, trouble)


def refused(shown, played, then, source, trouble) -> Row:
    return row(AFTER, shown, played, NOT_DONE, then, source, trouble)


def unsure(phase, shown, played, source, trouble) -> Row:
    return row(phase, shown, played, UNSURE, LOOK, source, trouble)


TABLE = Table(
    "pix",
    "Banks (Banco Central's API Pix 2.9.0)",
    note=(
        "Asked of a bank are charges (PUT and PATCH /cob, /cobv), batches of them (PUT /lotecobv) "
        "and refunds (PUT /pix/{e2eid}/devolucao/{id}), each under an id of our own that the bank "
        "takes once. A refusal speaks of the last request only: while an earlier one is in doubt "
        "(an hour for refunds, ten minutes for codes) nothing has failed."
    ),
    rows=(
        before(
            "certificate has ended",
            Unwritten("certificate"),
            PERSON,
            OWN_CHECK,
            Trouble.EXPIRED_CERTIFICATE,
        ),
        before(
            "customer without CPF",
            Unwritten("no_tax_number"),
            "the code is over the exact amount of today",
            OWN_CHECK,
            Trouble.BAD_SETTINGS,
        ),
        before("nobody listens", Nobody("refused"), LATER, NO_CONNECTION, Trouble.UNREACHABLE),
        before("no connection in time", Nobody("hangs"), LATER, NO_CONNECTION, Trouble.UNREACHABLE),
        before(
            "TLS: our certificate is missing",
            Tls("missing"),
            PERSON,
            "RFC 8446 §4.4.2.4, certificate_required",
            Trouble.TLS_REFUSED,
        ),
        before(
            "TLS: our certificate is of another authority",
            Tls("stranger"),
            PERSON,
            "RFC 8446 §6.2, unknown_ca",
            Trouble.TLS_REFUSED,
        ),
        before(
            "TLS: our certificate has ended by the bank's clock",
            Tls("ended"),
            PERSON,
            "RFC 8446 §6.2, certificate_expired",
            Trouble.TLS_REFUSED,
        ),
        before(
            "TLS: nobody we trust has signed the bank's",
            Tls("bank"),
            PERSON,
            "RFC 5280 §6: the path to a trusted authority is checked",
            Trouble.BANK_NOT_TRUSTED,
        ),
        before(
            "token: 401 invalid_client",
            Token(Behaviour(status=401, body={"error": "invalid_client"})),
            PERSON,
            OAUTH,
            Trouble.AUTH,
        ),
        before(
            "token: 400 invalid_scope",
            Granted("cob.read cob.write"),
            "waits; the managers are told which products the bank has not granted",
            OAUTH,
            Trouble.NOT_GRANTED,
        ),
        before(
            "token: 503",
            Token(Behaviour(status=503, body={})),
            LATER,
            "no token: nothing was asked for yet",
            Trouble.BANK_DOWN,
        ),
        before(
            "token: silence",
            Token(Behaviour(kind=SILENCE, latency=1)),
            LATER,
            "no token: nothing was asked for yet",
            Trouble.UNCLEAR,
        ),
        unsure(
            DURING,
            "silence",
            Behaviour(kind=SILENCE, latency=1),
            "RFC 9110 §9.2.2",
            Trouble.UNCLEAR,
        ),
        unsure(
            DURING, "connection lost", Behaviour(kind=RESET), "RFC 9110 §9.2.2", Trouble.UNCLEAR
        ),
        row(
            AFTER,
            "200, 201 or 202 as published",
            None,
            DONE,
            "the bank's status counts; what it has under way is looked up",
            f"{PIX}, answers of each operation",
        ),
        unsure(
            AFTER,
            "2xx cut short",
            Behaviour(kind=HALF, status=201, body={"txid": TXID, "id": "D1"}),
            "RFC 9112 §8",
            Trouble.UNCLEAR,
        ),
        unsure(
            AFTER,
            "2xx that is no JSON",
            executed(201, HTML),
            f"{PIX}: every answer with a body is JSON",
            Trouble.BAD_ANSWER,
        ),
        unsure(
            AFTER,
            "303",
            Behaviour(status=303, body="", headers={"Location": "/x"}),
            RFC_9110_ELSEWHERE,
            Trouble.BAD_ANSWER,
        ),
        refused(
            "400 with the bank's words",
            problem(400, "RequisicaoInvalida"),
            JUDGE,
            f"{ERRORS}: 4xx is what was sent, or the state of what it is about; an id that is "
            "used is answered so, too",
            Trouble.REFUSED,
        ),
        refused(
            "400 without words",
            Behaviour(status=400, body=HTML, took_it=False),
            JUDGE,
            RFC_9110_REFUSED,
            Trouble.REFUSED,
        ),
        refused(
            "401, and 401 again with a new token",
            (Behaviour(status=401, body={}, took_it=False),) * 2,
            PERSON,
            RFC_9110_REFUSED,
            Trouble.AUTH,
        ),
        refused(
            "403",
            problem(403, "AcessoNegado"),
            PERSON,
            f"{ERRORS}: AcessoNegado",
            Trouble.FORBIDDEN,
        ),
        refused(
            "404",
            problem(404, "NaoEncontrado"),
            JUDGE,
            f"{ERRORS}: NaoEncontrado",
            Trouble.NOT_FOUND,
        ),
        unsure(
            AFTER,
            "404 that is a page",
            Behaviour(status=404, body=HTML, took_it=False),
            "a machine in between: the bank's own errors are JSON (RFC 7807)",
            Trouble.BAD_ANSWER,
        ),
        refused(
            "410",
            problem(410, "PermanentementeRemovido"),
            JUDGE,
            f"{ERRORS}: PermanentementeRemovido",
            Trouble.NOT_FOUND,
        ),
        unsure(
            AFTER,
            "408",
            Behaviour(status=408, body={}, took_it=False),
            "RFC 9110 §15.5.9",
            Trouble.UNCLEAR,
        ),
        refused(
            "429",
            Behaviour(status=429, body={}, took_it=False),
            LATER,
            "RFC 6585 §4: refused for being too many",
            Trouble.TOO_FAST,
        ),
        unsure(
            AFTER,
            "500",
            executed(500, {}),
            f"{ERRORS}: ErroInternoDoServidor does not say whether it was done",
            Trouble.BANK_DOWN,
        ),
        unsure(AFTER, "502", executed(502, HTML), RFC_9110_SERVER, Trouble.BANK_DOWN),
        unsure(
            AFTER,
            "503",
            problem(503, "ServicoIndisponivel"),
            f"{ERRORS}: ServicoIndisponivel does not say whether it was done",
            Trouble.BANK_DOWN,
        ),
        unsure(
            AFTER,
            "504",
            executed(504, HTML),
            f"{ERRORS}: IndisponibilidadePorTempoEsgotado, the service took too long",
            Trouble.BANK_DOWN,
        ),
    ),
)


@dataclass(frozen=True)
class Operation:
    """Something asked of a bank that must not be done twice.

    :param ready: what the bank needs to know before
    :param ask: asks for it
    :param is_done: has the bank done it?
    """

    name: str
    method: str
    part: str
    published: str
    ready: Callable[[PixServer, PixClient], Any]
    ask: Callable[[PixClient, Any], Any]
    is_done: Callable[[PixServer, Any], bool]


def _nothing(bank, client):
    return None


OPERATIONS = (
    Operation(
        "charge for today",
        "PUT",
        "/cob/",
        "/cob/{txid}",
        _nothing,
        lambda client, _: client.put_charge("cob", TXID, cob_body(Decimal("5"), KEY, 3600, None)),
        lambda bank, _: TXID in bank.charges,
    ),
    Operation(
        "charge with due date",
        "PUT",
        "/cobv/",
        "/cobv/{txid}",
        _nothing,
        lambda client, _: client.put_charge("cobv", TXID, DUE),
        lambda bank, _: TXID in bank.charges,
    ),
    Operation(
        "removal",
        "PATCH",
        "/cobv/",
        "/cobv/{txid}",
        lambda bank, client: client.put_charge("cobv", TXID, DUE),
        lambda client, _: client.remove_charge("cobv", TXID),
        lambda bank, _: bank.charges[TXID]["status"] != "ATIVA",
    ),
    Operation(
        "batch",
        "PUT",
        "/lotecobv/",
        "/lotecobv/{id}",
        _nothing,
        lambda client, _: client.put_lot(5, "Carnê", {TXID: DUE, OTHER: DUE}),
        lambda bank, _: "5" in bank.lots,
    ),
    Operation(
        "refund",
        "PUT",
        "/devolucao/",
        "/pix/{e2eid}/devolucao/{id}",
        lambda bank, client: bank.pay(TXID, "100.00"),
        lambda client, found: client.refund(found, "D1", Decimal("40")),
        lambda bank, found: (found, "D1") in bank.refunds,
    ),
)


def judged(operation, bank, client, ready) -> tuple[str, Trouble | None]:
    """What we believe once it was asked, and the trouble."""
    try:
        operation.ask(client, ready)
    except PixTrouble as error:
        return (UNSURE if error.may_be_done else NOT_DONE), error.trouble
    return DONE, None


def tls_client(how, folder):
    """A client and a bank whose certificates do not fit."""
    ours, authority = Authority(), Authority()
    bank = PixServer(bank_side(authority, folder))
    pem, key = {
        "stranger": lambda: ours.issue("stranger"),
        "ended": lambda: authority.issue("shop", good_for=timedelta(days=-1)),
    }.get(how, lambda: authority.issue("shop"))()
    trusted = b"" if how == "bank" else authority.pem
    config = PixConfig(**bank.config(certificate=Certificate(pem, key, trusted)))
    return bank, config, authority


def play_tls(operation, how, folder, monkeypatch):
    bank, config, authority = tls_client(how, folder)
    monkeypatch.setattr(pix_certificate, "check", lambda certificate, now: None)
    if how == "missing":
        tls = ssl.create_default_context(cadata=authority.pem.decode())
        monkeypatch.setattr(pix_certificate, "context", lambda certificate: tls)
    with bank, PixClient(config, tokens=TokenStore()) as client:
        outcome = judged(operation, bank, client, "E" * 32)
    return outcome, bool(bank.requests)


def play(operation, row, bank, make, folder, monkeypatch):
    """Ask as the row says: (belief and trouble, has the bank done it)."""
    played = row.played
    if isinstance(played, Tls):
        return play_tls(operation, played.how, folder, monkeypatch)
    ready = operation.ready(bank, make())
    if isinstance(played, Nobody):
        with address_of_nobody(played.how, bank.url) as url:
            client = make(base_url=f"{url}/pix/v2", connect_timeout=0.3, read_timeout=0.3)
            return judged(operation, bank, client, ready), operation.is_done(bank, ready)
    client = make(read_timeout=0.5)
    if isinstance(played, Token):
        bank.on("POST", "/oauth/token", played.behaviour)
    elif isinstance(played, Granted):
        bank.granted = set(played.scopes.split())
    elif played is not None:
        behaviours = played if isinstance(played, tuple) else (played,)
        bank.on(operation.method, operation.part, *behaviours)
    return judged(operation, bank, client, ready), operation.is_done(bank, ready)


PLAYED = [each for each in TABLE.rows if not isinstance(each.played, Unwritten)]


@pytest.mark.parametrize("row", PLAYED, ids=[f"{each.phase}: {each.answer}" for each in PLAYED])
@pytest.mark.parametrize("operation", OPERATIONS, ids=[each.name for each in OPERATIONS])
def test_what_we_believe(operation, row, bank, make_pix_client, tmp_path, monkeypatch):
    (belief, trouble), is_done = play(operation, row, bank, make_pix_client, tmp_path, monkeypatch)
    assert (belief, trouble) == (row.belief, row.asks)
    if belief != UNSURE:
        assert is_done == (belief == DONE), "believed, and not so"


def test_seen_before_anything_leaves():
    pem, key = Authority().issue("shop", good_for=timedelta(days=-1))
    with pytest.raises(PixTrouble) as caught:
        PixClient(PixConfig("other", "id", "secret", certificate=Certificate(pem, key)))
    assert caught.value.trouble == Trouble.EXPIRED_CERTIFICATE
    with pytest.raises(PixTrouble) as caught:
        cobv_body(DueTerms(Decimal("5"), date(2027, 3, 2), 60), KEY, Debtor("Maria"))
    assert caught.value.trouble == Trouble.BAD_SETTINGS


@pytest.mark.parametrize("operation", OPERATIONS, ids=[each.name for each in OPERATIONS])
def test_every_published_answer_has_a_row(operation):
    told = {word for each in TABLE.of(AFTER) for word in each.answer.replace(",", "").split()}
    published = PUBLISHED["paths"][operation.published][operation.method]["answers"]
    assert set(published) <= told
    # Those that any operation may be answered with (Tratamento de erros, Gerais).
    assert {"400", "403", "404", "410", "500", "503", "504"} <= told


def test_the_table_is_whole():
    assert_whole(TABLE)


def test_the_guide_shows_this_table():
    assert_in_guide(TABLE)
