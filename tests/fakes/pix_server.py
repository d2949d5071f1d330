"""A stand-in for a bank that serves Banco Central's API Pix, over real HTTP or TLS with mTLS.

It remembers charges, Pix and refunds, gives out tokens that end, and can be told to misbehave
(:class:`~tests.fakes.provider_server.ProviderServer`). `pay` is the customer's telephone. Run as
a program it prints its address, and takes payments by POST /stand-in/pay.
"""

import argparse
import itertools
import ssl
import sys
import threading
from base64 import b64decode
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.fakes.cloud_api_behaviour import ANSWER, Behaviour
from tests.fakes.provider_server import ProviderServer, Request

CLIENT_ID, SECRET, KEY = "client-of-the-tests", "secret-of-the-tests", "pix@otica.example"
PROBLEM = {"Content-Type": "application/problem+json"}
TYPE = "https://pix.bcb.gov.br/api/v2/error/"


class PixServer(ProviderServer):
    """Speaks API Pix below ``/pix/v2``; tokens at ``/oauth/token``."""

    secret: ClassVar[str] = SECRET

    def __init__(self, tls: ssl.SSLContext | None = None, latency: float = 0.0):
        super().__init__()
        self.is_tls = tls is not None
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.latency = latency
        self.expires_in = 3600
        self.tokens: set[str] = set()
        self.charges: dict[str, dict[str, Any]] = {}
        self.pix: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.lots: dict[str, dict[str, Any]] = {}
        self.webhooks: dict[str, str] = {}
        self.page_limit = 1000
        self._number = itertools.count(1)
        self._lock = threading.Lock()

    # ------------------------------------------------------------- use

    @property
    def root(self) -> str:
        return f"https://localhost:{self.server_address[1]}" if self.is_tls else self.url

    def config(self, **changes: Any) -> dict[str, Any]:
        """Settings of a client that lead here."""
        return {
            "profile": "other",
            "client_id": CLIENT_ID,
            "client_secret": SECRET,
            "key": KEY,
            "base_url": f"{self.root}/pix/v2",
            "token_url": f"{self.root}/oauth/token",
            "connect_timeout": 2.0,
            "read_timeout": 2.0,
            **changes,
        }

    def forget_tokens(self) -> None:
        """All tokens end now."""
        self.tokens.clear()

    def pay(self, txid: str, amount: str, at: datetime | None = None, **parts: str) -> str:
        """The customer pays; returns the end-to-end id. ``parts``: original, multa, juros …"""
        with self._lock:
            number = next(self._number)
            found = f"E00000000{number:023d}"
            instant = at or datetime.now(timezone.utc)
            pix: dict[str, Any] = {
                "endToEndId": found,
                "valor": amount,
                "horario": instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "chave": KEY,
            }
            if txid:
                pix["txid"] = txid
            if parts:
                pix["componentesValor"] = {name: {"valor": value} for name, value in parts.items()}
            self.pix[found] = pix
            if txid in self.charges:
                self.charges[txid]["status"] = "CONCLUIDA"
        return found

    def report(self, *ids: str) -> dict[str, Any]:
        """The body of the webhook's call about these Pix."""
        return {"pix": [self.pix[each] for each in ids]}

    # ----------------------------------------------------------- hooks

    def lets_in(self, request: Request) -> bool:
        if request.path.startswith("/stand-in/"):
            return True
        header = request.headers.get("Authorization", "")
        if request.path == "/oauth/token":
            scheme, _space, value = header.partition(" ")
            return scheme == "Basic" and b64decode(value).decode() == f"{CLIENT_ID}:{SECRET}"
        return header.removeprefix("Bearer ") in self.tokens

    def refusal(self) -> Behaviour:
        return _problem(401, "NaoAutorizado", "Não autorizado", "Token inválido ou expirado.")

    def behaviour_for(self, request: Request) -> Behaviour:
        is_planned = bool(self._queue)
        behaviour = super().behaviour_for(request)
        if is_planned and behaviour.took_it and behaviour.kind != ANSWER and self.lets_in(request):
            self.regular(request)  # done, though nobody gets to know
        return behaviour

    def regular(self, request: Request) -> Behaviour:
        with self._lock:
            answer = self._answer(request)
        return Behaviour(
            status=answer.status, body=answer.body, headers=answer.headers, latency=self.latency
        )

    def _answer(self, request: Request) -> Behaviour:
        if request.path == "/oauth/token":
            token = f"token-{next(self._number)}"
            self.tokens.add(token)
            return _ok({"access_token": token, "expires_in": self.expires_in}, 200)
        if request.path.startswith("/stand-in/"):
            return self._play(request)
        parts = request.path.removeprefix("/pix/v2/").split("/")
        kind = parts[0]
        if kind in ("cob", "cobv"):
            return self._charge(request, kind, parts[1])
        if kind == "lotecobv":
            return self._lot(request, parts[1])
        if kind == "pix":
            return self._pix(request, parts[1:])
        if kind == "webhook":
            return self._webhook(request, parts[1])
        return _not_found()

    def _charge(self, request: Request, kind: str, txid: str) -> Behaviour:
        known = self.charges.get(txid)
        if request.method == "PUT":
            if known and known["status"] != "ATIVA":
                return _problem(400, "CobOperacaoInvalida", "Cobrança inválida.", "Já paga.")
            self.charges[txid] = self._new_charge(kind, txid, request.body)
            return _ok(self.charges[txid], 201)
        if not known:
            return _not_found()
        if request.method == "PATCH":
            if known["status"] != "ATIVA":
                return _problem(400, "CobOperacaoInvalida", "Cobrança inválida.", "Não está ativa.")
            known.update(request.body)
            known["revisao"] += 1
        paid = [pix for pix in self.pix.values() if pix.get("txid") == txid]
        return _ok(known | ({"pix": paid} if paid else {}), 200)

    def _new_charge(self, kind: str, txid: str, body: dict[str, Any]) -> dict[str, Any]:
        location = f"pix.example.com/qr/v2/{kind}/{txid}"
        return {
            **body,
            "txid": txid,
            "status": "ATIVA",
            "revisao": 0,
            "location": location,
            "pixCopiaECola": f"00020126{txid}6304ABCD",
        }

    def _lot(self, request: Request, lot: str) -> Behaviour:
        if request.method == "PUT":
            items = []
            for item in request.body["cobsv"]:
                body = {name: value for name, value in item.items() if name != "txid"}
                if item["valor"]["original"] == "13.13":
                    items.append(
                        {
                            "txid": item["txid"],
                            "status": "NEGADA",
                            "problema": {
                                "type": f"{TYPE}CobVOperacaoInvalida",
                                "title": "Recusada",
                                "status": 400,
                                "detail": "Valor recusado.",
                            },
                        }
                    )
                    continue
                self.charges[item["txid"]] = self._new_charge("cobv", item["txid"], body)
                items.append({"txid": item["txid"], "status": "CRIADA"})
            self.lots[lot] = {"descricao": request.body["descricao"], "cobsv": items}
            return _ok({}, 202)
        return _ok(self.lots[lot], 200) if lot in self.lots else _not_found()

    def _pix(self, request: Request, parts: list[str]) -> Behaviour:
        if not parts:
            return self._page(request)
        pix = self.pix.get(parts[0])
        if not pix:
            return _not_found()
        if len(parts) == 1:
            return _ok(pix, 200)
        if request.method == "PUT" and parts[2] not in self.refunds:
            given = sum(Decimal(each["valor"]) for each in pix.get("devolucoes", []))
            if given + Decimal(request.body["valor"]) > Decimal(pix["valor"]):
                return _problem(400, "PixDevolucaoInvalida", "Devolução inválida", "Sem saldo.")
            refund = {
                "id": parts[2],
                "rtrId": f"D00000000{next(self._number):023d}",
                "valor": request.body["valor"],
                "horario": {"solicitacao": "2026-01-01T12:00:00.000Z"},
                "status": "EM_PROCESSAMENTO",
            }
            pix.setdefault("devolucoes", []).append(refund)
            self.refunds[parts[2]] = refund
        refund = self.refunds.get(parts[2])
        if not refund:
            return _not_found()
        answer = _ok(dict(refund), 201 if request.method == "PUT" else 200)
        refund["status"] = "DEVOLVIDO"
        return answer

    def _page(self, request: Request) -> Behaviour:
        start, end = (_instant(request.query[name][0]) for name in ("inicio", "fim"))
        number = int(request.query["paginacao.paginaAtual"][0])
        size = min(int(request.query["paginacao.itensPorPagina"][0]), self.page_limit)
        found = [pix for pix in self.pix.values() if start <= _instant(pix["horario"]) <= end]
        return _ok(
            {
                "parametros": {
                    "inicio": request.query["inicio"][0],
                    "fim": request.query["fim"][0],
                    "paginacao": {
                        "paginaAtual": number,
                        "itensPorPagina": size,
                        "quantidadeDePaginas": max(1, -(-len(found) // size)),
                        "quantidadeTotalDeItens": len(found),
                    },
                },
                "pix": found[number * size : (number + 1) * size],
            },
            200,
        )

    def _webhook(self, request: Request, key: str) -> Behaviour:
        if request.method == "PUT":
            self.webhooks[key] = request.body["webhookUrl"]
        if key not in self.webhooks:
            return _not_found()
        return _ok({"webhookUrl": self.webhooks[key], "chave": key}, 200)

    def _play(self, request: Request) -> Behaviour:
        """POST /stand-in/pay: the customer pays. /stand-in/forget: tokens end. Else: a look."""
        if request.path == "/stand-in/pay":
            number = next(self._number)
            at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            pix = {
                "endToEndId": f"E00000000{number:023d}",
                "txid": request.body["txid"],
                "valor": request.body["amount"],
                "horario": at,
                "chave": KEY,
            }
            self.pix[pix["endToEndId"]] = pix
            return _ok(pix, 200)
        if request.path == "/stand-in/forget":
            self.forget_tokens()
        reads = [each.path.rsplit("/", 1)[-1] for each in self.requests if "/pix/E" in each.path]
        return _ok({"reads": reads, "charges": self.charges, "pix": self.pix}, 200)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _ok(body: Any, status: int) -> Behaviour:
    return Behaviour(status=status, body=body)


def _not_found() -> Behaviour:
    return _problem(404, "NaoEncontrado", "Não encontrado", "Entidade não encontrada.")


def _problem(status: int, kind: str, title: str, detail: str) -> Behaviour:
    body = {"type": f"{TYPE}{kind}", "title": title, "status": status, "detail": detail}
    return Behaviour(status=status, body=body, headers=PROBLEM)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    options = parser.parse_args()
    with PixServer(latency=options.latency) as server:
        sys.stdout.write(f"listening {server.root}\n")
        sys.stdout.flush()
        server.stopping.wait()


if __name__ == "__main__":
    main()
