"""A stand-in for a bank, made from Banco Central's published API Pix, over real HTTP or mTLS.

Routes, scopes and schemas are those of the published document (its extract in
``tests/fixtures/specs``): a request that does not keep to it is refused as the document says, and
an answer of the stand-in that does not fails the test (:attr:`PixServer.breaches`). It remembers
charges, lots, Pix and refunds, rolls due dates as the document's examples do, gives out tokens
that end, and can be told to misbehave, by turns (`enqueue`) or for one kind of request (`on`).
`pay` is the customer's telephone, `give_back` the bank's own refund. Run as a program it prints
its address, and takes all that by POST /stand-in/….
"""

import argparse
import itertools
import json
import re
import ssl
import sys
import threading
from base64 import b64decode
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import jsonschema

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.fakes.cloud_api_behaviour import ANSWER, Behaviour
from tests.fakes.provider_server import ProviderServer, Request

CLIENT_ID, SECRET, KEY = "client-of-the-tests", "secret-of-the-tests", "pix@otica.example"
PROBLEM = {"Content-Type": "application/problem+json"}
TYPE = "https://pix.bcb.gov.br/api/v2/error/"
SPEC = Path(__file__).resolve().parent.parent / "fixtures/specs/bacen-api-pix-2.9.0.json"
PUBLISHED = json.loads(SPEC.read_text(encoding="utf-8"))
EXECUTED = "executed"  # done as asked, but answered as the behaviour says
ACTIVE, PAID, REMOVED_BY_BANK = "ATIVA", "CONCLUIDA", "REMOVIDA_PELO_PSP"
SHOP = {
    "cnpj": "56989000019533",
    "nome": "Ótica dos Testes",
    "logradouro": "Rua 15, 1",
    "cidade": "São Paulo",
    "uf": "SP",
    "cep": "01001000",
}


@cache
def _judge(name: str, method: str, part: str) -> jsonschema.Draft202012Validator | None:
    """What judges a body; None where the document describes none."""
    operation = PUBLISHED["paths"][name][method]
    schema = operation["body"] if part == "body" else operation["answers"][part]
    if schema is None:
        return None
    if part == "body" and name == "/lotecobv/{id}":
        schema = {"$ref": "#/$defs/LoteCobVSolicitado"}  # closed without its items' own ids
    return jsonschema.Draft202012Validator({"$defs": PUBLISHED["$defs"], **schema})


_ROUTES = [
    (re.compile(re.sub(r"\{\w+\}", "([^/]+)", path) + "$"), path) for path in PUBLISHED["paths"]
]


def executed(status: int, body: Any = "") -> Behaviour:
    """The bank does it and answers something else, such as a gateway's 504."""
    return Behaviour(kind=EXECUTED, status=status, body=body)


class PixServer(ProviderServer):
    """Speaks API Pix below ``/pix/v2``; tokens at ``/oauth/token``.

    :ivar breaches: answers of its own that are not as published; leaving the ``with`` block fails
    :ivar granted: scopes that the shop has, None for all
    :ivar leaves_out: names that this bank leaves out of its charges
    :ivar lots_wait: what is asked for in a lot stays EM_PROCESSAMENTO until `process_lots`
    :ivar refunds_end: what becomes of a refund once it was answered, None: it stays as it is
    :ivar holidays: days without business where the payer is
    """

    secret: ClassVar[str] = SECRET

    def __init__(self, tls: ssl.SSLContext | None = None, latency: float = 0.0):
        super().__init__()
        self.is_tls = tls is not None
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.latency = latency
        self.expires_in = 3600
        self.tokens: dict[str, set[str]] = {}
        self.charges: dict[str, dict[str, Any]] = {}
        self.pix: dict[str, dict[str, Any]] = {}
        self.refunds: dict[tuple[str, str], dict[str, Any]] = {}
        self.lots: dict[str, dict[str, Any]] = {}
        self.webhooks: dict[str, str] = {}
        self.page_limit = 1000
        self.granted: set[str] | None = None
        self.leaves_out: set[str] = set()
        self.host = "pix.example.com/qr/v2"
        self.lots_wait = False
        self.refunds_end: str | None = "DEVOLVIDO"
        self.holidays: set[date] = set()
        self.breaches: list[str] = []
        self._asked_in_lots: dict[str, dict[str, Any]] = {}
        self._wanted: dict[str, dict[str, Any]] = {}
        self._planned: list[tuple[str, str, Behaviour]] = []
        self._number = itertools.count(1)
        self._lock = threading.RLock()

    def __exit__(self, *exc_info):
        super().__exit__(*exc_info)
        if exc_info == (None, None, None):
            assert not self.breaches, self.breaches

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

    def on(self, method: str, part: str, *behaviours: Behaviour) -> None:
        """Treat the next requests with this in their path so; others go on as ever."""
        self._planned += [(method, part, behaviour) for behaviour in behaviours]

    def forget_tokens(self) -> None:
        """All tokens end now."""
        self.tokens.clear()

    def asked(self, method: str, part: str) -> list[Request]:
        """The requests of a kind so far."""
        return [each for each in self.requests if each.method == method and part in each.path]

    def pay(self, txid: str, amount: str, at: datetime | None = None, **parts: str) -> str:
        """The customer pays; returns the end-to-end id. ``parts``: original, multa, juros …"""
        with self._lock:
            found = f"E00000000{next(self._number):023d}"
            pix: dict[str, Any] = {
                "endToEndId": found,
                "valor": amount,
                "horario": _told(at or datetime.now(timezone.utc)),
                "chave": KEY,
            }
            if txid:
                pix["txid"] = txid
            if parts:
                pix["componentesValor"] = {name: {"valor": value} for name, value in parts.items()}
            self.pix[found] = pix
            if txid in self.charges:
                self.charges[txid]["status"] = PAID
        return found

    def give_back(
        self,
        end_to_end_id: str,
        amount: str,
        nature: str = "",
        status: str = "DEVOLVIDO",
        at: datetime | None = None,
    ) -> str:
        """A refund that the shop's program did not ask for; returns its id."""
        with self._lock:
            refund_id = f"BANK{next(self._number)}"
            refund = self._new_refund(refund_id, amount, status, at)
            if nature:
                refund["natureza"] = nature
            self.pix[end_to_end_id].setdefault("devolucoes", []).append(refund)
            self.refunds[end_to_end_id, refund_id] = refund
        return refund_id

    def remove(self, txid: str) -> None:
        """The bank removes a charge on its own."""
        self.charges[txid]["status"] = REMOVED_BY_BANK

    def process_lots(self) -> None:
        """What waits in lots is made, but for what the bank refuses."""
        for lot in self.lots.values():
            self._process(lot)

    def last_day(self, txid: str) -> date:
        """The last day on which a charge with due date can be paid (rolled, as published)."""
        calendar = self.charges[txid]["calendario"]
        due = self._rolled(date.fromisoformat(calendar["dataDeVencimento"]))
        return self._rolled(due + timedelta(days=calendar["validadeAposVencimento"]))

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
        for place, (method, part, behaviour) in enumerate(self._planned):
            if request.method == method and part in request.path:
                del self._planned[place]
                self.requests.append(request)
                return self._treated(request, behaviour)
        if request.path.startswith("/stand-in/"):
            return self.regular(request)
        is_planned = bool(self._queue)
        behaviour = super().behaviour_for(request)
        return self._treated(request, behaviour) if is_planned else behaviour

    def _treated(self, request: Request, behaviour: Behaviour) -> Behaviour:
        if behaviour.took_it and behaviour.kind != ANSWER and self.lets_in(request):
            self.regular(request)  # done, though nobody gets to know
        return behaviour

    def regular(self, request: Request) -> Behaviour:
        with self._lock:
            answer = self._answer(request)
        return Behaviour(
            status=answer.status, body=answer.body, headers=answer.headers, latency=self.latency
        )

    # ---------------------------------------------------------- protocol

    def _answer(self, request: Request) -> Behaviour:
        if request.path == "/oauth/token":
            return self._token(request)
        if request.path.startswith("/stand-in/"):
            return self._play(request)
        path = request.path.removeprefix("/pix/v2")
        found = [(match, name) for route, name in _ROUTES if (match := route.match(path))]
        if not found or request.method not in PUBLISHED["paths"][found[0][1]]:
            return _not_found()
        match, name = found[0]
        operation = PUBLISHED["paths"][name][request.method]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not self.tokens.get(token, set()).issuperset(operation["scopes"]):
            return _problem(403, "AcessoNegado", "Acesso Negado", "Escopo não concedido.")
        handle, kind = _HANDLERS[name]
        wrong = self._violations(name, request)
        if wrong:
            return _problem(400, kind, "Requisição inválida.", "Não respeita o schema.", wrong)
        answer = getattr(self, f"_{handle}")(request, *match.groups())
        self._check_answer(name, request.method, answer)
        return answer

    def _violations(self, name: str, request: Request) -> list[dict[str, str]]:
        judge = _judge(name, request.method, "body")
        errors = judge.iter_errors(request.body) if judge else ()
        return [
            {"razao": error.message[:200], "propriedade": ".".join(map(str, error.absolute_path))}
            for error in errors
        ]

    def _check_answer(self, name: str, method: str, answer: Behaviour) -> None:
        """Is this what the document says?"""
        where = f"{method} {name} {answer.status}"
        if str(answer.status) not in PUBLISHED["paths"][name][method]["answers"]:
            self.breaches.append(f"{where}: no such answer is published")
            return
        judge = _judge(name, method, str(answer.status))
        if judge and not self.leaves_out:
            self.breaches += [
                f"{where}: {error.message}" for error in judge.iter_errors(answer.body)
            ]

    def _token(self, request: Request) -> Behaviour:
        scope = request.body.get("scope", "")
        asked = set((scope[0] if isinstance(scope, list) else scope).split())
        if self.granted is not None and not asked <= self.granted:
            return _ok({"error": "invalid_scope", "error_description": "Escopo inválido"}, 400)
        token = f"token-{next(self._number)}"
        known = {
            name
            for path in PUBLISHED["paths"].values()
            for one in path.values()
            for name in one["scopes"]
        }
        self.tokens[token] = asked or known
        return _ok({"access_token": token, "expires_in": self.expires_in}, 200)

    # ------------------------------------------------------------ charges

    def _charge(self, request: Request, txid: str) -> Behaviour:
        kind = request.path.split("/")[-2]
        name = {"cob": "CobOperacaoInvalida", "cobv": "CobVOperacaoInvalida"}[kind]
        known = self.charges.get(txid)
        waits = self._asked_in_lots.get(txid, {}).get("status") in ("EM_PROCESSAMENTO", "NEGADA")
        if request.method != "GET" and waits:
            return _problem(400, name, "Cobrança inválida.", "Está associada a um lote.")
        if request.method == "PUT":
            if known and known["status"] != ACTIVE:
                return _problem(400, name, "Cobrança inválida.", "Não está ativa.")
            self.charges[txid] = self._new_charge(kind, txid, request.body)
            return _ok(self._shown(txid), 201)
        if not known:
            return _not_found()
        if request.method == "PATCH":
            if known["status"] != ACTIVE:
                return _problem(400, name, "Cobrança inválida.", "Não está ativa.")
            if "status" in request.body and len(request.body) > 1:
                return _problem(400, name, "Cobrança inválida.", "Remoção com alterações.")
            for part, value in request.body.items():
                is_group = part in ("calendario", "valor")
                known[part] = {**known[part], **value} if is_group else value
            known["revisao"] += 1
        return _ok(self._shown(txid, with_pix=request.method == "GET"), 200)

    def _new_charge(self, kind: str, txid: str, body: dict[str, Any]) -> dict[str, Any]:
        validity = {"cob": {"expiracao": 86400}, "cobv": {"validadeAposVencimento": 30}}[kind]
        calendar = {**validity, **body["calendario"], "criacao": _told(datetime.now(timezone.utc))}
        known = self.charges.get(txid)
        return {
            **body,
            "calendario": calendar,
            "txid": txid,
            "status": ACTIVE,
            "revisao": known["revisao"] + 1 if known else 0,
            "location": f"{self.host}/{kind}/{txid}",
            "pixCopiaECola": f"00020126{txid}6304ABCD",
            **({"recebedor": SHOP} if kind == "cobv" else {}),
        }

    def _shown(self, txid: str, with_pix: bool = False) -> dict[str, Any]:
        shown = {k: v for k, v in self.charges[txid].items() if k not in self.leaves_out}
        paid = [pix for pix in self.pix.values() if pix.get("txid") == txid]
        return shown | ({"pix": paid} if paid and with_pix else {})

    def _rolled(self, day: date) -> date:
        while day.weekday() > 4 or day in self.holidays:
            day += timedelta(days=1)
        return day

    def _lot(self, request: Request, lot: str) -> Behaviour:
        if request.method == "GET":
            return _ok(self.lots[lot], 200) if lot in self.lots else _not_found()
        asked = {item["txid"] for item in request.body["cobsv"]}
        known = self.lots.get(lot)
        if known and {item["txid"] for item in known["cobsv"]} != asked:
            return self._bad_lot("Outras cobranças do que as da requisição original.")
        if not known and asked & self.charges.keys():
            return self._bad_lot("Pelo menos uma cobrança já encontra-se criada.")
        items = [
            {"txid": item["txid"], "status": "EM_PROCESSAMENTO"} for item in request.body["cobsv"]
        ]
        for item, body in zip(items, request.body["cobsv"], strict=True):
            wanted = {name: value for name, value in body.items() if name != "txid"}
            self._asked_in_lots[item["txid"]] = item
            self._wanted[item["txid"]] = wanted
        self.lots[lot] = {
            "id": int(lot),
            "descricao": request.body["descricao"],
            "criacao": _told(datetime.now(timezone.utc)),
            "cobsv": items,
        }
        if not self.lots_wait:
            self._process(self.lots[lot])
        return _ok("", 202)

    def _process(self, lot: dict[str, Any]) -> None:
        for item in lot["cobsv"]:
            body = self._wanted.pop(item["txid"], None)
            if body is None:
                continue
            if body["valor"]["original"] == "13.13":
                item["status"] = "NEGADA"
                item["problema"] = _problem(
                    400, "CobVOperacaoInvalida", "Recusada", "Valor recusado."
                ).body
                continue
            self.charges[item["txid"]] = self._new_charge("cobv", item["txid"], body)
            item["status"] = "CRIADA"

    def _bad_lot(self, detail: str) -> Behaviour:
        return _problem(400, "LoteCobVOperacaoInvalida", "Lote de cobranças inválido.", detail)

    # ---------------------------------------------------------------- pix

    def _one_pix(self, _request: Request, end_to_end_id: str) -> Behaviour:
        pix = self.pix.get(end_to_end_id)
        return _ok(pix, 200) if pix else _not_found()

    def _refund(self, request: Request, end_to_end_id: str, refund_id: str) -> Behaviour:
        pix, known = self.pix.get(end_to_end_id), self.refunds.get((end_to_end_id, refund_id))
        if not pix or (request.method == "GET" and not known):
            return _not_found()
        if request.method == "PUT":
            total = Decimal(request.body["valor"]) + sum(
                Decimal(each["valor"])
                for each in pix.get("devolucoes", [])
                if each["status"] != "NAO_REALIZADO"
            )
            if known or total > Decimal(pix["valor"]):
                detail = "Identificador já utilizado." if known else "Sem saldo."
                return _problem(400, "PixDevolucaoInvalida", "Devolução inválida.", detail)
            known = self._new_refund(refund_id, request.body["valor"], "EM_PROCESSAMENTO")
            pix.setdefault("devolucoes", []).append(known)
            self.refunds[end_to_end_id, refund_id] = known
        answer = _ok(dict(known), 201 if request.method == "PUT" else 200)
        if known["status"] == "EM_PROCESSAMENTO" and self.refunds_end:
            known["status"] = self.refunds_end
        return answer

    def _new_refund(self, refund_id, amount, status, at=None) -> dict[str, Any]:
        return {
            "id": refund_id,
            "rtrId": f"D00000000{next(self._number):023d}",
            "valor": amount,
            "horario": {"solicitacao": _told(at or datetime.now(timezone.utc))},
            "status": status,
        }

    def _page(self, request: Request) -> Behaviour:
        start, end = (_instant(request.query[name][0]) for name in ("inicio", "fim"))
        number = int(request.query["paginacao.paginaAtual"][0])
        size = min(int(request.query["paginacao.itensPorPagina"][0]), self.page_limit)
        found = [pix for pix in self.pix.values() if start <= _instant(pix["horario"]) <= end]
        if request.query.get("devolucaoPresente") == ["true"]:
            found = [pix for pix in found if pix.get("devolucoes")]
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

    # ------------------------------------------------------------ account

    def _webhook(self, request: Request, key: str) -> Behaviour:
        if request.method == "PUT":
            self.webhooks[key] = request.body["webhookUrl"]
            return _ok("", 200)
        if key not in self.webhooks:
            return _not_found()
        if request.method == "DELETE":
            del self.webhooks[key]
            return _ok("", 204)
        since = _told(datetime.now(timezone.utc))
        return _ok({"webhookUrl": self.webhooks[key], "cnpj": SHOP["cnpj"], "criacao": since}, 200)

    # ----------------------------------------------------------- stand-in

    def _play(self, request: Request) -> Behaviour:
        """POST /stand-in/pay, give_back, forget (tokens end), on (one behaviour); else a look."""
        what, body = request.path.removeprefix("/stand-in/"), request.body or {}
        if what == "pay":
            return _ok(self.pix[self.pay(body["txid"], body["amount"])], 200)
        if what == "give_back":
            self.give_back(body["id"], body["amount"], body.get("nature", ""))
        elif what == "forget":
            self.forget_tokens()
        elif what == "on":
            self.on(body.pop("method"), body.pop("part"), Behaviour(**body))
        elif what == "set":
            for name, value in body.items():
                setattr(self, name, value)
        reads = [each.path.rsplit("/", 1)[-1] for each in self.requests if "/pix/E" in each.path]
        refunds = {f"{key[0]}/{key[1]}": each for key, each in self.refunds.items()}
        return _ok(
            {"reads": reads, "charges": self.charges, "pix": self.pix, "refunds": refunds}
            | {"asked": [f"{each.method} {each.path}" for each in self.requests]},
            200,
        )


# Which method answers a path, and the kind of problem that a wrong body is.
_HANDLERS = {
    "/cob/{txid}": ("charge", "CobOperacaoInvalida"),
    "/cobv/{txid}": ("charge", "CobVOperacaoInvalida"),
    "/lotecobv/{id}": ("lot", "LoteCobVOperacaoInvalida"),
    "/pix": ("page", "PixConsultaInvalida"),
    "/pix/{e2eid}": ("one_pix", "PixConsultaInvalida"),
    "/pix/{e2eid}/devolucao/{id}": ("refund", "PixDevolucaoInvalida"),
    "/webhook/{chave}": ("webhook", "WebhookOperacaoInvalida"),
}


def _told(instant: datetime) -> str:
    return instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _instant(text: str) -> datetime:
    """As published; the second 60 is the next minute's first one."""
    plain = text.replace("Z", "+00:00").replace(":60", ":59")
    return datetime.fromisoformat(plain)


def _ok(body: Any, status: int) -> Behaviour:
    return Behaviour(status=status, body=body)


def _not_found() -> Behaviour:
    return _problem(404, "NaoEncontrado", "Não encontrado", "Entidade não encontrada.")


def _problem(
    status: int, kind: str, title: str, detail: str, violations: list[dict[str, str]] | None = None
) -> Behaviour:
    body = {"type": f"{TYPE}{kind}", "title": title, "status": status, "detail": detail}
    if violations:
        body["violacoes"] = violations
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
