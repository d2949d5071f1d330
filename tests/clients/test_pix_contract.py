"""Every body sent to a bank is what Banco Central published; every answer read is, too."""

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from odoo.addons.optica_cobranca.clients.bank import pix_shapes
from odoo.addons.optica_cobranca.clients.bank.pix_errors import PixTrouble, Trouble
from odoo.addons.optica_cobranca.domain.pix.pix_terms import DueTerms
from odoo.addons.optica_cobranca.domain.pix.pix_txid import dynamic_txid

from tests.fakes.pix_server import KEY, PixServer

SPEC = Path(__file__).resolve().parent.parent / "fixtures/specs/bacen-api-pix-2.9.0.json"
PUBLISHED = json.loads(SPEC.read_text(encoding="utf-8"))
TXID = dynamic_txid(77, 3, 1)
MARIA = pix_shapes.Debtor(
    "Maria da Silva", "12345678909", "Rua das Flores 1", "São Paulo", "SP", "01001000", "m@x.br"
)
SHOP = pix_shapes.Debtor("Escola Visão Ltda", "12ABC34501DE35")
TERMS = DueTerms(
    Decimal("105.58"),
    date(2026, 3, 2),
    60,
    Decimal("2.00"),
    Decimal("1.00"),
    ((date(2025, 12, 2), Decimal("3.00")), (date(2026, 1, 2), Decimal("2.00"))),
)


def is_published(name, document):
    schema = {**PUBLISHED, "$ref": f"#/$defs/{name}"}
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(
        document
    )
    return True


def test_exact_amount_for_today():
    body = pix_shapes.cob_body(Decimal("108.29"), KEY, 3600, MARIA, "Parcela 3/10")
    assert is_published("CobSolicitada", body)
    assert body == {
        "calendario": {"expiracao": 3600},
        "devedor": {"cpf": "12345678909", "nome": "Maria da Silva"},
        "valor": {"original": "108.29"},
        "chave": KEY,
        "solicitacaoPagador": "Parcela 3/10",
    }
    assert is_published("CobRevisada", pix_shapes.revision_body(body))


def test_exact_amount_of_somebody_without_cpf():
    body = pix_shapes.cob_body(Decimal("1"), KEY, 60, pix_shapes.Debtor("Maria"))
    assert is_published("CobSolicitada", body)
    assert "devedor" not in body
    assert body["valor"] == {"original": "1.00"}


def test_due_date_with_fine_interest_and_discounts():
    body = pix_shapes.cobv_body(TERMS, KEY, MARIA, "x" * 200)
    assert is_published("CobVSolicitada", body)
    assert body["valor"] == {
        "original": "105.58",
        "multa": {"modalidade": 2, "valorPerc": "2.00"},
        "juros": {"modalidade": 3, "valorPerc": "1.00"},
        "desconto": {
            "modalidade": 1,
            "descontoDataFixa": [
                {"data": "2025-12-02", "valorPerc": "3.00"},
                {"data": "2026-01-02", "valorPerc": "2.00"},
            ],
        },
    }
    assert body["calendario"] == {"dataDeVencimento": "2026-03-02", "validadeAposVencimento": 60}
    assert len(body["solicitacaoPagador"]) == 140
    assert is_published("CobVRevisada", pix_shapes.revision_body(body))


def test_company_with_letters_in_its_cnpj():
    body = pix_shapes.cobv_body(TERMS, KEY, SHOP)
    assert is_published("CobVSolicitada", body)
    assert body["devedor"] == {"cnpj": "12ABC34501DE35", "nome": "Escola Visão Ltda"}


def test_due_date_needs_a_tax_number():
    with pytest.raises(PixTrouble) as caught:
        pix_shapes.cobv_body(TERMS, KEY, pix_shapes.Debtor("Maria"))
    assert (caught.value.trouble, caught.value.detail) == (Trouble.BAD_SETTINGS, "no_tax_number")


def test_lot_removal_refund_and_webhook():
    body = pix_shapes.cobv_body(TERMS, KEY, MARIA)
    lot = pix_shapes.lot_body("Carnê 77", {TXID: body, dynamic_txid(77, 4, 1): body})
    assert is_published("LoteCobVSolicitado", lot)
    assert is_published("CobVRevisada", pix_shapes.removal_body())
    assert is_published("CobRevisada", pix_shapes.removal_body())
    assert is_published("DevolucaoSolicitada", pix_shapes.refund_body(Decimal("5"), "Pago 2 vezes"))
    assert is_published("WebhookSolicitado", {"webhookUrl": "https://otica.example/pix/abc"})


def test_a_wrong_body_would_be_noticed():
    body = pix_shapes.cob_body(Decimal("1"), KEY, 60, MARIA)
    for wrong in ({**body, "valor": {"original": "1"}}, {**body, "quando": "hoje"}):
        with pytest.raises(jsonschema.ValidationError):
            is_published("CobSolicitada", wrong)


def test_the_stand_in_speaks_as_published(make_pix_client, bank: PixServer):
    """What our client reads in the other tests is what Banco Central describes."""
    client = make_pix_client()
    client.put_charge("cobv", TXID, pix_shapes.cobv_body(TERMS, KEY, MARIA))
    found = bank.pay(TXID, "108.29", original="105.58", multa="2.11", juros="0.60")
    client.refund(found, "D1", Decimal("1"), "troco")
    assert is_published("Pix", bank.pix[found])
    end = datetime.now(timezone.utc) + timedelta(hours=1)
    assert [len(page.pix) for page in client.received(end - timedelta(hours=2), end)] == [1]


def test_reading_components():
    found = pix_shapes.read_pix(
        {
            "endToEndId": "E" * 32,
            "txid": TXID,
            "valor": "108.29",
            "horario": "2026-03-19T10:00:00.000-03:00",
            "componentesValor": {
                "original": {"valor": "105.58"},
                "multa": {"valor": "2.11"},
                "juros": {"valor": "0.60"},
            },
        }
    )
    assert found.at == datetime(2026, 3, 19, 13, tzinfo=timezone.utc)
    assert (found.received.original, found.received.fine, found.received.interest) == (
        Decimal("105.58"),
        Decimal("2.11"),
        Decimal("0.60"),
    )
    assert found.received.has_components


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"endToEndId": "E1", "valor": "x", "horario": "2026-03-19T10:00:00Z"},
        {"endToEndId": "E1", "valor": "1.00", "horario": "yesterday"},
        {"endToEndId": 5, "valor": "1.00", "horario": "2026-03-19T10:00:00Z"},
        {"endToEndId": "E1", "valor": "-1.00", "horario": "2026-03-19T10:00:00Z"},
    ],
)
def test_what_is_no_pix(data):
    assert pix_shapes.read_pix(data) is None
