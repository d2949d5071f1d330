"""Bodies of Banco Central's API Pix 2.9.0: what is asked of the bank, and what it says.

Money is `Decimal` BRL here and text with two decimals on the wire; instants are aware UTC.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from dateutil.parser import isoparse

from ...domain.pix.pix_received import Received
from ...domain.pix.pix_terms import DueTerms
from ...domain.shop.errors import MoneyError
from ...domain.shop.money import ZERO, cents
from ..http.untrusted import mapping_of, text_of
from .pix_errors import PixTrouble, Trouble

ACTIVE, DONE = "ATIVA", "CONCLUIDA"
REMOVED_BY_US, REMOVED_BY_BANK = "REMOVIDA_PELO_USUARIO_RECEBEDOR", "REMOVIDA_PELO_PSP"
REFUND_DONE, REFUND_FAILED = "DEVOLVIDO", "NAO_REALIZADO"
MAX_NAME, MAX_REQUEST, MAX_REASON = 200, 140, 140
_LEAP_SECOND = re.compile(r"(T\d\d:\d\d):60")
PERCENT, FIXED_UNTIL_DATES, PERCENT_A_MONTH = 2, 1, 3


@dataclass(frozen=True)
class Debtor:
    """Who owes: full name and CPF (11 digits) or CNPJ (14 digits or capitals), if known."""

    name: str
    tax_number: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    email: str = ""


@dataclass(frozen=True)
class ChargeAnswer:
    """A charge as the bank has it.

    :param code: text to copy and paste; empty when the bank leaves it out
    """

    txid: str
    status: str
    revision: int = 0
    location: str = ""
    code: str = ""
    pix: tuple["PixAnswer", ...] = ()


@dataclass(frozen=True)
class RefundAnswer:
    """A refund as the bank has it.

    :param status: EM_PROCESSAMENTO, DEVOLVIDO or NAO_REALIZADO
    :param reason: why it has this status
    :param nature: ORIGINAL, RETIRADA, MED_OPERACIONAL, MED_FRAUDE, MED_PIX_AUTOMATICO; empty when
        the bank does not say (ORIGINAL, by the standard)
    :param words: what the payer was told
    :param at: when it was done, or else asked for, aware UTC
    """

    refund_id: str
    amount: Decimal
    status: str
    reason: str = ""
    return_id: str = ""
    nature: str = ""
    words: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class PixAnswer:
    """A received Pix as the bank tells it."""

    end_to_end_id: str
    txid: str
    received: Received
    at: datetime
    key: str = ""
    message: str = ""
    refunds: tuple[RefundAnswer, ...] = field(default=())


@dataclass(frozen=True)
class PixPage:
    """A page of received Pix.

    :param unreadable: items that lack what every Pix has, as they came
    """

    pix: tuple[PixAnswer, ...] = ()
    unreadable: tuple[Mapping[str, Any], ...] = ()


def cob_body(
    amount: Decimal, key: str, seconds: int, debtor: Debtor | None, request: str = ""
) -> dict[str, Any]:
    """PUT /cob/{txid}: an exact amount, payable for ``seconds`` from now."""
    body: dict[str, Any] = {
        "calendario": {"expiracao": seconds},
        "valor": {"original": money(amount)},
        "chave": key,
    }
    person = _person(debtor) if debtor else None
    if person:
        body["devedor"] = person
    return body | _request(request)


def cobv_body(terms: DueTerms, key: str, debtor: Debtor, request: str = "") -> dict[str, Any]:
    """PUT /cobv/{txid}: with due date, fine, interest and discounts.

    :raise PixTrouble: ``BAD_SETTINGS`` without CPF or CNPJ, which the bank demands
    """
    person = _person(debtor)
    if not person:
        raise PixTrouble(Trouble.BAD_SETTINGS, "no_tax_number")
    address = {
        "logradouro": debtor.street[:MAX_NAME],
        "cidade": debtor.city[:MAX_NAME],
        "uf": debtor.state[:2],
        "cep": debtor.postal_code,
        "email": debtor.email,
    }
    return {
        "calendario": {
            "dataDeVencimento": terms.due.isoformat(),
            "validadeAposVencimento": terms.valid_days,
        },
        "devedor": person | {name: value for name, value in address.items() if value},
        "valor": _due_value(terms),
        "chave": key,
    } | _request(request)


def lot_body(description: str, charges: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """PUT /lotecobv/{id}.

    :param charges: body of :func:`cobv_body` by txid
    """
    return {
        "descricao": description,
        "cobsv": [{"txid": txid, **body} for txid, body in charges.items()],
    }


def revision_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """PATCH: the parts that may change, without the key, which is the charge's own."""
    return {name: value for name, value in body.items() if name != "chave"}


def removal_body() -> dict[str, str]:
    """PATCH: nobody shall pay it any more."""
    return {"status": REMOVED_BY_US}


def refund_body(amount: Decimal, reason: str) -> dict[str, str]:
    """PUT /pix/{e2eid}/devolucao/{id}."""
    body = {"valor": money(amount)}
    if reason.strip():
        body["descricao"] = reason.strip()[:MAX_REASON]
    return body


def money(amount: Decimal) -> str:
    """As it stands on the wire: 108.29."""
    return f"{cents(amount):.2f}"


def read_charge(data: Any) -> ChargeAnswer:
    """A charge in an answer.

    :raise PixTrouble: ``BAD_ANSWER`` without txid or status
    """
    txid, status = text_of(data, "txid"), text_of(data, "status")
    if not txid or not status:
        raise PixTrouble(Trouble.BAD_ANSWER, "charge without txid or status")
    revision = data.get("revisao")
    return ChargeAnswer(
        txid=txid,
        status=status,
        revision=revision if isinstance(revision, int) else 0,
        location=text_of(data, "location") or text_of(data, "loc", "location"),
        code=text_of(data, "pixCopiaECola"),
        pix=read_page(data.get("pix")).pix,
    )


def read_page(items: Any) -> PixPage:
    """The Pix of a list; what cannot be read is kept apart, as it came."""
    read = [(item, read_pix(item)) for item in (items if isinstance(items, list) else [])]
    return PixPage(
        tuple(pix for _item, pix in read if pix),
        tuple(
            item if isinstance(item, Mapping) else {"item": item} for item, pix in read if not pix
        ),
    )


def read_pix(data: Any) -> PixAnswer | None:
    """One received Pix; None when it, or a refund of it, lacks what each of them has."""
    end_to_end_id, at = text_of(data, "endToEndId"), _instant(text_of(data, "horario"))
    amount = _money(text_of(data, "valor"))
    if not end_to_end_id or not at or amount is None or amount <= 0:
        return None
    parts = mapping_of(data, "componentesValor")

    def part(name: str) -> Decimal:
        return _money(text_of(parts, name, "valor")) or ZERO

    refunds = tuple(map(read_refund, items_of(data, "devolucoes")))
    if not all(refund.refund_id and refund.amount > 0 for refund in refunds):
        return None
    return PixAnswer(
        end_to_end_id=end_to_end_id,
        txid=text_of(data, "txid"),
        received=Received(
            amount=amount,
            original=_money(text_of(parts, "original", "valor")),
            fine=part("multa"),
            interest=part("juros"),
            discount=part("desconto"),
            abatement=part("abatimento"),
        ),
        at=at,
        key=text_of(data, "chave"),
        message=text_of(data, "infoPagador"),
        refunds=refunds,
    )


def read_refund(data: Any) -> RefundAnswer:
    """A refund in an answer; one without a status is still under way."""
    hours = mapping_of(data, "horario")
    return RefundAnswer(
        refund_id=text_of(data, "id"),
        amount=_money(text_of(data, "valor")) or ZERO,
        status=text_of(data, "status") or "EM_PROCESSAMENTO",
        reason=text_of(data, "motivo"),
        return_id=text_of(data, "rtrId"),
        nature=text_of(data, "natureza"),
        words=text_of(data, "descricao"),
        at=_instant(text_of(hours, "liquidacao") or text_of(hours, "solicitacao")),
    )


def _due_value(terms: DueTerms) -> dict[str, Any]:
    value: dict[str, Any] = {"original": money(terms.original)}
    if terms.fine_percent:
        value["multa"] = {"modalidade": PERCENT, "valorPerc": money(terms.fine_percent)}
    if terms.monthly_interest_percent:
        value["juros"] = {
            "modalidade": PERCENT_A_MONTH,
            "valorPerc": money(terms.monthly_interest_percent),
        }
    if terms.discounts:
        value["desconto"] = {
            "modalidade": FIXED_UNTIL_DATES,
            "descontoDataFixa": [_until(day, less) for day, less in terms.discounts],
        }
    return value


def _until(day: date, less: Decimal) -> dict[str, str]:
    return {"data": day.isoformat(), "valorPerc": money(less)}


def _person(debtor: Debtor) -> dict[str, str] | None:
    name = debtor.name.strip()[:MAX_NAME]
    if not name or len(debtor.tax_number) not in (11, 14):
        return None
    kind = "cpf" if len(debtor.tax_number) == 11 else "cnpj"
    return {kind: debtor.tax_number, "nome": name}


def _request(text: str) -> dict[str, str]:
    return {"solicitacaoPagador": text.strip()[:MAX_REQUEST]} if text.strip() else {}


def _money(text: str) -> Decimal | None:
    try:
        return cents(text) if text else None
    except MoneyError:
        return None


def _instant(text: str) -> datetime | None:
    # The second 60, which RFC 3339 allows, is the next minute's first one.
    plain = _LEAP_SECOND.sub(r"\1:59", text)
    try:
        found = isoparse(plain) + timedelta(seconds=plain != text)
    except (ValueError, OverflowError):
        return None
    return found.astimezone(timezone.utc) if found.tzinfo else found.replace(tzinfo=timezone.utc)


def items_of(data: Any, *path: str) -> Sequence[Any]:
    """The list at the end of the path, or an empty one."""
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data if isinstance(data, list) else []
