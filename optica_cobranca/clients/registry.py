"""Which providers there are, and how to get the client of a gateway.

Settings are the gateway's own fields by name (``base_url``, ``api_version``, ``phone_number_id``,
``instagram_account_id``, ``access_token``, ``connect_timeout``, ``read_timeout``, ``pool_size``,
``uuid``); what is empty takes the provider's default, what a provider does not know is ignored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .base import ClientError, ConnectionCheck, OutgoingMessage, SendResult
from .by_hand import ByHand
from .instagram import Instagram, config_from
from .sandbox import Sandbox, SandboxConfig
from .whatsapp_cloud import CloudConfig, WhatsAppCloud

Settings = Mapping[str, Any]


class Client(Protocol):
    """What the outbox needs of a client; use it in a ``with`` block per batch."""

    is_automatic: bool

    def __enter__(self) -> "Client": ...
    def __exit__(self, *exc_info: object) -> None: ...
    def close(self) -> None: ...
    def send(self, message: OutgoingMessage) -> SendResult: ...
    def check_connection(self) -> ConnectionCheck: ...


@dataclass(frozen=True)
class Provider:
    """One provider.

    :param name: value of the gateway's ``provider`` field
    :param channel: ``whatsapp``, ...
    :param is_automatic: False when a person does the sending
    :param has_webhook: True when the provider calls us back
    :param required: settings that have to be filled in
    """

    name: str
    channel: str
    is_automatic: bool
    has_webhook: bool
    required: tuple[str, ...]
    make: Callable[[Settings], Client]


def _make_cloud(settings: Settings) -> Client:
    names = {
        "phone_number_id": "phone_number_id",
        "access_token": "access_token",
        "base_url": "base_url",
        "api_version": "version",
        "connect_timeout": "connect_timeout",
        "read_timeout": "read_timeout",
        "pool_size": "pool_size",
    }
    given = {ours: settings.get(name) for name, ours in names.items()}
    return WhatsAppCloud(CloudConfig(**{name: value for name, value in given.items() if value}))


def _make_instagram(settings: Settings) -> Client:
    return Instagram(config_from(settings))


def _make_sandbox(settings: Settings) -> Client:
    return Sandbox(SandboxConfig(seed=settings.get("uuid") or ""))


def _make_by_hand(_settings: Settings) -> Client:
    return ByHand()


PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider(
            name="whatsapp_cloud",
            channel="whatsapp",
            is_automatic=True,
            has_webhook=True,
            required=("phone_number_id", "access_token"),
            make=_make_cloud,
        ),
        Provider(
            name="instagram",
            channel="instagram",
            is_automatic=True,
            has_webhook=True,
            required=("instagram_account_id", "access_token"),
            make=_make_instagram,
        ),
        Provider("sandbox", "whatsapp", True, False, (), _make_sandbox),
        Provider("by_hand", "whatsapp", False, False, (), _make_by_hand),
    )
}


def client_for(name: str, settings: Settings) -> Client:
    """The client of a gateway.

    :param name: the provider's name
    :raise ClientError: ``unknown_provider``; ``incomplete`` with the missing settings as detail;
        whatever the client finds wrong with its configuration
    """
    provider = PROVIDERS.get(name)
    if provider is None:
        raise ClientError("unknown_provider", name)
    missing = [setting for setting in provider.required if not settings.get(setting)]
    if missing:
        raise ClientError("incomplete", ", ".join(missing))
    return provider.make(settings)
