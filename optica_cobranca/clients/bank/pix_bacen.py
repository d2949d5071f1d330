"""Client of Banco Central's API Pix 2.9.0, as every bank serves it (profiles tell the rest).

Charges and refunds are put under ids of our own, so that the bank can be asked what became of one
whenever its answer proves nothing (:attr:`PixTrouble.may_be_done`). A token that the bank refuses
in the middle of the work is renewed once and the call repeated.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

from ..base import ClientError
from ..http.transport import Answer, HttpDoor, NoAnswer, NotSent
from ..http.untrusted import mapping_of, text_of
from . import pix_certificate
from .pix_certificate import Certificate
from .pix_errors import PixTrouble, Trouble, from_problem
from .pix_profiles import JSON, PROFILES, BankProfile
from .pix_shapes import (
    ChargeAnswer,
    PixAnswer,
    PixPage,
    RefundAnswer,
    items_of,
    lot_body,
    read_charge,
    read_page,
    read_pix,
    read_refund,
    refund_body,
    removal_body,
)
from .pix_token import DEFAULT_SECONDS, TOKENS, TokenStore, key_of

PAGE_ITEMS = 100
MAX_PAGES = 1000
MAX_PAGE_BYTES = 4 * 1024 * 1024
COB, COBV = "cob", "cobv"


@dataclass(frozen=True)
class PixConfig:
    """An account at a bank.

    :param base_url: instead of the profile's
    :param is_test: the profile's homologation addresses
    :param patience: seconds after which no further request begins; None: as many as it takes
    """

    profile: str
    client_id: str
    client_secret: str = field(repr=False)
    key: str = ""
    is_test: bool = False
    base_url: str = ""
    token_url: str = ""
    scopes: str = ""
    app_key: str = field(default="", repr=False)
    certificate: Certificate | None = field(default=None, repr=False)
    connect_timeout: float = 5.0
    read_timeout: float = 15.0
    patience: float | None = None

    @property
    def bank(self) -> BankProfile:
        """What is particular to the bank."""
        return PROFILES[self.profile]

    @property
    def api_address(self) -> str:
        """Where the charges are."""
        own = self.bank.test_base_url if self.is_test else self.bank.base_url
        return self.base_url or own

    @property
    def token_address(self) -> str:
        """Where tokens are given out."""
        own = self.bank.test_token_url if self.is_test else self.bank.token_url
        return self.token_url or own


class PixClient:
    """Talks to one bank for one account; serves any number of threads. Close it when done.

    Every method raises :class:`PixTrouble`.
    """

    def __init__(
        self,
        config: PixConfig,
        *,
        tokens: TokenStore = TOKENS,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ):
        self._config = config
        self._tokens = tokens
        if config.certificate:
            pix_certificate.check(config.certificate, now())
        elif config.bank.needs_certificate:
            raise PixTrouble(Trouble.BAD_CERTIFICATE, "missing")
        self._tls = pix_certificate.context(config.certificate)
        secrets = config.certificate.pem if config.certificate else b""
        self._token_key = key_of(
            config.token_address, config.client_id, config.client_secret, config.scopes, secrets
        )
        self._doors: dict[str, HttpDoor] = {}
        patience = config.patience
        self._ends_at = None if patience is None else time.monotonic() + patience

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self) -> None:
        """Drop the connections."""
        for door in self._doors.values():
            door.close()
        self._doors.clear()

    # ------------------------------------------------------------- charges

    def put_charge(self, kind: str, txid: str, body: Mapping[str, Any]) -> ChargeAnswer:
        """Make the charge ``txid``; made already with the same body, it stays."""
        return _charge_of(txid, self._call("PUT", f"/{kind}/{txid}", body))

    def patch_charge(self, kind: str, txid: str, body: Mapping[str, Any]) -> ChargeAnswer:
        """Revise a charge that waits for payment."""
        return _charge_of(txid, self._call("PATCH", f"/{kind}/{txid}", body))

    def remove_charge(self, kind: str, txid: str) -> ChargeAnswer:
        """Nobody shall pay this charge any more."""
        return self.patch_charge(kind, txid, removal_body())

    def get_charge(self, kind: str, txid: str) -> ChargeAnswer:
        """The charge as it is now, with the Pix that paid it."""
        return _charge_of(txid, self._call("GET", f"/{kind}/{txid}"))

    def put_lot(self, lot: int, description: str, charges: Mapping[str, Mapping[str, Any]]) -> None:
        """Ask for many charges with due date at once; the bank makes them by and by."""
        self._call("PUT", f"/lotecobv/{lot}", lot_body(description, charges))

    def get_lot(self, lot: int) -> dict[str, tuple[str, str]]:
        """What became of a lot: (CRIADA, NEGADA or EM_PROCESSAMENTO, why not) by txid."""
        data = self._call("GET", f"/lotecobv/{lot}")
        fates = {}
        for item in items_of(data, "cobsv"):
            problem = mapping_of(item, "problema")
            why = from_problem(400, problem).detail if problem else ""
            fates[text_of(item, "txid")] = (text_of(item, "status"), why)
        return fates

    # ------------------------------------------------------------ received

    def received(
        self, start: datetime, end: datetime, *, given_back: bool = False
    ) -> Iterator[PixPage]:
        """All that was received between two aware instants, a page at a time.

        :param given_back: only what the bank knows refunds of
        """
        page, pages = 0, 1
        while page < min(pages, MAX_PAGES):
            data = self._call(
                "GET",
                "/pix",
                params={
                    "inicio": _rfc3339(start),
                    "fim": _rfc3339(end),
                    "paginacao.paginaAtual": str(page),
                    "paginacao.itensPorPagina": str(PAGE_ITEMS),
                    **({"devolucaoPresente": "true"} if given_back else {}),
                },
            )
            told = mapping_of(mapping_of(data, "parametros"), "paginacao")
            count = told.get("quantidadeDePaginas")
            pages = count if isinstance(count, int) else 1
            yield read_page(data.get("pix"))
            page += 1

    def get_pix(self, end_to_end_id: str) -> PixAnswer:
        """One received Pix by its id."""
        data = self._call("GET", f"/pix/{quote(end_to_end_id, safe='')}")
        found = read_pix(data)
        if not found or found.end_to_end_id != end_to_end_id:
            raise PixTrouble(Trouble.BAD_ANSWER, "Pix without id, amount or instant", raw=data)
        return found

    def refund(
        self, end_to_end_id: str, refund_id: str, amount: Decimal, reason: str = ""
    ) -> RefundAnswer:
        """Give money back, all or a part.

        The bank takes an id once: asked again it refuses, which says nothing about the first time
        (API Pix 2.9.0, PixDevolucaoInvalida). Ask with :meth:`get_refund`.
        """
        path = f"/pix/{quote(end_to_end_id, safe='')}/devolucao/{refund_id}"
        return _refund_of(refund_id, self._call("PUT", path, refund_body(amount, reason)))

    def get_refund(self, end_to_end_id: str, refund_id: str) -> RefundAnswer:
        """What became of a refund."""
        path = f"/pix/{quote(end_to_end_id, safe='')}/devolucao/{refund_id}"
        return _refund_of(refund_id, self._call("GET", path))

    # ------------------------------------------------------------- account

    def put_webhook(self, url: str) -> None:
        """Tell the bank where to report what the account's key receives."""
        self._call("PUT", f"/webhook/{quote(self._config.key, safe='')}", {"webhookUrl": url})

    def get_webhook(self) -> str:
        """Where the bank reports; empty when nowhere."""
        try:
            data = self._call("GET", f"/webhook/{quote(self._config.key, safe='')}")
        except PixTrouble as error:
            if error.trouble == Trouble.NOT_FOUND:
                return ""
            raise
        return text_of(data, "webhookUrl")

    def delete_webhook(self) -> None:
        """The bank shall report nowhere; it may not have done so anyway."""
        try:
            self._call("DELETE", f"/webhook/{quote(self._config.key, safe='')}")
        except PixTrouble as error:
            if error.trouble != Trouble.NOT_FOUND:
                raise

    # ------------------------------------------------------------- helpers

    def _call(self, method: str, path: str, body: Any = None, params: Any = None) -> Any:
        token = self._token()
        answer = self._exchange(token, method, path, body, params)
        if answer.status == 401:
            self._tokens.drop(self._token_key, token)
            token = self._token()
            answer = self._exchange(token, method, path, body, params)
        data = answer.json()
        is_said = isinstance(data, Mapping)
        if not answer.is_success:
            trouble = from_problem(answer.status, data)
            if trouble.trouble == Trouble.NOT_FOUND and answer.body and not is_said:
                # A page of some machine in between: no proof that the bank does not know it.
                trouble.trouble = Trouble.BAD_ANSWER
            raise trouble
        if answer.problem:
            raise PixTrouble(Trouble.UNCLEAR, answer.problem, status=answer.status)
        if not is_said and (answer.body or method == "GET"):
            raise PixTrouble(Trouble.BAD_ANSWER, "no JSON object", status=answer.status)
        return data if is_said else {}

    def _exchange(self, token: str, method: str, path: str, body: Any, params: Any) -> Answer:
        self._check_patience()
        query = dict(params or {})
        if self._config.bank.app_key:
            query[self._config.bank.app_key] = self._config.app_key
        door = self._door(self._config.api_address, token)
        return _ask(
            lambda: door.request(
                method, path, payload=body, params=query or None, max_bytes=MAX_PAGE_BYTES
            )
        )

    def _token(self) -> str:
        try:
            patience = self._config.connect_timeout + self._config.read_timeout
            return self._tokens.get(self._token_key, self._fetch_token, patience)
        except PixTrouble as error:
            error.is_before = True
            raise

    def _check_patience(self) -> None:
        """Refuse when whoever waits has waited long enough.

        :raise PixTrouble: nothing is sent
        """
        if self._ends_at is not None and time.monotonic() > self._ends_at:
            trouble = PixTrouble(Trouble.UNCLEAR, "read_timeout")
            trouble.is_before = True
            raise trouble

    def _fetch_token(self) -> tuple[str, int]:
        scope = self._config.scopes or self._config.bank.scopes
        answer = self._ask_token(scope)
        data = answer.json()
        if not answer.is_success:
            raise self._token_trouble(answer, scope)
        token = text_of(data, "access_token")
        if not token:
            raise PixTrouble(Trouble.BAD_ANSWER, "no token", status=answer.status)
        seconds = data.get("expires_in")
        return token, int(seconds) if str(seconds)[:9].isdecimal() else DEFAULT_SECONDS

    def _ask_token(self, scope: str) -> Answer:
        config = self._config
        parts = urlsplit(config.token_address)
        fields = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        if config.bank.secret_in_body:
            fields |= {"client_id": config.client_id, "client_secret": config.client_secret}
        address = f"{parts.scheme}://{parts.netloc}"
        as_json = config.bank.token_style == JSON
        with self._open(address, config.client_secret, user=config.client_id) as door:
            return _ask(
                lambda: door.request(
                    "POST",
                    parts.path,
                    payload=fields if as_json else None,
                    fields=None if as_json else fields,
                )
            )

    def _token_trouble(self, answer: Answer, scope: str) -> PixTrouble:
        """Why there is no token; of products that are not granted, which ones they are."""
        data = answer.json()
        trouble = from_problem(answer.status, data)
        if answer.status in (400, 403):
            trouble.trouble = Trouble.AUTH
        if _is_about_scopes(answer):
            products: dict[str, list[str]] = {}
            for each in scope.split():
                products.setdefault(each.partition(".")[0], []).append(each)
            missing = [
                name
                for name, scopes in products.items()
                if _is_about_scopes(self._ask_token(" ".join(scopes)))
            ]
            detail = ", ".join(missing) or trouble.detail
            trouble = PixTrouble(Trouble.NOT_GRANTED, detail, status=answer.status)
        return trouble

    def _door(self, address: str, token: str) -> HttpDoor:
        door = self._doors.get(token)
        if door is None:
            for old in list(self._doors):
                self._doors.pop(old).close()
            door = self._doors[token] = self._open(address, token)
        return door

    def _open(self, address: str, token: str, user: str = "") -> HttpDoor:
        try:
            return HttpDoor(
                address,
                token,
                connect_timeout=self._config.connect_timeout,
                read_timeout=self._config.read_timeout,
                pool_size=8,
                user=user,
                tls=self._tls,
            )
        except ClientError as error:
            raise PixTrouble(Trouble.BAD_SETTINGS, error.code) from None


def _ask(call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except NotSent as error:
        raise PixTrouble(_not_sent(error), error.detail or error.code) from None
    except NoAnswer as error:
        raise PixTrouble(Trouble.UNCLEAR, error.code) from None


def _not_sent(error: NotSent) -> Trouble:
    if "_ALERT_" in error.detail:
        return Trouble.TLS_REFUSED
    if error.detail == "CERTIFICATE_VERIFY_FAILED":
        return Trouble.BANK_NOT_TRUSTED
    return Trouble.UNREACHABLE


def _is_about_scopes(answer: Answer) -> bool:
    """RFC 6749 §5.2: the requested scope is unknown, or exceeds what was granted."""
    return not answer.is_success and text_of(answer.json(), "error") == "invalid_scope"


def _charge_of(txid: str, data: Any) -> ChargeAnswer:
    charge = read_charge(data)
    if charge.txid != txid:
        raise PixTrouble(Trouble.BAD_ANSWER, "another charge than the one asked for")
    return charge


def _refund_of(refund_id: str, data: Any) -> RefundAnswer:
    refund = read_refund(data)
    if refund.refund_id != refund_id:
        raise PixTrouble(Trouble.BAD_ANSWER, "another refund than the one asked for")
    return refund


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
