"""What a file of this folder tells about the provider it speaks to.

Each one ends with ``PROVIDER = Provider(...)``; :mod:`.registry` finds it there, and nothing else
in the addon names a provider. Settings are the gateway's own fields by name; see
``docs/new-gateway.md``.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from .base import ConnectionCheck, OutgoingMessage, SendResult, WebhookBatch

Settings = Mapping[str, Any]

# How a message leaves: through the client; by a clerk; through a queue of Odoo's own.
CLIENT = "client"
BY_HAND = "by_hand"
ODOO = "odoo"


class Client(Protocol):
    """What the outbox needs of a client; use it in a ``with`` block per batch.

    A client that can tell the provider our webhook's address has ``register_webhook`` as well.
    """

    is_automatic: bool

    def __enter__(self) -> "Client": ...
    def __exit__(self, *exc_info: object) -> None: ...

    def close(self) -> None:
        """Give the connections back."""

    def send(self, message: OutgoingMessage) -> SendResult:
        """Hand one message over; what became of it is in the answer, never in an exception."""

    def check_connection(self) -> ConnectionCheck:
        """Whether the account works, without a message to anybody."""


@dataclass(frozen=True)
class WebhookCall:
    """One request at a gateway's address.

    :param body: the bytes as received; empty when it was a form
    :param headers: case-insensitive
    :param form: fields and values of a form, in their order
    :param query: what followed the question mark, as it came
    """

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    form: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: str = ""

    def params(self) -> dict[str, str]:
        """The query's values by name."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass(frozen=True)
class WebhookReply:
    """What the provider wants to hear back with status 200."""

    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Webhook:
    """How a provider's calls are proven and read. The functions never raise on what came.

    :param is_genuine: did the provider make this call? Asked before anything is parsed
    :param parse: what it carried
    :param greet: answers the GET by which some providers check the address; None refuses
    :param reply: the answer's body, where the provider acts on it
    """

    is_genuine: Callable[[Settings, WebhookCall], bool]
    parse: Callable[[WebhookCall], WebhookBatch]
    greet: Callable[[Settings, Mapping[str, str]], str | None] | None = None
    reply: Callable[[Settings, WebhookCall], WebhookReply] | None = None


@dataclass(frozen=True)
class Provider:
    """One provider.

    :param name: value of the gateway's ``provider`` field
    :param channels: those it serves
    :param leaves: ``client``, ``by_hand`` or ``odoo``
    :param required: settings without which it cannot send
    :param optional: further settings it knows; the form shows required and optional ones
    :param needed_to_hear: settings without which it cannot be proven who calls the webhook
    :param make: the client; None when messages leave through Odoo
    :param wants_template: True when a text that was not approved beforehand reaches only people
        who wrote in the last 24 hours
    :param has_connection: False when there is nothing to test
    :param registers_webhook: the client has ``register_webhook``
    :param reports_deliveries: silence after sending means that it did not arrive
    :param wish_of_code: error codes that tell what the person asked the provider for: code ->
        ``stop`` or ``stop_offers``
    :param rate_per_second: messages a second that a new gateway begins with
    """

    name: str
    channels: tuple[str, ...]
    leaves: str = CLIENT
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    needed_to_hear: tuple[str, ...] = ()
    make: Callable[[Settings], Client] | None = None
    webhook: Webhook | None = None
    wants_template: Callable[[str], bool] = lambda _channel: False
    has_connection: bool = True
    registers_webhook: bool = False
    reports_deliveries: bool = False
    rate_per_second: float = 10.0
    wish_of_code: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_automatic(self) -> bool:
        """False when a person does the sending."""
        return self.leaves != BY_HAND

    @property
    def has_webhook(self) -> bool:
        """True when the provider calls us back."""
        return self.webhook is not None

    @property
    def settings(self) -> tuple[str, ...]:
        """All settings it knows."""
        return (*self.required, *self.optional, *self.needed_to_hear)


def is_same_secret(expected: str, given: str | None) -> bool:
    """Equal, found out in the same time wherever they differ; an empty secret equals nothing."""
    if not expected or not isinstance(given, str):
        return False
    return hmac.compare_digest(
        expected.encode("utf-8", "replace"), given.encode("utf-8", "replace")
    )


def pick(settings: Settings, names: Mapping[str, str]) -> dict[str, Any]:
    """The filled-in settings under a configuration's own names; what is empty is left out.

    :param names: our name -> the configuration's name
    """
    given = {theirs: settings.get(ours) for ours, theirs in names.items()}
    return {name: value for name, value in given.items() if value}


NETWORK_SETTINGS = {
    "base_url": "base_url",
    "connect_timeout": "connect_timeout",
    "read_timeout": "read_timeout",
    "pool_size": "pool_size",
}
