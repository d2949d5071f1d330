"""Client of Banco Central's API Pix 2.9.0, as every bank serves it (profiles tell the rest).

All calls may be repeated: charges and refunds are put under ids of our own. A token that the bank
refuses in the middle of the work is renewed once and the call repeated.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

from . import pix_certificate
from .base import ClientError
from .pix_certificate import Certificate
from .pix_errors import PixTrouble, Trouble, from_problem
from .pix_profiles import JSON, PROFILES, BankProfile
from .pix_shapes import (
    ChargeAnswer,
    PixAnswer,
    RefundAnswer,
    items_of,
    lot_body,
    read_all,
    read_charge,
    read_pix,
    read_refund,
    refund_body,
    removal_body,
)
from .pix_token import DEFAULT_SECONDS, TOKENS, TokenStore, key_of
from .transport import Answer, HttpDoor, NoAnswer, NotSent
from .untrusted import mapping_of, text_of

PAGE_ITEMS = 100
MAX_PAGES = 1000
MAX_PAGE_BYTES = 4 * 1024 * 1024
COB, COBV = "cob", "cobv"


@dataclass(frozen=True)
class PixConfig:
    """An account at a bank.

    :param base_url: instead of the profile's
    :param is_test: the profile's homologation addresses
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
        return read_charge(self._call("PUT", f"/{kind}/{txid}", body))

    def patch_charge(self, kind: str, txid: str, body: Mapping[str, Any]) -> ChargeAnswer:
        """Revise a charge that waits for payment."""
        return read_charge(self._call("PATCH", f"/{kind}/{txid}", body))

    def remove_charge(self, kind: str, txid: str) -> ChargeAnswer:
        """Nobody shall pay this charge any more."""
        return self.patch_charge(kind, txid, removal_body())

    def get_charge(self, kind: str, txid: str) -> ChargeAnswer:
        """The charge as it is now, with the Pix that paid it."""
        return read_charge(self._call("GET", f"/{kind}/{txid}"))

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

    def received(self, start: datetime, end: datetime) -> Iterator[tuple[PixAnswer, ...]]:
        """All that was received between two aware instants, a page at a time."""
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
                },
            )
            told = mapping_of(mapping_of(data, "parametros"), "paginacao")
            count = told.get("quantidadeDePaginas")
            pages = count if isinstance(count, int) else 1
            yield read_all(data.get("pix"))
            page += 1

    def get_pix(self, end_to_end_id: str) -> PixAnswer:
        """One received Pix by its id."""
        found = read_pix(self._call("GET", f"/pix/{quote(end_to_end_id, safe='')}"))
        if not found:
            raise PixTrouble(Trouble.BAD_ANSWER, "Pix without id, amount or instant")
        return found

    def refund(
        self, end_to_end_id: str, refund_id: str, amount: Decimal, reason: str = ""
    ) -> RefundAnswer:
        """Give money back, all or a part; the same id twice is one refund."""
        path = f"/pix/{quote(end_to_end_id, safe='')}/devolucao/{refund_id}"
        return read_refund(self._call("PUT", path, refund_body(amount, reason)))

    def get_refund(self, end_to_end_id: str, refund_id: str) -> RefundAnswer:
        """What became of a refund."""
        path = f"/pix/{quote(end_to_end_id, safe='')}/devolucao/{refund_id}"
        return read_refund(self._call("GET", path))

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

    # ------------------------------------------------------------- helpers

    def _call(self, method: str, path: str, body: Any = None, params: Any = None) -> Any:
        token = self._token()
        answer = self._exchange(token, method, path, body, params)
        if answer.status == 401:
            self._tokens.drop(self._token_key, token)
            token = self._token()
            answer = self._exchange(token, method, path, body, params)
        data = answer.json()
        if not answer.is_success:
            raise from_problem(answer.status, data)
        if answer.problem:
            raise PixTrouble(Trouble.UNCLEAR, answer.problem, status=answer.status)
        if not isinstance(data, Mapping) and method == "GET":
            raise PixTrouble(Trouble.BAD_ANSWER, "no JSON object", status=answer.status)
        return data if isinstance(data, Mapping) else {}

    def _exchange(self, token: str, method: str, path: str, body: Any, params: Any) -> Answer:
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
        return self._tokens.get(self._token_key, self._fetch_token)

    def _fetch_token(self) -> tuple[str, int]:
        config = self._config
        parts = urlsplit(config.token_address)
        fields = {"grant_type": "client_credentials"}
        if config.scopes or config.bank.scopes:
            fields["scope"] = config.scopes or config.bank.scopes
        user = config.client_id
        if config.bank.secret_in_body:
            fields |= {"client_id": config.client_id, "client_secret": config.client_secret}
        door = self._open(f"{parts.scheme}://{parts.netloc}", config.client_secret, user=user)
        as_json = config.bank.token_style == JSON
        try:
            answer = _ask(
                lambda: door.request(
                    "POST",
                    parts.path,
                    payload=fields if as_json else None,
                    fields=None if as_json else fields,
                )
            )
        finally:
            door.close()
        data = answer.json()
        if not answer.is_success:
            trouble = from_problem(answer.status, data)
            if answer.status in (400, 403):
                trouble.trouble = Trouble.AUTH
            raise trouble
        token = text_of(data, "access_token")
        if not token:
            raise PixTrouble(Trouble.BAD_ANSWER, "no token", status=answer.status)
        seconds = data.get("expires_in")
        return token, int(seconds) if str(seconds).isdigit() else DEFAULT_SECONDS

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
        raise PixTrouble(Trouble.UNREACHABLE, error.code) from None
    except NoAnswer as error:
        raise PixTrouble(Trouble.UNCLEAR, error.code) from None


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
